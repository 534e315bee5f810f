package adit.tun;

import adit.wire.Octets;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// `struct ifreq`: an interface's name in 16 octets, NUL-terminated, and behind it a union of 24 octets.
public final class Ifreq {
    /// The size of the struct in octets.
    public static final int SIZE = 40;
    /// The longest name in octets.
    public static final int MAX_NAME = 15;

    /// Read the MTU into the union.
    public static final int SIOCGIFMTU = 0x8921;
    /// Write the hardware address.
    public static final int SIOCSIFHWADDR = 0x8924;
    /// Read the hardware address into the union, as a `sockaddr`.
    public static final int SIOCGIFHWADDR = 0x8927;
    /// Read the index into the union.
    public static final int SIOCGIFINDEX = 0x8933;
    /// Open the namespace of a socket or a TUN file.
    public static final int SIOCGSKNS = 0x894c;

    private static final ByteOrder HOST = ByteOrder.nativeOrder();
    private static final int UNION = 16;
    /// Where the octets of the `sockaddr` in the union stand.
    public static final int HARDWARE_ADDRESS = UNION + 2;

    private Ifreq() {}

    /// Zeroes the struct and writes a name of at most [#MAX_NAME] octets.
    public static void name(MemorySegment s, String name) {
        byte[] octets = name.getBytes(StandardCharsets.UTF_8);
        if (octets.length > MAX_NAME) {
            throw new IllegalArgumentException("interface name of " + octets.length + " octets: " + name);
        }
        s.asSlice(0, SIZE).fill((byte) 0);
        MemorySegment.copy(MemorySegment.ofArray(octets), 0, s, 0, octets.length);
    }

    /// The name.
    public static String name(MemorySegment s) {
        return s.getString(0, StandardCharsets.UTF_8);
    }

    /// Writes the union as `short ifr_flags`.
    public static void flags(MemorySegment s, int flags) {
        Octets.put16(s, UNION, flags, HOST);
    }

    /// The union as `short ifr_flags`, 0 to 65535.
    public static int flags(MemorySegment s) {
        return Octets.u16(s, UNION, HOST);
    }

    /// Writes the union as an int: index or MTU.
    public static void value(MemorySegment s, int value) {
        Octets.put32(s, UNION, value, HOST);
    }

    /// The union as an int: index or MTU.
    public static int value(MemorySegment s) {
        return Octets.i32(s, UNION, HOST);
    }

    /// Writes the family of the `sockaddr` in the union: a link type (ARPHRD).
    public static void linkType(MemorySegment s, int linkType) {
        Octets.put16(s, UNION, linkType, HOST);
    }

    /// The family of the `sockaddr` in the union: a link type (ARPHRD).
    public static int linkType(MemorySegment s) {
        return Octets.u16(s, UNION, HOST);
    }
}
