package adit.wire;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/// The packet information in front of each packet on a TUN or TAP file that was opened without `IFF_NO_PI`:
/// `struct tun_pi` of Linux.
///
/// ```
/// |    Flags, host byte order     |   Protocol, an EtherType      |
/// ```
public final class TunPi {
    /// The length of the header, in octets.
    public static final int LENGTH = 4;
    /// The flag that a read sets when the packet did not fit into the buffer and lost its end
    /// (`TUN_PKT_STRIP`).
    public static final int FLAG_STRIP = 0x0001;

    private static final int FLAGS = 0;
    private static final int PROTOCOL = 2;

    private TunPi() {}

    /// Answers [WireFault#NONE] when every accessor is safe on `available` octets at `at`.
    public static WireFault fault(MemorySegment s, long at, int available) {
        return available < LENGTH ? WireFault.TRUNCATED : WireFault.NONE;
    }

    /// The flags.
    public static int flags(MemorySegment s, long at) {
        return Octets.u16(s, at + FLAGS, ByteOrder.nativeOrder());
    }

    /// Whether the packet lost its end.
    public static boolean isStripped(MemorySegment s, long at) {
        return (flags(s, at) & FLAG_STRIP) != 0;
    }

    /// The EtherType of the packet.
    public static int protocol(MemorySegment s, long at) {
        return Octets.u16(s, at + PROTOCOL);
    }

    /// Writes the header.
    public static void emit(MemorySegment s, long at, int flags, int protocol) {
        Octets.put16(s, at + FLAGS, flags, ByteOrder.nativeOrder());
        Octets.put16(s, at + PROTOCOL, protocol);
    }
}
