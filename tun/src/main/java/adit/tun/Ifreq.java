package adit.tun;

import adit.device.InterfaceRequest;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/// Linux's `struct ifreq`, as far as it is not every Unix's ([InterfaceRequest]): the union has 24 octets.
public final class Ifreq {
    /// The size of the struct in octets.
    public static final int SIZE = 40;

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
    private static final int UNION = InterfaceRequest.NAME_LENGTH;
    /// Where the octets of the `sockaddr` in the union stand.
    public static final int HARDWARE_ADDRESS = UNION + 2;

    private static final int TYPE_SHIFT = 8;
    private static final int SOCKET_TYPE = 0x89;

    private Ifreq() {}

    /// Whether a command is one of those of all sockets, which bring a `struct ifreq`, SIOCGSKNS excepted.
    static boolean isSocketCall(int command) {
        return (command >> TYPE_SHIFT & 0xff) == SOCKET_TYPE;
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
