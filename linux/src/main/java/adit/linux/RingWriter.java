package adit.linux;

import adit.packet.Addressing;
import adit.packet.PacketBatch;
import adit.packet.Refusal;
import java.lang.foreign.MemorySegment;

/// Writes packets to the interface itself, by packet rings: past the kernel's IP layer, with the next hop's
/// Ethernet address from the kernel's tables.
///
/// There is a ring for interfaces with an Ethernet's usual MTU, whose frames lie close together, and one for
/// those with jumbo frames. What exceeds that goes by the socket, and so does what [LinkTable] has no open way
/// for.
final class RingWriter implements PacketWriter, AutoCloseable {
    private static final int FRAME = 2 << 10;
    private static final int JUMBO_FRAME = 16 << 10;
    private static final int RING_SIZE = 2 << 20;

    private final LinkTable links;
    private final TransmitRing usual;
    private final TransmitRing jumbo;
    /// Which packet of the batch each frame that waits is of.
    private final int[] packetOf = new int[RING_SIZE / FRAME];

    private PacketBatch batch;
    private TransmitRing ring;
    private LinkHop hop;

    private RingWriter(LinkTable links, TransmitRing usual, TransmitRing jumbo) {
        this.links = links;
        this.usual = usual;
        this.jumbo = jumbo;
        this.ring = usual;
    }

    /// In the network namespace of the calling thread. Needs CAP_NET_RAW.
    static RingWriter open() throws LinuxException {
        TransmitRing usual = TransmitRing.open(FRAME, RING_SIZE);
        TransmitRing jumbo = null;
        try {
            jumbo = TransmitRing.open(JUMBO_FRAME, RING_SIZE);
            return new RingWriter(LinkTable.open(), usual, jumbo);
        } catch (Throwable t) {
            usual.close();
            if (jumbo != null) {
                jumbo.close();
            }
            throw t;
        }
    }

    @Override
    public boolean begin(PacketBatch batch) {
        if (!usual.hold()) {
            return false;
        }
        if (!jumbo.hold()) {
            usual.leave();
            return false;
        }
        this.batch = batch;
        links.refresh();
        return true;
    }

    @Override
    public void end() {
        batch = null;
        usual.leave();
        jumbo.leave();
    }

    /// Whether the next packet, of at most `octets` octets with its outer header, may be added. Sends what
    /// waits when it leaves by another interface.
    boolean takes(Addressing a, int octets) {
        if (a.source == 0) {
            return refuse(RingObstacle.NO_SOURCE);
        }
        LinkHop next = links.hop(a.source, a.destination);
        if (!next.isOpen() || octets > next.mtu()) {
            return false;
        }
        if (a.link != 0 && a.link != next.device()) {
            return refuse(RingObstacle.OTHER_INTERFACE);
        }
        TransmitRing wanted = next.mtu() <= TransmitRing.largest(FRAME) ? usual : jumbo;
        if (octets > TransmitRing.largest(JUMBO_FRAME) || wanted.prepare() < 0) {
            return refuse(RingObstacle.NO_RING);
        }
        if (wanted != ring || !ring.continuesBy(next)) {
            transmit();
            ring = wanted;
        }
        hop = next;
        return true;
    }

    private boolean refuse(RingObstacle why) {
        links.remark(why);
        return false;
    }

    @Override
    public boolean hasRoom() {
        return ring.hasRoom();
    }

    @Override
    public MemorySegment headers() {
        return ring.memory();
    }

    @Override
    public long headersAt() {
        return ring.packetAt();
    }

    @Override
    public void add(int index, Addressing a, int front, MemorySegment s, int from, int length) {
        MemorySegment.copy(s, from, ring.memory(), ring.packetAt() + front, length);
        packetOf[ring.waiting()] = index;
        ring.add(hop, front + length);
    }

    @Override
    public void transmit() {
        int all = ring.waiting();
        int error = ring.transmit();
        if (error == 0) {
            return;
        }
        Refusal why = SocketErrno.refusal(error);
        for (int i = all - ring.waiting(); i < all; i++) {
            batch.get(packetOf[i]).refuse(why);
        }
        ring.withdraw();
        if (why != Refusal.FULL) {
            links.stale();
        }
    }

    /// What stood in the way of the last packet. Any thread.
    RingObstacle obstacle() {
        return links.obstacle();
    }

    @Override
    public void close() {
        usual.close();
        jumbo.close();
        links.close();
    }
}
