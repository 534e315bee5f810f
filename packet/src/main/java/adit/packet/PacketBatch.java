package adit.packet;

import java.util.Objects;

/// A short list of packets that travels between a port and an engine. Fixed capacity, no allocation after
/// construction.
///
/// A batch holds references; it owns nothing. Not for several threads.
public final class PacketBatch {
    private final PacketBuffer[] packets;
    private final LateRefusals late = new LateRefusals();
    private int size;

    /// A batch for at most `capacity` packets.
    public PacketBatch(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity " + capacity);
        }
        packets = new PacketBuffer[capacity];
    }

    /// How many packets it holds.
    public int size() {
        return size;
    }

    /// How many more it can hold.
    public int room() {
        return packets.length - size;
    }

    /// Whether it holds none.
    public boolean isEmpty() {
        return size == 0;
    }

    /// The packet at `index`, from 0.
    public PacketBuffer get(int index) {
        if (index >= size) {
            throw new IndexOutOfBoundsException(index);
        }
        return packets[index];
    }

    /// Appends a packet. Throws when there is no room.
    public void add(PacketBuffer p) {
        if (size == packets.length) {
            throw new IllegalStateException("batch of " + size + " is full");
        }
        packets[size] = Objects.requireNonNull(p);
        size++;
    }

    /// Puts `p` in the place of the packet at `index`.
    public void set(int index, PacketBuffer p) {
        if (index >= size) {
            throw new IndexOutOfBoundsException(index);
        }
        packets[index] = Objects.requireNonNull(p);
    }

    /// Forgets all packets from `size` on, without releasing them.
    public void truncate(int size) {
        if (size < 0) {
            throw new IllegalArgumentException("size " + size);
        }
        while (this.size > size) {
            packets[--this.size] = null;
        }
    }

    /// Forgets all packets without releasing them.
    public void clear() {
        truncate(0);
    }

    /// Forgets the first `count` packets and moves the rest to the front.
    public void removeFirst(int count) {
        System.arraycopy(packets, count, packets, 0, size - count);
        truncate(size - count);
    }

    /// Marks all packets from index `from` on as refused for the reason `why`.
    public void refuseFrom(int from, Refusal why) {
        for (int i = from; i < size; i++) {
            packets[i].refuse(why);
        }
    }

    /// What became known of packets that were taken out of this batch earlier.
    public LateRefusals late() {
        return late;
    }

    /// Releases the packets that nobody refused and moves the others to the front, in order. Answers how many it
    /// released.
    public int releaseTaken() {
        int before = size;
        int kept = 0;
        for (int i = 0; i < before; i++) {
            PacketBuffer p = packets[i];
            if (p.refusal() == Refusal.NONE) {
                p.release();
            } else {
                packets[kept++] = p;
            }
        }
        truncate(kept);
        return before - kept;
    }

    /// Releases all packets and forgets them.
    public void releaseAll() {
        for (int i = 0; i < size; i++) {
            packets[i].release();
        }
        clear();
    }
}
