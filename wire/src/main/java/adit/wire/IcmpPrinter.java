package adit.wire;

import java.lang.foreign.MemorySegment;

/// Prints ICMP and ICMPv6 with the packets that errors quote, and the extensions of RFC 4884.
final class IcmpPrinter {
    private static final int ICMP6_NEIGHBOR_LENGTH = 24;
    private static final int EXTENSION_HEADER = 4;
    private static final int EXTENSION_VERSION = 2;
    private static final int OBJECT_HEADER = 4;
    /// Of one object: a line is to stay one that can be read.
    private static final int MAX_LABELS = 8;
    private static final int MAX_OBJECTS = 8;
    private static final int CLASS_MPLS = 1;
    private static final int CLASS_INTERFACE = 2;

    private IcmpPrinter() {}

    static void icmp4(PrintedLine line, PrintedRun run) {
        if (!line.layer("ICMP", run, Icmp4.HEADER_LENGTH)) {
            return;
        }
        MemorySegment s = line.octets();
        long at = run.at();
        int type = Icmp4.type(s, at);
        int code = Icmp4.code(s, at);
        line.append(" ").append(name4(type, code));
        switch (type) {
            case Icmp4.ECHO_REQUEST, Icmp4.ECHO_REPLY, Icmp4.TIMESTAMP_REQUEST, Icmp4.TIMESTAMP_REPLY -> {
                line.append(" id ").append(Icmp4.identifier(s, at));
                line.append(" seq ").append(Icmp4.sequenceNumber(s, at));
            }
            case Icmp4.DESTINATION_UNREACHABLE -> {
                if (code == Icmp4.FRAGMENTATION_NEEDED) {
                    line.append(" mtu ").append(Icmp4.nextHopMtu(s, at));
                }
            }
            case Icmp4.REDIRECT -> line.append(" to ").append(Ip4Address.text(Icmp4.gateway(s, at)));
            case Icmp4.PARAMETER_PROBLEM -> line.append(" at octet ").append(Icmp4.pointer(s, at));
            default -> {
                // The name says it all.
            }
        }
        verify4(line, run);
        if (Icmp4.isError(type)) {
            boolean extensible = type != Icmp4.REDIRECT && type != Icmp4.SOURCE_QUENCH;
            quote(line, run.from(Icmp4.HEADER_LENGTH), extensible ? Icmp4.quoteLength(s, at) : 0, IpProtocol.IPIP);
        } else {
            line.append(" payload ").append(run.length() - Icmp4.HEADER_LENGTH);
        }
    }

    private static void verify4(PrintedLine line, PrintedRun run) {
        MemorySegment s = line.octets();
        if (line.verifies(run) && !Icmp4.checksumValid(s, run.at(), run.length())) {
            int found = Icmp4.checksum(s, run.at());
            int sum = InternetChecksum.sum(s, run.at(), run.length());
            line.badChecksum("checksum", found, IpPrinter.expected(sum, found));
        }
    }

    static void icmp6(PrintedLine line, PrintedRun run, long ip) {
        if (!line.layer("ICMPv6", run, Icmp6.HEADER_LENGTH)) {
            return;
        }
        MemorySegment s = line.octets();
        long at = run.at();
        int type = Icmp6.type(s, at);
        line.append(" ").append(name6(type, Icmp6.code(s, at)));
        switch (type) {
            case Icmp6.ECHO_REQUEST, Icmp6.ECHO_REPLY -> {
                line.append(" id ").append(Icmp6.identifier(s, at));
                line.append(" seq ").append(Icmp6.sequenceNumber(s, at));
            }
            case Icmp6.PACKET_TOO_BIG -> line.append(" mtu ").append(Icmp6.mtu(s, at));
            case Icmp6.PARAMETER_PROBLEM -> line.append(" at octet ").append(Icmp6.pointer(s, at));
            case Icmp6.NEIGHBOR_SOLICITATION, Icmp6.NEIGHBOR_ADVERTISEMENT -> {
                if (run.has(ICMP6_NEIGHBOR_LENGTH)) {
                    line.append(" ")
                            .append(Ip6Address.read(s, at + Icmp6.HEADER_LENGTH).toString());
                }
            }
            default -> {
                // The name says it all.
            }
        }
        TransportPrinter.verify(line, run, IpProtocol.ICMP6, ip);
        if (Icmp6.isError(type)) {
            boolean extensible = type == Icmp6.DESTINATION_UNREACHABLE || type == Icmp6.TIME_EXCEEDED;
            int quoteLength = extensible ? Octets.u8(s, at + 4) << 3 : 0;
            quote(line, run.from(Icmp6.HEADER_LENGTH), quoteLength, IpProtocol.IPV6);
        } else {
            line.append(" payload ").append(run.length() - Icmp6.HEADER_LENGTH);
        }
    }

    // RFC 4884: a message with extensions gives the quote's length; the extensions follow it.
    private static void quote(PrintedLine line, PrintedRun data, int quoteLength, int protocol) {
        boolean extended = quoteLength > 0 && data.length() >= quoteLength + EXTENSION_HEADER;
        PrintedRun quoted = extended ? data.upTo(quoteLength) : data;
        if (quoted.length() > 0) {
            line.open("about");
            IpPrinter.payload(line, quoted.incomplete(), protocol, IpPrinter.NO_HEADER);
            line.close();
        }
        if (extended) {
            extensions(line, data.from(quoteLength));
        }
    }

    private static void extensions(PrintedLine line, PrintedRun run) {
        MemorySegment s = line.octets();
        line.append(" extensions");
        if (Octets.u8(s, run.at()) >> 4 != EXTENSION_VERSION) {
            line.fault("version " + (Octets.u8(s, run.at()) >> 4));
            return;
        }
        PrintedRun rest = run.from(EXTENSION_HEADER);
        for (int i = 0; i < MAX_OBJECTS && rest.length() > 0; i++) {
            int length = rest.has(OBJECT_HEADER) ? Octets.u16(s, rest.at()) : 0;
            if (length < OBJECT_HEADER || !rest.has(length)) {
                line.fault("bad object length");
                return;
            }
            object(line, rest.upTo(length));
            rest = rest.from(length);
        }
    }

    private static void object(PrintedLine line, PrintedRun object) {
        MemorySegment s = line.octets();
        int kind = Octets.u8(s, object.at() + 2);
        int type = Octets.u8(s, object.at() + 3);
        switch (kind) {
            case CLASS_MPLS -> {
                line.append(" MPLS");
                PrintedRun entries = object.from(OBJECT_HEADER);
                for (int i = 0; i < MAX_LABELS && entries.has(Mpls.ENTRY_LENGTH); i++) {
                    LinkPrinter.label(line, entries.at());
                    entries = entries.from(Mpls.ENTRY_LENGTH);
                }
                if (entries.has(Mpls.ENTRY_LENGTH)) {
                    line.append(" and ")
                            .append(entries.length() / Mpls.ENTRY_LENGTH)
                            .append(" more");
                }
            }
            case CLASS_INTERFACE ->
                line.append(" interface information type 0x").hex(type, 2);
            default -> line.append(" class ").append(kind).append(" type ").append(type);
        }
    }

    private static String name4(int type, int code) {
        return switch (type) {
            case Icmp4.ECHO_REPLY -> "echo reply";
            case Icmp4.DESTINATION_UNREACHABLE -> unreachable4(code);
            case Icmp4.SOURCE_QUENCH -> "source quench";
            case Icmp4.REDIRECT -> "redirect";
            case Icmp4.ECHO_REQUEST -> "echo request";
            case Icmp4.ROUTER_ADVERTISEMENT -> "router advertisement";
            case Icmp4.ROUTER_SOLICITATION -> "router solicitation";
            case Icmp4.TIME_EXCEEDED ->
                code == Icmp4.TTL_EXCEEDED ? "time to live exceeded" : "reassembly time exceeded";
            case Icmp4.PARAMETER_PROBLEM -> "parameter problem";
            case Icmp4.TIMESTAMP_REQUEST -> "timestamp request";
            case Icmp4.TIMESTAMP_REPLY -> "timestamp reply";
            default -> "type " + type + " code " + code;
        };
    }

    private static String unreachable4(int code) {
        return switch (code) {
            case Icmp4.NETWORK_UNREACHABLE -> "network unreachable";
            case Icmp4.HOST_UNREACHABLE -> "host unreachable";
            case Icmp4.PROTOCOL_UNREACHABLE -> "protocol unreachable";
            case Icmp4.PORT_UNREACHABLE -> "port unreachable";
            case Icmp4.FRAGMENTATION_NEEDED -> "fragmentation needed";
            case Icmp4.SOURCE_ROUTE_FAILED -> "source route failed";
            case Icmp4.ADMINISTRATIVELY_PROHIBITED -> "administratively prohibited";
            default -> "destination unreachable code " + code;
        };
    }

    private static String name6(int type, int code) {
        return switch (type) {
            case Icmp6.DESTINATION_UNREACHABLE -> unreachable6(code);
            case Icmp6.PACKET_TOO_BIG -> "packet too big";
            case Icmp6.TIME_EXCEEDED ->
                code == Icmp6.HOP_LIMIT_EXCEEDED ? "hop limit exceeded" : "reassembly time exceeded";
            case Icmp6.PARAMETER_PROBLEM -> "parameter problem";
            case Icmp6.ECHO_REQUEST -> "echo request";
            case Icmp6.ECHO_REPLY -> "echo reply";
            case Icmp6.ROUTER_SOLICITATION -> "router solicitation";
            case Icmp6.ROUTER_ADVERTISEMENT -> "router advertisement";
            case Icmp6.NEIGHBOR_SOLICITATION -> "neighbor solicitation";
            case Icmp6.NEIGHBOR_ADVERTISEMENT -> "neighbor advertisement";
            case Icmp6.REDIRECT -> "redirect";
            case Icmp6.MULTICAST_LISTENER_REPORT -> "multicast listener report";
            default -> "type " + type + " code " + code;
        };
    }

    private static String unreachable6(int code) {
        return switch (code) {
            case Icmp6.NO_ROUTE -> "no route";
            case Icmp6.ADMINISTRATIVELY_PROHIBITED -> "administratively prohibited";
            case Icmp6.ADDRESS_UNREACHABLE -> "address unreachable";
            case Icmp6.PORT_UNREACHABLE -> "port unreachable";
            default -> "destination unreachable code " + code;
        };
    }
}
