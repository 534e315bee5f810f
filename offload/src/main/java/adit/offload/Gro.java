package adit.offload;

import adit.offload.Coalescer.Transports;
import adit.packet.Offload;
import adit.packet.Offload.Checksum;
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

/// Linux's generic receive offload, to the letter: holds packets back, joins to them those that follow, and
/// hands them up when they can grow no more or when it is told to.
///
/// [Coalescer] does the same within a batch and keeps the packets of a flow in their order; this is for whoever
/// must not be told from Linux, and so also
///
/// - holds no more than [#MAX_HELD] packets, and lets go of the oldest for a further one;
/// - hands a packet that it finds unfit (a bad checksum, IPv4 options, padding) up at once, past those of its
///   flow that it holds;
/// - joins segments that all have the same identification, and says so;
/// - says of a packet that stayed alone whether its transport checksum was verified.
///
/// For one thread at a time; nothing is allocated.
public final class Gro {
    /// How many packets are held back at most.
    public static final int MAX_HELD = 8;

    private static final int MAX_LENGTH = 0xffff;
    private static final int MAX_DATAGRAMS = 64;
    /// Of the fourth word of a TCP header, with offset, flags and window, what may differ.
    private static final int MAY_DIFFER = (Tcp.FIN | Tcp.PSH) << 16;

    private static final int FOURTH_WORD = 12;
    private static final int ENDING = Tcp.URG | Tcp.PSH | Tcp.RST | Tcp.SYN | Tcp.FIN;

    private final GroHeaders headers = new GroHeaders();
    private final Surroundings surroundings;
    /// From the youngest to the oldest.
    private final Held[] held = new Held[MAX_HELD];

    private int count;

    /// What this needs from whoever has it.
    public interface Surroundings {
        /// A buffer with headroom and room for `octets`, or null when there is none: then packets can't grow.
        PacketBuffer lend(int octets);

        /// Takes a packet that is done, whose octets start where they started.
        void deliver(PacketBuffer p);
    }

    /// Holds nothing yet.
    public Gro(Surroundings surroundings) {
        this.surroundings = surroundings;
        for (int i = 0; i < MAX_HELD; i++) {
            held[i] = new Held();
        }
    }

    /// A packet that may still grow. All offsets are from its head.
    private static final class Held {
        PacketBuffer packet;
        int link;
        int version;
        int protocol;
        int transport;
        int payload;
        int segmentSize;
        int segments;
        boolean sameIdentification;
        boolean related;
        long age;
    }

    /// Whether nothing is held.
    public boolean isEmpty() {
        return count == 0;
    }

    /// Takes a packet, whose IP header, of the EtherType `protocol`, stands behind `link` octets of a link
    /// header. `age` is the time at which it came, in whatever unit [#flushOlder] counts.
    public void receive(PacketBuffer p, int link, int protocol, Transports transports, long age) {
        if (transports == Transports.NONE || !headers.look(p, link, protocol)) {
            surroundings.deliver(p);
            return;
        }
        boolean unfit = headers.unfit || p.offload().segmentation != Segmentation.NONE;
        relate(p, link);
        if (!unfit && !verified(p)) {
            surroundings.deliver(p);
        } else if (headers.protocol == IpProtocol.TCP) {
            tcp(p, link, unfit, age);
        } else {
            udp(p, link, unfit, transports, age);
        }
    }

    /// Hands up all that is held, the oldest first.
    public void flush() {
        while (count > 0) {
            complete(count - 1);
        }
    }

    /// Hands up what came at another time than `age`, the oldest first, up to the first that came then.
    public void flushOlder(long age) {
        while (count > 0 && held[count - 1].age != age) {
            complete(count - 1);
        }
    }

    /// Releases all that is held.
    public void discard() {
        while (count > 0) {
            held[--count].packet.release();
            held[count].packet = null;
        }
    }

    // ---- Flows

    /// Notes which of those held have the same link header and the same network header as far as it names a
    /// flow.
    private void relate(PacketBuffer p, int link) {
        MemorySegment s = p.segment();
        long at = p.head();
        for (int i = 0; i < count; i++) {
            Held h = held[i];
            MemorySegment t = h.packet.segment();
            long to = h.packet.head();
            h.related = h.link == link
                    && h.version == headers.version
                    && h.protocol == headers.protocol
                    && h.transport == headers.transport
                    && (link == 0 || same(s, at, t, to, link))
                    && (h.version == 4 ? sameFlow4(s, at + link, t, to + link) : sameFlow6(s, at + link, t, to + link));
        }
    }

    private static boolean sameFlow4(MemorySegment s, long at, MemorySegment t, long to) {
        return same(s, at + Ipv4.SOURCE, t, to + Ipv4.SOURCE, 8);
    }

    /// Everything but traffic class, length and hop limit, extension headers among it.
    private boolean sameFlow6(MemorySegment s, long at, MemorySegment t, long to) {
        int length = headers.transport - headers.link;
        return ((Octets.i32(s, at) ^ Octets.i32(t, to)) & 0xf00f_ffff) == 0
                && Ipv6.nextHeader(s, at) == Ipv6.nextHeader(t, to)
                && same(s, at + Ipv6.SOURCE, t, to + Ipv6.SOURCE, length - Ipv6.SOURCE);
    }

    private static boolean same(MemorySegment s, long at, MemorySegment t, long to, int octets) {
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

    /// The youngest that is held of the same flow, ports included, or -1.
    private int find(PacketBuffer p) {
        int ports = Octets.i32(p.segment(), p.head() + (long) headers.transport);
        for (int i = 0; i < count; i++) {
            PacketBuffer other = held[i].packet;
            if (held[i].related && Octets.i32(other.segment(), other.head() + (long) held[i].transport) == ports) {
                return i;
            }
        }
        return -1;
    }

    // ---- Transports

    /// Whether the transport checksum is right, or not to be looked at; notes that it is.
    private boolean verified(PacketBuffer p) {
        Offload o = p.offload();
        if (o.checksum == Checksum.PARTIAL && o.checksumStart >= headers.transport) {
            return true;
        }
        if (o.checksum == Checksum.VALID) {
            return true;
        }
        MemorySegment s = p.segment();
        long transport = p.head() + (long) headers.transport;
        int length = p.length() - headers.transport;
        boolean absent = false;
        if (headers.protocol == IpProtocol.UDP) {
            if (length < Udp.HEADER_LENGTH) {
                return false;
            }
            absent = !Udp.hasChecksum(s, transport);
        }
        if (!absent) {
            long sum = (long) headers.pseudoHeader(p, length) + InternetChecksum.sum(s, transport, length);
            if (InternetChecksum.fold(sum) != 0xffff) {
                return false;
            }
        }
        if (o.checksum == Checksum.UNKNOWN) {
            o.checksum = Checksum.VALID;
        }
        return true;
    }

    private void tcp(PacketBuffer p, int link, boolean unfit, long age) {
        MemorySegment s = p.segment();
        long tcp = p.head() + (long) headers.transport;
        int available = p.length() - headers.transport;
        int header = available < Tcp.MIN_HEADER_LENGTH ? 0 : Tcp.headerLength(s, tcp);
        if (header < Tcp.MIN_HEADER_LENGTH || header > available) {
            surroundings.deliver(p);
            return;
        }
        int length = available - header;
        int flags = Tcp.flags(s, tcp);
        int found = find(p);
        int least = 1;
        boolean joined = false;
        if (found >= 0) {
            Held h = held[found];
            int size = h.segmentSize;
            if (!unfit && length > 0 && length <= size && follows(h, p, tcp, header) && join(h, p, header, length)) {
                joined = true;
                least = size;
                MemorySegment t = h.packet.segment();
                long to = h.packet.head() + (long) h.transport;
                Tcp.flags(t, to, Tcp.flags(t, to) | (flags & (Tcp.FIN | Tcp.PSH)));
            }
        }
        boolean ends = length < least || (flags & ENDING) != 0;
        if (found >= 0 && (!joined || ends)) {
            complete(found);
        }
        if (joined) {
            p.release();
        } else if (unfit || ends) {
            surroundings.deliver(p);
        } else {
            hold(p, link, header, length, age);
        }
    }

    private boolean follows(Held h, PacketBuffer p, long tcp, int header) {
        MemorySegment s = p.segment();
        MemorySegment t = h.packet.segment();
        long to = h.packet.head() + (long) h.transport;
        int differing = Octets.i32(s, tcp + FOURTH_WORD) ^ Octets.i32(t, to + FOURTH_WORD);
        int expected = (int) Tcp.sequenceNumber(t, to) + h.packet.length() - h.payload;
        // CWR is said of the first packet of a super-packet, so what has it begins one.
        return (differing & ~MAY_DIFFER) == 0
                && (Tcp.flags(s, tcp) & Tcp.CWR) == 0
                && Tcp.acknowledgmentNumber(s, tcp) == Tcp.acknowledgmentNumber(t, to)
                && same(s, tcp + Tcp.MIN_HEADER_LENGTH, t, to + Tcp.MIN_HEADER_LENGTH, header - Tcp.MIN_HEADER_LENGTH)
                && (int) Tcp.sequenceNumber(s, tcp) == expected
                && sameNetwork(h, p);
    }

    private void udp(PacketBuffer p, int link, boolean unfit, Transports transports, long age) {
        MemorySegment s = p.segment();
        long udp = p.head() + (long) headers.transport;
        int length = p.length() - headers.transport;
        if (transports != Transports.TCP_AND_UDP
                || length <= Udp.HEADER_LENGTH
                || !Udp.hasChecksum(s, udp)
                || Udp.length(s, udp) != length) {
            surroundings.deliver(p);
            return;
        }
        int payload = length - Udp.HEADER_LENGTH;
        int found = find(p);
        boolean joined = false;
        if (found >= 0) {
            Held h = held[found];
            int size = h.segmentSize;
            joined = payload <= size && sameNetwork(h, p) && !unfit && join(h, p, Udp.HEADER_LENGTH, payload);
            if (!joined || payload != size || h.segments >= MAX_DATAGRAMS) {
                complete(found);
            }
        }
        if (joined) {
            p.release();
        } else if (unfit) {
            surroundings.deliver(p);
        } else {
            hold(p, link, Udp.HEADER_LENGTH, payload, age);
        }
    }

    /// Whether what may not change within a super-packet is the same.
    private boolean sameNetwork(Held h, PacketBuffer p) {
        MemorySegment s = p.segment();
        long at = p.head() + (long) headers.link;
        MemorySegment t = h.packet.segment();
        long to = h.packet.head() + (long) h.link;
        if (h.version == 6) {
            return Octets.i32(s, at) == Octets.i32(t, to) && Ipv6.hopLimit(s, at) == Ipv6.hopLimit(t, to);
        }
        if (Ipv4.timeToLive(s, at) != Ipv4.timeToLive(t, to)
                || Ipv4.tos(s, at) != Ipv4.tos(t, to)
                || Ipv4.dontFragment(s, at) != Ipv4.dontFragment(t, to)) {
            return false;
        }
        int distance = Ipv4.identification(s, at) - Ipv4.identification(t, to) & 0xffff;
        if (h.segments == 1 && distance == 0) {
            // The second decides for all that follow.
            h.sameIdentification = true;
        }
        return distance == (h.sameIdentification ? 0 : h.segments);
    }

    // ---- What is held

    /// Copies the payload of `p` behind what is held. Answers false when that would be too long.
    private boolean join(Held h, PacketBuffer p, int header, int length) {
        if (h.packet.length() - h.link + length > MAX_LENGTH || !makeRoom(h, length)) {
            return false;
        }
        PacketBuffer into = h.packet;
        long from = p.head() + (long) headers.transport + header;
        MemorySegment.copy(p.segment(), from, into.segment(), into.put(length), length);
        h.segments++;
        return true;
    }

    private boolean makeRoom(Held h, int length) {
        PacketBuffer p = h.packet;
        if (p.tailroom() >= length) {
            return true;
        }
        PacketBuffer larger = surroundings.lend(MAX_LENGTH + h.link);
        if (larger == null) {
            return false;
        }
        if (larger.tailroom() < p.length() + length) {
            larger.release();
            return false;
        }
        MemorySegment.copy(p.segment(), p.head(), larger.segment(), larger.put(p.length()), p.length());
        larger.describeAs(p);
        h.packet = larger;
        p.release();
        return true;
    }

    private void hold(PacketBuffer p, int link, int header, int length, long age) {
        if (count == MAX_HELD) {
            complete(count - 1);
        }
        Held h = held[count];
        System.arraycopy(held, 0, held, 1, count);
        held[0] = h;
        count++;
        h.packet = p;
        h.link = link;
        h.version = headers.version;
        h.protocol = headers.protocol;
        h.transport = headers.transport;
        h.payload = headers.transport + header;
        h.segmentSize = length;
        h.segments = 1;
        h.sameIdentification = false;
        h.age = age;
    }

    /// Hands up the one at `index`, and if others joined it, writes the lengths and the partial checksum first.
    private void complete(int index) {
        Held h = held[index];
        count--;
        System.arraycopy(held, index + 1, held, index, count - index);
        held[count] = h;
        PacketBuffer p = h.packet;
        h.packet = null;
        if (h.segments > 1) {
            describe(h, p);
        }
        surroundings.deliver(p);
    }

    private static void describe(Held h, PacketBuffer p) {
        MemorySegment s = p.segment();
        int at = p.head() + h.link;
        int length = p.length() - h.transport;
        boolean tcp = h.protocol == IpProtocol.TCP;
        int pseudoHeader;
        if (h.version == 4) {
            Ipv4.totalLength(s, at, p.length() - h.link);
            Ipv4.fillChecksum(s, at);
            pseudoHeader =
                    InternetChecksum.pseudoHeader4(Ipv4.source(s, at), Ipv4.destination(s, at), h.protocol, length);
        } else {
            Ipv6.payloadLength(s, at, p.length() - h.link - Ipv6.HEADER_LENGTH);
            pseudoHeader = InternetChecksum.pseudoHeader6(s, at + (long) Ipv6.SOURCE, h.protocol, length);
        }
        long transport = p.head() + (long) h.transport;
        Offload o = p.offload();
        if (tcp) {
            o.segmentation = h.version == 4 ? Segmentation.TCP4 : Segmentation.TCP6;
            o.congestionWindowReduced = (Tcp.flags(s, transport) & Tcp.CWR) != 0;
            o.sameIdentification = h.sameIdentification;
        } else {
            o.segmentation = Segmentation.UDP;
            Udp.length(s, transport, length);
        }
        int field = tcp ? Tcp.CHECKSUM : Udp.CHECKSUM;
        Octets.put16(s, transport + field, pseudoHeader);
        o.checksum = Checksum.PARTIAL;
        o.checksumStart = h.transport;
        o.checksumOffset = field;
        o.segmentSize = h.segmentSize;
        if (o.headerLength == 0) {
            o.headerLength = h.payload;
        }
    }
}
