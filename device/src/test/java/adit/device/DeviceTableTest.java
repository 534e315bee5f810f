package adit.device;

import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.PacketBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceTableTest {
    private final DeviceTable.Environment environment = DeviceTable.Environment.on(() -> 0, 1);
    private final DeviceTable table = new DeviceTable(environment);

    @AfterEach
    void close() {
        environment.buffers().close();
    }

    private static final class Plain extends Device {
        Plain() {
            super(HardwareType.NONE, DeviceFlags.NOARP, 1500, MtuRange.IP);
        }

        @Override
        protected void transmit(PacketBuffer p) {
            p.release();
        }
    }

    private Device registered(String name) {
        Device d = new Plain();
        assertThat(table.register(d, name, 0)).isZero();
        return d;
    }

    @Test
    void numbersATemplateByTheLowestFreeNumberAlsoAfterAGap() {
        registered("t0");
        Device one = registered("t%d");
        assertThat(one.name()).isEqualTo("t1");
        assertThat(registered("t%d").name()).isEqualTo("t2");
        table.unregister(one);
        assertThat(registered("t%d").name()).isEqualTo("t1");
        assertThat(registered("a%db").name()).isEqualTo("a0b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a/b", "a b", "a:b", "a\tb", "sixteen-octets-1", "%s", "%d%d", "50%", "all"})
    void refusesNamesThatLinuxRefuses(String name) {
        assertThat(table.register(new Plain(), name, 0)).isEqualTo(-Errno.EINVAL);
        assertThat(table.devices()).isEmpty();
    }

    @Test
    void refusesANameAndAnIndexThatAreTaken() {
        assertThat(table.register(new Plain(), "a", 7)).isZero();
        assertThat(table.register(new Plain(), "a", 0)).isEqualTo(-Errno.EEXIST);
        assertThat(table.register(new Plain(), "b", 7)).isEqualTo(-Errno.EBUSY);
        assertThat(table.register(new Plain(), "b", -1)).isEqualTo(-Errno.EINVAL);
        assertThat(table.rename(table.byName("a"), "..")).isEqualTo(-Errno.EINVAL);
        registered("c");
        assertThat(table.rename(table.byName("a"), "c")).isEqualTo(-Errno.EEXIST);
        assertThat(table.rename(table.byName("a"), "d")).isZero();
        assertThat(table.byName("d")).isSameAs(table.byIndex(7));
        assertThat(table.byName("a")).isNull();
    }

    @Test
    void givesNoIndexTwice() {
        Device a = registered("a");
        Device b = registered("b");
        table.unregister(b);
        Device c = registered("c");
        assertThat(List.of(a.index(), b.index(), c.index())).containsExactly(1, 2, 3);
        assertThat(table.register(new Plain(), "far", 1_000_000)).isZero();
        assertThat(table.byIndex(1_000_000).name()).isEqualTo("far");
        assertThat(table.byIndex(2)).isNull();
    }

    @Test
    void tellsWhatHappens() {
        List<String> heard = new ArrayList<>();
        table.listen((device, event) -> heard.add(device.name() + " " + event));
        Device a = registered("a");
        a.up();
        a.up();
        a.mtu(1400);
        assertThat(a.mtu(67)).isEqualTo(-Errno.EINVAL);
        a.carrier(false);
        table.rename(a, "b");
        table.unregister(a);
        assertThat(heard)
                .containsExactly("a REGISTERED", "a UP", "a MTU", "a CARRIER", "b RENAMED", "b DOWN", "b UNREGISTERED");
    }

    @Test
    void saysItsFlagsAndStateAsTheCarrierHasThem() {
        Device a = registered("a");
        assertThat(a.flags()).isEqualTo(DeviceFlags.NOARP);
        assertThat(a.operState()).isEqualTo(OperState.DOWN);
        a.up();
        int up = DeviceFlags.NOARP | DeviceFlags.UP;
        assertThat(a.flags()).isEqualTo(up | DeviceFlags.RUNNING | DeviceFlags.LOWER_UP);
        assertThat(a.operState()).isEqualTo(OperState.UNKNOWN);
        a.carrier(false);
        assertThat(a.flags()).isEqualTo(up);
        assertThat(a.operState()).isEqualTo(OperState.DOWN);
        a.carrier(true);
        assertThat(a.operState()).isEqualTo(OperState.UP);
    }

    @Test
    void movesADeviceToAnotherTableDownAndUnderAFreeIndex() {
        DeviceTable other = new DeviceTable(environment);
        assertThat(other.register(new Plain(), "x", 0)).isZero();
        Device a = registered("a");
        a.up();
        assertThat(table.moveTo(a, other, "x")).isEqualTo(-Errno.EEXIST);
        assertThat(table.moveTo(a, other, "")).isZero();
        assertThat(table.devices()).isEmpty();
        assertThat(a.table()).isSameAs(other);
        assertThat(a.isUp()).isFalse();
        assertThat(a.index()).isEqualTo(2);
        assertThat(other.byIndex(2)).isSameAs(a);
    }

    /// Whoever found the device by its name may come too late: another thread has taken it out since.
    @Test
    void neitherMovesNorRenamesNorRaisesADeviceThatHasLeft() {
        DeviceTable other = new DeviceTable(environment);
        Device gone = registered("a");
        table.unregister(gone);
        Device heir = registered("a");
        assertThat(table.moveTo(gone, other, "")).isEqualTo(-Errno.ENODEV);
        assertThat(table.rename(gone, "b")).isEqualTo(-Errno.ENODEV);
        assertThat(gone.up()).isEqualTo(-Errno.ENODEV);
        assertThat(gone.isUp()).isFalse();
        assertThat(other.devices()).isEmpty();
        assertThat(table.devices()).containsExactly(heir);
        assertThat(table.byName("a")).isSameAs(heir);
        assertThat(table.moveTo(heir, other, "")).isZero();
        assertThat(table.moveTo(heir, other, "c")).isEqualTo(-Errno.ENODEV);
        assertThat(other.byName("a")).isSameAs(heir);
    }
}
