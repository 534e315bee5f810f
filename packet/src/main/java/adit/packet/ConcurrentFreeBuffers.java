package adit.packet;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Stacks of buffers that any thread pushes to and pops from without a lock (Treiber, IBM RJ 5118, 1986).
///
/// There are several stacks, and a thread's number says which is its own: it puts there what it releases and
/// takes from there what it lends, so that threads on different processors neither wait for each other's cache
/// lines nor get each other's buffers. Who finds its own stack empty moves half of another's over, up to
/// [#MOVED] buffers in one swap: where one thread lends what another releases, they meet once in so many packets.
///
/// A stack is made of indices, not of nodes: `next[i]` is the buffer under buffer `i`. A top is one long
/// with an index in its low half and in its high half a count of all changes so far. The count is against ABA:
/// a thread that was asleep between reading `next[top]` and swapping the top must fail, even if the same buffer
/// is on top again with another one below it. It would have to sleep through exactly 2^32 changes to be
/// deceived.
final class ConcurrentFreeBuffers implements FreeBuffers {
    private static final VarHandle TOP = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle NEXT = MethodHandles.arrayElementVarHandle(int[].class);
    private static final int EMPTY = -1;

    /// The most buffers that move from one stack to another at once.
    private static final int MOVED = 32;

    /// Stacks for four times as many threads as there are processors: threads get numbers in their order, so that
    /// those of one program seldom share a stack.
    private static final int STACKS =
            Integer.highestOneBit(Math.clamp(4L * Runtime.getRuntime().availableProcessors(), 8, 64));

    /// Words of two cache lines, which processors fetch together, in front of the first top and between them.
    private static final int LINE = 16;

    private final PacketBuffer[] all;
    private final int[] next;
    private final long[] tops = new long[(STACKS + 2) * LINE];

    ConcurrentFreeBuffers(PacketBuffer[] all) {
        this.all = all;
        this.next = new int[all.length];
        for (int i = 0; i < next.length; i++) {
            next[i] = i - 1;
        }
        for (int stack = 1; stack < STACKS; stack++) {
            tops[at(stack)] = pack(0, EMPTY);
        }
        TOP.setRelease(tops, at(0), pack(0, all.length - 1));
    }

    private static int at(int stack) {
        return (stack + 1) * LINE;
    }

    private static int own() {
        return (int) Thread.currentThread().threadId() & (STACKS - 1);
    }

    private static long pack(int change, int index) {
        return (long) change << 32 | (index & 0xffff_ffffL);
    }

    private static int change(long packed) {
        return (int) (packed >>> 32);
    }

    private int below(int index) {
        return (int) NEXT.getOpaque(next, index);
    }

    /// Null when there was a moment at which all stacks were empty. At that moment all buffers were out but for
    /// those, fewer than [#MOVED] a thread, that other threads were moving.
    @Override
    public PacketBuffer take() {
        int own = own();
        int index = pop(at(own));
        if (index == EMPTY) {
            index = takeFromOthers(own);
        }
        return index == EMPTY ? null : all[index];
    }

    /// One look at each stack does not tell that all are empty: a thread may sleep in the midst of it, and all
    /// buffers wander from the stacks that it has not seen yet to those that it has. So they are only empty when no
    /// stack changed while they were looked at.
    private int takeFromOthers(int own) {
        int index = visit(own);
        while (index == EMPTY) {
            long before = changes();
            index = visit(own);
            if (index == EMPTY && changes() == before) {
                return EMPTY;
            }
        }
        return index;
    }

    private int visit(int own) {
        int index = EMPTY;
        for (int i = 1; index == EMPTY && i <= STACKS; i++) {
            int stack = (own + i) & (STACKS - 1);
            index = stack == own ? pop(at(own)) : move(at(stack), at(own));
        }
        return index;
    }

    /// How many changes there were of all stacks together.
    private long changes() {
        long changes = 0;
        for (int stack = 0; stack < STACKS; stack++) {
            changes += Integer.toUnsignedLong(change((long) TOP.getVolatile(tops, at(stack))));
        }
        return changes;
    }

    private int pop(int at) {
        while (true) {
            long was = (long) TOP.getVolatile(tops, at);
            int index = (int) was;
            if (index == EMPTY) {
                return EMPTY;
            }
            // May be stale when another thread takes the same one; the swap then fails.
            if (TOP.compareAndSet(tops, at, was, pack(change(was) + 1, below(index)))) {
                return index;
            }
            Thread.onSpinWait();
        }
    }

    /// Takes the upper half of a stack, or [#MOVED] buffers if that is less. Answers the first of them and puts
    /// the others on the stack at `to`.
    private int move(int from, int to) {
        while (true) {
            long was = (long) TOP.getVolatile(tops, from);
            int first = (int) was;
            if (first == EMPTY) {
                return EMPTY;
            }
            // Two steps down for each buffer to be moved. Links may be stale here, too, and lead anywhere.
            int last = first;
            int count = 1;
            int ahead = below(first);
            while (count < MOVED && last != EMPTY && ahead != EMPTY) {
                int further = below(ahead);
                if (further == EMPTY) {
                    break;
                }
                ahead = below(further);
                last = below(last);
                count++;
            }
            if (last != EMPTY && TOP.compareAndSet(tops, from, was, pack(change(was) + 1, below(last)))) {
                if (count > 1) {
                    push(to, below(first), last);
                }
                return first;
            }
            Thread.onSpinWait();
        }
    }

    @Override
    public void put(PacketBuffer p) {
        push(at(own()), p.index, p.index);
    }

    /// Puts the buffers from `first` down to `last`, which are linked, on a stack.
    private void push(int at, int first, int last) {
        while (true) {
            long was = (long) TOP.getVolatile(tops, at);
            NEXT.setOpaque(next, last, (int) was);
            if (TOP.compareAndSet(tops, at, was, pack(change(was) + 1, first))) {
                return;
            }
            Thread.onSpinWait();
        }
    }

    @Override
    public int count() {
        int count = 0;
        for (int stack = 0; stack < STACKS; stack++) {
            count += depth((int) (long) TOP.getVolatile(tops, at(stack)));
        }
        return Math.min(count, all.length);
    }

    // Bounded, because others may change the links meanwhile.
    private int depth(int from) {
        int depth = 0;
        for (int i = from; i != EMPTY && depth < all.length; i = below(i)) {
            depth++;
        }
        return depth;
    }

    @Override
    public int retire() {
        int[] taken = new int[STACKS];
        int home = 0;
        for (int stack = 0; stack < STACKS; stack++) {
            taken[stack] = takeAll(at(stack));
            home += depth(taken[stack]);
        }
        if (home < all.length) {
            for (int stack = 0; stack < STACKS; stack++) {
                if (taken[stack] != EMPTY) {
                    push(at(stack), taken[stack], bottom(taken[stack]));
                }
            }
        }
        return all.length - home;
    }

    private int takeAll(int at) {
        while (true) {
            long was = (long) TOP.getVolatile(tops, at);
            if (TOP.compareAndSet(tops, at, was, pack(change(was) + 1, EMPTY))) {
                return (int) was;
            }
            Thread.onSpinWait();
        }
    }

    private int bottom(int from) {
        int i = from;
        while (below(i) != EMPTY) {
            i = below(i);
        }
        return i;
    }
}
