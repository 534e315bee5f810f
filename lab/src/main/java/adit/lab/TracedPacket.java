package adit.lab;

import adit.device.Device;
import adit.device.HardwareType;
import adit.packet.PacketBuffer;
import adit.wire.EtherType;
import adit.wire.Ethernet;
import adit.wire.Icmp4;
import adit.wire.Icmp6;
import adit.wire.Ip4Address;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Ipv6;
import adit.wire.LinkLayer;
import adit.wire.PacketPrinter;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// What a trace says of a packet that passes a device: without its link header, if it is IP.
///
/// @param text the packet in one line
/// @param kind the protocol it is of, an EtherType
/// @param length octets without link header
/// @param destination where it goes; nothing when it is not IP
/// @param chatter whether it is a question for a link address, or the answer
record TracedPacket(String text, int kind, int length, Optional<IpAddress> destination, boolean chatter) {
    private static final int FIRST_DISCOVERY = 133;
    private static final int LAST_DISCOVERY = 137;

    static TracedPacket of(Device device, PacketBuffer p) {
        MemorySegment s = p.segment();
        int at = p.head();
        int length = p.length();
        int kind = p.protocol();
        if (device.hardwareType() == HardwareType.ETHER
                && device.headerLength() > 0
                && length >= device.headerLength()) {
            kind = Ethernet.etherType(s, at);
            at += Ethernet.HEADER_LENGTH;
            length -= Ethernet.HEADER_LENGTH;
        }
        return new TracedPacket(
                PacketPrinter.line(s, at, length, layer(kind)),
                kind,
                length,
                destination(s, at, length, kind),
                isChatter(s, at, length, kind));
    }

    private static LinkLayer layer(int kind) {
        return kind == EtherType.MPLS ? LinkLayer.MPLS : LinkLayer.RAW_IP;
    }

    private static Optional<IpAddress> destination(MemorySegment s, int at, int length, int kind) {
        if (kind == EtherType.IPV4 && length >= Ipv4.MIN_HEADER_LENGTH) {
            return Optional.of(new Ip4Address(Ipv4.destination(s, at)));
        }
        return kind == EtherType.IPV6 && length >= Ipv6.HEADER_LENGTH
                ? Optional.of(Ip6Address.read(s, at + Ipv6.DESTINATION))
                : Optional.empty();
    }

    private static boolean isChatter(MemorySegment s, int at, int length, int kind) {
        if (kind != EtherType.IPV6) {
            return kind == EtherType.ARP;
        }
        if (length < Ipv6.HEADER_LENGTH + Icmp4.HEADER_LENGTH || Ipv6.nextHeader(s, at) != IpProtocol.ICMP6) {
            return false;
        }
        int type = Icmp6.type(s, at + Ipv6.HEADER_LENGTH);
        return type >= FIRST_DISCOVERY && type <= LAST_DISCOVERY;
    }
}
