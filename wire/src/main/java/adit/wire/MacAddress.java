package adit.wire;

import java.lang.foreign.MemorySegment;

/// An Ethernet (EUI-48) address.
///
/// @param bits the address in the low 48 bits, first octet highest
public record MacAddress(long bits) implements Comparable<MacAddress> {
    /// ff:ff:ff:ff:ff:ff.
    public static final MacAddress BROADCAST = new MacAddress(0xffff_ffff_ffffL);

    /// The length of an address, in octets.
    public static final int LENGTH = 6;

    private static final long GROUP_BIT = 1L << 40;
    private static final long LOCAL_BIT = 1L << 41;

    /// Refuses bits above the 48th.
    public MacAddress {
        if (bits >>> 48 != 0) {
            throw new IllegalArgumentException("not an Ethernet address: 0x%x has more than 48 bits".formatted(bits));
        }
    }

    /// The address whose octets stand at `at`.
    public static MacAddress read(MemorySegment s, long at) {
        return new MacAddress(Octets.u48(s, at));
    }

    /// Reads an address such as `02:00:5e:10:00:01`; `-` may stand for `:`.
    ///
    /// @throws IllegalArgumentException when `text` is anything else; the message holds `text` and says what is
    ///     wrong
    public static MacAddress parse(String text) {
        return new MacAddress(new AddressText(text, "Ethernet address", "six octets such as 02:00:5e:10:00:01").mac());
    }

    /// Writes the address's octets at `at`.
    public void emit(MemorySegment s, long at) {
        Octets.put48(s, at, bits);
    }

    /// Whether this is the address of everybody.
    public boolean isBroadcast() {
        return bits == BROADCAST.bits;
    }

    /// Whether this is the address of a group, broadcast included.
    public boolean isMulticast() {
        return (bits & GROUP_BIT) != 0;
    }

    /// Whether somebody made this address up, rather than bought a range of them.
    public boolean isLocallyAdministered() {
        return (bits & LOCAL_BIT) != 0;
    }

    /// Orders addresses as unsigned numbers.
    @Override
    public int compareTo(MacAddress other) {
        return Long.compare(bits, other.bits);
    }

    /// The text form, lower case with colons, such as `02:00:5e:10:00:01`.
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(17);
        for (int shift = 40; shift >= 0; shift -= 8) {
            int octet = (int) (bits >>> shift) & 0xff;
            text.append(Character.forDigit(octet >> 4, 16)).append(Character.forDigit(octet & 0xf, 16));
            if (shift > 0) {
                text.append(':');
            }
        }
        return text.toString();
    }
}
