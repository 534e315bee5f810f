package adit.bsdtun;

import adit.wire.Ip4Address;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// BSD's `struct sockaddr`, which knows its length: stateless accessors over (segment, offset).
///
/// ```
/// | sa_len | sa_family | port (2) | IPv4 address (4) | zero (8)                          |
/// | sa_len | sa_family | port (2) | flow (4)         | IPv6 address (16) | scope id (4)  |
/// ```
public final class Sockaddr {
    /// No family.
    public static final int AF_UNSPEC = 0;
    /// IPv4.
    public static final int AF_INET = 2;
    /// A link address.
    public static final int AF_LINK = 18;
    /// IPv6, with NetBSD's number.
    public static final int AF_INET6 = 24;

    /// The length of a `sockaddr` and of a `sockaddr_in` in octets.
    public static final int LENGTH = 16;
    /// The length of a `sockaddr_in6` in octets.
    public static final int LENGTH_6 = 28;

    private static final int FAMILY = 1;
    private static final int ADDRESS_4 = 4;
    static final int ADDRESS_6 = 8;
    private static final int SCOPE = 24;

    private Sockaddr() {}

    /// Its length in octets, as it says itself.
    public static int length(MemorySegment s, long at) {
        return Octets.u8(s, at);
    }

    /// Its address family.
    public static int family(MemorySegment s, long at) {
        return Octets.u8(s, at + FAMILY);
    }

    /// The bits of the address of a `sockaddr_in`.
    public static int address4(MemorySegment s, long at) {
        return Octets.i32(s, at + ADDRESS_4);
    }

    /// The address, if it is one of IPv4 or IPv6.
    public static Optional<IpAddress> address(MemorySegment s, long at) {
        return switch (family(s, at)) {
            case AF_INET -> Optional.of(Ip4Address.read(s, at + ADDRESS_4));
            case AF_INET6 -> Optional.of(Ip6Address.read(s, at + ADDRESS_6));
            default -> Optional.empty();
        };
    }

    /// Writes a `sockaddr_in` without a port.
    public static void emit4(MemorySegment s, long at, int address) {
        Octets.put8(s, at, LENGTH);
        Octets.put8(s, at + FAMILY, AF_INET);
        Octets.put16(s, at + 2, 0);
        Octets.put32(s, at + ADDRESS_4, address);
        Octets.put64(s, at + 8, 0);
    }

    /// Writes a `sockaddr_in6` without port, flow and scope.
    public static void emit6(MemorySegment s, long at, long high, long low) {
        Octets.put8(s, at, LENGTH_6);
        Octets.put8(s, at + FAMILY, AF_INET6);
        Octets.put16(s, at + 2, 0);
        Octets.put32(s, at + 4, 0);
        Octets.put64(s, at + ADDRESS_6, high);
        Octets.put64(s, at + ADDRESS_6 + Long.BYTES, low);
        Octets.put32(s, at + SCOPE, 0);
    }

    /// Writes an address without a port.
    public static void emit(MemorySegment s, long at, IpAddress address) {
        switch (address) {
            case Ip4Address ip4 -> emit4(s, at, ip4.bits());
            case Ip6Address ip6 -> emit6(s, at, ip6.high(), ip6.low());
        }
    }
}
