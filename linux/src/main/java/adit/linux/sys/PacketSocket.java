package adit.linux.sys;

import adit.wire.Octets;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/// Numbers and structures of packet sockets: packet(7) and the kernel's `packet_mmap.rst`.
///
/// ```
/// sockaddr_ll: family 0 (host order), protocol 2 (network order), interface 4, type 8, packet type 10, length 11,
///              address 12, 20 octets
/// tpacket_req: block size 0, blocks 4, frame size 8, frames 12, 16 octets
/// tpacket2_hdr: status 0, length 4, captured 8, ..., 32 octets; of a frame to be sent, its octets follow at once
/// ```
public final class PacketSocket {
    /// Address family: below IP.
    public static final int AF_PACKET = 17;
    /// Option level.
    public static final int SOL_PACKET = 263;
    /// Option: the layout of rings.
    public static final int PACKET_VERSION = 10;
    /// Option: a ring of frames to be sent, a `tpacket_req`.
    public static final int PACKET_TX_RING = 13;
    /// Option: a virtio-net header stands in front of each packet.
    public static final int PACKET_VNET_HDR = 15;
    /// Value of [#PACKET_VERSION]: frames with a `tpacket2_hdr`.
    public static final int TPACKET_V2 = 1;

    /// The size of a `sockaddr_ll` in octets.
    public static final int ADDRESS_SIZE = 20;
    /// The size of a `tpacket_req` in octets.
    public static final int RING_REQUEST_SIZE = 16;
    /// The size of a `tpacket2_hdr` in octets.
    public static final int FRAME_HEADER_SIZE = 32;

    /// Status of a frame: it is the program's.
    public static final int AVAILABLE = 0;
    /// Status of a frame: it is to be sent.
    public static final int SEND_REQUEST = 1;
    /// Status of a frame: the kernel found it malformed, and waits for something else in its place.
    public static final int WRONG_FORMAT = 4;

    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
    private static final int LENGTH = 4;

    private PacketSocket() {}

    /// Writes the `sockaddr_ll` that sends on an interface: `protocol` is an EtherType.
    public static void putAddress(MemorySegment s, long at, int link, int protocol) {
        s.asSlice(at, ADDRESS_SIZE).fill((byte) 0);
        HostOrder.put16(s, at, AF_PACKET);
        Octets.put16(s, at + 2, protocol);
        HostOrder.put32(s, at + 4, link);
    }

    /// Changes the interface of a `sockaddr_ll`.
    public static void link(MemorySegment s, long at, int link) {
        HostOrder.put32(s, at + 4, link);
    }

    /// Writes a `tpacket_req` for `blocks` blocks of `blockSize` octets, each of which holds whole frames.
    public static void putRing(MemorySegment s, long at, int blockSize, int blocks, int frameSize) {
        HostOrder.put32(s, at, blockSize);
        HostOrder.put32(s, at + 4, blocks);
        HostOrder.put32(s, at + 8, frameSize);
        HostOrder.put32(s, at + 12, blockSize / frameSize * blocks);
    }

    /// The status of the frame at `at`. What was written before it by whoever set it is seen.
    public static int status(MemorySegment ring, long at) {
        return (int) INT.getAcquire(ring, at);
    }

    /// Sets the status of the frame at `at`. What was written before is seen by whoever sees it.
    public static void status(MemorySegment ring, long at, int status) {
        INT.setRelease(ring, at, status);
    }

    /// Says how many octets follow the header of the frame at `at`.
    public static void length(MemorySegment ring, long at, int octets) {
        HostOrder.put32(ring, at + LENGTH, octets);
    }
}
