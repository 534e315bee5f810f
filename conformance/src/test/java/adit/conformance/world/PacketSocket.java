package adit.conformance.world;

import adit.device.Errno;
import adit.linux.sys.HostOrder;
import adit.linux.sys.Iovec;
import adit.linux.sys.Libc;
import adit.linux.sys.LibcSocket;
import adit.linux.sys.Message;
import adit.netlink.OctetString;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.Optional;

/// The kernel's stack as seen from its side of a device: a packet socket, each packet with a virtio-net header
/// that says what is left to be done to it.
final class PacketSocket implements AutoCloseable {
    private static final int AF_PACKET = 17;
    private static final int SOCK_RAW = 3;
    private static final int FLAGS = 0x80800; // SOCK_CLOEXEC and SOCK_NONBLOCK
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int SO_SNDBUFFORCE = 32;
    private static final int SOL_PACKET = 263;
    private static final int PACKET_AUXDATA = 8;
    private static final int PACKET_VNET_HDR = 15;
    private static final int PACKET_IGNORE_OUTGOING = 23;
    private static final int ETH_P_ALL = 3;
    private static final int ADDRESS = 20;
    private static final int HEADER = 10;
    private static final int HEADERS_LENGTH = 2;
    private static final int SIZE = 1 << 18;
    private static final int BUFFER = 16 << 20;
    private static final int VLAN_VALID = 1 << 4;
    private static final String[] CASTS = {"host", "broadcast", "multicast", "other"};

    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(SIZE, 8);
    private final MemorySegment address = arena.allocate(ADDRESS, 8);
    private final MemorySegment control = arena.allocate(128, 8);
    private final MemorySegment vector = arena.allocate(Iovec.SIZE, 8);
    private final MemorySegment message = arena.allocate(Message.SIZE, 8);
    private final int fd;

    private PacketSocket(int protocol) {
        fd = check(LibcSocket.socket(Libc.errnoState(), AF_PACKET, SOCK_RAW | FLAGS, swap(protocol)), "socket");
        option(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
        option(SOL_PACKET, PACKET_AUXDATA, 1);
        option(SOL_PACKET, PACKET_VNET_HDR, 1);
        option(SOL_SOCKET, SO_RCVBUFFORCE, BUFFER);
        option(SOL_SOCKET, SO_SNDBUFFORCE, BUFFER);
    }

    /// Hears all that devices deliver, in the namespace of the calling thread.
    static PacketSocket listening() {
        return new PacketSocket(ETH_P_ALL);
    }

    /// Only sends.
    static PacketSocket sending() {
        return new PacketSocket(0);
    }

    private static int swap(int protocol) {
        return Short.toUnsignedInt(Short.reverseBytes((short) protocol));
    }

    private static int check(int answer, String call) {
        if (answer < 0) {
            throw new IllegalStateException(call + " of a packet socket: " + Errno.name(-answer));
        }
        return answer;
    }

    private void option(int level, int option, int value) {
        MemorySegment s = arena.allocate(4, 4);
        HostOrder.put32(s, 0, value);
        check(LibcSocket.setsockopt(Libc.errnoState(), fd, level, option, s, 4), "option " + option);
    }

    /// Lets the stack transmit `octets` through the device of an index.
    int send(int device, int protocol, byte[] header, byte[] octets) {
        address.fill((byte) 0);
        HostOrder.put16(address, 0, AF_PACKET);
        HostOrder.put16(address, 2, swap(protocol));
        HostOrder.put32(address, 4, device);
        MemorySegment.copy(header, 0, buffer, ValueLayout.JAVA_BYTE, 0, HEADER);
        MemorySegment.copy(octets, 0, buffer, ValueLayout.JAVA_BYTE, HEADER, octets.length);
        int answer = LibcSocket.sendto(Libc.errnoState(), fd, buffer, HEADER + octets.length, 0, address, ADDRESS);
        // That the device dropped the packet, or the segments of it, stands in its counters. The lengths count the
        // header.
        return answer == -Errno.ENOBUFS || answer == -Errno.ENOMEM ? 0 : Math.min(answer, 0);
    }

    /// What has come, if anything. `names` are of the devices' indices.
    Optional<World.Seen> receive(Map<Integer, String> names) {
        message.fill((byte) 0);
        Message.name(message, 0, address);
        Iovec.set(vector, 0, buffer, 0, SIZE);
        Message.vectors(message, 0, vector, 1);
        Message.control(message, 0, control);
        int n = LibcSocket.recvmsg(Libc.errnoState(), fd, message, 0);
        if (n == -Errno.EAGAIN || n == -Errno.ENETDOWN) {
            return Optional.empty();
        }
        if (n == -Errno.EINVAL) {
            return Optional.of(World.Seen.UNSPEAKABLE);
        }
        check(n, "recvmsg");
        HostOrder.put16(buffer, HEADERS_LENGTH, 0);
        byte[] header = buffer.asSlice(0, HEADER).toArray(ValueLayout.JAVA_BYTE);
        byte[] octets = buffer.asSlice(HEADER, n - HEADER).toArray(ValueLayout.JAVA_BYTE);
        int device = HostOrder.i32(address, 4);
        int cast = Byte.toUnsignedInt(address.get(ValueLayout.JAVA_BYTE, 10));
        int tag = tag();
        return Optional.of(new World.Seen(
                names.getOrDefault(device, World.Seen.GONE),
                swap(HostOrder.u16(address, 2)),
                tag != 0 ? World.TAGGED : cast < CASTS.length ? CASTS[cast] : Integer.toString(cast),
                OctetString.of(header),
                OctetString.of(tag != 0 ? World.withTag(octets, tag) : octets)));
    }

    /// The tag that the stack took out of the octets before it showed them; 0 for none.
    private int tag() {
        long data = Message.CONTROL_HEADER;
        boolean told = Message.controlLength(message, 0) > Message.CONTROL_HEADER;
        boolean tagged = told && (HostOrder.i32(control, data) & VLAN_VALID) != 0;
        return tagged ? HostOrder.u16(control, data + 18) << 16 | HostOrder.u16(control, data + 16) : 0;
    }

    @Override
    public void close() {
        Libc.close(Libc.errnoState(), fd);
        arena.close();
    }
}
