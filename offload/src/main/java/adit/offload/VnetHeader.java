package adit.offload;

import adit.packet.Offload;
import adit.packet.Offload.Checksum;
import adit.packet.Offload.Segmentation;
import adit.packet.Offload.Tunnel;
import adit.packet.PacketBuffer;
import adit.wire.EtherType;
import adit.wire.Ethernet;
import adit.wire.Ipv4;
import adit.wire.Ipv6;
import adit.wire.Tcp;
import adit.wire.Udp;
import adit.wire.VirtioNet;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/// Between a virtio-net header in front of a packet and what travels beside the octets, both ways and with the
/// checks of Linux's `virtio_net_hdr_to_skb`.
///
/// Inwards, in this order; whatever fails refuses the packet:
///
/// 1. the GSO type is known, ECN stands only with another type, the segment size is not 0;
/// 2. NEEDS_CSUM: the checksum field, and the transport header that the type implies, lie within the packet,
///    and no transport header starts before a network header could have ended;
/// 3. GSO without NEEDS_CSUM: the packet is as long as the shortest headers that the type implies;
/// 4. UDP needs NEEDS_CSUM at offset 6, no ECN, and at most 128 segments; TCP with NEEDS_CSUM has it at offset
///    16;
/// 5. the segment size is not 65535.
///
/// A payload that fits one segment is an ordinary packet, whatever the header says.
///
/// A tunnel bit in the type needs a header of 24 octets ([VirtioNet#LENGTH_WITH_TUNNEL]) and, before all that:
///
/// - one tunnel bit, not both, and TCP or UDP datagrams inside;
/// - NEEDS_CSUM;
/// - an outer UDP header no earlier than an Ethernet header and the shortest outer IP header allow, also where
///   there is no Ethernet header; the inner IP header behind it, and the inner transport header behind that.
///
/// The fields of such a header are little-endian, except for those that are looked at here first, which have
/// the order of the file.
public final class VnetHeader {
    /// Whose checks are made.
    public enum Rules {
        /// Linux 4.1: the checksum field lies within the packet, the type is known and not UDP, the size is not
        /// 0.
        LINUX_4_1,
        /// Linux 6.18: all.
        LINUX_6_18
    }

    private static final int MAX_SEGMENTS = 128;
    private static final int BY_FRAGMENTS = 0xffff;
    private static final int FIELD_LENGTH = 2;
    /// The last place where a checksum may start: Linux counts from 64 octets in front of the packet, in 16 bits.
    private static final int LAST_START = 0xffff - 1 - 64;
    private static final int TUNNEL = VirtioNet.GSO_UDP_TUNNEL4 | VirtioNet.GSO_UDP_TUNNEL6;

    /// Which tunnels a device's readers know.
    public enum Readers {
        /// None: a packet that is in one can't be described to them.
        NONE,
        /// UDP tunnels.
        UDP_TUNNELS
    }

    private VnetHeader() {}

    /// The header length that the driver works with: what the header says, or more if the checksum field lies
    /// behind it; 16 bits, as the field has.
    public static int headerLength(MemorySegment h, long at, ByteOrder order) {
        int length = VirtioNet.headerLength(h, at, order);
        if ((VirtioNet.flags(h, at) & VirtioNet.FLAG_NEEDS_CHECKSUM) != 0) {
            int field = VirtioNet.checksumStart(h, at, order) + VirtioNet.checksumOffset(h, at, order) + FIELD_LENGTH;
            length = Math.max(length, field);
        }
        return length & 0xffff;
    }

    /// Puts what the header of `length` octets at `at` of `h` says beside the octets of `p`, which start at the
    /// Ethernet header if `link` octets of it are there. Answers false for a header that Linux refuses; what
    /// stands beside the octets means nothing then. The headers of a super-packet are as long as Linux, which looks
    /// at them, has brought together.
    public static boolean take(MemorySegment h, long at, int length, ByteOrder order, Rules rules, PacketBuffer p) {
        int type = VirtioNet.gsoType(h, at);
        if ((type & TUNNEL) == 0 || rules == Rules.LINUX_4_1) {
            return takeInner(h, at, type, order, rules, p);
        }
        return length >= VirtioNet.LENGTH_WITH_TUNNEL && takeTunnel(h, at, type, order, p);
    }

    private static boolean takeTunnel(MemorySegment h, long at, int type, ByteOrder order, PacketBuffer p) {
        int inside = type & ~(VirtioNet.GSO_ECN | TUNNEL);
        if ((type & TUNNEL) == TUNNEL
                || inside == VirtioNet.GSO_NONE
                || inside == VirtioNet.GSO_UDP_FRAGMENT
                || (VirtioNet.flags(h, at) & VirtioNet.FLAG_NEEDS_CHECKSUM) == 0) {
            return false;
        }
        boolean outer6 = (type & VirtioNet.GSO_UDP_TUNNEL6) != 0;
        int outerTransport = VirtioNet.outerTransportOffset(h, at);
        int innerNetwork = VirtioNet.innerNetworkOffset(h, at);
        int innerTransport = VirtioNet.checksumStart(h, at, order);
        int shortest = inside == VirtioNet.GSO_TCP6 ? Ipv6.HEADER_LENGTH : Ipv4.MIN_HEADER_LENGTH;
        if (outerTransport < Ethernet.HEADER_LENGTH + (outer6 ? Ipv6.HEADER_LENGTH : Ipv4.MIN_HEADER_LENGTH)
                || innerNetwork < outerTransport + Udp.HEADER_LENGTH
                || innerTransport < innerNetwork + shortest
                || !takeInner(h, at, type & ~TUNNEL, ByteOrder.LITTLE_ENDIAN, Rules.LINUX_6_18, p)) {
            return false;
        }
        // Only now is it known that there is an inner header, and so its version.
        if (inside == VirtioNet.GSO_UDP
                && Ipv4.version(p.segment(), p.head() + (long) innerNetwork) == 6
                && innerTransport < innerNetwork + Ipv6.HEADER_LENGTH) {
            return false;
        }
        Offload o = p.offload();
        o.tunnel = (VirtioNet.flags(h, at) & VirtioNet.FLAG_TUNNEL_CHECKSUM) != 0 ? Tunnel.UDP_CHECKSUM : Tunnel.UDP;
        o.outerTransport = outerTransport;
        o.innerNetwork = innerNetwork;
        return true;
    }

    private static boolean takeInner(MemorySegment h, long at, int type, ByteOrder order, Rules rules, PacketBuffer p) {
        int size = VirtioNet.gsoSize(h, at, order);
        Segmentation kind = kind(type & ~VirtioNet.GSO_ECN, rules);
        if (type != VirtioNet.GSO_NONE && (kind == Segmentation.NONE || size == 0)) {
            return false;
        }
        boolean partial = (VirtioNet.flags(h, at) & VirtioNet.FLAG_NEEDS_CHECKSUM) != 0;
        int payload = 0;
        if (partial) {
            payload = partial(
                    p, VirtioNet.checksumStart(h, at, order), VirtioNet.checksumOffset(h, at, order), kind, rules);
        } else if (kind != Segmentation.NONE && rules == Rules.LINUX_6_18) {
            // Linux looks for the headers themselves only where the network header is known, which for a packet that
            // is just being written it is not.
            payload = network(kind) + transportLength(kind);
            payload = payload <= p.length() ? payload : -1;
        }
        if (payload < 0) {
            return false;
        }
        if (kind == Segmentation.NONE) {
            return true;
        }
        boolean ecn = (type & VirtioNet.GSO_ECN) != 0;
        if (rules == Rules.LINUX_6_18) {
            if (!agrees(p, kind, ecn, payload, size)) {
                return false;
            }
            int from = kind == Segmentation.UDP_FRAGMENT ? payload - Udp.HEADER_LENGTH : payload;
            if (p.length() - from <= size) {
                return true;
            }
        }
        Offload o = p.offload();
        o.segmentation = kind;
        o.segmentSize = size;
        o.headerLength = payload;
        o.congestionWindowReduced = ecn;
        return true;
    }

    private static Segmentation kind(int type, Rules rules) {
        return switch (type) {
            case VirtioNet.GSO_TCP4 -> Segmentation.TCP4;
            case VirtioNet.GSO_TCP6 -> Segmentation.TCP6;
            case VirtioNet.GSO_UDP_FRAGMENT -> Segmentation.UDP_FRAGMENT;
            case VirtioNet.GSO_UDP -> rules == Rules.LINUX_6_18 ? Segmentation.UDP : Segmentation.NONE;
            default -> Segmentation.NONE;
        };
    }

    private static int transportLength(Segmentation kind) {
        return switch (kind) {
            case NONE -> 0;
            case TCP4, TCP6 -> Tcp.MIN_HEADER_LENGTH;
            case UDP, UDP_FRAGMENT -> Udp.HEADER_LENGTH;
        };
    }

    /// The shortest network header of a kind.
    private static int network(Segmentation kind) {
        return kind == Segmentation.TCP6 ? Ipv6.HEADER_LENGTH : Ipv4.MIN_HEADER_LENGTH;
    }

    /// Where the payload starts, or -1.
    private static int partial(PacketBuffer p, int start, int offset, Segmentation kind, Rules rules) {
        int transport = rules == Rules.LINUX_6_18 ? transportLength(kind) : 0;
        if (start + Math.max(transport, offset + FIELD_LENGTH) > p.length()) {
            return -1;
        }
        if (rules == Rules.LINUX_6_18 && (start < network(kind) || start > LAST_START)) {
            return -1;
        }
        Offload o = p.offload();
        o.checksum = Checksum.PARTIAL;
        o.checksumStart = start;
        o.checksumOffset = offset;
        return start + transport;
    }

    private static boolean agrees(PacketBuffer p, Segmentation kind, boolean ecn, int payload, int size) {
        Offload o = p.offload();
        boolean partial = o.checksum == Checksum.PARTIAL;
        boolean fits = switch (kind) {
            case TCP4, TCP6 -> !partial || o.checksumOffset == Tcp.CHECKSUM;
            case UDP ->
                partial && o.checksumOffset == Udp.CHECKSUM && !ecn && p.length() - payload <= size * MAX_SEGMENTS;
            case NONE, UDP_FRAGMENT -> true;
        };
        return fits && size != BY_FRAGMENTS;
    }

    /// Writes a header of `length` octets that says what stands beside the octets of `p`. `shift` octets, a
    /// VLAN tag, will stand in the packet as it is read that are not in it yet. Answers false for a packet in a
    /// tunnel of which `readers` know nothing.
    public static boolean put(
            MemorySegment h, long at, int length, ByteOrder order, Readers readers, PacketBuffer p, int shift) {
        Offload o = p.offload();
        boolean tunnelled = o.tunnel != Tunnel.NONE;
        if (tunnelled && readers == Readers.NONE) {
            return false;
        }
        int type = VirtioNet.GSO_NONE;
        int size = 0;
        int header = 0;
        if (o.segmentation != Segmentation.NONE) {
            type = type(o.segmentation) | (o.congestionWindowReduced ? VirtioNet.GSO_ECN : 0);
            size = o.segmentSize;
            header = Math.min(o.headerLength, p.length());
        }
        int flags = 0;
        int start = 0;
        int offset = 0;
        if (o.checksum == Checksum.PARTIAL) {
            flags = VirtioNet.FLAG_NEEDS_CHECKSUM;
            start = o.checksumStart + shift;
            offset = o.checksumOffset;
        } else if (o.checksum == Checksum.VALID && !tunnelled) {
            flags = VirtioNet.FLAG_DATA_VALID;
        }
        if (!tunnelled) {
            VirtioNet.emit(h, at, length, order, flags, type, header, size, start, offset);
            return true;
        }
        type |= p.protocol() == EtherType.IPV6 ? VirtioNet.GSO_UDP_TUNNEL6 : VirtioNet.GSO_UDP_TUNNEL4;
        flags |= o.tunnel.hasChecksum() ? VirtioNet.FLAG_TUNNEL_CHECKSUM : 0;
        VirtioNet.emit(h, at, length, ByteOrder.LITTLE_ENDIAN, flags, type, header, size, start, offset);
        if (length >= VirtioNet.LENGTH_WITH_TUNNEL) {
            VirtioNet.tunnel(h, at, o.outerTransport, o.innerNetwork);
        }
        return true;
    }

    private static int type(Segmentation kind) {
        return switch (kind) {
            case NONE -> VirtioNet.GSO_NONE;
            case TCP4 -> VirtioNet.GSO_TCP4;
            case TCP6 -> VirtioNet.GSO_TCP6;
            case UDP -> VirtioNet.GSO_UDP;
            case UDP_FRAGMENT -> VirtioNet.GSO_UDP_FRAGMENT;
        };
    }
}
