package adit.offload;

import adit.packet.PacketBuffer;
import adit.wire.InternetChecksum;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Ipv6;
import adit.wire.Ipv6Chain;
import adit.wire.Octets;
import adit.wire.Udp;
import java.lang.foreign.MemorySegment;

/// The IP fragments that a UDP datagram is cut into, as Linux's `udp4_ufo_fragment` and `udp6_ufo_fragment` do it: the
/// checksum is made anew over the whole, then the payload is cut with one identification. Used by [Segmenter], again
/// and again.
final class UdpFragments {
    private static final int UNIT = 8;

    private PacketBuffer source;
    private Layers layers;
    /// Octets in front of the IP header.
    private int prefix;
    /// Of IPv6, octets in front of the fragment header.
    private int unfragmentable;

    private int identification;

    /// Looks at a datagram whose headers `found` has found behind `before` octets, and finishes its checksum.
    /// Answers how many octets each fragment has in front of its piece of the payload, of which the UDP header is
    /// the first.
    int begin(PacketBuffer datagram, int before, Layers found) {
        source = datagram;
        prefix = before;
        layers = found;
        MemorySegment s = source.segment();
        int at = source.head() + prefix;
        long udp = at + (long) layers.transport;
        int length = source.length() - prefix - layers.transport;
        Octets.put16(s, udp + Udp.CHECKSUM, 0);
        long sum = (long) InternetChecksum.sum(s, udp, length) + layers.pseudoHeader(s, at, length);
        int value = InternetChecksum.complement(InternetChecksum.fold(sum));
        Octets.put16(s, udp + Udp.CHECKSUM, value == 0 ? 0xffff : value);
        if (layers.version == 4) {
            return prefix + layers.transport;
        }
        unfragmentable = layers.unfragmentable(s, at);
        identification = identification(s, at, value, length);
        return prefix + layers.transport + Ipv6Chain.FRAGMENT_LENGTH;
    }

    /// What tells the fragments of one IPv6 datagram from those of another. Linux draws it; here it is made of
    /// the datagram, so that the same one is cut the same way every time.
    private static int identification(MemorySegment s, int at, int checksum, int length) {
        long mixed = Ipv6.sourceLow(s, at) * 0x9e37_79b9_7f4a_7c15L ^ Ipv6.destinationLow(s, at);
        mixed = (mixed ^ (long) checksum << 16 ^ length) * 0xff51_afd7_ed55_8ccdL;
        int folded = (int) (mixed >>> Integer.SIZE);
        return folded == 0 ? 1 : folded;
    }

    /// Makes the IP header of one fragment out of the datagram's, which was copied to `ip`. The fragment has `length`
    /// octets from there on, and its piece of the payload starts `offset` octets into that.
    void write(MemorySegment s, long ip, int length, int offset, int index, boolean isLast) {
        if (layers.version == 4) {
            Ipv4.fragment(s, ip, length, isLast ? 0 : Ipv4.MORE_FRAGMENTS, offset);
            return;
        }
        Ipv6.payloadLength(s, ip, length - Ipv6.HEADER_LENGTH);
        // Linux repeats all headers in front of UDP's, behind the fragment header too, and takes those between the
        // IPv6 header and UDP's for a part of each fragment's data.
        int behind = layers.transport - unfragmentable;
        if (behind > 0) {
            int from = source.head() + prefix + unfragmentable;
            MemorySegment.copy(source.segment(), from, s, ip + unfragmentable + Ipv6Chain.FRAGMENT_LENGTH, behind);
        }
        int place = offset + index * (layers.transport - Ipv6.HEADER_LENGTH);
        long field = ip + Ipv6.NEXT_HEADER;
        for (long header = ip + Ipv6.HEADER_LENGTH; header < ip + unfragmentable; ) {
            field = header;
            header += ((long) Octets.u8(s, header + 1) + 1) * UNIT;
        }
        int next = Octets.u8(s, field);
        Octets.put8(s, field, IpProtocol.FRAGMENT);
        Ipv6Chain.emitFragment(s, ip + unfragmentable, next, place, !isLast, identification);
    }
}
