package adit.stress;

import adit.packet.PacketRing;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/// A ring of one: the second packet is refused, or taken because the first is out already; none is lost.
@JCStressTest
@Outcome(id = "0, 0, 1", expect = Expect.ACCEPTABLE, desc = "Second refused, first left for later.")
@Outcome(id = "0, 1, 0", expect = Expect.ACCEPTABLE, desc = "Second refused, first polled afterwards.")
@Outcome(id = "1, 1, 2", expect = Expect.ACCEPTABLE, desc = "First polled, second taken.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A packet was lost, overwritten or came twice.")
@State
public class RingFull {
    private final PacketRing ring = new PacketRing(1);

    @Actor
    public void producer(III_Result seen) {
        ring.offer(Tokens.FIRST);
        seen.r1 = ring.offer(Tokens.SECOND) ? 1 : 0;
    }

    @Actor
    public void consumer(III_Result seen) {
        seen.r2 = Tokens.number(ring.poll());
    }

    @Arbiter
    public void rest(III_Result seen) {
        seen.r3 = Tokens.number(ring.poll());
    }
}
