package adit.wire;

import static org.assertj.core.api.Assertions.assertThat;

import adit.wire.CapturedPackets.Captured;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The codecs read the packets of real kernels as tcpdump does, and take their checksums for good.
class CapturedPacketsTest {
    private static final int ETHERNET_AND_IP4 = 34;

    static Stream<Captured> packets() {
        return CapturedPackets.read("captured-packets.tsv").stream();
    }

    static Stream<Captured> tunnelPackets() {
        return CapturedPackets.read("tunnel-packets.tsv").stream();
    }

    @ParameterizedTest
    @MethodSource("packets")
    void readsWhatTcpdumpReads(Captured packet) {
        MemorySegment s = packet.segment();
        assertThat(Ethernet.fault(s, 0, packet.length())).isEqualTo(WireFault.NONE);
        packet.facts("ethernet.")
                .forEach((name, value) -> assertThat(ethernet(s, name)).as(name).isEqualTo(value));
        int available = packet.length() - Ethernet.HEADER_LENGTH;
        if (Ethernet.etherType(s, 0) == EtherType.ARP) {
            assertThat(Arp.fault(s, Ethernet.HEADER_LENGTH, available)).isEqualTo(WireFault.NONE);
            packet.facts("arp.")
                    .forEach((name, value) -> assertThat(arp(s, Ethernet.HEADER_LENGTH, name))
                            .as(name)
                            .isEqualTo(value));
        } else {
            assertIpPacket(s, Ethernet.HEADER_LENGTH, available, packet.facts());
            assertThat(TransportChecksum.fault(s, Ethernet.HEADER_LENGTH)).isEqualTo(WireFault.NONE);
        }
    }

    @ParameterizedTest
    @MethodSource("tunnelPackets")
    void readsTunnelsFromTheOutsideIn(Captured packet) {
        MemorySegment s = packet.segment();
        int length = packet.length();
        assertIpPacket(s, Ethernet.HEADER_LENGTH, length - Ethernet.HEADER_LENGTH, packet.facts());
        assertThat(TransportChecksum.fault(s, Ethernet.HEADER_LENGTH)).isEqualTo(WireFault.NONE);

        int at = ETHERNET_AND_IP4;
        int protocol = Ipv4.protocol(s, Ethernet.HEADER_LENGTH);
        boolean partial = false;
        if (protocol == IpProtocol.UDP) {
            assertThat(Udp.fault(s, at, length - at)).isEqualTo(WireFault.NONE);
            int udp = at;
            packet.facts("outerUdp.")
                    .forEach((name, value) ->
                            assertThat(outerUdp(s, udp, name)).as(name).isEqualTo(value));
            at += Udp.HEADER_LENGTH;
            protocol = packet.kind().contains("mpls") ? IpProtocol.MPLS : IpProtocol.IPIP;
        }
        Map<String, String> gue = packet.facts("gue.");
        if (!gue.isEmpty()) {
            assertThat(Gue.fault(s, at, length - at)).isEqualTo(WireFault.NONE);
            int header = at;
            gue.forEach(
                    (name, value) -> assertThat(gue(s, header, name)).as(name).isEqualTo(value));
            partial = Gue.hasRemoteChecksum(s, at);
            assertThat(partial).isEqualTo(gue.containsKey("checksumStart"));
            protocol = Gue.payloadProtocol(s, at);
            at += Gue.payloadOffset(s, at);
            if (partial) {
                assertThat(TransportChecksum.fault(s, at)).isEqualTo(WireFault.BAD_CHECKSUM);
                completeAsReceiver(s, header, at, length);
            }
        }
        Map<String, String> mpls = packet.facts("mpls.");
        assertThat(protocol).isEqualTo(mpls.isEmpty() ? IpProtocol.IPIP : IpProtocol.MPLS);
        if (!mpls.isEmpty()) {
            assertThat(Mpls.fault(s, at, length - at)).isEqualTo(WireFault.NONE);
            int entry = at;
            mpls.forEach(
                    (name, value) -> assertThat(mpls(s, entry, name)).as(name).isEqualTo(value));
            at += Mpls.stackLength(s, at);
        }
        assertThat(at).isEqualTo(Integer.parseInt(packet.facts().get("inner.offset")));
        Map<String, String> inner = packet.facts("inner.");
        if (partial) {
            // tcpdump saw the checksum before it was completed.
            inner.remove("tcp.checksum");
        }
        assertIpPacket(s, at, length - at, inner);
        assertThat(TransportChecksum.fault(s, at)).isEqualTo(WireFault.NONE);
    }

    private static void completeAsReceiver(MemorySegment s, int gue, int payload, int length) {
        int start = Gue.remoteChecksumStart(s, gue);
        int offset = Gue.remoteChecksumOffset(s, gue) - start;
        TransportChecksum.complete(s, payload + start, length - payload - start, offset);
    }

    private static void assertIpPacket(MemorySegment s, int at, int available, Map<String, String> facts) {
        int version = Octets.u8(s, at) >> 4;
        WireFault fault = version == 4 ? Ipv4.fault(s, at, available) : Ipv6.fault(s, at, available);
        assertThat(fault).isEqualTo(WireFault.NONE);
        if (version == 4) {
            assertThat(Ipv4.checksumValid(s, at)).isTrue();
        }
        int upper = at + (version == 4 ? Ipv4.headerLength(s, at) : Ipv6Chain.offset(Ipv6Chain.walk(s, at)));
        facts.forEach((name, value) -> {
            String group = name.substring(0, name.indexOf('.') < 0 ? name.length() : name.indexOf('.'));
            String field = name.substring(name.indexOf('.') + 1);
            String read = switch (group) {
                case "ip4" -> ip4(s, at, field);
                case "ip6" -> ip6(s, at, field);
                case "fragment" -> fragment(s, at, field);
                case "port" -> port(s, upper, field);
                case "udp" -> udp(s, upper, field);
                case "tcp" -> tcp(s, upper, field);
                case "echo" -> echo(s, version, upper, field);
                case "icmp4" -> String.valueOf(Icmp4.nextHopMtu(s, upper));
                case "icmp6" -> String.valueOf(Icmp6.mtu(s, upper));
                case "error" -> error(s, version, upper);
                default -> value;
            };
            assertThat(read).as(name).isEqualTo(value);
        });
    }

    private static String ethernet(MemorySegment s, String field) {
        return switch (field) {
            case "source" -> MacAddress.read(s, 6).toString();
            case "destination" -> new MacAddress(Ethernet.destination(s, 0)).toString();
            default -> "%04x".formatted(Ethernet.etherType(s, 0));
        };
    }

    private static String arp(MemorySegment s, long at, String field) {
        return switch (field) {
            case "operation" -> String.valueOf(Arp.operation(s, at));
            case "sender" -> Ip4Address.text(Arp.senderProtocol(s, at));
            case "target" -> Ip4Address.text(Arp.targetProtocol(s, at));
            default -> new MacAddress(Arp.senderHardware(s, at)).toString();
        };
    }

    private static String ip4(MemorySegment s, long at, String field) {
        return switch (field) {
            case "tos" -> String.valueOf(Ipv4.tos(s, at));
            case "ttl" -> String.valueOf(Ipv4.timeToLive(s, at));
            case "id" -> String.valueOf(Ipv4.identification(s, at));
            case "offset" -> String.valueOf(Ipv4.fragmentOffset(s, at));
            case "flags" -> Ipv4.dontFragment(s, at) ? "DF" : Ipv4.flags(s, at) == 0 ? "none" : "+";
            case "protocol" -> String.valueOf(Ipv4.protocol(s, at));
            case "length" -> String.valueOf(Ipv4.totalLength(s, at));
            case "source" -> Ip4Address.read(s, at + 12).toString();
            case "destination" -> Ip4Address.text(Ipv4.destination(s, at));
            default -> ip4Options(s, at);
        };
    }

    private static String ip4Options(MemorySegment s, long at) {
        List<String> kinds = new ArrayList<>();
        long option = Ipv4.firstOption(s, at);
        for (; option >= 0; option = Ipv4.nextOption(s, at, option)) {
            kinds.add(String.valueOf(Options.kind(s, option)));
        }
        assertThat(option).isEqualTo(Options.END);
        return String.join(",", kinds);
    }

    private static String ip6(MemorySegment s, long at, String field) {
        return switch (field) {
            case "class" -> String.valueOf(Ipv6.trafficClass(s, at));
            case "label" -> String.valueOf(Ipv6.flowLabel(s, at));
            case "hopLimit" -> String.valueOf(Ipv6.hopLimit(s, at));
            case "nextHeader" -> String.valueOf(Ipv6.nextHeader(s, at));
            case "payload" -> String.valueOf(Ipv6.payloadLength(s, at));
            case "source" -> Ip6Address.read(s, at + Ipv6.SOURCE).toString();
            case "destination" -> Ip6Address.read(s, at + Ipv6.DESTINATION).toString();
            default -> extensions(s, at).stream().map(String::valueOf).collect(Collectors.joining(","));
        };
    }

    private static List<Integer> extensions(MemorySegment s, long at) {
        long walk = Ipv6Chain.walk(s, at);
        assertThat(Ipv6Chain.fault(walk)).isEqualTo(WireFault.NONE);
        List<Integer> kinds = new ArrayList<>();
        int protocol = Ipv6.nextHeader(s, at);
        int offset = Ipv6.HEADER_LENGTH;
        while (offset < Ipv6Chain.offset(walk)) {
            kinds.add(protocol);
            int length = Ipv6Chain.length(s, at + offset, protocol);
            protocol = Octets.u8(s, at + offset);
            offset += length;
        }
        return kinds;
    }

    private static String fragment(MemorySegment s, long at, String field) {
        long header = at + Ipv6Chain.offset(Ipv6Chain.walk(s, at)) - Ipv6Chain.FRAGMENT_LENGTH;
        return field.equals("id")
                ? Integer.toUnsignedString(Ipv6Chain.fragmentIdentification(s, header))
                : String.valueOf(Ipv6Chain.fragmentOffset(s, header));
    }

    private static String port(MemorySegment s, long at, String field) {
        return String.valueOf(field.equals("source") ? Udp.sourcePort(s, at) : Tcp.destinationPort(s, at));
    }

    private static String udp(MemorySegment s, long at, String field) {
        return field.equals("payload")
                ? String.valueOf(Udp.length(s, at) - Udp.HEADER_LENGTH)
                : String.valueOf(Udp.hasChecksum(s, at));
    }

    private static String outerUdp(MemorySegment s, long at, String field) {
        return switch (field) {
            case "source" -> String.valueOf(Udp.sourcePort(s, at));
            case "destination" -> String.valueOf(Udp.destinationPort(s, at));
            case "length" -> String.valueOf(Udp.length(s, at));
            default -> "%04x".formatted(Udp.checksum(s, at));
        };
    }

    private static String tcp(MemorySegment s, long at, String field) {
        return switch (field) {
            case "flags" -> tcpFlags(Tcp.flags(s, at));
            case "checksum" -> "%04x".formatted(Tcp.checksum(s, at));
            case "seq" -> String.valueOf(Tcp.sequenceNumber(s, at));
            case "ack" -> String.valueOf(Tcp.acknowledgmentNumber(s, at));
            case "window" -> String.valueOf(Tcp.window(s, at));
            case "mss" -> String.valueOf(Octets.u16(s, tcpOption(s, at, 2)));
            case "wscale" -> String.valueOf(Octets.u8(s, tcpOption(s, at, 3)));
            case "sackOK" -> String.valueOf(tcpOption(s, at, 4) > 0);
            case "tsval" -> String.valueOf(Octets.u32(s, tcpOption(s, at, 8)));
            default -> String.valueOf(Octets.u32(s, tcpOption(s, at, 8) + 4));
        };
    }

    private static String tcpFlags(int flags) {
        return ((flags & Tcp.FIN) != 0 ? "F" : "")
                + ((flags & Tcp.SYN) != 0 ? "S" : "")
                + ((flags & Tcp.RST) != 0 ? "R" : "")
                + ((flags & Tcp.PSH) != 0 ? "P" : "")
                + ((flags & Tcp.ACK) != 0 ? "." : "")
                + ((flags & Tcp.ECE) != 0 ? "E" : "")
                + ((flags & Tcp.CWR) != 0 ? "W" : "");
    }

    private static long tcpOption(MemorySegment s, long at, int kind) {
        long option = Tcp.firstOption(s, at);
        while (option >= 0 && Options.kind(s, option) != kind) {
            option = Tcp.nextOption(s, at, option);
        }
        assertThat(option).as("option %d", kind).isPositive();
        return Options.value(option);
    }

    private static String echo(MemorySegment s, int version, long at, String field) {
        return switch (field) {
            case "id" -> String.valueOf(version == 4 ? Icmp4.identifier(s, at) : Icmp6.identifier(s, at));
            case "seq" -> String.valueOf(version == 4 ? Icmp4.sequenceNumber(s, at) : Icmp6.sequenceNumber(s, at));
            default -> {
                int type = Icmp4.type(s, at);
                int request = version == 4 ? Icmp4.ECHO_REQUEST : Icmp6.ECHO_REQUEST;
                int reply = version == 4 ? Icmp4.ECHO_REPLY : Icmp6.ECHO_REPLY;
                yield type == request ? "request" : type == reply ? "reply" : "type " + type;
            }
        };
    }

    private static String error(MemorySegment s, int version, long at) {
        int type = Icmp4.type(s, at);
        int code = Icmp4.code(s, at);
        if (type == (version == 4 ? Icmp4.TIME_EXCEEDED : Icmp6.TIME_EXCEEDED) && code == 0) {
            return "time-exceeded";
        }
        boolean port = version == 4
                ? type == Icmp4.DESTINATION_UNREACHABLE && code == Icmp4.PORT_UNREACHABLE
                : type == Icmp6.DESTINATION_UNREACHABLE && code == Icmp6.PORT_UNREACHABLE;
        return port ? "port-unreachable" : type + "/" + code;
    }

    private static String gue(MemorySegment s, long at, String field) {
        return String.valueOf(
                switch (field) {
                    case "length" -> Gue.headerLength(s, at);
                    case "protocol" -> Gue.protocolOrControlType(s, at);
                    case "version" -> Gue.version(s, at);
                    case "checksumStart" -> Gue.remoteChecksumStart(s, at);
                    default -> Gue.remoteChecksumOffset(s, at);
                });
    }

    private static String mpls(MemorySegment s, long at, String field) {
        return String.valueOf(
                switch (field) {
                    case "label" -> Mpls.label(s, at);
                    case "class" -> Mpls.trafficClass(s, at);
                    case "bottom" -> Mpls.bottomOfStack(s, at) ? 1 : 0;
                    default -> Mpls.timeToLive(s, at);
                });
    }
}
