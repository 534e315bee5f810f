package adit.linux;

import adit.packet.Addressing;
import adit.packet.PacketBatch;
import adit.packet.Refusal;
import adit.underlay.OuterHeader;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.LockSupport;

/// Writes packets to the interface itself, by packet rings: past the kernel's IP layer, with the next hop's
/// Ethernet address from the kernel's tables.
///
/// There is a ring for interfaces with an Ethernet's usual MTU, whose frames lie close together, and one for
/// those with jumbo frames. What exceeds that goes by the socket, and so does what [LinkTable] has no open way
/// for.
///
/// Few packets are sent by the caller's thread, which learns at once what the kernel refuses. Bursts are left
/// to a [RingSender]; what the kernel refuses of them is taken back with the next packet, or by [#takeBack],
/// and said to [PacketBatch#late]. All is for one thread, but for [#obstacle], [#news] and [#close].
final class RingWriter implements PacketWriter, AutoCloseable {
    private static final int FRAME = 2 << 10;
    private static final int JUMBO_FRAME = 16 << 10;
    private static final int RING_SIZE = 2 << 20;

    /// So many frames, less than those of a super-packet, are worth waking a thread for.
    private static final int BURST = 32;
    /// Somebody who waits for frames waits for so many, or he would wait for each.
    private static final int ROOM = 8;

    private static final long NAP_NANOS = 20_000;
    /// Far beyond what the kernel takes for all frames; a machine that does other things takes longer.
    private static final long PATIENCE_NANOS = 100_000_000;

    private final LinkTable links;
    private final TransmitRing usual;
    private final TransmitRing jumbo;
    private final RingSender sender;
    /// Of each frame: which batch its packet is of, at which place, and how long it was there.
    private final PacketBatch[] batchOf = new PacketBatch[RING_SIZE / FRAME];

    private final int[] packetOf = new int[RING_SIZE / FRAME];
    private final int[] octetsOf = new int[RING_SIZE / FRAME];

    private PacketBatch batch;
    private TransmitRing ring;
    private LinkHop hop;
    /// The frame that the batch begins with in this ring, and the one up to which frames were handed over.
    private long first;

    private long handed;

    private RingWriter(LinkTable links, TransmitRing usual, TransmitRing jumbo, RingSender sender) {
        this.links = links;
        this.usual = usual;
        this.jumbo = jumbo;
        this.sender = sender;
        this.ring = usual;
    }

    /// In the network namespace of the calling thread. Needs CAP_NET_RAW.
    static RingWriter open() throws LinuxException {
        TransmitRing usual = TransmitRing.open(FRAME, RING_SIZE);
        TransmitRing jumbo = null;
        RingSender sender = null;
        try {
            jumbo = TransmitRing.open(JUMBO_FRAME, RING_SIZE);
            sender = RingSender.open();
            return new RingWriter(LinkTable.open(), usual, jumbo, sender);
        } catch (Throwable t) {
            usual.close();
            if (jumbo != null) {
                jumbo.close();
            }
            if (sender != null) {
                sender.close();
            }
            throw t;
        }
    }

    @Override
    public boolean begin(PacketBatch batch) {
        if (!hold()) {
            return false;
        }
        links.refresh();
        settle();
        this.batch = batch;
        first = ring.added();
        return true;
    }

    private boolean hold() {
        if (!usual.hold()) {
            return false;
        }
        if (!jumbo.hold()) {
            usual.leave();
            return false;
        }
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
            finish();
            if (ring.waiting() > 0) {
                return false; // it has other things to do
            }
            ring = wanted;
            first = ring.added();
            handed = first;
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
        int frame = frame(ring.added());
        batchOf[frame] = batch;
        packetOf[frame] = index;
        octetsOf[frame] = front + length - OuterHeader.IPV4_LENGTH;
        ring.add(hop, front + length);
        if (ring.added() - handed >= BURST) {
            handOver();
        }
    }

    private int frame(long number) {
        return (int) (number % ring.frames());
    }

    private boolean handOver() {
        if (sender.error() != 0 || !sender.hand(ring)) {
            return false;
        }
        handed = ring.added();
        return true;
    }

    /// Few packets are sent here and now. Many are left to the other thread, and so is all that comes after
    /// them: it would not leave earlier from here.
    @Override
    public void transmit() {
        settle();
        boolean isHere = sender.isIdle() && (ring.added() - handed < BURST || !handOver());
        if (isHere) {
            int error = ring.transmit();
            handed = ring.added();
            if (error != 0) {
                takeBack(error);
            }
        } else if (ring.added() > handed) {
            handOver();
        }
        if (!isHere && !ring.hasRoom()) {
            await(Math.max(1, ring.frames() / ROOM));
        }
    }

    @Override
    public void finish() {
        transmit();
        await(Integer.MAX_VALUE);
    }

    /// Waits until so many frames are free, or the sender has sent all.
    private void await(int frames) {
        long begun = 0;
        while (!sender.isIdle() && (frames > ring.frames() || !ring.hasRoom(frames))) {
            long now = System.nanoTime();
            begun = begun == 0 ? now : begun;
            if (now - begun > PATIENCE_NANOS) {
                return;
            }
            LockSupport.parkNanos(NAP_NANOS);
        }
        settle();
    }

    /// When the sender is done, or had to stop: counts what it sent, and takes back the rest.
    private void settle() {
        if (!sender.isIdle()) {
            return;
        }
        int error = sender.error();
        ring.count();
        if (error != 0) {
            takeBack(error);
            sender.resume();
        }
    }

    /// Refuses the packets of the frames that still wait, those of former batches late.
    private void takeBack(int error) {
        Refusal why = SocketErrno.refusal(error);
        for (long i = ring.left(); i < ring.added(); i++) {
            int frame = frame(i);
            if (batch != null && i >= first) {
                batch.get(packetOf[frame]).refuse(why);
            } else {
                batchOf[frame].late().add(why, octetsOf[frame]);
            }
        }
        ring.withdraw();
        handed = ring.added();
        first = Math.min(first, handed);
        if (why != Refusal.FULL) {
            links.stale();
        }
    }

    /// Takes back what could not be sent since the last batch; cheap when there is nothing of the kind.
    void takeBack() {
        if (sender.error() != 0 && hold()) {
            settle();
            end();
        }
    }

    /// Tells, by becoming readable, that there is something to be taken back.
    EventFd news() {
        return sender.news();
    }

    /// What stood in the way of the last packet. Any thread.
    RingObstacle obstacle() {
        return links.obstacle();
    }

    @Override
    public void close() {
        sender.close();
        usual.close();
        jumbo.close();
        links.close();
    }
}
