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
/// Whoever can gather a packet from two places takes the headers alone ([#nextHeaders]) and the payload from
/// where it stands in the super-packet ([#payloadAt], [#payloadLength]), and copies nothing.
///
/// - TCP: the sequence number grows by the segment size; PSH and FIN stay on the last segment only, CWR on the
///   first only; everything else is repeated.
/// - UDP: each datagram gets its own length and checksum.
/// - UDP fragments: the checksum is finished over the whole, then the payload is cut at multiples of eight
///   octets with one identification.
///
/// The IPv4 identification grows by one from segment to segment, with DF too, and wraps. Lengths and checksums
/// are made anew. What stands in front of the IP header is repeated. For one thread; nothing is allocated.
public final class Segmenter {
    private final Layers layers = new Layers();
    private PacketBuffer source;
    private Segmentation kind = Segmentation.NONE;
    private Offload.Checksum checksum = Offload.Checksum.VALID;
    /// Octets in front of the IP header.
    private int prefix;

    private int segmentSize;
    /// Octets that each segment repeats, the prefix among them.
    private int headerLength;

    private int count;
    private int index;
    private int payloadAt;
    private int payloadLength;

    /// A segmenter that has nothing to cut yet.
    public Segmenter() {}

    /// Looks at a super-packet and answers how many packets it stands for. 1 for a packet that needs no cutting
    /// (its checksum is finished in the copy); 0 when the octets are not what [Offload] says of them. The
    /// super-packet must stay untouched until the last [#next].
    public int begin(PacketBuffer superPacket) {
        return begin(superPacket, Offload.Checksum.VALID);
    }

    /// As [#begin(PacketBuffer)], with transport checksums that are [Offload.Checksum#VALID], or for a device
    /// that finishes them itself [Offload.Checksum#PARTIAL].
    public int begin(PacketBuffer superPacket, Offload.Checksum wanted) {
        source = superPacket;
        checksum = wanted;
        index = 0;
        count = 0;
        Offload o = superPacket.offload();
        kind = o.segmentation;
        prefix = o.networkStart;
        if (kind == Segmentation.NONE) {
            count = partialFits(superPacket) ? 1 : 0;
            headerLength = 0;
            segmentSize = superPacket.length();
            return count;
        }
        int length = superPacket.length() - prefix;
        if (o.segmentSize <= 0
                || prefix < 0
                || !layers.look(superPacket.segment(), superPacket.head() + prefix, length)
                || !matches(kind)) {
            return 0;
        }
        if (kind == Segmentation.UDP_FRAGMENT) {
            beginFragments(o);
        } else {
            headerLength = prefix + layers.payload;
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
        int at = source.head() + prefix;
        long udp = at + (long) layers.transport;
        int length = source.length() - prefix - layers.transport;
        if (o.checksum == Offload.Checksum.PARTIAL) {
            Octets.put16(s, udp + Udp.CHECKSUM, 0);
            int sum = InternetChecksum.sum(s, udp, length) + layers.pseudoHeader(s, at, length);
            int checksum = InternetChecksum.complement(InternetChecksum.fold(sum));
            Octets.put16(s, udp + Udp.CHECKSUM, checksum == 0 ? 0xffff : checksum);
        }
        headerLength = prefix + layers.transport;
        segmentSize = o.segmentSize & ~7;
    }

    /// Octets of headers that each segment has, with what stands in front of the IP header. 0 for a packet that
    /// needs no cutting.
    public int headerLength() {
        return headerLength;
    }

    /// The length of the largest segment in octets, with its headers. Only when [#begin] found any.
    public int largest() {
        return headerLength + Math.min(segmentSize, source.length() - headerLength);
    }

    /// Writes the next packet into `into`, behind whatever headroom it has. It must be empty and have room for
    /// a segment with its headers. Throws when all have been written.
    public void next(PacketBuffer into) {
        requireNext();
        into.protocol(source.protocol());
        into.flowHash(source.flowHash());
        into.queue(source.queue());
        into.mark(source.mark());
        into.nextHop(source.nextHop());
        if (kind == Segmentation.NONE) {
            copy(into, source.head(), source.length());
            into.offload().copyFrom(source.offload());
            Checksums.finish(into);
            index++;
            return;
        }
        nextHeaders(into.segment(), into.put(headerLength));
        copy(into, payloadAt, payloadLength);
        into.offload().networkStart = prefix;
        if (kind != Segmentation.UDP_FRAGMENT) {
            describe(into.offload());
        }
    }

    private void describe(Offload o) {
        o.checksum = checksum;
        if (checksum == Offload.Checksum.PARTIAL) {
            o.checksumStart = prefix + layers.transport;
            o.checksumOffset = layers.protocol == IpProtocol.TCP ? Tcp.CHECKSUM : Udp.CHECKSUM;
        }
    }

    private void copy(PacketBuffer into, int from, int octets) {
        MemorySegment.copy(source.segment(), from, into.segment(), into.put(octets), octets);
    }

    private void requireNext() {
        if (index >= count) {
            throw new IllegalStateException("segment " + index + " of " + count);
        }
    }

    /// Writes the headers of the next packet at `at` in `s`, [#headerLength] octets; [#payloadAt] and
    /// [#payloadLength] then say what follows them. For super-packets alone. Throws when all have been written.
    public void nextHeaders(MemorySegment s, long at) {
        requireNext();
        int offset = index * segmentSize;
        payloadAt = source.head() + headerLength + offset;
        payloadLength = Math.min(segmentSize, source.length() - headerLength - offset);
        MemorySegment.copy(source.segment(), source.head(), s, at, headerLength);
        long ip = at + prefix;
        int length = headerLength - prefix + payloadLength;
        if (kind == Segmentation.UDP_FRAGMENT) {
            Ipv4.fragment(s, ip, length, isLast() ? 0 : Ipv4.MORE_FRAGMENTS, offset);
        } else {
            finishNetworkHeader(s, ip, length);
            finishTransportHeader(s, ip, length - layers.transport);
        }
        index++;
    }

    /// Where the payload of the segment stands whose headers were written last, in the super-packet's memory.
    public int payloadAt() {
        return payloadAt;
    }

    /// The octets of that payload.
    public int payloadLength() {
        return payloadLength;
    }

    private boolean isLast() {
        return index == count - 1;
    }

    private void finishNetworkHeader(MemorySegment s, long ip, int length) {
        if (layers.version == 4) {
            Ipv4.totalLength(s, ip, length);
            Ipv4.identification(s, ip, Ipv4.identification(s, ip) + index);
            Ipv4.fillChecksum(s, ip);
        } else {
            Ipv6.payloadLength(s, ip, length - Ipv6.HEADER_LENGTH);
        }
    }

    private void finishTransportHeader(MemorySegment s, long ip, int length) {
        long transport = ip + layers.transport;
        boolean tcp = layers.protocol == IpProtocol.TCP;
        long field = transport + (tcp ? Tcp.CHECKSUM : Udp.CHECKSUM);
        Octets.put16(s, field, 0);
        if (tcp) {
            finishTcp(s, transport);
        } else {
            Udp.length(s, transport, length);
        }
        if (checksum == Offload.Checksum.PARTIAL) {
            Octets.put16(s, field, InternetChecksum.fold(layers.pseudoHeader(s, ip, length)));
            return;
        }
        // Header and payload stand apart. TCP's and UDP's headers have an even length, so the sums may be added.
        long sum = InternetChecksum.sum(s, transport, length - payloadLength);
        sum += InternetChecksum.sum(source.segment(), payloadAt, payloadLength);
        sum += layers.pseudoHeader(s, ip, length);
        int checksum = InternetChecksum.complement(InternetChecksum.fold(sum));
        Octets.put16(s, field, !tcp && checksum == 0 ? 0xffff : checksum);
    }

    private void finishTcp(MemorySegment s, long tcp) {
        Tcp.sequenceNumber(s, tcp, Tcp.sequenceNumber(s, tcp) + (long) index * segmentSize);
        int flags = Tcp.flags(s, tcp);
        if (!isLast()) {
            flags &= ~(Tcp.PSH | Tcp.FIN);
        }
        if (index > 0) {
            flags &= ~Tcp.CWR;
        }
        Tcp.flags(s, tcp, flags);
    }
}
