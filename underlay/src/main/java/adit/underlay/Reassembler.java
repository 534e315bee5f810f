package adit.underlay;

import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.port.Deadline;
import adit.wire.Ipv4;
import java.lang.foreign.MemorySegment;

/// Puts IPv4 fragments together again. RFC 791 section 3.2 and RFC 815, hardened as Linux does it: a fragment
/// that overlaps another in part ends the whole packet (RFC 5722 made that the rule for IPv6), one that brings
/// nothing new is ignored.
///
/// A packet is put together in one buffer of the pool, so the pool's buffers bound its size; a fixed number of
/// packets can be in the making at a time, and the oldest makes room for a new one. What is not whole in time
/// is dropped. Nothing is allocated after construction.
///
/// Every fragment is counted once: those taken in are those [#joined], those dropped for each reason and those
/// [#held]. For one thread. Owns the buffers in the making and releases them on close.
public final class Reassembler implements Deadline, AutoCloseable {
    /// How long Linux waits for the missing fragments, in nanoseconds.
    public static final long LINUX_TIMEOUT_NANOS = 30_000_000_000L;

    /// Why a fragment is gone.
    public enum Drop {
        /// It has no payload, or is not the last and not a multiple of eight octets long.
        MALFORMED("a fragment without payload, or of an odd length"),
        /// It overlaps another in part: the packet is gone.
        OVERLAP("fragments overlap"),
        /// It does not agree with the end of the packet that another one told: the packet is gone.
        CONTRADICTION("fragments disagree about the end of the packet"),
        /// The packet would be longer than a buffer, or than an IP packet can be: the packet is gone.
        TOO_LONG("the packet would be too long"),
        /// The packet has more holes than there is room to remember: the packet is gone.
        TOO_MANY_HOLES("the packet has too many holes"),
        /// It brings nothing that is not there.
        DUPLICATE("a fragment that was there already"),
        /// The pool has no buffer for another packet.
        NO_BUFFER("no buffer to put the packet together in"),
        /// Some fragments are ECN-capable and others are not: the packet is gone.
        ECN("fragments disagree about ECN"),
        /// The packet was not whole in time.
        TIMED_OUT("the missing fragments did not come in time"),
        /// The packet had to make room for another one.
        EVICTED("too many packets wait for fragments");

        private final String description;

        Drop(String description) {
            this.description = description;
        }

        /// The reason for people, in one clause.
        public String description() {
            return description;
        }
    }

    private static final int NOT_ECN_CAPABLE = 1 << 0;
    private static final int CONGESTION_EXPERIENCED = 1 << 3;

    private final PacketPool pool;
    private final Partial[] partials;
    private final long timeoutNanos;
    private final long[] dropped = new long[Drop.values().length];
    private long joined;
    private long wholes;

    /// A reassembler that lends buffers from `pool`, at most `packets` at a time, and waits `timeoutNanos` for
    /// the missing fragments.
    public Reassembler(PacketPool pool, int packets, long timeoutNanos) {
        if (packets < 1 || timeoutNanos < 1) {
            throw new IllegalArgumentException("packets " + packets + ", timeoutNanos " + timeoutNanos);
        }
        this.pool = pool;
        this.timeoutNanos = timeoutNanos;
        this.partials = new Partial[packets];
        for (int i = 0; i < packets; i++) {
            partials[i] = new Partial();
        }
    }

    /// Takes over the fragment `p`, whose header has no fault, whose octets end where its total length says,
    /// and which [Ipv4#isFragment]. Answers the whole packet when this was the last piece missing, otherwise
    /// null. The whole is the caller's; it carries what travelled beside the octets of its first fragment.
    public PacketBuffer add(PacketBuffer p, long nowNanos) {
        MemorySegment s = p.segment();
        int at = p.head();
        int length = p.length() - Ipv4.headerLength(s, at);
        boolean last = (Ipv4.flags(s, at) & Ipv4.MORE_FRAGMENTS) == 0;
        if (length == 0 || (!last && length % 8 != 0)) {
            return drop(p, Drop.MALFORMED);
        }
        Partial partial = find(s, at, nowNanos);
        if (partial == null) {
            return drop(p, Drop.NO_BUFFER);
        }
        partial.fragments++;
        Drop reason = partial.take(p, length, last);
        if (reason == Drop.DUPLICATE) {
            partial.fragments--;
            return drop(p, reason);
        }
        p.release();
        if (reason != null) {
            giveUp(partial, reason);
            return null;
        }
        return partial.isWhole() ? finish(partial) : null;
    }

    private PacketBuffer drop(PacketBuffer p, Drop reason) {
        dropped[reason.ordinal()]++;
        p.release();
        return null;
    }

    private void giveUp(Partial partial, Drop reason) {
        dropped[reason.ordinal()] += partial.fragments;
        partial.packet.release();
        partial.packet = null;
    }

    private PacketBuffer finish(Partial partial) {
        boolean mixed = (partial.ecn & NOT_ECN_CAPABLE) != 0 && partial.ecn != NOT_ECN_CAPABLE;
        if (mixed) {
            giveUp(partial, Drop.ECN);
            return null;
        }
        joined += partial.fragments;
        wholes++;
        return partial.finish();
    }

    /// The packet in the making that the fragment at `at` belongs to, made anew if there is none; null when
    /// there is no buffer for it.
    private Partial find(MemorySegment s, int at, long nowNanos) {
        Partial free = null;
        Partial oldest = partials[0];
        for (Partial partial : partials) {
            if (partial.packet == null) {
                free = partial;
            } else if (partial.matches(s, at)) {
                return partial;
            } else if (partial.deadline < oldest.deadline) {
                oldest = partial;
            }
        }
        if (free == null) {
            giveUp(oldest, Drop.EVICTED);
            free = oldest;
        }
        PacketBuffer packet = pool.lend();
        if (packet == null) {
            return null;
        }
        free.start(packet, s, at, nowNanos + timeoutNanos);
        return free;
    }

    /// Drops what was not whole in time. Call it now and then.
    public void expire(long nowNanos) {
        for (Partial partial : partials) {
            if (partial.packet != null && partial.deadline <= nowNanos) {
                giveUp(partial, Drop.TIMED_OUT);
            }
        }
    }

    /// When [#expire] has something to do.
    @Override
    public long deadline() {
        long earliest = NEVER;
        for (Partial partial : partials) {
            if (partial.packet != null) {
                earliest = Math.min(earliest, partial.deadline);
            }
        }
        return earliest;
    }

    /// How many fragments became part of a whole packet.
    public long joined() {
        return joined;
    }

    /// How many whole packets came out.
    public long wholes() {
        return wholes;
    }

    /// How many fragments wait in packets in the making.
    public int held() {
        int sum = 0;
        for (Partial partial : partials) {
            if (partial.packet != null) {
                sum += partial.fragments;
            }
        }
        return sum;
    }

    /// How many fragments were dropped for this reason.
    public long dropped(Drop reason) {
        return dropped[reason.ordinal()];
    }

    /// Releases all packets in the making.
    @Override
    public void close() {
        for (Partial partial : partials) {
            if (partial.packet != null) {
                partial.packet.release();
                partial.packet = null;
            }
        }
    }

    /// One packet in the making, or room for one. Its octets stand where they belong in a buffer; what is there
    /// is known as disjoint runs in rising order, none of which touches the next.
    private static final class Partial {
        private static final int MAX_RUNS = 64;
        private static final int UNKNOWN = -1;

        private final int[] starts = new int[MAX_RUNS];
        private final int[] ends = new int[MAX_RUNS];
        private int runs;

        private PacketBuffer packet;
        private int payload;
        private int headerLength;
        private int length;
        private int fragments;
        private int ecn;
        private long deadline;
        private int source;
        private int destination;
        private int protocol;
        private int identification;

        void start(PacketBuffer buffer, MemorySegment s, int at, long deadlineNanos) {
            packet = buffer;
            payload = buffer.head() + Ipv4.MAX_HEADER_LENGTH;
            headerLength = 0;
            length = UNKNOWN;
            fragments = 0;
            ecn = 0;
            runs = 0;
            deadline = deadlineNanos;
            source = Ipv4.source(s, at);
            destination = Ipv4.destination(s, at);
            protocol = Ipv4.protocol(s, at);
            identification = Ipv4.identification(s, at);
        }

        boolean matches(MemorySegment s, int at) {
            return identification == Ipv4.identification(s, at)
                    && source == Ipv4.source(s, at)
                    && destination == Ipv4.destination(s, at)
                    && protocol == Ipv4.protocol(s, at);
        }

        /// Copies the fragment in. Answers why not, or null.
        Drop take(PacketBuffer p, int octets, boolean last) {
            MemorySegment s = p.segment();
            int at = p.head();
            int header = Ipv4.headerLength(s, at);
            int start = Ipv4.fragmentOffset(s, at);
            int end = start + octets;
            if (end > OuterHeader.MAX_TOTAL_LENGTH - header
                    || payload + end > packet.segment().byteSize()) {
                return Drop.TOO_LONG;
            }
            int highest = runs == 0 ? 0 : ends[runs - 1];
            if (last ? (length != UNKNOWN && length != end) || highest > end : length != UNKNOWN && end > length) {
                return Drop.CONTRADICTION;
            }
            Drop reason = insert(start, end);
            if (reason != null) {
                return reason;
            }
            if (last) {
                length = end;
            }
            if (start == 0) {
                headerLength = header;
                MemorySegment.copy(s, at, packet.segment(), payload - header, header);
                packet.describeAs(p);
            }
            MemorySegment.copy(s, at + header, packet.segment(), payload + start, octets);
            ecn |= 1 << (Ipv4.tos(s, at) & 0b11);
            return null;
        }

        /// Notes that the octets from `start` up to `end` are there. Answers why that can't be, or null.
        private Drop insert(int start, int end) {
            int i = 0;
            while (i < runs && ends[i] < start) {
                i++;
            }
            // Run i is the first that ends at or behind the start.
            if (i < runs && starts[i] <= start && end <= ends[i]) {
                return Drop.DUPLICATE;
            }
            boolean joinsLeft = i < runs && ends[i] == start;
            int right = joinsLeft ? i + 1 : i;
            if (right < runs && starts[right] < end) {
                return Drop.OVERLAP;
            }
            boolean joinsRight = right < runs && starts[right] == end;
            if (joinsLeft && joinsRight) {
                ends[i] = ends[right];
                remove(right);
            } else if (joinsLeft) {
                ends[i] = end;
            } else if (joinsRight) {
                starts[right] = start;
            } else if (runs == MAX_RUNS) {
                return Drop.TOO_MANY_HOLES;
            } else {
                insertAt(i, start, end);
            }
            return null;
        }

        private void remove(int i) {
            System.arraycopy(starts, i + 1, starts, i, runs - i - 1);
            System.arraycopy(ends, i + 1, ends, i, runs - i - 1);
            runs--;
        }

        private void insertAt(int i, int start, int end) {
            System.arraycopy(starts, i, starts, i + 1, runs - i);
            System.arraycopy(ends, i, ends, i + 1, runs - i);
            starts[i] = start;
            ends[i] = end;
            runs++;
        }

        boolean isWhole() {
            return length != UNKNOWN && runs == 1 && starts[0] == 0 && ends[0] == length;
        }

        /// The whole packet, with the header of its first fragment.
        PacketBuffer finish() {
            PacketBuffer whole = packet;
            packet = null;
            MemorySegment s = whole.segment();
            whole.reserve(payload - headerLength);
            int at = whole.put(headerLength + length);
            Ipv4.fragment(s, at, headerLength + length, Ipv4.flags(s, at) & Ipv4.DONT_FRAGMENT, 0);
            if ((ecn & CONGESTION_EXPERIENCED) != 0) {
                Ipv4.tos(s, at, Ipv4.tos(s, at) | 0b11);
            }
            return whole;
        }
    }
}
