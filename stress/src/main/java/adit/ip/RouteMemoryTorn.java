package adit.ip;

import adit.device.Device;
import adit.device.Dummy;
import adit.wire.MacAddress;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/// Two threads remember what became of one flow in two generations of routes, in the same place. Two others ask for one
/// of the generations each: they find its route or nothing, never the other's. It stands in this package because its
/// subject is seen nowhere else.
@JCStressTest
@Outcome(id = "[01], [02]", expect = Expect.ACCEPTABLE, desc = "Nothing, or the route of that generation.")
@Outcome(expect = Expect.FORBIDDEN, desc = "The route of another generation.")
@State
public class RouteMemoryTorn {
    private static final int SOURCE = 0x0a010009;
    private static final int DESTINATION = 0x0a020009;
    private static final Route FIRST = route(1);
    private static final Route SECOND = route(2);

    private final RouteMemory memory = new RouteMemory();

    private static Route route(int number) {
        Device device = new Dummy(new MacAddress(0x0200_0000_0000L | number));
        return Route.onLink(device);
    }

    @Actor
    public void rememberFirst() {
        memory.put(1, SOURCE, DESTINATION, 0, FIRST);
    }

    @Actor
    public void rememberSecond() {
        memory.put(2, SOURCE, DESTINATION, 0, SECOND);
    }

    @Actor
    public void askFirst(II_Result seen) {
        seen.r1 = number(memory.get(1, SOURCE, DESTINATION, 0));
    }

    @Actor
    public void askSecond(II_Result seen) {
        seen.r2 = number(memory.get(2, SOURCE, DESTINATION, 0));
    }

    private static int number(Route route) {
        if (route == null) {
            return 0;
        }
        return route.equals(FIRST) ? 1 : 2;
    }
}
