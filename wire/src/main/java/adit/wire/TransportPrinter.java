package adit.wire;

import java.lang.foreign.MemorySegment;

/// Prints TCP, UDP and what UDP carries: FOU and GUE.
final class TransportPrinter {
    private static final String FLAG_LETTERS = "FSRP.UEWA";
    private static final int NO_PROTOCOL = -1;
    private static final int PRIVATE_FLAGS_END = 8;

    private TransportPrinter() {}

    static void tcp(PrintedLine line, PrintedRun run, long ip) {
        if (!line.layer("TCP", run, Tcp.MIN_HEADER_LENGTH)) {
            return;
        }
        MemorySegment s = line.octets();
        long at = run.at();
        line.append(" ").append(Tcp.sourcePort(s, at)).append(" > ").append(Tcp.destinationPort(s, at));
        int flags = Tcp.flags(s, at);
        line.append(" [").append(letters(flags)).append("] seq ").append(Tcp.sequenceNumber(s, at));
        if ((flags & Tcp.ACK) != 0) {
            line.append(" ack ").append(Tcp.acknowledgmentNumber(s, at));
        }
        line.append(" win ").append(Tcp.window(s, at));
        if ((flags & Tcp.URG) != 0) {
            line.append(" urg ").append(Tcp.urgentPointer(s, at));
        }
        int header = Tcp.headerLength(s, at);
        if (header < Tcp.MIN_HEADER_LENGTH) {
            line.fault("data offset " + header / 4);
            return;
        }
        if (!run.has(header)) {
            line.truncated(run.length(), header);
            return;
        }
        tcpOptions(line, at);
        line.append(" payload ").append(run.length() - header);
        verify(line, run, IpProtocol.TCP, ip);
    }

    private static String letters(int flags) {
        StringBuilder letters = new StringBuilder();
        for (int bit = 0; bit < FLAG_LETTERS.length(); bit++) {
            if ((flags & 1 << bit) != 0) {
                letters.append(FLAG_LETTERS.charAt(bit));
            }
        }
        return letters.isEmpty() ? "none" : letters.toString();
    }

    private static void tcpOptions(PrintedLine line, long at) {
        MemorySegment s = line.octets();
        long option = Tcp.firstOption(s, at);
        String separator = " options ";
        for (; option >= 0; option = Tcp.nextOption(s, at, option)) {
            line.append(separator);
            tcpOption(line, option);
            separator = ",";
        }
        if (option == Options.MALFORMED) {
            line.fault("bad option length");
        }
    }

    private static void tcpOption(PrintedLine line, long option) {
        MemorySegment s = line.octets();
        long value = Options.value(option);
        // Kind and length together: a known kind with an odd length is printed like an unknown one.
        switch (Options.kind(s, option) << 8 | Options.length(s, option)) {
            case Tcp.OPTION_MAXIMUM_SEGMENT_SIZE << 8 | 4 -> line.append("mss ").append(Octets.u16(s, value));
            case Tcp.OPTION_WINDOW_SCALE << 8 | 3 -> line.append("wscale ").append(Octets.u8(s, value));
            case Tcp.OPTION_SACK_PERMITTED << 8 | 2 -> line.append("sackOK");
            case Tcp.OPTION_TIMESTAMPS << 8 | 10 ->
                line.append("TS ").append(Octets.u32(s, value)).append(" ecr ").append(Octets.u32(s, value + 4));
            default -> {
                int kind = Options.kind(s, option);
                line.append(kind == Tcp.OPTION_SACK ? "sack" : "option " + kind);
                line.append(":").append(Options.length(s, option) - 2L);
            }
        }
    }

    static void udp(PrintedLine line, PrintedRun run, long ip) {
        if (!line.layer("UDP", run, Udp.HEADER_LENGTH)) {
            return;
        }
        MemorySegment s = line.octets();
        long at = run.at();
        int length = Udp.length(s, at);
        line.append(" ").append(Udp.sourcePort(s, at)).append(" > ").append(Udp.destinationPort(s, at));
        line.append(" len ").append(length);
        if (length < Udp.HEADER_LENGTH) {
            line.fault("length below 8");
            return;
        }
        // In a fragment or a packet that was cut off the rest of the datagram is elsewhere, and that has been said.
        if (run.whole() && !run.has(length)) {
            line.truncated(run.length(), length);
        }
        PrintedRun datagram = run.upTo(length);
        if (Udp.hasChecksum(s, at)) {
            verify(line, datagram, IpProtocol.UDP, ip);
        } else {
            line.append(" no checksum");
        }
        tunnelled(line, datagram.from(Udp.HEADER_LENGTH), Udp.destinationPort(s, at));
    }

    private static void tunnelled(PrintedLine line, PrintedRun payload, int port) {
        int fou = line.options().fouPorts().getOrDefault(port, NO_PROTOCOL);
        if (fou != NO_PROTOCOL) {
            IpPrinter.payload(line, payload, fou, IpPrinter.NO_HEADER);
        } else if (line.options().guePorts().contains(port)) {
            gue(line, payload);
        }
    }

    private static void gue(PrintedLine line, PrintedRun run) {
        if (!line.layer("GUE", run, Gue.MIN_HEADER_LENGTH)) {
            return;
        }
        MemorySegment s = line.octets();
        long at = run.at();
        int version = Gue.version(s, at);
        if (version != 0) {
            line.append(" version ").append(version);
        } else {
            gueFields(line, run);
        }
        WireFault fault = Gue.fault(s, at, run.length());
        if (fault == WireFault.NONE) {
            PrintedRun payload = run.from(Gue.payloadOffset(s, at));
            boolean partial = Gue.hasRemoteChecksum(s, at);
            int protocol = Gue.payloadProtocol(s, at);
            IpPrinter.payload(line, partial ? payload.incomplete() : payload, protocol, IpPrinter.NO_HEADER);
        } else if (fault == WireFault.TRUNCATED) {
            line.truncated(run.length(), Gue.headerLength(s, at));
        } else if (version == 0 && Gue.isControl(s, at)) {
            line.data("control message", run);
        } else {
            line.fault(gueFault(fault, version));
        }
    }

    private static void gueFields(PrintedLine line, PrintedRun run) {
        MemorySegment s = line.octets();
        long at = run.at();
        boolean control = Gue.isControl(s, at);
        int number = Gue.protocolOrControlType(s, at);
        line.append(" ").append(control ? "control type " + number : IpProtocol.name(number));
        if ((Gue.flags(s, at) & ~Gue.FLAG_PRIVATE) != 0) {
            line.append(" flags 0x").hex(Gue.flags(s, at), 4);
        }
        int header = Math.min(Gue.headerLength(s, at), run.length());
        if (Gue.hasPrivateFlags(s, at) && header >= PRIVATE_FLAGS_END) {
            if ((Gue.privateFlags(s, at) & ~Gue.PRIVATE_FLAG_REMOTE_CHECKSUM) != 0) {
                line.append(" private flags 0x").hex(Gue.privateFlags(s, at), 8);
            }
            if (Gue.hasRemoteChecksum(s, at) && header >= Gue.REMOTE_CHECKSUM_HEADER_LENGTH) {
                line.append(" remote-checksum start ").append(Gue.remoteChecksumStart(s, at));
                line.append(" offset ").append(Gue.remoteChecksumOffset(s, at));
            }
        }
    }

    private static String gueFault(WireFault fault, int version) {
        return switch (fault) {
            case BAD_VERSION -> version == 1 ? "neither IPv4 nor IPv6" : "unknown version";
            case BAD_LENGTH -> "options do not fit";
            default -> "unknown flags or protocol 0";
        };
    }

    /// Tells of a wrong checksum, when the run is whole. `ip` is where the IP header for the pseudo-header
    /// stands. A field that holds the sum of the pseudo-header waits for an offload to complete it: no fault.
    static void verify(PrintedLine line, PrintedRun run, int protocol, long ip) {
        if (!line.verifies(run) || ip == IpPrinter.NO_HEADER) {
            return;
        }
        MemorySegment s = line.octets();
        int pseudo = TransportChecksum.pseudoHeader(s, ip, protocol, run.length());
        int sum = InternetChecksum.fold(InternetChecksum.sum(s, run.at(), run.length()) + (long) pseudo);
        if (sum != 0xffff) {
            int found = Octets.u16(s, run.at() + TransportChecksum.field(protocol));
            int expected = IpPrinter.expected(sum, found);
            boolean zeroMeansNone = protocol == IpProtocol.UDP && expected == 0;
            if (found == pseudo) {
                line.append(" partial checksum");
            } else {
                line.badChecksum("checksum", found, zeroMeansNone ? 0xffff : expected);
            }
        }
    }
}
