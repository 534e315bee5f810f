package adit.wire;

import java.lang.foreign.MemorySegment;

/// An IPv6 address. Reads every text form of RFC 4291 section 2.2, without zones; writes the one form of RFC
/// 5952.
///
/// @param high the first eight octets, first octet highest
/// @param low the last eight octets
public record Ip6Address(long high, long low) implements IpAddress, Comparable<Ip6Address> {
    /// `::`.
    public static final Ip6Address ANY = new Ip6Address(0, 0);
    /// `::1`.
    public static final Ip6Address LOOPBACK = new Ip6Address(0, 1);

    private static final int LENGTH = 16;
    private static final int LOW_HALF = 8;
    private static final int GROUPS = 8;

    /// The address whose octets stand at `at`.
    public static Ip6Address read(MemorySegment s, long at) {
        return new Ip6Address(Octets.i64(s, at), Octets.i64(s, at + LOW_HALF));
    }

    /// Reads an address such as `2001:db8::1` or `::ffff:192.0.2.1`.
    ///
    /// @throws IllegalArgumentException when `text` is anything else; the message holds `text` and says what is
    ///     wrong
    public static Ip6Address parse(String text) {
        return new AddressText(text, "IPv6 address", "groups of hexadecimal digits such as 2001:db8::1").ip6();
    }

    /// The IPv4-mapped address `::ffff:a.b.c.d` (RFC 4291 section 2.5.5.2).
    public static Ip6Address mapped(Ip4Address address) {
        return new Ip6Address(0, 0xffff_0000_0000L | (address.bits() & 0xffff_ffffL));
    }

    /// Group `index`, 0 to 7, from the left.
    public int group(int index) {
        long half = index < GROUPS / 2 ? high : low;
        return (int) (half >>> (48 - 16 * (index % (GROUPS / 2)))) & 0xffff;
    }

    @Override
    public int length() {
        return LENGTH;
    }

    @Override
    public void emit(MemorySegment s, long at) {
        Octets.put64(s, at, high);
        Octets.put64(s, at + LOW_HALF, low);
    }

    @Override
    public boolean isUnspecified() {
        return (high | low) == 0;
    }

    @Override
    public boolean isLoopback() {
        return high == 0 && low == 1;
    }

    @Override
    public boolean isMulticast() {
        return high >>> 56 == 0xff;
    }

    @Override
    public boolean isLinkLocal() {
        return high >>> 54 == 0xfe80 >>> 6;
    }

    /// Whether this is `::ffff:a.b.c.d`.
    public boolean isIp4Mapped() {
        return high == 0 && low >>> 32 == 0xffff;
    }

    /// Whether this is `::a.b.c.d` with a real IPv4 address in it, neither `::` nor `::1`. Deprecated on the
    /// wire, but still how an automatic tunnel finds its peer.
    public boolean isIp4Compatible() {
        return high == 0 && low >>> 32 == 0 && low >>> 16 != 0;
    }

    /// The last four octets as an IPv4 address.
    public Ip4Address embeddedIp4() {
        return new Ip4Address((int) low);
    }

    /// Orders addresses as unsigned numbers.
    @Override
    public int compareTo(Ip6Address other) {
        int byHigh = Long.compareUnsigned(high, other.high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }

    /// The text form of RFC 5952: lower case, no leading zeros, `::` for the first of the longest runs of two
    /// or more zero groups, and the dotted form for IPv4-mapped addresses.
    @Override
    public String toString() {
        if (isIp4Mapped()) {
            return "::ffff:" + embeddedIp4();
        }
        int runStart = -1;
        int runLength = 1;
        for (int i = 0; i < GROUPS; i++) {
            int zeros = 0;
            while (i + zeros < GROUPS && group(i + zeros) == 0) {
                zeros++;
            }
            if (zeros > runLength) {
                runStart = i;
                runLength = zeros;
            }
        }
        StringBuilder text = new StringBuilder();
        int i = 0;
        while (i < GROUPS) {
            if (i == runStart) {
                text.append("::");
                i += runLength;
            } else {
                if (i > 0 && text.charAt(text.length() - 1) != ':') {
                    text.append(':');
                }
                text.append(Integer.toHexString(group(i)));
                i++;
            }
        }
        return text.toString();
    }
}
