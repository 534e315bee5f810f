package adit.port;

import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketRing;
import adit.packet.Refusal;

/// Two ports joined: what goes into one comes out of the other, in order, unchanged and at once.
///
/// Each direction holds a bounded number of packets. An end refuses with [Refusal#FULL] what the other end has
/// no room for, so the sender drops the newest packet (drop-tail); with [Refusal#TOO_BIG] what is larger than
/// the MTU; and with [Refusal#DOWN] everything once either end is closed. Loss, delay and rate are wrappers
/// around an end.
///
/// Both ends belong to one thread. The queues in between would stand two ([PacketRing]), but a packet taken out
/// of one end is in the end released to the pool it was lent from at the other end, and a pool belongs to one
/// thread. Two threads therefore need, besides one end each, that whoever receives copies into a buffer of
/// their own pool and gives the original back by a ring of its own; and both have to rest before either end is
/// closed.
public final class Cable implements AutoCloseable {
    private final End left;
    private final End right;
    private int mtu;

    /// A cable that takes packets of at most `mtu` octets and holds at most `capacity` of them in each
    /// direction.
    public Cable(int mtu, int capacity) {
        mtu(mtu);
        left = new End(capacity);
        right = new End(capacity);
        left.peer = right;
        right.peer = left;
    }

    /// One end.
    public Port left() {
        return left;
    }

    /// The other end.
    public Port right() {
        return right;
    }

    /// Changes the MTU, in octets, of both ends. Packets already on their way are not looked at again.
    public void mtu(int octets) {
        if (octets < 1) {
            throw new IllegalArgumentException("mtu " + octets);
        }
        mtu = octets;
    }

    /// Closes both ends and releases all that is on its way.
    @Override
    public void close() {
        left.close();
        right.close();
    }

    private final class End implements Port {
        private final PacketRing arrived;
        private End peer;
        private boolean closed;

        End(int capacity) {
            arrived = new PacketRing(capacity);
        }

        @Override
        public int receive(PacketBatch into) {
            return arrived.poll(into);
        }

        @Override
        public int send(PacketBatch batch) {
            int size = batch.size();
            int kept = 0;
            for (int i = 0; i < size; i++) {
                PacketBuffer p = batch.get(i);
                Refusal why = send(p);
                if (why != Refusal.NONE) {
                    p.refuse(why);
                    batch.set(kept++, p);
                }
            }
            batch.truncate(kept);
            return size - kept;
        }

        private Refusal send(PacketBuffer p) {
            if (closed || peer.closed) {
                return Refusal.DOWN;
            }
            if (p.length() > mtu) {
                return Refusal.TOO_BIG;
            }
            return peer.arrived.offer(p) ? Refusal.NONE : Refusal.FULL;
        }

        @Override
        public int mtu() {
            return mtu;
        }

        @Override
        public void close() {
            closed = true;
            for (PacketBuffer p = arrived.poll(); p != null; p = arrived.poll()) {
                p.release();
            }
        }
    }
}
