package adit.device;

import adit.wire.Octets;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// What `struct ifreq` is on every Unix: an interface's name, and behind it a union of which the call says what
/// it is. In the host's octet order.
///
/// ```
/// | name (16), NUL-terminated | flags (2), or an int (4), or a sockaddr, or what else the system has |
/// ```
public final class InterfaceRequest {
    /// The octets of a name with its NUL: where the union stands.
    public static final int NAME_LENGTH = 16;
    /// The longest name in octets.
    public static final int MAX_NAME = NAME_LENGTH - 1;

    private static final ByteOrder HOST = ByteOrder.nativeOrder();

    private InterfaceRequest() {}

    /// Zeroes `s` and writes a name of at most [#MAX_NAME] octets in UTF-8; throws IllegalArgumentException when
    /// it has more.
    public static void name(MemorySegment s, String name) {
        byte[] octets = name.getBytes(StandardCharsets.UTF_8);
        if (octets.length > MAX_NAME) {
            throw new IllegalArgumentException("interface name of " + octets.length + " octets: " + name);
        }
        s.fill((byte) 0);
        MemorySegment.copy(MemorySegment.ofArray(octets), 0, s, 0, octets.length);
    }

    /// The name: the octets in front of the first NUL, at most [#MAX_NAME].
    public static String name(MemorySegment s) {
        byte[] octets = new byte[MAX_NAME];
        MemorySegment.copy(s, 0, MemorySegment.ofArray(octets), 0, MAX_NAME);
        int length = 0;
        while (length < MAX_NAME && octets[length] != 0) {
            length++;
        }
        return new String(octets, 0, length, StandardCharsets.UTF_8);
    }

    /// Writes the union as `short ifr_flags`.
    public static void flags(MemorySegment s, int flags) {
        Octets.put16(s, NAME_LENGTH, flags, HOST);
    }

    /// The union as `short ifr_flags`, 0 to 65535.
    public static int flags(MemorySegment s) {
        return Octets.u16(s, NAME_LENGTH, HOST);
    }

    /// Writes the union as an int: an MTU, or on Linux an index.
    public static void value(MemorySegment s, int value) {
        Octets.put32(s, NAME_LENGTH, value, HOST);
    }

    /// The union as an int: an MTU, or on Linux an index.
    public static int value(MemorySegment s) {
        return Octets.i32(s, NAME_LENGTH, HOST);
    }
}
