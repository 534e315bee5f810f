package adit.netns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import adit.device.Errno;
import adit.ip.IpException;
import adit.ip.LabelRoute;
import adit.ip.NeighbourEntry;
import adit.ip.Route;
import adit.port.VirtualTime;
import adit.wire.IpAddress;
import adit.wire.IpPrefix;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Words that stand for a command of `ip`: what the namespace has afterwards, and the error numbers that Linux 6.18
/// answers to that command where it fails.
class ConfigurationTest {
    private final Namespace ns =
            Namespace.builder().time(new VirtualTime()).seed(3).open();

    @AfterEach
    void close() {
        ns.close();
    }

    private Configuration dummy() throws IpException {
        ns.configure().dummy("d0").link("d0").up();
        return ns.configure().address("d0", "10.0.0.1/24");
    }

    private static void assertRefused(int errno, ThrowingCallable call) {
        assertThatExceptionOfType(IpException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.errno()).isEqualTo(errno));
    }

    /// `ip neighbour replace`, `ip neighbour del`.
    @Test
    void forgetsANeighbour() throws IpException {
        dummy().neighbour("d0", "10.0.0.9", "02:00:00:00:00:09").neighbour("d0", "10.0.0.8", "02:00:00:00:00:08");
        ns.configure().removeNeighbour("d0", "10.0.0.9");
        assertThat(ns.ip().configuration().neighbours())
                .extracting(NeighbourEntry::address)
                .containsExactly(IpAddress.parse("10.0.0.8"));
        assertRefused(Errno.ENOENT, () -> ns.configure().removeNeighbour("d0", "10.0.0.9"));
        assertRefused(Errno.ENODEV, () -> ns.configure().removeNeighbour("d1", "10.0.0.8"));
    }

    /// `ip link set name`: the index stays.
    @Test
    void renamesALink() throws IpException {
        dummy();
        Configuration.Link link = ns.configure().link("d0");
        int index = link.index();
        assertThat(index).isEqualTo(ns.devices().byName("d0").index());
        link.down();
        Configuration.Link renamed = link.rename("d1");
        assertThat(renamed.index()).isEqualTo(index);
        assertThat(ns.devices().byName("d1").index()).isEqualTo(index);
        assertThat(ns.devices().byName("d0")).isNull();
        renamed.up();
        assertThat(ns.devices().byName("d1").isUp()).isTrue();
        assertRefused(Errno.EEXIST, () -> renamed.rename("lo"));
    }

    /// `ip route add mtu table`.
    @Test
    void givesARouteAnMtuAndATable() throws IpException {
        dummy().route("10.7.0.0/16").via("10.0.0.2").mtu(1280).table(77).add();
        List<Route> routes = ns.ip().configuration().routes().all().stream()
                .filter(r -> r.spec().destination().equals(IpPrefix.parse("10.7.0.0/16")))
                .toList();
        assertThat(routes).singleElement().satisfies(r -> {
            assertThat(r.spec().table()).isEqualTo(77);
            assertThat(r.spec().metrics().mtu()).isEqualTo(1280);
        });
        assertRefused(
                Errno.ESRCH,
                () -> ns.configure().route("10.7.0.0/16").via("10.0.0.2").delete());
        ns.configure().route("10.7.0.0/16").via("10.0.0.2").table(77).delete();
        assertThat(ns.ip().configuration().routes().all()).doesNotContainAnyElementsOf(routes);
    }

    /// `ip -f mpls route add`, `replace`, `del`.
    @Test
    void putsALabelInThePlaceOfAnother() throws IpException {
        dummy();
        ns.ip().mpls().platformLabels(200);
        ns.configure().label(100).as(101).via("10.0.0.2").dev("d0").add();
        assertRefused(
                Errno.EEXIST,
                () -> ns.configure()
                        .label(100)
                        .as(102)
                        .via("10.0.0.2")
                        .dev("d0")
                        .add());
        ns.configure().label(100).as(102, 103).via("10.0.0.2").dev("d0").replace();
        ns.configure().label(104).as(105).via("10.0.0.2").dev("d0").replace();
        assertThat(ns.ip().mpls().routes())
                .extracting(LabelRoute::label, LabelRoute::labels)
                .containsExactly(tuple(100, List.of(102, 103)), tuple(104, List.of(105)));
        ns.configure().label(100).delete();
        assertThat(ns.ip().mpls().routes()).extracting(LabelRoute::label).containsExactly(104);
        assertRefused(Errno.ESRCH, () -> ns.configure().label(100).delete());
    }
}
