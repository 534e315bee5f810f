package adit.capture;

import adit.packet.PacketBuffer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLong;

/// A ring of finished blocks from one thread that records packets to the one that drains the file. No lock, no
/// allocation, no waiting: a packet that finds no room is missed, and counted.
///
/// ```
/// entry: | its length, 0 to go on at the ring's start | the block's length | the block | unused |
/// ```
///
/// An entry is reserved with room for any comment, so that a packet can be written down before a port takes it
/// and the reason be added when the port turns out not to.
public final class CaptureLane {
    /// Octets that a comment may have.
    static final int COMMENT_ROOM = 64;

    private static final int ENTRY_HEADER = 8;
    private static final ValueLayout.OfInt LENGTH = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfShort BE16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong BE64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final byte[] NO_COMMENT = new byte[0];

    private static final int COOKED_HEADER = 16;
    private static final int SENT_BY_US = 4;
    private static final int ARPHRD_NONE = 0xfffe;

    private final MemorySegment ring;
    private final long mask;
    private final int interfaceId;
    private final boolean cooked;
    private final int snapLength;

    // Positions only grow; the ring's offset is the position's low bits.
    private final AtomicLong committed = new AtomicLong();
    private final AtomicLong drained = new AtomicLong();
    private final AtomicLong missed = new AtomicLong();
    private long reserved;
    private long drainedAsSeen;

    /// `ring` is a power of two octets, aligned to eight.
    CaptureLane(MemorySegment ring, CaptureInterface owner, int snapLength) {
        this.ring = ring;
        this.mask = ring.byteSize() - 1;
        this.interfaceId = owner.id();
        this.cooked = owner.linkType().equals(LinkType.LINUX_SLL);
        this.snapLength = snapLength;
    }

    /// Records a packet.
    ///
    /// @param p the packet; stays the caller's
    /// @param direction which way it passes the interface
    /// @param nanos when, in nanoseconds since 1970
    /// @param comment what to say about it in UTF-8, at most 64 octets; empty for nothing
    public void record(PacketBuffer p, Direction direction, long nanos, byte[] comment) {
        long entry = begin(p, direction, nanos);
        if (entry >= 0) {
            end(entry, p.length(), direction, comment);
        }
        commit();
    }

    /// Records a packet about which there is nothing to say.
    public void record(PacketBuffer p, Direction direction, long nanos) {
        record(p, direction, nanos, NO_COMMENT);
    }

    /// Writes a packet down. Answers the entry for [#end], or -1 when there is no room.
    long begin(PacketBuffer p, Direction direction, long nanos) {
        int original = p.length() + (cooked ? COOKED_HEADER : 0);
        int captured = Math.min(original, snapLength);
        int need = ENTRY_HEADER + ((PcapngBlocks.packetRoom(captured, COMMENT_ROOM) + 7) & ~7);
        long entry = reserve(need);
        if (entry < 0) {
            missed.setRelease(missed.getPlain() + 1);
            return -1;
        }
        ring.set(LENGTH, entry, need);
        long block = entry + ENTRY_HEADER;
        PcapngBlocks.packet(ring, block, interfaceId, nanos, captured, original);
        long octets = block + PcapngBlocks.PACKET_HEADER;
        int kept = captured;
        if (cooked) {
            // A snap length that cuts the cooked header itself is of no use to anybody, but must not write further.
            kept = Math.max(0, captured - COOKED_HEADER);
            if (captured >= COOKED_HEADER) {
                cookedHeader(octets, p.protocol(), direction);
                octets += COOKED_HEADER;
            }
        }
        MemorySegment.copy(p.segment(), p.head(), ring, octets, kept);
        return entry;
    }

    /// Says the last about an entry. All entries that were begun must be ended before [#commit].
    void end(long entry, int packetLength, Direction direction, byte[] comment) {
        int captured = Math.min(packetLength + (cooked ? COOKED_HEADER : 0), snapLength);
        int length = PcapngBlocks.finishPacket(ring, entry + ENTRY_HEADER, captured, direction, comment);
        ring.set(LENGTH, entry + 4, length);
    }

    /// Lets the other thread see what was begun and ended.
    void commit() {
        committed.setRelease(reserved);
    }

    /// The offset of `need` octets in one piece, or -1.
    private long reserve(int need) {
        long offset = reserved & mask;
        long toEnd = ring.byteSize() - offset;
        long skip = toEnd < need ? toEnd : 0;
        if (ring.byteSize() - (reserved - drainedAsSeen) < skip + need) {
            drainedAsSeen = drained.getAcquire();
            if (ring.byteSize() - (reserved - drainedAsSeen) < skip + need) {
                return -1;
            }
        }
        if (skip > 0) {
            ring.set(LENGTH, offset, 0);
            reserved += skip;
            offset = 0;
        }
        reserved += need;
        return offset;
    }

    private void cookedHeader(long at, int protocol, Direction direction) {
        ring.set(BE16, at, (short) (direction == Direction.OUTBOUND ? SENT_BY_US : 0));
        ring.set(BE16, at + 2, (short) ARPHRD_NONE);
        ring.set(BE16, at + 4, (short) 0);
        ring.set(BE64, at + 6, 0);
        ring.set(BE16, at + 14, (short) protocol);
    }

    /// How many packets found no room.
    public long missed() {
        return missed.getAcquire();
    }

    // For the draining thread:

    long committed() {
        return committed.getAcquire();
    }

    /// The offset of the first entry before `limit`, or -1 when there is none.
    long first(long limit) {
        long at = drained.getPlain();
        if (at < limit && ring.get(LENGTH, at & mask) == 0) {
            at += ring.byteSize() - (at & mask);
            drained.setRelease(at);
        }
        return at < limit ? at & mask : -1;
    }

    long nanos(long entry) {
        return PcapngBlocks.nanos(ring, entry + ENTRY_HEADER);
    }

    /// Gives an entry's block to `writer`.
    void copyTo(PcapngWriter writer, long entry) throws IOException {
        writer.block(ring, entry + ENTRY_HEADER, ring.get(LENGTH, entry + 4));
    }

    /// Frees the place of the first entry.
    void remove(long entry) {
        drained.setRelease(drained.getPlain() + ring.get(LENGTH, entry));
    }
}
