package adit.stress;

import adit.packet.PacketBuffer;
import adit.packet.PacketRing;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/// Packets come out of a ring in their order, and with them what the producer wrote before it offered them.
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "The consumer came too early.")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "It came too early once.")
@Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "It came between the packets.")
@Outcome(id = "1, 2", expect = Expect.ACCEPTABLE, desc = "It got both.")
@Outcome(expect = Expect.FORBIDDEN, desc = "A packet was lost, came twice, or came without what was written before.")
@State
public class RingOrder {
    private final PacketRing ring = new PacketRing(2);
    private int first;
    private int second;

    @Actor
    public void producer() {
        first = 1;
        ring.offer(Tokens.FIRST);
        second = 2;
        ring.offer(Tokens.SECOND);
    }

    @Actor
    public void consumer(II_Result seen) {
        seen.r1 = seen(ring.poll());
        seen.r2 = seen(ring.poll());
    }

    private int seen(PacketBuffer p) {
        return switch (Tokens.number(p)) {
            case 0 -> 0;
            case 1 -> first;
            default -> second;
        };
    }
}
