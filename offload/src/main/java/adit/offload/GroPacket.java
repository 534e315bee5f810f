package adit.offload;

import adit.packet.Offload;
import adit.packet.Offload.Checksum;
import adit.packet.Offload.Segmentation;
import adit.packet.Offload.Tunnel;
import adit.packet.PacketBuffer;
import adit.wire.InternetChecksum;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Ipv6;
import adit.wire.Octets;
import adit.wire.Tcp;
import adit.wire.Udp;
import java.lang.foreign.MemorySegment;

/// A packet that [Gro] holds because others may join it. Reused from packet to packet. All offsets are from its
/// head.
final class GroPacket {
    private static final int MAX_LENGTH = 0xffff;

    /// Null while nothing is held here.
    PacketBuffer packet;
    /// Where the transport header starts.
    int transport;
    /// Where the payload starts.
    int payload;
    /// The octets of payload that it came with.
    int segmentSize;
    /// How many packets it stands for.
    int segments;
    /// Whether it is of the flow of the packet that was looked at last, ports apart.
    boolean related;
    /// When it came.
    long age;

    private int link;
    private int outerTransport;
    private int network;
    private int version;
    private int protocol;
    private Tunnel tunnel = Tunnel.NONE;
    private Gro.Form form = Gro.Form.SUPER_PACKET;
    /// Of the outermost IPv4 header.
    private boolean sameIdentification;

    private boolean innerSameIdentification;

    /// Takes a packet with these headers, whose payload starts at `payloadStart`.
    void hold(PacketBuffer p, GroHeaders headers, int payloadStart, Gro.Form as, long now) {
        form = as;
        packet = p;
        link = headers.link;
        outerTransport = headers.outerTransport;
        network = headers.network;
        version = headers.version;
        protocol = headers.protocol;
        tunnel = headers.tunnel;
        transport = headers.transport;
        payload = payloadStart;
        segmentSize = p.length() - payloadStart;
        segments = 1;
        sameIdentification = false;
        innerSameIdentification = false;
        age = now;
    }

    /// Notes whether `p` has the same link header, and the same headers up to the transport header as far as
    /// they name a flow.
    void relate(PacketBuffer p, GroHeaders headers) {
        related = link == headers.link
                && network == headers.network
                && transport == headers.transport
                && version == headers.version
                && protocol == headers.protocol
                && tunnel == headers.tunnel
                && (link == 0 || HeaderChain.same(p.segment(), p.head(), packet.segment(), packet.head(), link))
                && headers.isSameFlow(p, packet);
    }

    /// Whether what may not change within a super-packet is the same in the IP headers of `p`.
    boolean hasSameNetwork(PacketBuffer p) {
        if (!isSame(p, link)) {
            return false;
        }
        int outer = distance(p, link);
        // The second decides for all that follow.
        sameIdentification |= segments == 1 && outer == 0;
        if (tunnel == Tunnel.NONE) {
            return isNext(outer, sameIdentification);
        }
        int inner = distance(p, network);
        innerSameIdentification |= segments == 1 && inner == 0;
        return isSame(p, network)
                && (outer < 0 || isNext(outer, sameIdentification))
                && (inner < 0 || isNext(inner, innerSameIdentification));
    }

    private boolean isNext(int distance, boolean same) {
        return distance < 0 || distance == (same ? 0 : segments);
    }

    /// How far the identification of `p` is from ours, or -1 when there is none.
    private int distance(PacketBuffer p, int header) {
        long at = p.head() + (long) header;
        if (Ipv4.version(p.segment(), at) != 4) {
            return -1;
        }
        long to = packet.head() + (long) header;
        return Ipv4.identification(p.segment(), at) - Ipv4.identification(packet.segment(), to) & 0xffff;
    }

    private boolean isSame(PacketBuffer p, int header) {
        MemorySegment s = p.segment();
        long at = p.head() + (long) header;
        MemorySegment t = packet.segment();
        long to = packet.head() + (long) header;
        if (Ipv4.version(s, at) == 6) {
            return Octets.i32(s, at) == Octets.i32(t, to) && Ipv6.hopLimit(s, at) == Ipv6.hopLimit(t, to);
        }
        return Ipv4.timeToLive(s, at) == Ipv4.timeToLive(t, to)
                && Ipv4.tos(s, at) == Ipv4.tos(t, to)
                && Ipv4.dontFragment(s, at) == Ipv4.dontFragment(t, to);
    }

    /// Whether what joins this becomes a list.
    boolean isList() {
        return form == Gro.Form.LIST;
    }

    /// Whether as much is known of the checksum of `p` as of ours: else they are no list.
    boolean hasSameChecksum(PacketBuffer p) {
        Offload o = p.offload();
        Offload ours = packet.offload();
        return o.checksum == ours.checksum && o.validInside == ours.validInside;
    }

    /// Copies the `length` octets of payload at `from` of `p` behind what is held. Answers false when that would
    /// be too long; for a list, Linux counts the headers with it.
    boolean join(PacketBuffer p, int from, int length, Gro.Surroundings surroundings) {
        int counted = isList() ? p.length() - link : length;
        if (packet.length() - link + counted > MAX_LENGTH || !makeRoom(length, surroundings)) {
            return false;
        }
        MemorySegment.copy(p.segment(), p.head() + (long) from, packet.segment(), packet.put(length), length);
        segments++;
        return true;
    }

    private boolean makeRoom(int length, Gro.Surroundings surroundings) {
        PacketBuffer p = packet;
        if (p.tailroom() >= length) {
            return true;
        }
        PacketBuffer larger = surroundings.lend(MAX_LENGTH + link);
        if (larger == null) {
            return false;
        }
        if (larger.tailroom() < p.length() + length) {
            larger.release();
            return false;
        }
        MemorySegment.copy(p.segment(), p.head(), larger.segment(), larger.put(p.length()), p.length());
        larger.describeAs(p);
        packet = larger;
        p.release();
        return true;
    }

    /// Gives the packet away. If others joined it, the lengths and the partial checksum are written first.
    PacketBuffer release() {
        PacketBuffer p = packet;
        packet = null;
        if (segments > 1) {
            if (tunnel != Tunnel.NONE) {
                finishNetwork(p, link);
            }
            if (tunnel.isOverUdp()) {
                finishOuterTransport(p);
            }
            finishNetwork(p, network);
            describe(p);
        }
        return p;
    }

    private void finishOuterTransport(PacketBuffer p) {
        MemorySegment s = p.segment();
        long udp = p.head() + (long) outerTransport;
        int length = p.length() - outerTransport;
        Udp.length(s, udp, length);
        if (tunnel.hasChecksum()) {
            long ip = p.head() + (long) link;
            int source = Ipv4.source(s, ip);
            int destination = Ipv4.destination(s, ip);
            Octets.put16(
                    s, udp + Udp.CHECKSUM, InternetChecksum.pseudoHeader4(source, destination, IpProtocol.UDP, length));
        }
    }

    private static void finishNetwork(PacketBuffer p, int header) {
        MemorySegment s = p.segment();
        long at = p.head() + (long) header;
        int length = p.length() - header;
        if (Ipv4.version(s, at) == 4) {
            Ipv4.totalLength(s, at, length);
            Ipv4.fillChecksum(s, at);
        } else {
            Ipv6.payloadLength(s, at, length - Ipv6.HEADER_LENGTH);
        }
    }

    private void describe(PacketBuffer p) {
        Offload o = p.offload();
        o.segmentSize = segmentSize;
        o.tunnel = tunnel;
        o.innerNetwork = tunnel == Tunnel.NONE ? 0 : network;
        o.outerTransport = tunnel.isOverUdp() ? outerTransport : 0;
        if (o.headerLength == 0) {
            o.headerLength = payload;
        }
        // Lists of datagrams in a tunnel are ordinary super-packets in the end, unless that is over UDP.
        if (isList() && (protocol == IpProtocol.TCP || tunnel == Tunnel.NONE || tunnel.isOverUdp())) {
            describeList(p);
        } else {
            describeSuperPacket(p);
        }
    }

    private void describeList(PacketBuffer p) {
        MemorySegment s = p.segment();
        long ip = p.head() + (long) network;
        Offload o = p.offload();
        o.listed = true;
        o.listedHopLimit = version == 4 ? Ipv4.timeToLive(s, ip) : Ipv6.hopLimit(s, ip);
        if (protocol == IpProtocol.TCP) {
            o.segmentation = version == 4 ? Segmentation.TCP4 : Segmentation.TCP6;
        } else {
            o.segmentation = Segmentation.UDP;
            Udp.length(s, p.head() + (long) transport, p.length() - transport);
        }
    }

    private void describeSuperPacket(PacketBuffer p) {
        MemorySegment s = p.segment();
        long ip = p.head() + (long) network;
        int length = p.length() - transport;
        int pseudoHeader = version == 4
                ? InternetChecksum.pseudoHeader4(Ipv4.source(s, ip), Ipv4.destination(s, ip), protocol, length)
                : InternetChecksum.pseudoHeader6(s, ip + Ipv6.SOURCE, protocol, length);
        long at = p.head() + (long) transport;
        Offload o = p.offload();
        if (protocol == IpProtocol.TCP) {
            o.segmentation = version == 4 ? Segmentation.TCP4 : Segmentation.TCP6;
            o.congestionWindowReduced = (Tcp.flags(s, at) & Tcp.CWR) != 0;
            // Of IPv6 inside, Linux keeps nothing in mind: there the outer one grows.
            o.sameIdentification = sameIdentification && version == 4;
            // When it cuts what is in GRE, it takes for the inner one's what it has noted of the outer one.
            boolean inner = tunnel == Tunnel.GRE ? sameIdentification : innerSameIdentification;
            o.innerSameIdentification = inner && tunnel != Tunnel.NONE && version == 4;
        } else {
            o.segmentation = Segmentation.UDP;
            Udp.length(s, at, length);
        }
        int field = protocol == IpProtocol.TCP ? Tcp.CHECKSUM : Udp.CHECKSUM;
        Octets.put16(s, at + field, pseudoHeader);
        o.checksum = Checksum.PARTIAL;
        o.validInside = 0;
        o.checksumStart = transport;
        o.checksumOffset = field;
    }
}
