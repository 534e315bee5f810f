package adit.packet;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// A stack of buffers that any thread pushes to and pops from without a lock (Treiber, IBM RJ 5118, 1986).
///
/// The stack is made of indices, not of nodes: `next[i]` is the buffer under buffer `i`. The top is one long
/// with an index in its low half and in its high half a count of all changes so far. The count is against ABA:
/// a thread that was asleep between reading `next[top]` and swapping the top must fail, even if the same buffer
/// is on top again with another one below it. It would have to sleep through exactly 2^32 changes to be
/// deceived.
final class ConcurrentFreeBuffers implements FreeBuffers {
    private static final VarHandle TOP = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle NEXT = MethodHandles.arrayElementVarHandle(int[].class);
    private static final int EMPTY = -1;

    // The top in the middle of an array of its own, so that it shares its cache lines with nothing.
    private static final int AT = 16;
    private static final int WORDS = 32;

    private final PacketBuffer[] all;
    private final int[] next;
    private final long[] top = new long[WORDS];

    ConcurrentFreeBuffers(PacketBuffer[] all) {
        this.all = all;
        this.next = new int[all.length];
        for (int i = 0; i < next.length; i++) {
            next[i] = i - 1;
        }
        TOP.setRelease(top, AT, pack(0, all.length - 1));
    }

    private static long pack(int change, int index) {
        return (long) change << 32 | (index & 0xffff_ffffL);
    }

    private static int change(long packed) {
        return (int) (packed >>> 32);
    }

    @Override
    public PacketBuffer take() {
        while (true) {
            long was = (long) TOP.getVolatile(top, AT);
            int index = (int) was;
            if (index == EMPTY) {
                return null;
            }
            // May be stale when another thread takes the same one; the swap then fails.
            int below = (int) NEXT.getOpaque(next, index);
            if (TOP.compareAndSet(top, AT, was, pack(change(was) + 1, below))) {
                return all[index];
            }
            Thread.onSpinWait();
        }
    }

    @Override
    public void put(PacketBuffer p) {
        while (true) {
            long was = (long) TOP.getVolatile(top, AT);
            NEXT.setOpaque(next, p.index, (int) was);
            if (TOP.compareAndSet(top, AT, was, pack(change(was) + 1, p.index))) {
                return;
            }
            Thread.onSpinWait();
        }
    }

    @Override
    public int count() {
        return count((int) (long) TOP.getVolatile(top, AT));
    }

    // Bounded, because others may change the links meanwhile.
    private int count(int from) {
        int count = 0;
        for (int i = from; i != EMPTY && count < all.length; i = (int) NEXT.getOpaque(next, i)) {
            count++;
        }
        return count;
    }

    @Override
    public int retire() {
        long was = (long) TOP.getVolatile(top, AT);
        int out = all.length - count((int) was);
        if (out != 0) {
            return out;
        }
        return TOP.compareAndSet(top, AT, was, pack(change(was) + 1, EMPTY)) ? 0 : Math.max(1, all.length - count());
    }
}
