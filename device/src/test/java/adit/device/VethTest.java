package adit.device;

import static org.assertj.core.api.Assertions.assertThat;

import adit.wire.MacAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Operational states of cables between two namespaces, as Linux 6.18 told them of the same.
class VethTest {
    private final DeviceTable.Environment environment = DeviceTable.Environment.on(() -> 0, 1);
    private final DeviceTable here = new DeviceTable(environment);
    private final DeviceTable there = new DeviceTable(environment);
    private final Veth left = Veth.pair(MacAddress.parse("02:00:00:00:00:01"), MacAddress.parse("02:00:00:00:00:02"));
    private final Veth right = left.peer();

    @AfterEach
    void close() {
        environment.buffers().close();
    }

    @Test
    void blamesNobodyInAnotherNamespace() {
        assertThat(there.register(right, "right", 11)).isZero();
        assertThat(here.register(left, "left", 10)).isZero();
        left.up();
        assertThat(left.operState()).isEqualTo(OperState.DOWN);
        right.up();
        assertThat(left.operState()).isEqualTo(OperState.UP);
        right.down();
        assertThat(left.operState()).isEqualTo(OperState.DOWN);
    }

    @Test
    void blamesWhoeverHasTheOtherEndsIndexInItsOwnNamespace() {
        Veth stranger = Veth.pair(MacAddress.parse("02:00:00:00:00:03"), MacAddress.parse("02:00:00:00:00:04"));
        assertThat(here.register(stranger.peer(), "s1", 0)).isZero();
        assertThat(here.register(stranger, "s0", 11)).isZero();
        assertThat(there.register(right, "right", 11)).isZero();
        assertThat(here.register(left, "left", 10)).isZero();
        left.up();
        right.up();
        right.down();
        assertThat(left.operState()).isEqualTo(OperState.LOWER_LAYER_DOWN);
    }

    @Test
    void keepsItsStateWhenTheOtherEndMovesAway() {
        assertThat(here.register(right, "right", 0)).isZero();
        assertThat(here.register(left, "left", 0)).isZero();
        left.up();
        assertThat(left.operState()).isEqualTo(OperState.LOWER_LAYER_DOWN);
        assertThat(here.moveTo(right, there, "")).isZero();
        assertThat(left.operState()).isEqualTo(OperState.LOWER_LAYER_DOWN);
        right.up();
        right.down();
        assertThat(left.operState()).isEqualTo(OperState.DOWN);
    }
}
