package adit.linux;

import adit.linux.sys.HostOrder;
import adit.linux.sys.Inet;
import adit.linux.sys.Libc;
import adit.linux.sys.LibcSocket;
import adit.linux.sys.Platform;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A bound UDP socket with all that an underlay wants to hear switched on.
final class UdpSocket {
    private static final int BUFFER_OCTETS = 4 << 20;

    private final Fd fd;
    private final boolean joinsReceived;

    private UdpSocket(Fd fd, boolean joinsReceived) {
        this.fd = fd;
        this.joinsReceived = joinsReceived;
    }

    static UdpSocket open(UdpSpec spec) throws LinuxException {
        Platform.require();
        Fd fd = Fd.own(
                LibcSocket.socket(
                        Libc.errnoState(), Inet.AF_INET, Inet.SOCK_DGRAM | Inet.SOCK_NONBLOCK | Inet.SOCK_CLOEXEC, 0),
                "socket",
                "UDP");
        try {
            return new UdpSocket(fd, setUp(fd, spec));
        } catch (Throwable t) {
            fd.close();
            throw t;
        }
    }

    private static boolean setUp(Fd fd, UdpSpec spec) throws LinuxException {
        int held = fd.hold();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(8);
            String subject = "UDP port " + spec.port();
            if (spec.sharing() == UdpSpec.Sharing.SHARED) {
                require(held, value, Inet.SOL_SOCKET, Inet.SO_REUSEPORT, 1, subject);
            }
            for (int option : new int[] {Inet.IP_PKTINFO, Inet.IP_RECVTOS, Inet.IP_RECVTTL, Inet.IP_RECVERR}) {
                require(held, value, Inet.SOL_IP, option, 1, subject);
            }
            require(held, value, Inet.SOL_IP, Inet.IP_MTU_DISCOVER, Inet.IP_PMTUDISC_DO, subject);
            enlarge(held, value, Inet.SO_SNDBUFFORCE, Inet.SO_SNDBUF);
            enlarge(held, value, Inet.SO_RCVBUFFORCE, Inet.SO_RCVBUF);
            boolean joins =
                    spec.offload() == UdpSpec.Offload.AUTO && set(held, value, Inet.SOL_UDP, Inet.UDP_GRO, 1) >= 0;
            MemorySegment address = arena.allocate(Inet.ADDRESS_SIZE, 8);
            Inet.putAddress(address, 0, spec.local().bits(), spec.port());
            LinuxException.check(
                    LibcSocket.bind(Libc.errnoState(), held, address, Inet.ADDRESS_SIZE),
                    "bind",
                    "UDP " + spec.local() + ":" + spec.port());
            return joins;
        } finally {
            fd.leave();
        }
    }

    private static void enlarge(int held, MemorySegment value, int privileged, int ordinary) {
        if (set(held, value, Inet.SOL_SOCKET, privileged, BUFFER_OCTETS) < 0) {
            set(held, value, Inet.SOL_SOCKET, ordinary, BUFFER_OCTETS);
        }
    }

    private static void require(int held, MemorySegment value, int level, int option, int number, String subject)
            throws LinuxException {
        LinuxException.check(set(held, value, level, option, number), "setsockopt " + option, subject);
    }

    private static int set(int held, MemorySegment value, int level, int option, int number) {
        HostOrder.put32(value, 0, number);
        return LibcSocket.setsockopt(Libc.errnoState(), held, level, option, value, Integer.BYTES);
    }

    Fd fd() {
        return fd;
    }

    /// Whether datagrams of a flow may come joined (UDP_GRO).
    boolean joinsReceived() {
        return joinsReceived;
    }
}
