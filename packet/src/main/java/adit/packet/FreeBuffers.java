package adit.packet;

/// The buffers of a pool that are at home, newest first.
interface FreeBuffers {
    /// Takes one out, or answers null.
    PacketBuffer take();

    /// Puts one in.
    void put(PacketBuffer p);

    /// How many there are. Exact while nobody takes or puts.
    int count();

    /// Takes all out for good, if all are at home; answers how many are not. Nothing comes out after a 0.
    int retire();

    /// For one thread at a time.
    final class Plain implements FreeBuffers {
        private final PacketBuffer[] free;
        private int count;

        Plain(PacketBuffer[] all) {
            free = all;
            count = all.length;
        }

        @Override
        public PacketBuffer take() {
            return count == 0 ? null : free[--count];
        }

        @Override
        public void put(PacketBuffer p) {
            free[count++] = p;
        }

        @Override
        public int count() {
            return count;
        }

        @Override
        public int retire() {
            int out = free.length - count;
            if (out == 0) {
                count = 0;
            }
            return out;
        }
    }
}
