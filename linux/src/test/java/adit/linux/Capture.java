package adit.linux;

import adit.linux.sys.HostOrder;
import adit.linux.sys.Libc;
import adit.linux.sys.LibcSocket;
import adit.wire.Octets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// Sees the IPv4 packets that come in by an interface as they are on the wire: a packet socket, as tcpdump has one.
final class Capture implements AutoCloseable {
    private static final int AF_PACKET = 17;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_NONBLOCK = 0x800;
    private static final int ETH_P_IP = 0x0800;
    private static final int PACKET_OUTGOING = 4;
    private static final int ADDRESS_SIZE = 20;

    private final Fd fd;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment octets = arena.allocate(1 << 17);
    private final MemorySegment address = arena.allocate(ADDRESS_SIZE, 8);
    private final MemorySegment length = arena.allocate(4, 4);

    private Capture(Fd fd) {
        this.fd = fd;
    }

    /// On the interface of an index in the calling thread's namespace.
    static Capture open(int index) throws IOException {
        int network = Short.toUnsignedInt(Short.reverseBytes((short) ETH_P_IP));
        Capture capture = new Capture(Fd.own(
                LibcSocket.socket(Libc.errnoState(), AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK, network),
                "socket",
                "AF_PACKET"));
        HostOrder.put16(capture.address, 0, AF_PACKET);
        Octets.put16(capture.address, 2, ETH_P_IP);
        HostOrder.put32(capture.address, 4, index);
        LinuxException.check(
                LibcSocket.bind(Libc.errnoState(), capture.fd.holdOrThrow(), capture.address, ADDRESS_SIZE),
                "bind",
                "interface " + index);
        return capture;
    }

    /// The next `count` packets that `wanted` likes, or fewer when they do not come within some seconds.
    List<byte[]> take(int count, Predicate<byte[]> wanted) {
        List<byte[]> taken = new ArrayList<>();
        long until = System.nanoTime() + 20_000_000_000L;
        int number = fd.hold();
        try {
            while (taken.size() < count && System.nanoTime() < until) {
                HostOrder.put32(length, 0, ADDRESS_SIZE);
                int n = LibcSocket.recvfrom(Libc.errnoState(), number, octets, octets.byteSize(), 0, address, length);
                if (n < 0) {
                    Thread.onSpinWait();
                } else if (Octets.u8(address, 10) != PACKET_OUTGOING) {
                    byte[] packet = octets.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE);
                    if (wanted.test(packet)) {
                        taken.add(packet);
                    }
                }
            }
        } finally {
            fd.leave();
        }
        return taken;
    }

    @Override
    public void close() {
        fd.leave();
        fd.close();
        arena.close();
    }
}
