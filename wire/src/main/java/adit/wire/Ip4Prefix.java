package adit.wire;

/// A range of IPv4 addresses that share their first bits: a network. An interface's own address with the length
/// of its network is an [Ip4InterfaceAddress].
///
/// @param address the first address of the range; no bit behind the prefix may be set
/// @param length how many bits are shared, 0 to 32
public record Ip4Prefix(Ip4Address address, int length) implements IpPrefix {
    /// 0.0.0.0/0.
    public static final Ip4Prefix ALL = new Ip4Prefix(Ip4Address.ANY, 0);

    /// The length of a prefix that holds one address.
    public static final int MAX_LENGTH = 32;

    /// Refuses lengths beyond 32 and bits behind the prefix.
    public Ip4Prefix {
        if (length < 0 || length > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "not an IPv4 prefix: " + address + "/" + length + " (the length must be 0 to 32)");
        }
        if ((address.bits() & ~mask(length)) != 0) {
            throw new IllegalArgumentException("not an IPv4 prefix: " + address + "/" + length
                    + " (bits behind the prefix are set; the network is " + of(address, length) + ")");
        }
    }

    /// The network of `length` bits that `address` is in.
    public static Ip4Prefix of(Ip4Address address, int length) {
        return new Ip4Prefix(new Ip4Address(address.bits() & mask(length)), length);
    }

    /// Reads a prefix such as `10.2.0.0/16`, or an address, which is a prefix of 32 bits.
    ///
    /// @throws IllegalArgumentException when `text` is anything else or has bits set behind the prefix
    public static Ip4Prefix parse(String text) {
        Ip4InterfaceAddress parsed = new AddressText(
                        text, "IPv4 prefix", "an address and a prefix length such as 10.2.0.0/16")
                .ip4WithLength();
        return new Ip4Prefix(parsed.address(), parsed.prefixLength());
    }

    /// The mask of `length` leading ones, as the bits of an int.
    public static int mask(int length) {
        return length == 0 ? 0 : -1 << (MAX_LENGTH - length);
    }

    /// Whether the address with these bits is in the range.
    public boolean contains(int bits) {
        return ((bits ^ address.bits()) & mask(length)) == 0;
    }

    @Override
    public boolean contains(IpAddress address) {
        return address instanceof Ip4Address ip4 && contains(ip4.bits());
    }

    /// Whether every address of `other` is in the range.
    public boolean contains(Ip4Prefix other) {
        return other.length >= length && contains(other.address.bits());
    }

    /// The mask as an address, such as 255.255.0.0.
    public Ip4Address netmask() {
        return new Ip4Address(mask(length));
    }

    /// The last address of the range, which in networks of up to 30 bits is everybody's.
    public Ip4Address broadcast() {
        return new Ip4Address(address.bits() | ~mask(length));
    }

    /// The text form, such as `10.2.0.0/16`.
    @Override
    public String toString() {
        return address + "/" + length;
    }
}
