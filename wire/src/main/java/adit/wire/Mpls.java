package adit.wire;

import java.lang.foreign.MemorySegment;

/// An MPLS label stack entry in place. RFC 3032 section 2.1, with the traffic class of RFC 5462.
///
/// ```
///  0                   1                   2                   3
/// |                Label                  | TC  |S|      TTL      |
/// ```
///
/// A stack is a run of entries; S is set in the last one alone.
public final class Mpls {
    /// The length of one entry, in octets.
    public static final int ENTRY_LENGTH = 4;
    /// How many entries [#fault] and [#stackLength] look at. Deeper stacks are refused.
    public static final int MAX_DEPTH = 32;
    /// The largest label.
    public static final int MAX_LABEL = 0xf_ffff;

    /// Label: the stack ends and IPv4 follows.
    public static final int IPV4_EXPLICIT_NULL = 0;
    /// Label: hand the packet to the router's own software.
    public static final int ROUTER_ALERT = 1;
    /// Label: the stack ends and IPv6 follows.
    public static final int IPV6_EXPLICIT_NULL = 2;
    /// Label: never on the wire; asks a neighbour to pop.
    public static final int IMPLICIT_NULL = 3;
    /// The first label that has no special purpose (RFC 7274).
    public static final int FIRST_UNRESERVED = 16;

    private static final int LABEL_SHIFT = 12;
    private static final int CLASS_SHIFT = 9;
    private static final int BOTTOM = 1 << 8;
    private static final int TTL_OFFSET = 3;

    private Mpls() {}

    /// Answers [WireFault#NONE] when a whole stack stands in the `available` octets at `at`: an entry with the
    /// bottom bit is among the first [#MAX_DEPTH]. [WireFault#TRUNCATED] when the octets end first,
    /// [WireFault#BAD_LENGTH] when the stack is deeper.
    public static WireFault fault(MemorySegment s, long at, int available) {
        for (int depth = 0; depth < MAX_DEPTH; depth++) {
            int offset = depth * ENTRY_LENGTH;
            if (available - offset < ENTRY_LENGTH) {
                return WireFault.TRUNCATED;
            }
            if (bottomOfStack(s, at + offset)) {
                return WireFault.NONE;
            }
        }
        return WireFault.BAD_LENGTH;
    }

    /// The length in octets of a whole stack that [#fault] let through.
    public static int stackLength(MemorySegment s, long at) {
        int length = ENTRY_LENGTH;
        while (!bottomOfStack(s, at + length - ENTRY_LENGTH) && length < MAX_DEPTH * ENTRY_LENGTH) {
            length += ENTRY_LENGTH;
        }
        return length;
    }

    /// The label, 20 bits.
    public static int label(MemorySegment s, long at) {
        return Octets.i32(s, at) >>> LABEL_SHIFT;
    }

    /// The traffic class, 3 bits.
    public static int trafficClass(MemorySegment s, long at) {
        return Octets.i32(s, at) >> CLASS_SHIFT & 0b111;
    }

    /// Whether this is the last entry of its stack.
    public static boolean bottomOfStack(MemorySegment s, long at) {
        return (Octets.i32(s, at) & BOTTOM) != 0;
    }

    /// The time to live in hops.
    public static int timeToLive(MemorySegment s, long at) {
        return Octets.u8(s, at + TTL_OFFSET);
    }

    /// Writes the time to live.
    public static void timeToLive(MemorySegment s, long at, int ttl) {
        Octets.put8(s, at + TTL_OFFSET, ttl);
    }

    /// Writes an entry: `label` of 20 bits, `trafficClass` of 3.
    public static void emit(
            MemorySegment s, long at, int label, int trafficClass, boolean bottomOfStack, int timeToLive) {
        int bottom = bottomOfStack ? BOTTOM : 0;
        Octets.put32(
                s, at, label << LABEL_SHIFT | (trafficClass & 0b111) << CLASS_SHIFT | bottom | (timeToLive & 0xff));
    }
}
