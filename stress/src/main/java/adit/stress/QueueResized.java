package adit.stress;

import adit.device.PacketQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/// A queue shrinks to one while two packets come and one is polled. The results are: how many were taken, which one
/// the consumer got, which the shrinking gave back, and what is left. Whatever was taken is in one of the others.
@JCStressTest
@Outcome(
        id = {"1, 0, 0, 1", "1, 1, 0, 0", "2, 0, 2, 1", "2, 1, 0, 2", "2, 1, 2, 0"},
        expect = Expect.ACCEPTABLE,
        desc = "Each once, the newest given back.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A packet was lost, came twice, or the queue holds more than it may.")
@State
public class QueueResized {
    private final PacketQueue queue = new PacketQueue(2);

    @Actor
    public void producer(IIII_Result seen) {
        int taken = queue.offer(Tokens.FIRST) ? 1 : 0;
        seen.r1 = taken + (queue.offer(Tokens.SECOND) ? 1 : 0);
    }

    @Actor
    public void consumer(IIII_Result seen) {
        seen.r2 = Tokens.number(queue.poll());
    }

    @Actor
    public void control(IIII_Result seen) {
        queue.capacity(1, p -> seen.r3 = 10 * seen.r3 + Tokens.number(p));
    }

    @Arbiter
    public void rest(IIII_Result seen) {
        for (int n = Tokens.number(queue.poll()); n != 0; n = Tokens.number(queue.poll())) {
            seen.r4 = 10 * seen.r4 + n;
        }
    }
}
