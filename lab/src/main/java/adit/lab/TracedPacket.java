package adit.lab;

import adit.device.Device;
import adit.device.HardwareType;
import adit.packet.PacketBuffer;
import adit.wire.Arp;
import adit.wire.EtherType;
import adit.wire.Ethernet;
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
/// @param text the packet in one line; of a question, what is asked
/// @param role whether it is somebody's packet, or of those that links need
/// @param length octets without link header
/// @param destination where it goes; nothing when it is not IP
record TracedPacket(String text, Role role, int length, Optional<IpAddress> destination) {
    private static final int FIRST_DISCOVERY = 133;
    private static final int LAST_DISCOVERY = 137;
    private static final int TARGET_LENGTH = 16;

    /// What a packet is for.
    enum Role {
        /// Somebody wants it to get somewhere.
        PACKET,
        /// It asks for a link address.
        QUESTION,
        /// Another message between neighbours.
        CHATTER
    }

    static TracedPacket of(Device device, PacketBuffer p) {
        MemorySegment s = p.segment();
        int at = p.head();
        int length = p.length();
        int kind = p.protocol();
        boolean framed = device.hardwareType() == HardwareType.ETHER && device.headerLength() > 0;
        if (framed && length >= Ethernet.HEADER_LENGTH) {
            kind = Ethernet.etherType(s, at);
            at += Ethernet.HEADER_LENGTH;
            length -= Ethernet.HEADER_LENGTH;
        }
        if (kind == EtherType.ARP && length >= Arp.LENGTH) {
            boolean asks = Arp.operation(s, at) == Arp.REQUEST;
            String target = "who has " + new Ip4Address(Arp.targetProtocol(s, at));
            return new TracedPacket(target, asks ? Role.QUESTION : Role.CHATTER, length, Optional.empty());
        }
        if (isDiscovery(s, at, length, kind)) {
            int icmp = at + Ipv6.HEADER_LENGTH;
            boolean asks = Icmp6.type(s, icmp) == Icmp6.NEIGHBOR_SOLICITATION
                    && length >= Ipv6.HEADER_LENGTH + Icmp6.HEADER_LENGTH + TARGET_LENGTH;
            String target = asks ? "who has " + Ip6Address.read(s, icmp + Icmp6.HEADER_LENGTH) : "";
            return new TracedPacket(target, asks ? Role.QUESTION : Role.CHATTER, length, Optional.empty());
        }
        LinkLayer first = kind == EtherType.MPLS ? LinkLayer.MPLS : LinkLayer.RAW_IP;
        return new TracedPacket(
                PacketPrinter.line(s, at, length, first), Role.PACKET, length, destination(s, at, length, kind));
    }

    private static Optional<IpAddress> destination(MemorySegment s, int at, int length, int kind) {
        if (kind == EtherType.IPV4 && length >= Ipv4.MIN_HEADER_LENGTH) {
            return Optional.of(new Ip4Address(Ipv4.destination(s, at)));
        }
        return kind == EtherType.IPV6 && length >= Ipv6.HEADER_LENGTH
                ? Optional.of(Ip6Address.read(s, at + Ipv6.DESTINATION))
                : Optional.empty();
    }

    private static boolean isDiscovery(MemorySegment s, int at, int length, int kind) {
        if (kind != EtherType.IPV6
                || length < Ipv6.HEADER_LENGTH + Icmp6.HEADER_LENGTH
                || Ipv6.nextHeader(s, at) != IpProtocol.ICMP6) {
            return false;
        }
        int type = Icmp6.type(s, at + Ipv6.HEADER_LENGTH);
        return type >= FIRST_DISCOVERY && type <= LAST_DISCOVERY;
    }
}
