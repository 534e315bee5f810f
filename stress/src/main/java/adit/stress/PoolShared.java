package adit.stress;

import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/// Three threads lend and release from a pool of two. Afterwards both buffers are at home, and they are two. The first
/// results are how often a thread found another's mark in a buffer that was its own.
@JCStressTest
@Outcome(id = "0, 2, 0", expect = Expect.ACCEPTABLE, desc = "Nobody shared a buffer, and all came home.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A buffer was lent to two, or did not come home.")
@State
public class PoolShared {
    private final PacketPool pool = PacketPool.concurrent(2, 0, 64);
    private volatile int shared;

    @Actor
    public void one() {
        use(1);
    }

    @Actor
    public void other() {
        use(2);
    }

    @Actor
    public void third() {
        use(3);
    }

    // Lends two at once and gives them back in the order in which the stack below them changes most.
    private void use(int mark) {
        PacketBuffer p = pool.lend();
        PacketBuffer q = pool.lend();
        mark(p, mark);
        mark(q, mark);
        release(p, mark);
        release(q, mark);
    }

    private static void mark(PacketBuffer p, int mark) {
        if (p != null) {
            p.mark(mark);
        }
    }

    private void release(PacketBuffer p, int mark) {
        if (p != null) {
            if (p.mark() != mark) {
                shared = mark;
            }
            p.release();
        }
    }

    @Arbiter
    public void rest(III_Result seen) {
        seen.r1 = shared;
        PacketBuffer p = pool.lend();
        PacketBuffer q = pool.lend();
        seen.r2 = (p == null ? 0 : 1) + (q == null || q.equals(p) ? 0 : 1);
        mark(p, 0);
        mark(q, 0);
        release(p, 0);
        release(q, 0);
        seen.r3 = pool.lent();
        pool.close();
    }
}
