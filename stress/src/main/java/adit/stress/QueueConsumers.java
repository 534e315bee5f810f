package adit.stress;

import adit.device.PacketQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/// One producer and two consumers: no packet comes out twice, none is lost, and neither consumer finds the second
/// while the first is still there.
@JCStressTest
@Outcome(
        id = {"0, 0, 12", "1, 0, 2", "0, 1, 2", "1, 2, 0", "2, 1, 0"},
        expect = Expect.ACCEPTABLE,
        desc = "Each once.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A packet was lost, came twice or overtook the other.")
@State
public class QueueConsumers {
    private final PacketQueue queue = new PacketQueue(2);

    @Actor
    public void producer() {
        queue.offer(Tokens.FIRST);
        queue.offer(Tokens.SECOND);
    }

    @Actor
    public void one(III_Result seen) {
        seen.r1 = Tokens.number(queue.poll());
    }

    @Actor
    public void other(III_Result seen) {
        seen.r2 = Tokens.number(queue.poll());
    }

    /// What is left, as digits.
    @Arbiter
    public void rest(III_Result seen) {
        for (int n = Tokens.number(queue.poll()); n != 0; n = Tokens.number(queue.poll())) {
            seen.r3 = 10 * seen.r3 + n;
        }
    }
}
