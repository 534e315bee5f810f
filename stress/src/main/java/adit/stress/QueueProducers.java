package adit.stress;

import adit.device.PacketQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/// Two producers and a consumer on a queue with room for both: each packet comes out once, and with it what its
/// producer wrote before.
@JCStressTest
@Outcome(id = "0, 1, 2, 0", expect = Expect.ACCEPTABLE, desc = "Polled too early.")
@Outcome(id = "0, 2, 1, 0", expect = Expect.ACCEPTABLE, desc = "Polled too early.")
@Outcome(id = "1, 2, 0, 0", expect = Expect.ACCEPTABLE, desc = "Polled the first.")
@Outcome(id = "2, 1, 0, 0", expect = Expect.ACCEPTABLE, desc = "Polled the second.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A packet was lost, came twice, or came without what was written before.")
@State
public class QueueProducers {
    private final PacketQueue queue = new PacketQueue(2);
    private int first;
    private int second;

    @Actor
    public void one() {
        first = 1;
        queue.offer(Tokens.FIRST);
    }

    @Actor
    public void other() {
        second = 2;
        queue.offer(Tokens.SECOND);
    }

    @Actor
    public void consumer(IIII_Result seen) {
        seen.r1 = seen();
    }

    @Arbiter
    public void rest(IIII_Result seen) {
        seen.r2 = seen();
        seen.r3 = seen();
        seen.r4 = seen();
    }

    private int seen() {
        return switch (Tokens.number(queue.poll())) {
            case 0 -> 0;
            case 1 -> first;
            default -> second;
        };
    }
}
