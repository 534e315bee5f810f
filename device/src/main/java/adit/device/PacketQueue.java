package adit.device;

import adit.packet.PacketBuffer;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;

/// A bounded queue of packets between any number of threads on either side, first in, first out. Neither side
/// takes a lock or allocates, and both return at once: the queue of a TUN file, which drops the newest packet
/// when it is full.
///
/// Each slot has a sequence number that says whose turn it is (D. Vyukov's bounded MPMC queue): a producer
/// claims a position by moving `tail`, writes the packet's number, and releases the slot to the consumer of that
/// position by raising its number; a consumer does the same at `head`. A capacity need not be a power of two:
/// the producer also looks how many packets there are, which can only be fewer by the time it has claimed its
/// position.
///
/// The capacity may change. The old ring is then closed by a bit in its `tail` and one in its `head`, after
/// which nobody can claim a position in it; its packets move to a new ring in their order, and what has no room
/// there is given back. Who meets the closed ring waits for the new one, which is the time of moving the
/// packets.
public final class PacketQueue {
    private volatile Ring ring;

    /// A queue for at most `capacity` packets; with 0 it is always full.
    public PacketQueue(int capacity) {
        ring = new Ring(capacity);
    }

    /// Appends `p` and answers true, or answers false when the queue is full: then `p` stays the caller's.
    public boolean offer(PacketBuffer p) {
        while (true) {
            Ring r = ring;
            int answer = r.offer(p);
            if (answer != Ring.CLOSED) {
                return answer == Ring.TAKEN;
            }
            awaitSuccessor(r);
        }
    }

    private void awaitSuccessor(Ring closed) {
        while (ring.equals(closed)) {
            Thread.onSpinWait();
        }
    }

    /// Takes the oldest packet out, or answers null when there is none.
    public PacketBuffer poll() {
        while (true) {
            Ring r = ring;
            PacketBuffer p = r.poll();
            if (p != null || !r.isClosed()) {
                return p;
            }
            awaitSuccessor(r);
        }
    }

    /// Whether there is none. Exact on a thread that is alone with the queue; elsewhere it was true a moment
    /// ago.
    public boolean isEmpty() {
        return ring.size() == 0;
    }

    /// How many packets wait. As exact as [#isEmpty].
    public int size() {
        return ring.size();
    }

    /// The length of the oldest packet in octets, or -1 when there is none. Exact when nobody takes packets out.
    public int firstLength() {
        while (true) {
            Ring r = ring;
            int length = r.firstLength();
            if (length >= 0 || !r.isClosed()) {
                return length;
            }
            awaitSuccessor(r);
        }
    }

    /// Changes the capacity. Packets that the queue has no room for any more, the newest, go to `surplus`. One
    /// thread at a time.
    public synchronized void capacity(int capacity, Consumer<PacketBuffer> surplus) {
        Ring old = ring;
        if (capacity == old.capacity) {
            return;
        }
        Ring fresh = new Ring(capacity);
        old.close();
        int left = old.size();
        for (int i = 0; i < left; i++) {
            PacketBuffer p = old.take(i);
            if (fresh.offer(p) != Ring.TAKEN) {
                surplus.accept(p);
            }
        }
        ring = fresh;
    }

    private static final class Ring {
        static final int TAKEN = 0;
        static final int FULL = 1;
        static final int CLOSED = 2;

        private static final VarHandle LONG = MethodHandles.arrayElementVarHandle(long[].class);
        private static final long CLOSED_BIT = Long.MIN_VALUE;

        // Two cache lines from each other and from both ends: processors fetch lines in pairs.
        private static final int TAIL = 16;
        private static final int HEAD = 32;
        private static final int WORDS = 48;

        private final int capacity;
        private final int mask;
        private final long[] positions = new long[WORDS];
        // Of each slot its turn, and behind it the number of the packet.
        private final long[] slots;

        Ring(int capacity) {
            if (capacity < 0 || capacity > 1 << 24) {
                throw new IllegalArgumentException("capacity " + capacity);
            }
            this.capacity = capacity;
            int size = Integer.highestOneBit(Math.max(2, capacity) - 1) << 1;
            mask = size - 1;
            slots = new long[2 * size];
            for (int i = 0; i < size; i++) {
                slots[2 * i] = i;
            }
        }

        /// Where a position's turn stands.
        private int slot(long position) {
            return 2 * ((int) position & mask);
        }

        private PacketBuffer packet(int slot) {
            return PacketBuffer.numbered((long) LONG.getOpaque(slots, slot + 1));
        }

        int offer(PacketBuffer p) {
            while (true) {
                long tail = (long) LONG.getVolatile(positions, TAIL);
                if (tail < 0) {
                    return CLOSED;
                }
                long head = (long) LONG.getVolatile(positions, HEAD) & ~CLOSED_BIT;
                if (tail - head >= capacity) {
                    // Full, unless the tail that was read is an old one.
                    if ((long) LONG.getVolatile(positions, TAIL) == tail) {
                        return FULL;
                    }
                    continue;
                }
                int slot = slot(tail);
                long turn = (long) LONG.getAcquire(slots, slot);
                if (turn == tail) {
                    if (LONG.compareAndSet(positions, TAIL, tail, tail + 1)) {
                        LONG.setOpaque(slots, slot + 1, p.number());
                        LONG.setRelease(slots, slot, tail + 1);
                        return TAKEN;
                    }
                } else if (turn < tail) {
                    // A consumer has claimed the slot and not yet emptied it.
                    return FULL;
                }
                Thread.onSpinWait();
            }
        }

        PacketBuffer poll() {
            while (true) {
                long head = (long) LONG.getVolatile(positions, HEAD);
                if (head < 0) {
                    return null;
                }
                int slot = slot(head);
                long turn = (long) LONG.getAcquire(slots, slot);
                if (turn == head + 1) {
                    if (LONG.compareAndSet(positions, HEAD, head, head + 1)) {
                        PacketBuffer p = packet(slot);
                        LONG.setRelease(slots, slot, head + mask + 1);
                        return p;
                    }
                } else if (turn <= head) {
                    return null;
                }
                Thread.onSpinWait();
            }
        }

        int firstLength() {
            while (true) {
                long head = (long) LONG.getVolatile(positions, HEAD);
                if (head < 0) {
                    return -1;
                }
                int slot = slot(head);
                long turn = (long) LONG.getAcquire(slots, slot);
                if (turn <= head) {
                    return -1;
                }
                PacketBuffer p = packet(slot);
                int length = p == null ? -1 : p.length();
                // Until the head moves nobody has taken the packet, and so nobody has changed it.
                VarHandle.loadLoadFence();
                if ((long) LONG.getVolatile(positions, HEAD) == head && length >= 0) {
                    return length;
                }
            }
        }

        int size() {
            // The head first: a tail read later is never behind it.
            long head = (long) LONG.getVolatile(positions, HEAD) & ~CLOSED_BIT;
            long tail = (long) LONG.getVolatile(positions, TAIL) & ~CLOSED_BIT;
            return (int) Math.min(tail - head, capacity);
        }

        void close() {
            LONG.getAndBitwiseOr(positions, TAIL, CLOSED_BIT);
            LONG.getAndBitwiseOr(positions, HEAD, CLOSED_BIT);
        }

        boolean isClosed() {
            return (long) LONG.getVolatile(positions, HEAD) < 0;
        }

        /// Of a closed ring, the packet that stands `index` places behind the head.
        PacketBuffer take(int index) {
            long position = ((long) LONG.getVolatile(positions, HEAD) & ~CLOSED_BIT) + index;
            int slot = slot(position);
            while ((long) LONG.getAcquire(slots, slot) != position + 1) {
                // A producer has claimed the position and is about to fill it.
                Thread.onSpinWait();
            }
            return packet(slot);
        }
    }
}
