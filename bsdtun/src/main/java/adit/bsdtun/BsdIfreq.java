package adit.bsdtun;

import adit.wire.IpAddress;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// NetBSD's `struct ifreq`, `struct ifaliasreq` and `struct in6_aliasreq`: stateless accessors. Each begins
/// with an interface's name in 16 octets, NUL-terminated.
///
/// ```
/// ifreq         | name (16) | sockaddr, or flags (2), or int (4) ...                      |
/// ifaliasreq    | name (16) | address (16) | destination or broadcast (16) | mask (16)    |
/// in6_aliasreq  | name (16) | address (28) | destination (28) | mask (28) | flags | times |
/// ```
public final class BsdIfreq {
    /// The length of a name with its NUL, in octets.
    public static final int NAME_LENGTH = 16;

    private static final ByteOrder HOST = ByteOrder.nativeOrder();
    private static final int UNION = NAME_LENGTH;

    private BsdIfreq() {}

    /// Zeroes `s` and writes a name of at most 15 octets.
    public static void name(MemorySegment s, String name) {
        byte[] octets = name.getBytes(StandardCharsets.UTF_8);
        if (octets.length >= NAME_LENGTH) {
            throw new IllegalArgumentException("interface name of " + octets.length + " octets: " + name);
        }
        s.fill((byte) 0);
        MemorySegment.copy(MemorySegment.ofArray(octets), 0, s, 0, octets.length);
    }

    /// The name, of at most 15 octets.
    public static String name(MemorySegment s) {
        int length = 0;
        while (length < NAME_LENGTH - 1 && Octets.u8(s, length) != 0) {
            length++;
        }
        byte[] octets = new byte[length];
        MemorySegment.copy(s, 0, MemorySegment.ofArray(octets), 0, length);
        return new String(octets, StandardCharsets.UTF_8);
    }

    /// Writes the flags.
    public static void flags(MemorySegment s, int flags) {
        Octets.put16(s, UNION, flags, HOST);
    }

    /// The flags.
    public static int flags(MemorySegment s) {
        return Octets.u16(s, UNION, HOST);
    }

    /// Writes an int: the MTU.
    public static void value(MemorySegment s, int value) {
        Octets.put32(s, UNION, value, HOST);
    }

    /// The int: the MTU.
    public static int value(MemorySegment s) {
        return Octets.i32(s, UNION, HOST);
    }

    /// Writes an address as a `sockaddr`, of which a short `ifreq` has the front alone.
    public static void address(MemorySegment s, IpAddress address) {
        MemorySegment whole = MemorySegment.ofArray(new byte[Sockaddr.LENGTH_6]);
        Sockaddr.emit(whole, 0, address);
        MemorySegment.copy(whole, 0, s, UNION, Math.min(Sockaddr.length(whole, 0), s.byteSize() - UNION));
    }

    /// Where the `sockaddr` at `index` of an `ifaliasreq` stands: address, destination or broadcast, mask.
    static long alias(int index) {
        return UNION + (long) index * Sockaddr.LENGTH;
    }

    /// Where the `sockaddr_in6` at `index` of an `in6_aliasreq` stands: address, destination, mask.
    static long alias6(int index) {
        return UNION + (long) index * Sockaddr.LENGTH_6;
    }
}
