package adit.offload;

import adit.packet.Offload;
import adit.packet.Offload.Segmentation;
import adit.packet.PacketBuffer;
import adit.wire.InternetChecksum;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Ipv6;
import adit.wire.Octets;
import adit.wire.Tcp;
import adit.wire.Udp;
import java.lang.foreign.MemorySegment;

/// Cuts a super-packet into the packets that it stands for, as Linux's software GSO does.
///
/// ```java
/// int n = segmenter.begin(superPacket);      // 0: it can't be cut; count it
/// for (int i = 0; i < n; i++) {
///     PacketBuffer p = pool.lend();
///     segmenter.next(p);                      // the super-packet stays as it is, and its owner's
/// }
/// ```
///
/// - TCP: the sequence number grows by the segment size; PSH and FIN stay on the last segment only, CWR on the
///   first only; everything else is repeated.
/// - UDP: each datagram gets its own length and checksum.
/// - UDP fragments: the checksum is finished over the whole, then the payload is cut at multiples of eight
///   octets with one identification.
///
/// The IPv4 identification grows by one from segment to segment, with DF too, and wraps. Lengths and checksums
/// are made anew. For one thread; nothing is allocated.
public final class Segmenter {
    private final Layers layers = new Layers();
    private PacketBuffer source;
    private Segmentation kind = Segmentation.NONE;
    private int segmentSize;
    private int headerLength;
    private int count;
    private int index;

    /// A segmenter that has nothing to cut yet.
    public Segmenter() {}

    /// Looks at a super-packet and answers how many packets it stands for. 1 for a packet that needs no cutting
    /// (its checksum is finished in the copy); 0 when the octets are not what [Offload] says of them. The
    /// super-packet must stay untouched until the last [#next].
    public int begin(PacketBuffer superPacket) {
        source = superPacket;
        index = 0;
        count = 0;
        Offload o = superPacket.offload();
        kind = o.segmentation;
        if (kind == Segmentation.NONE) {
            count = partialFits(superPacket) ? 1 : 0;
            return count;
        }
        if (o.segmentSize <= 0 || !layers.look(superPacket) || !matches(kind)) {
            return 0;
        }
        if (kind == Segmentation.UDP_FRAGMENT) {
            beginFragments(o);
        } else {
            headerLength = layers.payload;
            segmentSize = o.segmentSize;
        }
        if (segmentSize <= 0) {
            return 0;
        }
        int payload = superPacket.length() - headerLength;
        count = Math.max(1, (payload + segmentSize - 1) / segmentSize);
        return count;
    }

    private static boolean partialFits(PacketBuffer p) {
        Offload o = p.offload();
        return o.checksum != Offload.Checksum.PARTIAL || o.checksumStart + o.checksumOffset + 2 <= p.length();
    }

    private boolean matches(Segmentation kind) {
        return switch (kind) {
            case NONE -> true;
            case TCP4 -> layers.version == 4 && layers.protocol == IpProtocol.TCP;
            case TCP6 -> layers.version == 6 && layers.protocol == IpProtocol.TCP;
            case UDP -> layers.protocol == IpProtocol.UDP;
            case UDP_FRAGMENT -> layers.version == 4 && layers.protocol == IpProtocol.UDP;
        };
    }

    private void beginFragments(Offload o) {
        // The UDP header is payload of the first fragment, and its checksum covers all of them.
        MemorySegment s = source.segment();
        int at = source.head();
        long udp = at + (long) layers.transport;
        int length = source.length() - layers.transport;
        if (o.checksum == Offload.Checksum.PARTIAL) {
            Octets.put16(s, udp + Udp.CHECKSUM, 0);
            int sum = InternetChecksum.sum(s, udp, length) + layers.pseudoHeader(s, at, length);
            int checksum = InternetChecksum.complement(InternetChecksum.fold(sum));
            Octets.put16(s, udp + Udp.CHECKSUM, checksum == 0 ? 0xffff : checksum);
        }
        headerLength = layers.transport;
        segmentSize = o.segmentSize & ~7;
    }

    /// Writes the next packet into `into`, behind whatever headroom it has. It must be empty and have room for
    /// a segment with its headers. Throws when all have been written.
    public void next(PacketBuffer into) {
        if (index >= count) {
            throw new IllegalStateException("segment " + index + " of " + count);
        }
        into.protocol(source.protocol());
        into.flowHash(source.flowHash());
        into.queue(source.queue());
        into.mark(source.mark());
        into.nextHop(source.nextHop());
        if (kind == Segmentation.NONE) {
            copy(into, source.head(), source.length());
            into.offload().copyFrom(source.offload());
            Checksums.finish(into);
        } else {
            nextSegment(into);
        }
        index++;
    }

    private void nextSegment(PacketBuffer into) {
        int from = headerLength + index * segmentSize;
        int payload = Math.min(segmentSize, source.length() - from);
        copy(into, source.head(), headerLength);
        copy(into, source.head() + from, payload);
        MemorySegment s = into.segment();
        int at = into.head();
        if (kind == Segmentation.UDP_FRAGMENT) {
            finishFragment(s, at, payload);
            return;
        }
        finishNetworkHeader(s, at, headerLength + payload);
        if (layers.protocol == IpProtocol.TCP) {
            finishTcp(s, at, payload);
        } else {
            finishUdp(s, at, payload);
        }
        into.offload().checksum = Offload.Checksum.VALID;
    }

    private void copy(PacketBuffer into, int from, int octets) {
        MemorySegment.copy(source.segment(), from, into.segment(), into.put(octets), octets);
    }

    private boolean isLast() {
        return index == count - 1;
    }

    private void finishNetworkHeader(MemorySegment s, int at, int length) {
        if (layers.version == 4) {
            Ipv4.totalLength(s, at, length);
            Ipv4.identification(s, at, Ipv4.identification(s, at) + index);
            Ipv4.fillChecksum(s, at);
        } else {
            Ipv6.payloadLength(s, at, length - Ipv6.HEADER_LENGTH);
        }
    }

    private void finishTcp(MemorySegment s, int at, int payload) {
        long tcp = at + (long) layers.transport;
        int length = headerLength - layers.transport + payload;
        Tcp.sequenceNumber(s, tcp, Tcp.sequenceNumber(s, tcp) + (long) index * segmentSize);
        int flags = Tcp.flags(s, tcp);
        if (!isLast()) {
            flags &= ~(Tcp.PSH | Tcp.FIN);
        }
        if (index > 0) {
            flags &= ~Tcp.CWR;
        }
        Tcp.flags(s, tcp, flags);
        Tcp.fillChecksum(s, tcp, length, layers.pseudoHeader(s, at, length));
    }

    private void finishUdp(MemorySegment s, int at, int payload) {
        long udp = at + (long) layers.transport;
        int length = Udp.HEADER_LENGTH + payload;
        Udp.length(s, udp, length);
        Udp.fillChecksum(s, udp, layers.pseudoHeader(s, at, length));
    }

    private void finishFragment(MemorySegment s, int at, int payload) {
        int flags = isLast() ? 0 : Ipv4.MORE_FRAGMENTS;
        Ipv4.fragment(s, at, headerLength + payload, flags, index * segmentSize);
    }
}
