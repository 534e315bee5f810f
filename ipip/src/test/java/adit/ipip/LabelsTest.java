package adit.ipip;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Counter;
import adit.ip.RouteEncapsulation;
import adit.netns.Namespace;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Labelled packets through tunnels, both ways: labels pushed by routes, and popped by label routes.
class LabelsTest {
    private static void end(Namespace ns, int here, int there) throws IOException {
        ns.configure()
                .tunnel("t1")
                .local("192.0.2." + here)
                .remote("192.0.2." + there)
                .mplsip()
                .add();
        ns.configure().link("t1").up();
        ns.configure().address("lo", "10.0.%d.1/32".formatted(here));
        ns.ip().mpls().platformLabels(1000);
        ns.ip().mpls().input(ns.ip().of(ns.devices().byName("t1")), true);
        ns.configure().label(100 + here).dev("lo").add();
        ns.configure()
                .route("10.0.%d.0/24".formatted(there))
                .dev("t1")
                .src("10.0.%d.1".formatted(here))
                .encapsulate(new RouteEncapsulation.Labels(List.of(100 + there), 0))
                .add();
    }

    @Test
    void pingsBehindALabelEachWay() throws IOException {
        try (Hosts hosts = new Hosts()) {
            end(hosts.a, 1, 2);
            end(hosts.b, 2, 1);
            assertThat(Hosts.pings(hosts.a, "10.0.2.1")).isTrue();
            assertThat(Hosts.statistics(hosts.a, "t1"))
                    .as("the label stack counts")
                    .isEqualTo(Map.of(
                            Counter.RX_PACKETS,
                            1L,
                            Counter.RX_BYTES,
                            88L,
                            Counter.TX_PACKETS,
                            1L,
                            Counter.TX_BYTES,
                            88L));
            assertThat(NamespaceHost.ip(hosts.a, "route show 10.0.2.0/24").out())
                    .contains("10.0.2.0/24  encap mpls  102 dev t1");
            // Where labels are not heeded, the packet is counted and dropped.
            hosts.b.ip().mpls().input(hosts.b.ip().of(hosts.b.devices().byName("t1")), false);
            assertThat(Hosts.pings(hosts.a, "10.0.2.1")).isFalse();
            assertThat(hosts.b.devices().byName("t1").statistics().get(Counter.RX_PACKETS))
                    .isEqualTo(2);
        }
    }
}
