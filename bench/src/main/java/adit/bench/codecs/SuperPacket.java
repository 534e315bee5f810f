package adit.bench.codecs;

import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.wire.EtherType;
import adit.wire.InternetChecksum;
import adit.wire.Ip6Address;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Ipv6;
import adit.wire.Octets;

/// The kinds of super-packets that a TUN hands over.
public enum SuperPacket {
    /// A TCP stream over IPv4.
    TCP4(Offload.Segmentation.TCP4, IpProtocol.TCP, 20, 16),
    /// A TCP stream over IPv6.
    TCP6(Offload.Segmentation.TCP6, IpProtocol.TCP, 20, 16),
    /// UDP datagrams over IPv4.
    UDP4(Offload.Segmentation.UDP, IpProtocol.UDP, 8, 6);

    /// How many packets one stands for.
    static final int SEGMENTS = 45;
    /// What each of them carries, in octets: an Ethernet MTU without headers and timestamps.
    static final int SEGMENT = 1428;
    /// More than one has in octets.
    static final int LARGEST = 65_600;

    private static final int PORTS = 0x9c40_1451;
    private static final int TTL = 64;
    private static final int DATA_OFFSET_AND_ACK = 0x5010;
    private static final Ip6Address FROM = Ip6Address.parse("fd00::1");
    private static final Ip6Address TO = Ip6Address.parse("fd00::2");

    private final Offload.Segmentation segmentation;
    private final int protocol;
    private final int transport;
    private final int checksum;

    SuperPacket(Offload.Segmentation segmentation, int protocol, int transport, int checksum) {
        this.segmentation = segmentation;
        this.protocol = protocol;
        this.transport = transport;
        this.checksum = checksum;
    }

    private int network() {
        return this == TCP6 ? Ipv6.HEADER_LENGTH : Ipv4.MIN_HEADER_LENGTH;
    }

    int etherType() {
        return this == TCP6 ? EtherType.IPV6 : EtherType.IPV4;
    }

    /// One from the pool. Its transport checksum is partial: the field holds the pseudo-header's sum.
    PacketBuffer lend(PacketPool pool) {
        PacketBuffer p = pool.lend();
        int payload = SEGMENTS * SEGMENT;
        int length = network() + transport + payload;
        int at = p.put(length);
        p.segment().asSlice(at, length).fill((byte) 0);
        int upper = at + network();
        if (this == TCP6) {
            Ipv6.emit(p.segment(), at, 0, 0, length - Ipv6.HEADER_LENGTH, protocol, TTL, FROM, TO);
        } else {
            Ipv4.emit(
                    p.segment(),
                    at,
                    0,
                    length,
                    1,
                    Ipv4.DONT_FRAGMENT,
                    0,
                    TTL,
                    protocol,
                    Packets.SOURCE,
                    Packets.DESTINATION);
        }
        Octets.put32(p.segment(), upper, PORTS);
        if (protocol == IpProtocol.TCP) {
            Octets.put16(p.segment(), upper + 12L, DATA_OFFSET_AND_ACK);
        } else {
            Octets.put16(p.segment(), upper + 4L, length - network());
        }
        int octets = length - network();
        int pseudoHeader = this == TCP6
                ? InternetChecksum.pseudoHeader6(p.segment(), at + (long) Ipv6.SOURCE, protocol, octets)
                : InternetChecksum.pseudoHeader4(Packets.SOURCE, Packets.DESTINATION, protocol, octets);
        Octets.put16(p.segment(), upper + (long) checksum, pseudoHeader);
        p.protocol(etherType());
        Offload o = p.offload();
        o.segmentation = segmentation;
        o.segmentSize = SEGMENT;
        o.checksum = Offload.Checksum.PARTIAL;
        o.checksumStart = network();
        o.checksumOffset = checksum;
        return p;
    }
}
