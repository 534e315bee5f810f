package adit.ip;

import adit.wire.Ip4Address;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;

/// An address as prefix tries and tables of neighbours have it: 128 bits in two words, an IPv4 address in the
/// upper half of the first.
final class AddressBits {
    private AddressBits() {}

    static long high(IpAddress address) {
        return switch (address) {
            case Ip4Address ip4 -> (long) ip4.bits() << 32;
            case Ip6Address ip6 -> ip6.high();
        };
    }

    static long low(IpAddress address) {
        return address instanceof Ip6Address ip6 ? ip6.low() : 0;
    }

    /// A number of 24 bits that spreads addresses over tables whose size is a power of two.
    static int hash(long high, long low) {
        long x = (high ^ Long.rotateLeft(low, 29)) * 0x9e37_79b9_7f4a_7c15L;
        return (int) (x >>> 40);
    }
}
