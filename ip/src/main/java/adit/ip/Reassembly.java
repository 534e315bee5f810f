package adit.ip;

import adit.packet.PacketBuffer;
import adit.port.Deadline;
import adit.wire.Icmp4;
import adit.wire.Icmp6;
import adit.wire.Ipv4;
import adit.wire.Ipv6;
import adit.wire.Ipv6Chain;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// Puts fragments to this host together again, for IPv4 and IPv6. RFC 791 section 3.2, RFC 815, RFC 8200
/// section 4.5, hardened as Linux does it: a fragment that overlaps another gives up the whole packet (RFC
/// 5722), one that brings nothing new is ignored.
///
/// At most [#MOST] packets are in the making, each in one large buffer, which bounds the memory at about 4 MiB;
/// the oldest makes room for a new one. What is not whole in time (30 s, of IPv6 60 s) is given up, and the
/// sender is told if the first fragment is there. Fragments take the lock of this table; whole packets never
/// come here.
final class Reassembly implements Deadline {
    static final int MOST = 64;

    private static final long SECOND = 1_000_000_000L;
    private static final long TIMEOUT_4 = 30 * SECOND;
    private static final long TIMEOUT_6 = 60 * SECOND;
    private static final int MAX_LENGTH = 0xffff;
    /// RFC 8883: the code of a parameter problem.
    private static final int FIRST_FRAGMENT_INCOMPLETE = 3;
    /// Where the payload starts in a buffer: there is room for every header that is to stand in front of it.
    private static final int PAYLOAD = 256;

    private final IpStack stack;
    private final Partial[] partials = new Partial[MOST];

    Reassembly(IpStack stack) {
        this.stack = stack;
        for (int i = 0; i < MOST; i++) {
            partials[i] = new Partial();
        }
    }

    /// Takes a fragment of IPv4. Answers the whole packet when this was the last piece missing, otherwise null.
    /// The whole is the caller's and carries what travelled beside its first fragment.
    PacketBuffer add4(IpInterface in, PacketBuffer p) {
        stack.counters.count(IpCounter.IP_REASM_REQDS);
        MemorySegment s = p.segment();
        int at = p.head();
        int header = Ipv4.headerLength(s, at);
        int length = p.length() - header;
        int start = Ipv4.fragmentOffset(s, at);
        boolean last = (Ipv4.flags(s, at) & Ipv4.MORE_FRAGMENTS) == 0;
        int usable = last ? length : length & ~7;
        if (header + start + usable > MAX_LENGTH) {
            return refuse(p, IpDrop.FRAG);
        }
        PacketBuffer whole;
        synchronized (this) {
            Partial partial = find(
                    in,
                    4,
                    Ipv4.source(s, at) & 0xffff_ffffL,
                    Ipv4.destination(s, at) & 0xffff_ffffL,
                    0,
                    0,
                    (long) Ipv4.identification(s, at) << 8 | Ipv4.protocol(s, at),
                    TIMEOUT_4);
            whole = partial == null ? null : take(partial, p, header, start, usable, last, Ipv4.tos(s, at) & 3);
        }
        p.release();
        if (whole != null) {
            stack.counters.count(IpCounter.IP_REASM_OKS);
        }
        return whole;
    }

    /// The same for IPv6. `fragment` is where in the packet its fragment header stands, and `previous` is the
    /// octet that names that header. The caller has counted that it came.
    PacketBuffer add6(IpInterface in, PacketBuffer p, int fragment, int previous) {
        MemorySegment s = p.segment();
        int at = p.head();
        int header = at + fragment;
        int start = Ipv6Chain.fragmentOffset(s, header);
        boolean last = !Ipv6Chain.moreFragments(s, header);
        int length = p.length() - fragment - Ipv6Chain.FRAGMENT_LENGTH;
        if (start == 0 && Ipv6Chain.endsBeforeUpperLayer(s, header, p.length() - fragment)) {
            stack.icmp6.error(in, p, RouteType.LOCAL, Icmp6.PARAMETER_PROBLEM, FIRST_FRAGMENT_INCOMPLETE, 0);
            return refuse(p, IpDrop.IP6_EXTENSION);
        }
        if (fragment > PAYLOAD - Ipv6Chain.FRAGMENT_LENGTH) {
            return refuse(p, IpDrop.IP6_FRAG);
        }
        // A fragment that can't be has others waited for, as Linux does.
        int pointer = start + length + fragment - Ipv6.HEADER_LENGTH > MAX_LENGTH
                ? fragment + 2
                : !last && length % 8 != 0 ? 4 : 0;
        // The fragment header is taken out, so what stands in front of it names what stands behind it.
        int next = Octets.u8(s, header);
        PacketBuffer whole;
        synchronized (this) {
            Partial partial = find(
                    in,
                    6,
                    Ipv6.sourceHigh(s, at),
                    Ipv6.sourceLow(s, at),
                    Ipv6.destinationHigh(s, at),
                    Ipv6.destinationLow(s, at),
                    Ipv6Chain.fragmentIdentification(s, header),
                    TIMEOUT_6);
            if (partial != null && pointer == 0) {
                Octets.put8(s, at + previous, next);
            }
            whole = partial == null || pointer > 0
                    ? null
                    : take(partial, p, fragment, start, length, last, Ipv6.trafficClass(s, at) & 3);
        }
        if (pointer > 0) {
            stack.icmp6.error(in, p, RouteType.LOCAL, Icmp6.PARAMETER_PROBLEM, 0, pointer);
            return refuse(p, IpDrop.IP6_EXTENSION);
        }
        p.release();
        if (whole != null) {
            Ipv6.payloadLength(whole.segment(), whole.head(), whole.length() - Ipv6.HEADER_LENGTH);
            stack.counters.count(IpCounter.IP6_REASM_OKS);
        }
        return whole;
    }

    private PacketBuffer refuse(PacketBuffer p, IpDrop why) {
        stack.drop(p, why);
        return null;
    }

    /// The packet in the making that a fragment belongs to, made anew if there is none; null when no buffer is
    /// free.
    private Partial find(
            IpInterface in, int version, long a, long b, long c, long d, long identification, long timeout) {
        Partial free = null;
        Partial oldest = partials[0];
        for (Partial partial : partials) {
            if (partial.packet == null) {
                free = partial;
            } else if (partial.is(version, a, b, c, d, identification)) {
                return partial;
            } else if (partial.deadline < oldest.deadline) {
                oldest = partial;
            }
        }
        if (free == null) {
            giveUp(oldest);
            free = oldest;
        }
        PacketBuffer buffer = stack.buffers().lend(MAX_LENGTH);
        if (buffer == null) {
            stack.counters.drop(version == 4 ? IpDrop.FRAG : IpDrop.IP6_FRAG);
            return null;
        }
        free.start(buffer, in, version, a, b, c, d, identification, stack.now() + timeout);
        stack.armed();
        return free;
    }

    private PacketBuffer take(
            Partial partial, PacketBuffer p, int header, int start, int length, boolean last, int ecn) {
        if (length == 0) {
            giveUp(partial);
            return null;
        }
        switch (partial.insert(start, start + length, last)) {
            case DUPLICATE -> {
                return null;
            }
            case BAD -> {
                giveUp(partial);
                return null;
            }
            case NEW -> partial.copy(p, header, start, length, ecn);
        }
        if (!partial.isWhole()) {
            return null;
        }
        if (partial.mixesEcn() || partial.isTooLong()) {
            giveUp(partial);
            return null;
        }
        return partial.finish();
    }

    private void giveUp(Partial partial) {
        stack.counters.drop(partial.version == 4 ? IpDrop.FRAG : IpDrop.IP6_FRAG);
        partial.packet.release();
        partial.packet = null;
    }

    /// Gives up what was not whole in time.
    void expire(long now) {
        List<PacketBuffer> firsts = new ArrayList<>();
        List<IpInterface> links = new ArrayList<>();
        synchronized (this) {
            for (Partial partial : partials) {
                if (partial.packet == null || partial.deadline - now > 0) {
                    continue;
                }
                stack.counters.drop(partial.version == 4 ? IpDrop.FRAG : IpDrop.IP6_FRAG);
                stack.counters.count(partial.version == 4 ? IpCounter.IP_REASM_TIMEOUT : IpCounter.IP6_REASM_TIMEOUT);
                if (partial.header > 0) {
                    firsts.add(partial.first());
                    links.add(partial.link);
                } else {
                    partial.packet.release();
                }
                partial.packet = null;
            }
        }
        for (int i = 0; i < firsts.size(); i++) {
            tell(links.get(i), firsts.get(i));
        }
    }

    private void tell(IpInterface link, PacketBuffer first) {
        if (Ipv4.version(first.segment(), first.head()) == 4) {
            stack.icmp4.error(link, first, RouteType.LOCAL, Icmp4.TIME_EXCEEDED, Icmp4.REASSEMBLY_TIME_EXCEEDED, 0);
        } else {
            stack.icmp6.error(link, first, RouteType.LOCAL, Icmp6.TIME_EXCEEDED, 1, 0);
        }
        first.release();
    }

    @Override
    public synchronized long deadline() {
        long earliest = NEVER;
        for (Partial partial : partials) {
            if (partial.packet != null) {
                earliest = Math.min(earliest, partial.deadline);
            }
        }
        return earliest;
    }

    /// Releases everything.
    synchronized void close() {
        for (Partial partial : partials) {
            if (partial.packet != null) {
                partial.packet.release();
                partial.packet = null;
            }
        }
    }

    /// What a fragment is to what is there.
    private enum Fit {
        NEW,
        DUPLICATE,
        BAD
    }

    /// One packet in the making, or room for one. Its octets stand where they belong in a buffer; what is there
    /// is known as disjoint runs in rising order, none of which touches the next.
    private static final class Partial {
        private static final int MAX_RUNS = 128;
        private static final int UNKNOWN = -1;
        private static final int NOT_ECN_CAPABLE = 1;
        private static final int CONGESTION_EXPERIENCED = 1 << 3;

        private final int[] starts = new int[MAX_RUNS];
        private final int[] ends = new int[MAX_RUNS];
        private int runs;
        private PacketBuffer packet;
        private IpInterface link;
        private int version;
        private long a;
        private long b;
        private long c;
        private long d;
        private long identification;
        private long deadline;
        private int header;
        private int length;
        private int ecn;

        void start(
                PacketBuffer buffer,
                IpInterface in,
                int ipVersion,
                long one,
                long two,
                long three,
                long four,
                long id,
                long deadlineNanos) {
            packet = buffer;
            link = in;
            version = ipVersion;
            a = one;
            b = two;
            c = three;
            d = four;
            identification = id;
            deadline = deadlineNanos;
            header = 0;
            length = UNKNOWN;
            ecn = 0;
            runs = 0;
        }

        boolean is(int ipVersion, long one, long two, long three, long four, long id) {
            return version == ipVersion && a == one && b == two && c == three && d == four && identification == id;
        }

        Fit insert(int start, int end, boolean last) {
            int highest = runs == 0 ? 0 : ends[runs - 1];
            if (last ? (length != UNKNOWN && length != end) || highest > end : length != UNKNOWN && end > length) {
                return Fit.BAD;
            }
            int i = 0;
            while (i < runs && ends[i] < start) {
                i++;
            }
            // Run i is the first that ends at or behind the start.
            if (i < runs && starts[i] <= start && end <= ends[i]) {
                return Fit.DUPLICATE;
            }
            boolean joinsLeft = i < runs && ends[i] == start;
            int right = joinsLeft ? i + 1 : i;
            if (right < runs && starts[right] < end) {
                return Fit.BAD;
            }
            boolean joinsRight = right < runs && starts[right] == end;
            if (joinsLeft && joinsRight) {
                ends[i] = ends[right];
                System.arraycopy(starts, right + 1, starts, right, runs - right - 1);
                System.arraycopy(ends, right + 1, ends, right, runs - right - 1);
                runs--;
            } else if (joinsLeft) {
                ends[i] = end;
            } else if (joinsRight) {
                starts[right] = start;
            } else if (runs == MAX_RUNS) {
                return Fit.BAD;
            } else {
                System.arraycopy(starts, i, starts, i + 1, runs - i);
                System.arraycopy(ends, i, ends, i + 1, runs - i);
                starts[i] = start;
                ends[i] = end;
                runs++;
            }
            if (last) {
                length = end;
            }
            return Fit.NEW;
        }

        void copy(PacketBuffer p, int headerLength, int start, int octets, int ecnBits) {
            MemorySegment s = p.segment();
            if (start == 0) {
                header = headerLength;
                MemorySegment.copy(s, p.head(), packet.segment(), PAYLOAD - headerLength, headerLength);
                packet.describeAs(p);
            }
            int from = p.head() + (version == 4 ? headerLength : headerLength + Ipv6Chain.FRAGMENT_LENGTH);
            MemorySegment.copy(s, from, packet.segment(), PAYLOAD + start, octets);
            ecn |= 1 << ecnBits;
        }

        boolean isWhole() {
            return length != UNKNOWN && runs == 1 && starts[0] == 0 && ends[0] == length;
        }

        /// Some fragments can carry congestion marks and others can't (RFC 3168 section 5.3).
        boolean mixesEcn() {
            return (ecn & NOT_ECN_CAPABLE) != 0 && ecn != NOT_ECN_CAPABLE;
        }

        /// Whether the header of the first fragment, which may be longer than those of the others, makes the whole
        /// longer than its length field can say.
        boolean isTooLong() {
            return header + length - (version == 4 ? 0 : Ipv6.HEADER_LENGTH) > MAX_LENGTH;
        }

        /// What there is from the start, with the header of the first fragment.
        PacketBuffer first() {
            PacketBuffer p = packet;
            p.reserve(PAYLOAD - header);
            p.put(header + ends[0]);
            return p;
        }

        PacketBuffer finish() {
            PacketBuffer whole = first();
            packet = null;
            MemorySegment s = whole.segment();
            int at = whole.head();
            if (version == 4) {
                Ipv4.fragment(s, at, whole.length(), Ipv4.flags(s, at) & Ipv4.DONT_FRAGMENT, 0);
            }
            if ((ecn & CONGESTION_EXPERIENCED) != 0) {
                if (version == 4) {
                    Ipv4.tos(s, at, Ipv4.tos(s, at) | 3);
                } else {
                    Ipv6.trafficClass(s, at, Ipv6.trafficClass(s, at) | 3);
                }
            }
            whole.offload().clear();
            return whole;
        }
    }
}
