package adit.wire;

import java.lang.foreign.MemorySegment;

/// A VLAN tag in place, behind an EtherType that announces it. IEEE 802.1Q, and 802.1ad for stacked ones.
///
/// ```
///  0                   1                   2                   3
/// | PCP |D|         VID           |           EtherType           |
/// ```
///
/// The announcing EtherType (the standard's TPID) stands in front of the tag, the EtherType in the tag belongs
/// to what follows: the next tag or the payload.
public final class Vlan {
    /// The length of a tag, in octets.
    public static final int TAG_LENGTH = 4;
    /// The largest VLAN identifier that names a VLAN. 0 means: no VLAN, only a priority.
    public static final int MAX_IDENTIFIER = 4094;

    private static final int CONTROL = 0;
    private static final int ETHER_TYPE = 2;

    private static final int PRIORITY_SHIFT = 13;
    private static final int DROP_ELIGIBLE = 1 << 12;
    private static final int IDENTIFIER_MASK = 0xfff;

    private Vlan() {}

    /// Whether `etherType` announces a tag.
    public static boolean isTag(int etherType) {
        return etherType == EtherType.VLAN || etherType == EtherType.SERVICE_VLAN;
    }

    /// Answers [WireFault#NONE] when every accessor is safe on `available` octets at `at`.
    public static WireFault fault(MemorySegment s, long at, int available) {
        return available < TAG_LENGTH ? WireFault.TRUNCATED : WireFault.NONE;
    }

    /// Priority, drop eligibility and identifier together: the standard's TCI.
    public static int control(MemorySegment s, long at) {
        return Octets.u16(s, at + CONTROL);
    }

    /// The priority code point, 0 to 7.
    public static int priority(MemorySegment s, long at) {
        return control(s, at) >> PRIORITY_SHIFT;
    }

    /// Whether the frame may be dropped first.
    public static boolean dropEligible(MemorySegment s, long at) {
        return (control(s, at) & DROP_ELIGIBLE) != 0;
    }

    /// The VLAN identifier, 12 bits.
    public static int identifier(MemorySegment s, long at) {
        return control(s, at) & IDENTIFIER_MASK;
    }

    /// What follows the tag.
    public static int etherType(MemorySegment s, long at) {
        return Octets.u16(s, at + ETHER_TYPE);
    }

    /// Writes a tag: `control` as [#control] reads it.
    public static void emit(MemorySegment s, long at, int control, int etherType) {
        Octets.put16(s, at + CONTROL, control);
        Octets.put16(s, at + ETHER_TYPE, etherType);
    }
}
