package adit.tun;

import static adit.tun.TunSpec.Option.EXCLUSIVE;
import static adit.tun.TunSpec.Option.MULTI_QUEUE;
import static adit.tun.TunSpec.Option.NAPI;
import static adit.tun.TunSpec.Option.NAPI_FRAGMENTS;
import static adit.tun.TunSpec.Option.NO_CARRIER;
import static adit.tun.TunSpec.Option.PACKET_INFORMATION;
import static adit.tun.TunSpec.Option.VNET_HEADER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TunSpecTest {
    @Test
    void saysItsFlagsAsTheHeaderOfTheDriverHasThem() {
        assertThat(TunSpec.tun("t").flags()).isEqualTo(0x1001);
        assertThat(TunSpec.tap("t").flags()).isEqualTo(0x1002);
        assertThat(TunSpec.tun("t").with(PACKET_INFORMATION).flags()).isEqualTo(0x0001);
        assertThat(TunSpec.tun("t").with(VNET_HEADER, MULTI_QUEUE).flags()).isEqualTo(0x5101);
        assertThat(TunSpec.tap("t").with(NAPI).with(NAPI_FRAGMENTS).flags()).isEqualTo(0x1032);
        assertThat(TunSpec.tun("t").with(EXCLUSIVE, NO_CARRIER).flags()).isEqualTo(0x9041);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "tun0", "tun%d", "fifteen-octets1", "%d", "a%db"})
    void takesNamesThatTheKernelTakes(String name) {
        assertThat(TunSpec.tun(name).name()).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sixteen-octets-1",
                ".",
                "..",
                "a/b",
                "a b",
                "a\tb",
                "a:b",
                "tun%s",
                "%d%d",
                "tun%",
                "\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4"
            })
    void refusesNamesThatTheKernelRefusesOrCuts(String name) {
        assertThatThrownBy(() -> TunSpec.tun(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + name + "'");
    }

    @Test
    void refusesOptionsThatContradictEachOther() {
        assertThatThrownBy(() -> TunSpec.tun("t").with(NAPI, NAPI_FRAGMENTS))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TunSpec.tap("t").with(NAPI_FRAGMENTS)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TunSpec.tun("t").withIndex(-1)).isInstanceOf(IllegalArgumentException.class);
    }
}
