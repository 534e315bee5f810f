package adit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adit.wire.Ip4Address;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a specification refuses, and what it says then.
class TunnelSpecTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "site-b", "fifteen-letters", "t1.100", "tunl0"})
    void takesNamesOfInterfaces(String name) {
        assertThat(TunnelSpec.of(name, Rig.HERE, Rig.THERE).name()).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "sixteen-letters-", "a/b", "a b", "a:1", ".", "..", "tab\t", "umläut", "nul\0"})
    void refusesOtherNames(String name) {
        assertThatThrownBy(() -> TunnelSpec.of(name, Rig.HERE, Rig.THERE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tunnel name '" + name + "'");
    }

    @Test
    void refusesAFixedTtlWithoutPathMtuDiscovery() {
        TunnelSpec fixed = Rig.spec().ttl(Ttl.fixed(64));
        assertThatThrownBy(() -> fixed.pathMtu(PathMtu.IGNORE))
                .hasMessageContaining("fixed ttl")
                .hasMessageContaining("path MTU");
    }

    @Test
    void refusesAddressesInExternalMode() {
        assertThatThrownBy(() -> Rig.spec().steering(Steering.EXTERNAL)).hasMessageContaining("external");
    }

    @Test
    void refusesATunnelToItself() {
        assertThatThrownBy(() -> TunnelSpec.of("t1", Rig.HERE, Rig.HERE)).hasMessageContaining("192.0.2.1");
        assertThat(TunnelSpec.of("t1", Ip4Address.ANY, Ip4Address.ANY).steering())
                .isEqualTo(Steering.CONFIGURED);
    }

    @Test
    void refusesALinkThatIsNoIndex() {
        assertThatThrownBy(() -> Rig.spec().link(-1)).hasMessageContaining("link -1");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 65536})
    void refusesPortsThatAreNone(int port) {
        assertThatThrownBy(() -> new Carrier.Fou(port, 1, Carrier.UdpChecksum.OFF))
                .hasMessageContaining("port " + port);
        assertThatThrownBy(() -> new Carrier.Gue(1, port, Carrier.UdpChecksum.ON))
                .hasMessageContaining("peer port " + port);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 256})
    void refusesWhatIsNoOctet(int value) {
        assertThatThrownBy(() -> new Ttl(value)).hasMessageContaining("ttl " + value);
        assertThatThrownBy(() -> new Tos(value)).hasMessageContaining("tos " + value);
        assertThatThrownBy(() -> Ttl.fixed(0)).hasMessageContaining("inherit");
    }

    @Test
    void printsTtlAndTosAsPeopleWriteThem() {
        assertThat(Ttl.INHERIT).hasToString("inherit");
        assertThat(Ttl.fixed(64)).hasToString("64");
        assertThat(Tos.INHERIT).hasToString("inherit");
        assertThat(new Tos(0x10)).hasToString("0x10");
    }

    @Test
    void changesOneThingAndKeepsTheRest() {
        TunnelSpec spec = new TunnelSpec(
                "t1",
                Mode.ANY,
                Rig.HERE,
                Rig.THERE,
                new Carrier.Gue(1, 2, Carrier.UdpChecksum.ON),
                Ttl.fixed(3),
                new Tos(4),
                PathMtu.DISCOVER,
                5,
                Steering.CONFIGURED,
                6);
        assertThat(Rig.spec()
                        .mark(6)
                        .link(5)
                        .pathMtu(PathMtu.DISCOVER)
                        .tos(new Tos(4))
                        .ttl(Ttl.fixed(3))
                        .carrier(new Carrier.Gue(1, 2, Carrier.UdpChecksum.ON))
                        .mode(Mode.ANY)
                        .steering(Steering.CONFIGURED))
                .isEqualTo(spec);
    }
}
