package adit.linux;

import adit.device.Errno;
import adit.linux.sys.HostOrder;
import adit.linux.sys.Inet;
import adit.linux.sys.Libc;
import adit.linux.sys.LibcMemory;
import adit.linux.sys.LibcSocket;
import adit.linux.sys.PacketSocket;
import adit.wire.EtherType;
import adit.wire.Ethernet;
import adit.wire.VirtioNet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/// Frames in memory that is shared with the kernel, and one call that sends all that were written: the transmit
/// ring of a packet socket (`packet_mmap.rst`).
///
/// ```
/// frame: tpacket2_hdr 32 | virtio-net header 10 | Ethernet header 14 | IPv4 packet
///
///             add                  transmit                   the interface is done with it
/// available --------> to be sent -----------> on its way ------------------------------------> available
///     ^------ refused ----'
/// ```
///
/// The virtio-net header says nothing but that the whole packet is header. That makes the kernel copy it into
/// one piece; without it the kernel hangs the ring's pages into its buffer, which costs more than it saves as
/// soon as somebody behind wants a buffer of his own, as veth does.
///
/// The kernel takes frames in order, as far as there are any: a call that runs takes those as well that are
/// added meanwhile. So one thread may add frames while another one sends them.
///
/// Nothing is mapped before [#prepare]. For one thread, but for [#close] and for [#send], which is for one
/// other thread at a time; what touches the frames stands between [#hold] and [#leave].
final class TransmitRing implements AutoCloseable {
    private static final int VNET_AT = PacketSocket.FRAME_HEADER_SIZE;
    private static final int ETHERNET_AT = VNET_AT + VirtioNet.LENGTH;
    private static final int PACKET_AT = ETHERNET_AT + Ethernet.HEADER_LENGTH;
    /// Where a virtio-net header has the length of what is header.
    private static final int VNET_HEADER_LENGTH_AT = VNET_AT + 2;

    /// A multiple of any page size, and of any frame size here.
    private static final int BLOCK_SIZE = 64 << 10;
    /// Beyond what the frames take, so that the ring is what fills up first.
    private static final int SEND_BUFFER = 8 << 20;

    private final Fd fd;
    private final int frameSize;
    private final int frames;
    private final MemorySegment errno;
    private final MemorySegment address;

    private MemorySegment memory = MemorySegment.NULL;
    /// How many frames were added since this was opened, and how many of them the kernel is known to have
    /// taken.
    private long added;

    private long left;
    private int link;

    private TransmitRing(Fd fd, int frameSize, int size) {
        this.fd = fd;
        this.frameSize = frameSize;
        this.frames = size / frameSize;
        Arena arena = Arena.ofAuto();
        errno = Libc.newErrnoState(arena);
        address = arena.allocate(PacketSocket.ADDRESS_SIZE, 8);
        PacketSocket.putAddress(address, 0, 0, EtherType.IPV4);
    }

    /// Opens the socket in the network namespace of the calling thread. `frameSize` is a power of two of at
    /// most 64 KiB, `size` the octets of all frames, a multiple of 64 KiB.
    static TransmitRing open(int frameSize, int size) throws LinuxException {
        return new TransmitRing(Fd.packetSocket(), frameSize, size);
    }

    /// The longest IP packet of a ring with frames of that size, in octets.
    static int largest(int frameSize) {
        return frameSize - PACKET_AT;
    }

    /// Begins the use of the frames. Answers false once this is closed; then there is nothing to leave.
    boolean hold() {
        return fd.hold() >= 0;
    }

    /// Ends one [#hold].
    void leave() {
        fd.leave();
    }

    /// Makes the frames unless they are there, and answers 0 or a negative errno. Between [#hold] and [#leave].
    int prepare() {
        return memory.byteSize() != 0 ? 0 : map();
    }

    private int map() {
        int held = fd.hold();
        if (held < 0) {
            return -Errno.EBADF;
        }
        try (Arena scratch = Arena.ofConfined()) {
            SocketOptions options = new SocketOptions(fd, "packet socket", scratch);
            options.enlargeSendBuffer(SEND_BUFFER);
            int n = options.set(PacketSocket.SOL_PACKET, PacketSocket.PACKET_VERSION, PacketSocket.TPACKET_V2);
            if (n == 0) {
                n = options.set(PacketSocket.SOL_PACKET, PacketSocket.PACKET_VNET_HDR, 1);
            }
            if (n == 0) {
                MemorySegment ring = scratch.allocate(PacketSocket.RING_REQUEST_SIZE, 8);
                int size = frames * frameSize;
                PacketSocket.putRing(ring, 0, BLOCK_SIZE, size / BLOCK_SIZE, frameSize);
                n = LibcSocket.setsockopt(
                        errno,
                        held,
                        PacketSocket.SOL_PACKET,
                        PacketSocket.PACKET_TX_RING,
                        ring,
                        PacketSocket.RING_REQUEST_SIZE);
                return n == 0 ? map(held, size) : n;
            }
            return n;
        } finally {
            fd.leave();
        }
    }

    private int map(int held, int size) {
        long at = LibcMemory.map(errno, held, size);
        if (at < 0) {
            return (int) at;
        }
        Arena arena = Arena.ofShared();
        MemorySegment mapped = LibcMemory.memory(at, size, arena);
        for (int i = 0; i < frames; i++) {
            VirtioNet.emit(
                    mapped,
                    (long) i * frameSize + VNET_AT,
                    VirtioNet.LENGTH,
                    ByteOrder.nativeOrder(),
                    0,
                    VirtioNet.GSO_NONE,
                    0,
                    0,
                    0,
                    0);
        }
        // The mapping keeps the socket alive, so it goes first.
        fd.beforeClosing(arena::close);
        memory = mapped;
        return 0;
    }

    /// Whether the next frame is free to be written.
    boolean hasRoom() {
        return hasRoom(1);
    }

    /// Whether the frame is free that the last of `count` packets would be written to.
    boolean hasRoom(int count) {
        return PacketSocket.status(memory, at(added + count - 1)) == PacketSocket.AVAILABLE;
    }

    /// How many frames there are.
    int frames() {
        return frames;
    }

    /// The memory of the frames.
    MemorySegment memory() {
        return memory;
    }

    /// Where the IPv4 header of the next packet is to be written, once there is room.
    long packetAt() {
        return at(added) + PACKET_AT;
    }

    /// Whether a packet may follow those that wait: they leave by one interface.
    boolean continuesBy(LinkHop hop) {
        return waiting() == 0 || hop.device() == link;
    }

    /// Adds the packet of `octets` octets that was written at [#packetAt] to those that wait.
    void add(LinkHop hop, int octets) {
        long frame = at(added);
        if (link != hop.device()) {
            link = hop.device();
            PacketSocket.link(address, 0, link);
        }
        int length = Ethernet.HEADER_LENGTH + octets;
        HostOrder.put16(memory, frame + VNET_HEADER_LENGTH_AT, length);
        Ethernet.emit(memory, frame + ETHERNET_AT, hop.neighbour(), hop.source(), EtherType.IPV4);
        PacketSocket.length(memory, frame, VirtioNet.LENGTH + length);
        PacketSocket.status(memory, frame, PacketSocket.SEND_REQUEST);
        added++;
        // The frame was free, so what stood there before has gone.
        left = Math.max(left, added - frames);
    }

    /// How many were added.
    long added() {
        return added;
    }

    /// How many of them were sent by the time of the last [#count].
    long left() {
        return left;
    }

    /// How many were not sent by then.
    int waiting() {
        return (int) (added - left);
    }

    /// Makes the kernel take all frames up to the one before number `end`. Answers 0, or the errno that stopped
    /// it; then the frames from some one on still wait. `errno` is the calling thread's.
    int send(long end, MemorySegment errno) {
        int held = fd.hold();
        if (held < 0) {
            return Errno.EBADF;
        }
        try {
            int idle = 0;
            while (idle < 2) {
                int n = LibcSocket.sendto(
                        errno, held, MemorySegment.NULL, 0, Inet.MSG_DONTWAIT, address, PacketSocket.ADDRESS_SIZE);
                if (!waits(end - 1)) {
                    return 0;
                }
                if (n < 0 && n != -Errno.EINTR) {
                    return -n;
                }
                // It sent some and met an obstacle, which the next call tells; or the frame came after its last look.
                idle = n == 0 ? idle + 1 : 0;
            }
            return Errno.EAGAIN;
        } finally {
            fd.leave();
        }
    }

    /// Sends those that wait and answers 0; or the errno that stopped it, and then the last [#waiting] of them
    /// were not sent and still wait.
    int transmit() {
        if (waiting() == 0) {
            return 0;
        }
        int error = send(added, errno);
        count();
        return error;
    }

    /// Looks how many were sent. The kernel takes frames in order and stops at the first that it can't send.
    void count() {
        if (left < added && !waits(added - 1)) {
            left = added;
        }
        while (left < added && !waits(left)) {
            left++;
        }
    }

    /// Takes back those that wait, by the last [#count]. Nobody sends meanwhile.
    void withdraw() {
        while (added > left) {
            added--;
            PacketSocket.status(memory, at(added), PacketSocket.AVAILABLE);
        }
    }

    private boolean waits(long frame) {
        int status = PacketSocket.status(memory, at(frame));
        return status == PacketSocket.SEND_REQUEST || status == PacketSocket.WRONG_FORMAT;
    }

    /// Where the frame with that number stands.
    private long at(long frame) {
        return frame % frames * frameSize;
    }

    /// Closes the socket. The frames go when nobody uses them any more.
    @Override
    public void close() {
        fd.close();
    }
}
