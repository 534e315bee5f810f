package adit.offload;

import adit.packet.Offload;
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
/// - UDP fragments: the checksum is made anew over the whole, then the payload is cut with one identification.
///   Linux cuts at the segment size even if that is no multiple of eight octets, and so does this.
/// - A UDP tunnel around TCP or UDP: the inner packet is cut, and each piece gets lengths, identification and,
///   if [Offload] says so, a checksum of its own in the outer headers too.
/// - An IP header or GRE around TCP or UDP over IP: likewise, but for GRE's checksum, which is repeated.
///
/// A list ([Offload#listed]) is parted: each packet gets back what it had, but for the IPv4 identification, and
/// their checksums are as finished as they were.
///
/// The IPv4 identification grows by one from segment to segment, with DF too, and wraps, unless [Offload] says
/// that it is the same. Lengths and checksums are made anew: where the checksum is partial, from what its field
/// holds, as Linux does, so that a sender who put something wrong there gets wrong checksums. What stands in
/// front of the IP header is repeated. For one thread; nothing is allocated but [#places] for more segments than
/// there ever were.
public final class Segmenter {
    /// As many segments as the longest super-packet has on a link with the usual MTU.
    private static final int USUAL = 64;

    private final Layers layers = new Layers();
    private final Layers outer = new Layers();
    private final UdpFragments fragments = new UdpFragments();
    private PacketBuffer source;
    private Segmentation kind = Segmentation.NONE;
    private Tunnel tunnel = Tunnel.NONE;
    private Offload.Checksum checksum = Offload.Checksum.VALID;
    private boolean partial;
    /// By how much the identification grows from packet to packet, in the outermost IPv4 header and in the one
    /// of what is cut.
    private int step;

    private int innerStep;
    private boolean remoteChecksum;
    private boolean listed;
    /// Of the packets of a list behind the first.
    private int hopLimit;
    /// Octets in front of the outermost IP header.
    private int prefix;
    /// Octets in front of the IP header of what is cut.
    private int network;

    private int segmentSize;
    /// Octets that each segment repeats, the prefix among them; an IPv6 fragment header that is put in counts.
    private int headerLength;
    /// Where the payload starts in the super-packet, in octets from its head.
    private int payloadStart;
    /// What the checksum of the segment whose headers are being written started from.
    private int pseudoHeader;

    private int count;
    private int index;
    private int payloadAt;
    private int payloadLength;
    private PacketBuffer[] places = new PacketBuffer[USUAL];

    /// A segmenter that has nothing to cut yet.
    public Segmenter() {}

    /// Looks at a super-packet and answers how many packets it stands for. 1 for a packet that needs no cutting
    /// (its checksum is finished in the copy); 0 when the octets are not what [Offload] says of them. The
    /// super-packet must stay untouched until the last [#next].
    public int begin(PacketBuffer superPacket) {
        return begin(superPacket, Offload.Checksum.VALID);
    }

    /// As [#begin(PacketBuffer)], with transport checksums that are made and said to be
    /// [Offload.Checksum#VALID] or, because nobody has verified them, [Offload.Checksum#UNKNOWN]; or, for a
    /// device that finishes them itself, are left [Offload.Checksum#PARTIAL].
    public int begin(PacketBuffer superPacket, Offload.Checksum wanted) {
        source = superPacket;
        checksum = wanted;
        index = 0;
        count = 0;
        Offload o = superPacket.offload();
        kind = o.segmentation;
        tunnel = o.tunnel;
        prefix = o.networkStart;
        listed = o.listed;
        partial = o.checksum == Offload.Checksum.PARTIAL && !listed;
        if (listed) {
            checksum = o.checksum;
            hopLimit = o.listedHopLimit;
        }
        step = o.sameIdentification ? 0 : 1;
        innerStep = (tunnel == Tunnel.NONE ? o.sameIdentification : o.innerSameIdentification) ? 0 : 1;
        remoteChecksum = o.remoteChecksum && tunnel != Tunnel.NONE;
        if (kind == Segmentation.NONE) {
            count = o.fits(superPacket.length()) ? 1 : 0;
            headerLength = 0;
            payloadStart = 0;
            segmentSize = superPacket.length();
            return count;
        }
        if (o.segmentSize <= 0 || prefix < 0 || !look(o) || !matches(kind)) {
            return 0;
        }
        segmentSize = o.segmentSize;
        if (kind == Segmentation.UDP_FRAGMENT) {
            payloadStart = prefix + layers.transport;
            headerLength = fragments.begin(superPacket, prefix, layers);
        } else {
            if (partial && o.checksumStart != network + layers.transport) {
                return 0;
            }
            payloadStart = network + layers.payload;
            headerLength = payloadStart;
        }
        int payload = superPacket.length() - payloadStart;
        count = Math.max(1, (payload + segmentSize - 1) / segmentSize);
        return count;
    }

    /// Finds the headers. Answers false when they are not what they should be.
    private boolean look(Offload o) {
        MemorySegment s = source.segment();
        int length = source.length() - prefix;
        if (length <= 0) {
            return false;
        }
        int version = Ipv4.version(s, source.head() + (long) prefix);
        network = prefix;
        if (tunnel == Tunnel.NONE) {
            return isVersion(version) && layers.lookToCut(s, source.head() + prefix, length, version);
        }
        network = o.innerNetwork;
        boolean fits = isVersion(version)
                && (isRaw()
                        ? outer.lookToUnwrap(s, source.head() + prefix, length, version)
                        : outer.lookToCut(s, source.head() + prefix, length, version)
                                && outer.protocol == IpProtocol.UDP)
                && network >= prefix + outer.payload
                && network < source.length();
        if (!fits) {
            return false;
        }
        int inner = switch (kind) {
            case TCP4 -> 4;
            case TCP6 -> 6;
            default -> Ipv4.version(s, source.head() + (long) network) == 6 ? 6 : 4;
        };
        return layers.lookToCut(s, source.head() + network, source.length() - network, inner);
    }

    /// Whether nothing of the tunnel changes behind the outer IP header.
    private boolean isRaw() {
        return tunnel == Tunnel.IP || tunnel == Tunnel.GRE;
    }

    private static boolean isVersion(int version) {
        return version == 4 || version == 6;
    }

    private boolean matches(Segmentation kind) {
        return switch (kind) {
            case NONE -> true;
            case TCP4 -> layers.version == 4 && layers.protocol == IpProtocol.TCP;
            case TCP6 -> layers.version == 6 && layers.protocol == IpProtocol.TCP;
            case UDP -> layers.protocol == IpProtocol.UDP;
            case UDP_FRAGMENT -> layers.protocol == IpProtocol.UDP && tunnel == Tunnel.NONE;
        };
    }

    /// Octets of headers that each segment has, with what stands in front of the IP header. 0 for a packet that
    /// needs no cutting.
    public int headerLength() {
        return headerLength;
    }

    /// The length of the largest segment in octets, with its headers. Only when [#begin] found any.
    public int largest() {
        return headerLength + Math.min(segmentSize, source.length() - payloadStart);
    }

    /// Room for as many buffers as [#begin] answered at least, for who lends all of them before the first segment
    /// goes. All null; who puts something in takes it out again.
    public PacketBuffer[] places() {
        if (places.length < count) {
            places = new PacketBuffer[count];
        }
        return places;
    }

    /// Where the transport header that [#begin] found starts, in octets from the head: the outer one of a
    /// tunnel.
    public int transportStart() {
        return prefix + (tunnel == Tunnel.NONE ? layers.transport : outer.transport);
    }

    /// Has the super-packet that [#begin] found good say that its checksum is partial, as a device that is
    /// given it whole expects of one of TCP, and makes it so.
    public void leaveChecksum() {
        Offload o = source.offload();
        if (partial || listed || (kind != Segmentation.TCP4 && kind != Segmentation.TCP6)) {
            return;
        }
        MemorySegment s = source.segment();
        int at = source.head() + network;
        int sum = layers.pseudoHeader(s, at, source.length() - network - layers.transport);
        Octets.put16(s, at + layers.transport + (long) Tcp.CHECKSUM, InternetChecksum.fold(sum));
        o.checksum = Offload.Checksum.PARTIAL;
        o.checksumStart = network + layers.transport;
        o.checksumOffset = Tcp.CHECKSUM;
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
        Offload o = into.offload();
        o.networkStart = prefix;
        if (kind == Segmentation.UDP_FRAGMENT) {
            // Linux has just summed the whole, and calls all its pieces verified.
            o.checksum = Offload.Checksum.VALID;
            return;
        }
        o.checksum = checksum;
        o.validInside = listed ? source.offload().validInside : 0;
        if (checksum == Offload.Checksum.PARTIAL) {
            o.checksumStart = network + layers.transport;
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
        payloadAt = source.head() + payloadStart + offset;
        payloadLength = Math.min(segmentSize, source.length() - payloadStart - offset);
        MemorySegment.copy(source.segment(), source.head(), s, at, payloadStart);
        if (kind == Segmentation.UDP_FRAGMENT) {
            fragments.write(s, at + prefix, headerLength - prefix + payloadLength, offset, index, isLast());
        } else {
            long ip = at + network;
            int length = headerLength - network + payloadLength;
            if (listed && index > 0) {
                layers.hopLimit(s, ip, hopLimit);
            }
            finishNetworkHeader(s, ip, layers.version, length, innerStep);
            finishTransportHeader(s, ip, length - layers.transport);
            if (tunnel != Tunnel.NONE) {
                finishOuterHeaders(s, at);
            }
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

    private void finishNetworkHeader(MemorySegment s, long ip, int version, int length, int identifications) {
        if (version == 4) {
            Ipv4.totalLength(s, ip, length);
            Ipv4.identification(s, ip, Ipv4.identification(s, ip) + identifications * index);
            Ipv4.fillChecksum(s, ip);
        } else {
            Ipv6.payloadLength(s, ip, length - Ipv6.HEADER_LENGTH);
        }
    }

    private void finishTransportHeader(MemorySegment s, long ip, int length) {
        long transport = ip + layers.transport;
        boolean tcp = layers.protocol == IpProtocol.TCP;
        long field = transport + (tcp ? Tcp.CHECKSUM : Udp.CHECKSUM);
        pseudoHeader = partial
                ? amended(s, transport, tcp, length)
                : InternetChecksum.fold(layers.pseudoHeader(s, ip, length));
        Octets.put16(s, field, pseudoHeader);
        if (tcp) {
            finishTcp(s, transport);
        } else {
            Udp.length(s, transport, length);
        }
        if (checksum == Offload.Checksum.PARTIAL || remoteChecksum) {
            return;
        }
        // Header and payload stand apart. TCP's and UDP's headers have an even length, so the sums may be added.
        long sum = InternetChecksum.sum(s, transport, length - payloadLength);
        sum += InternetChecksum.sum(source.segment(), payloadAt, payloadLength);
        int value = InternetChecksum.complement(InternetChecksum.fold(sum));
        Octets.put16(s, field, !tcp && value == 0 ? 0xffff : value);
    }

    /// The sum of the pseudo-header that the field holds, for this segment's length in place of the whole's.
    /// UDP's header says itself how long the whole is.
    private int amended(MemorySegment s, long transport, boolean tcp, int length) {
        if (tcp) {
            int whole = source.length() - network - layers.transport;
            return exchanged(Tcp.checksum(s, transport), whole, length);
        }
        int without = InternetChecksum.fold((long) Udp.checksum(s, transport) + (~Udp.length(s, transport) & 0xffff));
        return InternetChecksum.fold((long) without + length);
    }

    /// A sum with one length in place of another.
    private static int exchanged(int sum, int before, int after) {
        return InternetChecksum.fold((long) sum + 0x1_fffe - before + after);
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

    private void finishOuterHeaders(MemorySegment s, long at) {
        long ip = at + prefix;
        int length = headerLength - prefix + payloadLength;
        finishNetworkHeader(s, ip, outer.version, length, step);
        if (isRaw()) {
            return;
        }
        long udp = ip + outer.transport;
        int whole = source.length() - prefix - outer.transport;
        Udp.length(s, udp, length - outer.transport);
        if (!tunnel.hasChecksum()) {
            return;
        }
        Octets.put16(s, udp + Udp.CHECKSUM, exchanged(Udp.checksum(s, udp), whole, length - outer.transport));
        long sum = remoteChecksum
                ? (long) InternetChecksum.sum(s, udp, length - outer.transport - payloadLength)
                        + InternetChecksum.sum(source.segment(), payloadAt, payloadLength)
                : sumWithoutTransport(s, udp);
        int value = InternetChecksum.complement(InternetChecksum.fold(sum));
        Octets.put16(s, udp + Udp.CHECKSUM, value == 0 ? 0xffff : value);
    }

    /// What is behind the inner transport header's start sums up to the complement of what its checksum started
    /// from, whether that checksum is there already or yet to come.
    private long sumWithoutTransport(MemorySegment s, long udp) {
        int octets = network - prefix - outer.transport + layers.transport;
        return (long) InternetChecksum.sum(s, udp, octets) + (~pseudoHeader & 0xffff);
    }
}
