package adit.ip;

import static org.assertj.core.api.Assertions.assertThat;

import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NeighbourLimitTest {
    /// As Linux does when it makes room (`neigh_forced_gc`): who listens hears of the one that is forgotten.
    @Test
    void tellsOfTheOneThatMakesRoom() throws IpException {
        try (TestHost host = new TestHost()) {
            TestLink link = host.link("t0");
            List<IpAddress> gone = new ArrayList<>();
            host.stack.listen(new IpListener() {
                @Override
                public void address(Change change, Origin origin, IpInterface of, InterfaceAddress address) {}

                @Override
                public void route(Change change, Route route) {}

                @Override
                public void neighbour(Change change, NeighbourEntry entry) {
                    if (change == Change.GONE) {
                        gone.add(entry.address());
                    }
                }
            });
            for (int i = 0; i <= Neighbours.MOST; i++) {
                assertThat(gone).isEmpty();
                host.time.advanceBy(1);
                host.stack
                        .configuration()
                        .neighbour(new NeighbourEntry(
                                host.stack.of(link),
                                address(i),
                                Optional.empty(),
                                Neighbour.State.FAILED.number(),
                                false));
            }
            assertThat(gone).containsExactly(address(0));
            assertThat(host.stack.configuration().hasNeighbour(host.stack.of(link), address(0)))
                    .isFalse();
        }
    }

    private static Ip6Address address(int i) {
        return new Ip6Address(0x2001_0db8L << 32, i + 1);
    }
}
