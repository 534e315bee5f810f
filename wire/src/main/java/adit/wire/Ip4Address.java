package adit.wire;

import java.lang.foreign.MemorySegment;

/// An IPv4 address. The text form is four decimal numbers with dots, without leading zeros; no other is read or
/// written.
///
/// @param bits the address as the bits of an int, first octet highest
public record Ip4Address(int bits) implements IpAddress, Comparable<Ip4Address> {
    /// 0.0.0.0.
    public static final Ip4Address ANY = new Ip4Address(0);
    /// 127.0.0.1.
    public static final Ip4Address LOOPBACK = new Ip4Address(0x7f00_0001);
    /// 255.255.255.255.
    public static final Ip4Address BROADCAST = new Ip4Address(-1);

    private static final int LENGTH = 4;

    /// The address of four octets, each from 0 to 255.
    public static Ip4Address of(int first, int second, int third, int fourth) {
        if (((first | second | third | fourth) & ~0xff) != 0) {
            throw new IllegalArgumentException("not an IPv4 address: %s.%s.%s.%s (each number must be 0 to 255)"
                    .formatted(first, second, third, fourth));
        }
        return new Ip4Address(first << 24 | second << 16 | third << 8 | fourth);
    }

    /// The address whose octets stand at `at`.
    public static Ip4Address read(MemorySegment s, long at) {
        return new Ip4Address(Octets.i32(s, at));
    }

    /// Reads an address such as `192.0.2.1`.
    ///
    /// @throws IllegalArgumentException when `text` is anything else; the message holds `text` and says what is
    ///     wrong
    public static Ip4Address parse(String text) {
        return new AddressText(text, "IPv4 address", "four numbers from 0 to 255 such as 192.0.2.1").ip4();
    }

    /// The address as text, from its bits: for places that hold no `Ip4Address`.
    public static String text(int bits) {
        return (bits >>> 24) + "." + (bits >>> 16 & 0xff) + "." + (bits >>> 8 & 0xff) + "." + (bits & 0xff);
    }

    @Override
    public int length() {
        return LENGTH;
    }

    @Override
    public void emit(MemorySegment s, long at) {
        Octets.put32(s, at, bits);
    }

    @Override
    public boolean isUnspecified() {
        return bits == 0;
    }

    @Override
    public boolean isLoopback() {
        return bits >>> 24 == 127;
    }

    @Override
    public boolean isMulticast() {
        return bits >>> 28 == 0xe;
    }

    @Override
    public boolean isLinkLocal() {
        return bits >>> 16 == 0xa9fe;
    }

    /// Whether this is 255.255.255.255. Broadcast addresses of networks take a prefix to tell: see
    /// [Ip4Prefix#broadcast].
    public boolean isBroadcast() {
        return bits == -1;
    }

    /// Whether this is in 0.0.0.0/8, "this network".
    public boolean isThisNetwork() {
        return bits >>> 24 == 0;
    }

    /// Orders addresses as unsigned numbers.
    @Override
    public int compareTo(Ip4Address other) {
        return Integer.compareUnsigned(bits, other.bits);
    }

    /// The text form, such as `192.0.2.1`.
    @Override
    public String toString() {
        return text(bits);
    }
}
