package adit.linux;

import adit.linux.sys.Inet;
import adit.linux.sys.Libc;
import adit.linux.sys.LibcSocket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A bound UDP socket with all that an underlay wants to hear switched on.
final class UdpSocket {
    private static final int SEND_BUFFER = 4 << 20;
    /// More, because what comes does not wait: while the receiving thread is kept from its processor, this holds what
    /// several senders have under way.
    private static final int RECEIVE_BUFFER = 8 << 20;

    private final Fd fd;
    private final boolean joinsReceived;

    private UdpSocket(Fd fd, boolean joinsReceived) {
        this.fd = fd;
        this.joinsReceived = joinsReceived;
    }

    static UdpSocket open(UdpSpec spec) throws LinuxException {
        Fd fd = Fd.socket(Inet.SOCK_DGRAM, 0, "UDP");
        try {
            return new UdpSocket(fd, setUp(fd, spec));
        } catch (Throwable t) {
            fd.close();
            throw t;
        }
    }

    private static boolean setUp(Fd fd, UdpSpec spec) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            SocketOptions options = new SocketOptions(fd, "UDP port " + spec.port(), arena);
            if (spec.sharing() == UdpSpec.Sharing.SHARED) {
                options.require(Inet.SOL_SOCKET, Inet.SO_REUSEPORT, 1);
            }
            for (int option : new int[] {Inet.IP_PKTINFO, Inet.IP_RECVTOS, Inet.IP_RECVTTL, Inet.IP_RECVERR}) {
                options.require(Inet.SOL_IP, option, 1);
            }
            options.require(Inet.SOL_IP, Inet.IP_MTU_DISCOVER, Inet.IP_PMTUDISC_DO);
            options.waitAtMost(RestInRead.LIMIT_NANOS);
            options.enlargeSendBuffer(SEND_BUFFER);
            options.enlargeReceiveBuffer(RECEIVE_BUFFER);
            boolean joins = spec.offload() == UdpSpec.Offload.AUTO && options.set(Inet.SOL_UDP, Inet.UDP_GRO, 1) >= 0;
            bind(fd, spec, arena);
            return joins;
        }
    }

    private static void bind(Fd fd, UdpSpec spec, Arena arena) throws LinuxException {
        MemorySegment address = arena.allocate(Inet.ADDRESS_SIZE, 8);
        Inet.putAddress(address, 0, spec.local().bits(), spec.port());
        int held = fd.hold();
        try {
            LinuxException.check(
                    LibcSocket.bind(Libc.errnoState(), held, address, Inet.ADDRESS_SIZE),
                    "bind",
                    "UDP " + spec.local() + ":" + spec.port());
        } finally {
            fd.leave();
        }
    }

    Fd fd() {
        return fd;
    }

    /// Whether datagrams of a flow may come joined (UDP_GRO).
    boolean joinsReceived() {
        return joinsReceived;
    }
}
