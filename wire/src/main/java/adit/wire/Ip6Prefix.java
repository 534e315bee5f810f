package adit.wire;

/// A range of IPv6 addresses that share their first bits: a network. An interface's own address with the length
/// of its network is an [Ip6InterfaceAddress].
///
/// @param address the first address of the range; no bit behind the prefix may be set
/// @param length how many bits are shared, 0 to 128
public record Ip6Prefix(Ip6Address address, int length) implements IpPrefix {
    /// ::/0.
    public static final Ip6Prefix ALL = new Ip6Prefix(Ip6Address.ANY, 0);

    /// The length of a prefix that holds one address.
    public static final int MAX_LENGTH = 128;

    private static final int HALF = 64;

    /// Refuses lengths beyond 128 and bits behind the prefix.
    public Ip6Prefix {
        if (length < 0 || length > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "not an IPv6 prefix: " + address + "/" + length + " (the length must be 0 to 128)");
        }
        if (!new Ip6Address(address.high() & maskHigh(length), address.low() & maskLow(length)).equals(address)) {
            throw new IllegalArgumentException("not an IPv6 prefix: " + address + "/" + length
                    + " (bits behind the prefix are set; the network is " + of(address, length) + ")");
        }
    }

    /// The network of `length` bits that `address` is in.
    public static Ip6Prefix of(Ip6Address address, int length) {
        return new Ip6Prefix(
                new Ip6Address(address.high() & maskHigh(length), address.low() & maskLow(length)), length);
    }

    /// Reads a prefix such as `2001:db8::/32`, or an address, which is a prefix of 128 bits.
    ///
    /// @throws IllegalArgumentException when `text` is anything else or has bits set behind the prefix
    public static Ip6Prefix parse(String text) {
        Ip6InterfaceAddress parsed = new AddressText(
                        text, "IPv6 prefix", "an address and a prefix length such as 2001:db8::/32")
                .ip6WithLength();
        return new Ip6Prefix(parsed.address(), parsed.prefixLength());
    }

    private static long maskHigh(int length) {
        return length >= HALF ? -1L : leadingOnes(length);
    }

    private static long maskLow(int length) {
        return length <= HALF ? 0 : leadingOnes(length - HALF);
    }

    private static long leadingOnes(int count) {
        return count == 0 ? 0 : -1L << (HALF - count);
    }

    /// Whether the address with these bits is in the range.
    public boolean contains(long high, long low) {
        return ((high ^ address.high()) & maskHigh(length)) == 0 && ((low ^ address.low()) & maskLow(length)) == 0;
    }

    @Override
    public boolean contains(IpAddress address) {
        return address instanceof Ip6Address ip6 && contains(ip6.high(), ip6.low());
    }

    /// Whether every address of `other` is in the range.
    public boolean contains(Ip6Prefix other) {
        return other.length >= length && contains(other.address.high(), other.address.low());
    }

    /// The text form, such as `2001:db8::/32`.
    @Override
    public String toString() {
        return address + "/" + length;
    }
}
