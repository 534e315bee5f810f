package adit.offload;

import adit.packet.PacketBuffer;
import adit.wire.Ethernet;
import adit.wire.Ipv4;
import adit.wire.Ipv6;
import adit.wire.Octets;
import adit.wire.Udp;
import java.lang.foreign.MemorySegment;

/// The headers that stand in front of a packet's transport header, from the outermost IP header on, and what of each
/// tells its flow from others, as the `gro_receive` of each protocol has it in Linux. Reused from packet to packet.
final class HeaderChain {
    private static final int MOST = 8;

    private final Layer[] layers = new Layer[MOST];
    private final int[] starts = new int[MOST];
    private int count;

    /// A kind of header.
    enum Layer {
        IP4,
        IP6,
        UDP,
        GUE,
        GRE,
        ETHERNET
    }

    void clear() {
        count = 0;
    }

    /// Notes the next header, which starts at an offset from the head. Answers false for one more than there can be.
    boolean add(Layer layer, int start) {
        if (count == MOST) {
            return false;
        }
        layers[count] = layer;
        starts[count] = start;
        count++;
        return true;
    }

    /// Whether `other`, which has headers in the same places, is of the same flow as far as these tell. The last of
    /// them ends where the transport header starts, in octets from the head.
    boolean isSameFlow(PacketBuffer p, PacketBuffer other, int transport) {
        MemorySegment s = p.segment();
        MemorySegment t = other.segment();
        for (int i = 0; i < count; i++) {
            long at = p.head() + (long) starts[i];
            long to = other.head() + (long) starts[i];
            int end = i + 1 < count ? starts[i + 1] : transport;
            boolean same = switch (layers[i]) {
                case IP4 -> isSame4(s, at, t, to);
                case IP6 -> isSame6(s, at, t, to, end - starts[i]);
                case UDP -> isSameUdp(s, at, t, to);
                case GUE -> same(s, at, t, to, end - starts[i]);
                case GRE -> isSameGre(s, at, t, to);
                case ETHERNET -> same(s, at, t, to, Ethernet.HEADER_LENGTH);
            };
            if (!same) {
                return false;
            }
        }
        return true;
    }

    private static boolean isSame4(MemorySegment s, long at, MemorySegment t, long to) {
        return Ipv4.protocol(s, at) == Ipv4.protocol(t, to)
                && same(s, at + Ipv4.SOURCE, t, to + Ipv4.SOURCE, 2 * Integer.BYTES);
    }

    /// Everything but traffic class, length and hop limit, extension headers among it.
    private static boolean isSame6(MemorySegment s, long at, MemorySegment t, long to, int length) {
        return ((Octets.i32(s, at) ^ Octets.i32(t, to)) & 0xf00f_ffff) == 0
                && Ipv6.nextHeader(s, at) == Ipv6.nextHeader(t, to)
                && same(s, at + Ipv6.SOURCE, t, to + Ipv6.SOURCE, length - Ipv6.SOURCE);
    }

    private static boolean isSameUdp(MemorySegment s, long at, MemorySegment t, long to) {
        return Octets.i32(s, at) == Octets.i32(t, to) && Udp.hasChecksum(s, at) == Udp.hasChecksum(t, to);
    }

    /// Where there is a checksum, too, Linux takes that for the key.
    private static boolean isSameGre(MemorySegment s, long at, MemorySegment t, long to) {
        boolean key = (Octets.u16(s, at) & GroHeaders.GRE_KEY) != 0;
        return same(s, at, t, to, key ? 2 * GroHeaders.GRE_SECTION : GroHeaders.GRE_SECTION);
    }

    /// Whether so many octets are the same.
    static boolean same(MemorySegment s, long at, MemorySegment t, long to, int octets) {
        int i = 0;
        for (; i + 4 <= octets; i += 4) {
            if (Octets.i32(s, at + i) != Octets.i32(t, to + i)) {
                return false;
            }
        }
        for (; i < octets; i++) {
            if (Octets.u8(s, at + i) != Octets.u8(t, to + i)) {
                return false;
            }
        }
        return true;
    }
}
