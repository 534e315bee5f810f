package adit.ip;

import adit.packet.PacketBuffer;
import adit.wire.Ipv4;
import adit.wire.Ipv6;
import adit.wire.Ipv6Chain;
import java.lang.foreign.MemorySegment;

/// One packet that [Reassembly] puts together, or room for one.
///
/// The octets of fragments stand where they belong in a buffer, the first one's header in front of them. What is
/// there is known as disjoint runs in rising order, none of which touches the next (RFC 815 has their complement,
/// the holes). Used again for the next packet; under the lock of its table.
final class PartialPacket {
    /// Where the payload starts in a buffer: there is room for every header that is to stand in front of it.
    static final int PAYLOAD = 256;

    private static final int MAX_LENGTH = 0xffff;
    private static final int MAX_RUNS = 128;
    private static final int UNKNOWN = -1;

    // Of the ECN fields of fragments, a set with a bit for each of the four values.
    private static final int NOT_ECN_CAPABLE = 1;
    private static final int CONGESTION_EXPERIENCED = 1 << 3;

    /// What a fragment is to what is there.
    enum Fit {
        /// It brings what was missing.
        NEW,
        /// All of it is there.
        DUPLICATE,
        /// It contradicts what is there, or there is no room to remember it.
        BAD
    }

    private final int[] starts = new int[MAX_RUNS];
    private final int[] ends = new int[MAX_RUNS];
    private int runs;
    /// Null while this is room for a packet.
    private PacketBuffer packet;
    private IpInterface link;
    private long deadline;

    // What its fragments have in common.
    private int version;
    private long sourceHigh;
    private long sourceLow;
    private long destinationHigh;
    private long destinationLow;
    private long identification;

    /// Octets in front of the first fragment's payload, 0 until that one is there.
    private int header;
    /// Octets of the whole payload, which the last fragment tells.
    private int length;

    private int ecn;

    /// Begins with a packet, whose fragments are known by the last six. The buffer is this one's.
    void start(
            PacketBuffer buffer,
            IpInterface in,
            long deadlineNanos,
            int ipVersion,
            long fromHigh,
            long fromLow,
            long toHigh,
            long toLow,
            long id) {
        packet = buffer;
        link = in;
        deadline = deadlineNanos;
        version = ipVersion;
        sourceHigh = fromHigh;
        sourceLow = fromLow;
        destinationHigh = toHigh;
        destinationLow = toLow;
        identification = id;
        header = 0;
        length = UNKNOWN;
        ecn = 0;
        runs = 0;
    }

    boolean isFree() {
        return packet == null;
    }

    boolean is(int ipVersion, long fromHigh, long fromLow, long toHigh, long toLow, long id) {
        return version == ipVersion
                && sourceHigh == fromHigh
                && sourceLow == fromLow
                && destinationHigh == toHigh
                && destinationLow == toLow
                && identification == id;
    }

    /// 4 or 6.
    int version() {
        return version;
    }

    /// Where the fragment came in that it began with.
    IpInterface link() {
        return link;
    }

    /// When it is given up, in nanoseconds of the namespace's time.
    long deadline() {
        return deadline;
    }

    // ---- Fragments

    /// Takes note of a fragment of the payload's octets from `start` to before `end`; what is [Fit#NEW] belongs
    /// into [#copy] then.
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

    /// Copies a fragment of `octets` octets of payload to its place, and the header in front of it if it is the
    /// first. `headerLength` does not count IPv6's fragment header.
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

    /// Whether nothing is missing.
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

    // ---- The end of it

    /// Gives up what there is.
    void release() {
        packet.release();
        packet = null;
    }

    /// Whether the first fragment is there.
    boolean hasFirst() {
        return header > 0;
    }

    /// Hands out what there is from the start, with the header of the first fragment, and makes room.
    PacketBuffer takeFirst() {
        PacketBuffer p = packet;
        packet = null;
        p.reserve(PAYLOAD - header);
        p.put(header + ends[0]);
        return p;
    }

    /// Hands out the whole, and makes room. An IPv6 payload length is yet to be written.
    PacketBuffer takeWhole() {
        PacketBuffer whole = takeFirst();
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
