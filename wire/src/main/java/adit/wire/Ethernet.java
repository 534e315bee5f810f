package adit.wire;

import java.lang.foreign.MemorySegment;

/// The Ethernet header in place. IEEE 802.3, as RFC 894 uses it. Frames here carry no preamble and no check
/// sequence.
///
/// ```
/// |                  Destination address, 6 octets                |
/// |                     Source address, 6 octets                  |
/// |           EtherType           |
/// ```
///
/// Addresses travel as the low 48 bits of a long; [MacAddress] is their value form.
public final class Ethernet {
    /// The length of the header without VLAN tags, in octets.
    public static final int HEADER_LENGTH = 14;

    private static final int DESTINATION = 0;
    private static final int SOURCE = 6;
    private static final int ETHER_TYPE = 12;

    private Ethernet() {}

    /// Answers [WireFault#NONE] when every accessor is safe on `available` octets at `at`.
    public static WireFault fault(MemorySegment s, long at, int available) {
        return available < HEADER_LENGTH ? WireFault.TRUNCATED : WireFault.NONE;
    }

    /// The destination address.
    public static long destination(MemorySegment s, long at) {
        return Octets.u48(s, at + DESTINATION);
    }

    /// The source address.
    public static long source(MemorySegment s, long at) {
        return Octets.u48(s, at + SOURCE);
    }

    /// What follows the header. [EtherType#VLAN] and [EtherType#SERVICE_VLAN] announce a tag: see [Vlan].
    /// Values below [EtherType#FIRST] are the length of an IEEE 802.2 payload.
    public static int etherType(MemorySegment s, long at) {
        return Octets.u16(s, at + ETHER_TYPE);
    }

    /// Writes a header.
    public static void emit(MemorySegment s, long at, long destination, long source, int etherType) {
        Octets.put64(s, at + DESTINATION, destination << 16 | (source >>> 32 & 0xffff));
        Octets.put32(s, at + SOURCE + 2, (int) source);
        Octets.put16(s, at + ETHER_TYPE, etherType);
    }
}
