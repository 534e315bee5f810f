package adit.wire;

import java.lang.foreign.MemorySegment;

/// Prints IPv4 with options and IPv6 with extension headers, and hands on to what they carry.
final class IpPrinter {
    /// In place of the offset of an IP header: the layer stands behind none of its own, as after FOU.
    static final long NO_HEADER = -1;

    private static final int RESERVED_FLAG = 0b100;
    private static final int ROUTING_TYPE = 2;
    private static final int SEGMENTS_LEFT = 3;
    private static final int AH_SPI = 4;

    private static final String[] ECN = {"", ",ECT(1)", ",ECT(0)", ",CE"};

    private IpPrinter() {}

    /// IPv4 or IPv6, by the first four bits.
    static void anyVersion(PrintedLine line, PrintedRun run) {
        int version = run.has(1) ? Octets.u8(line.octets(), run.at()) >> 4 : -1;
        switch (version) {
            case 4 -> ip4(line, run);
            case 6 -> ip6(line, run);
            case -1 -> line.layer("IP", run, 1);
            default -> {
                line.data("IP", run);
                line.fault("version " + version);
            }
        }
    }

    static void ip4(PrintedLine line, PrintedRun run) {
        if (!line.layer("IPv4", run, Ipv4.MIN_HEADER_LENGTH)) {
            return;
        }
        MemorySegment s = line.octets();
        long at = run.at();
        if (Ipv4.version(s, at) != 4) {
            line.fault("version " + Ipv4.version(s, at));
            return;
        }
        ip4Fields(line, at);
        int header = Ipv4.headerLength(s, at);
        int total = Ipv4.totalLength(s, at);
        if (header < Ipv4.MIN_HEADER_LENGTH) {
            line.fault("IHL " + header / 4);
            return;
        }
        if (total < header) {
            line.fault("total length " + total + " is less than the header's " + header);
            return;
        }
        if (!run.has(header)) {
            line.truncated(run.length(), header);
            return;
        }
        ip4Options(line, at);
        if (line.options().checksums() == PrinterOptions.Checksums.VERIFY && !Ipv4.checksumValid(s, at)) {
            int found = Ipv4.headerChecksum(s, at);
            line.badChecksum("header checksum", found, expected(InternetChecksum.sum(s, at, header), found));
        }
        if (!run.has(total)) {
            line.cutOff(run.length(), total);
        }
        boolean fragment = Ipv4.isFragment(s, at);
        PrintedRun rest = run.upTo(total).from(header);
        PrintedRun payload = fragment ? rest.incomplete() : rest;
        if (Ipv4.fragmentOffset(s, at) != 0) {
            line.data("fragment of " + IpProtocol.name(Ipv4.protocol(s, at)), payload);
        } else {
            payload(line, payload, Ipv4.protocol(s, at), at);
        }
    }

    private static void ip4Fields(PrintedLine line, long at) {
        MemorySegment s = line.octets();
        line.append(" ").append(Ip4Address.text(Ipv4.source(s, at)));
        line.append(" > ").append(Ip4Address.text(Ipv4.destination(s, at)));
        line.append(" ttl ").append(Ipv4.timeToLive(s, at));
        dsField(line, " tos 0x", Ipv4.tos(s, at));
        if (Ipv4.identification(s, at) != 0) {
            line.append(" id ").append(Ipv4.identification(s, at));
        }
        int flags = Ipv4.flags(s, at);
        line.append((flags & RESERVED_FLAG) != 0 ? " reserved-flag" : "");
        line.append((flags & Ipv4.DONT_FRAGMENT) != 0 ? " DF" : "");
        line.append((flags & Ipv4.MORE_FRAGMENTS) != 0 ? " MF" : "");
        if (Ipv4.fragmentOffset(s, at) != 0) {
            line.append(" offset ").append(Ipv4.fragmentOffset(s, at));
        }
        line.append(" len ").append(Ipv4.totalLength(s, at));
    }

    private static void dsField(PrintedLine line, String name, int value) {
        if (value != 0) {
            line.append(name).hex(value, 2).append(ECN[value & 3]);
        }
    }

    private static void ip4Options(PrintedLine line, long at) {
        MemorySegment s = line.octets();
        long option = Ipv4.firstOption(s, at);
        String separator = " options ";
        for (; option >= 0; option = Ipv4.nextOption(s, at, option)) {
            line.append(separator).append(ip4Option(Options.kind(s, option)));
            separator = ",";
        }
        if (option == Options.MALFORMED) {
            line.fault("bad option length");
        }
    }

    private static String ip4Option(int kind) {
        return switch (kind) {
            case 7 -> "record-route";
            case 68 -> "timestamp";
            case 130 -> "security";
            case 131 -> "loose-source-route";
            case 134 -> "CIPSO";
            case 137 -> "strict-source-route";
            case 148 -> "router-alert";
            default -> "option " + kind;
        };
    }

    static void ip6(PrintedLine line, PrintedRun run) {
        if (!line.layer("IPv6", run, Ipv6.HEADER_LENGTH)) {
            return;
        }
        MemorySegment s = line.octets();
        long at = run.at();
        if (Ipv6.version(s, at) != 6) {
            line.fault("version " + Ipv6.version(s, at));
            return;
        }
        line.append(" ").append(Ip6Address.read(s, at + Ipv6.SOURCE).toString());
        line.append(" > ").append(Ip6Address.read(s, at + Ipv6.DESTINATION).toString());
        line.append(" hop-limit ").append(Ipv6.hopLimit(s, at));
        dsField(line, " class 0x", Ipv6.trafficClass(s, at));
        if (Ipv6.flowLabel(s, at) != 0) {
            line.append(" label 0x").hex(Ipv6.flowLabel(s, at), 5);
        }
        line.append(" payload ").append(Ipv6.payloadLength(s, at));
        int total = Ipv6.totalLength(s, at);
        if (!run.has(total)) {
            line.cutOff(run.length(), total);
        }
        chain(line, run.upTo(total));
    }

    private static void chain(PrintedLine line, PrintedRun packet) {
        MemorySegment s = line.octets();
        long at = packet.at();
        long walk = Ipv6Chain.walk(s, at, packet.length());
        int protocol = Ipv6.nextHeader(s, at);
        int offset = Ipv6.HEADER_LENGTH;
        while (offset < Ipv6Chain.offset(walk)) {
            extension(line, at + offset, protocol);
            int length = Ipv6Chain.length(s, at + offset, protocol);
            protocol = Octets.u8(s, at + offset);
            offset += length;
        }
        PrintedRun rest = packet.from(offset);
        switch (Ipv6Chain.fault(walk)) {
            case TRUNCATED -> {
                line.layer(IpProtocol.name(protocol));
                line.fault("truncated: " + rest.length() + (rest.length() == 1 ? " octet" : " octets"));
            }
            case BAD_LENGTH -> line.fault("more than " + Ipv6Chain.MAX_HEADERS + " extension headers");
            case BAD_FIELD -> line.fault("hop-by-hop options must come first");
            default -> {
                PrintedRun payload = Ipv6Chain.isFragment(walk) ? rest.incomplete() : rest;
                if (Ipv6Chain.isLaterFragment(walk)) {
                    line.data("fragment of " + IpProtocol.name(protocol), payload);
                } else {
                    payload(line, Ipv6Chain.isSourceRouted(walk) ? payload.incomplete() : payload, protocol, at);
                }
            }
        }
    }

    private static void extension(PrintedLine line, long at, int protocol) {
        MemorySegment s = line.octets();
        if (!line.layer(IpProtocol.name(protocol))) {
            return;
        }
        switch (protocol) {
            case IpProtocol.FRAGMENT -> {
                line.append(" id 0x").hex(Ipv6Chain.fragmentIdentification(s, at), 8);
                line.append(" offset ").append(Ipv6Chain.fragmentOffset(s, at));
                line.append(Ipv6Chain.moreFragments(s, at) ? " MF" : "");
            }
            case IpProtocol.ROUTING -> {
                line.append(" type ").append(Octets.u8(s, at + ROUTING_TYPE));
                line.append(" segments-left ").append(Octets.u8(s, at + SEGMENTS_LEFT));
            }
            case IpProtocol.AH -> line.append(" spi 0x").hex(Octets.i32(s, at + AH_SPI), 8);
            default -> {
                // Options have no names here.
            }
        }
    }

    /// What `protocol` announces, in the packet whose IP header starts at `ip`, or [#NO_HEADER].
    static void payload(PrintedLine line, PrintedRun run, int protocol, long ip) {
        switch (protocol) {
            case IpProtocol.TCP -> TransportPrinter.tcp(line, run, ip);
            case IpProtocol.UDP -> TransportPrinter.udp(line, run, ip);
            case IpProtocol.ICMP -> IcmpPrinter.icmp4(line, run);
            case IpProtocol.ICMP6 -> IcmpPrinter.icmp6(line, run, ip);
            case IpProtocol.IPIP -> ip4(line, run);
            case IpProtocol.IPV6 -> ip6(line, run);
            case IpProtocol.MPLS -> LinkPrinter.mpls(line, run);
            default -> line.data(IpProtocol.name(protocol), run);
        }
    }

    /// What a checksum field that holds `found`, and counts in `sum`, should hold.
    static int expected(int sum, int found) {
        return InternetChecksum.complement(InternetChecksum.fold((long) sum + InternetChecksum.complement(found)));
    }
}
