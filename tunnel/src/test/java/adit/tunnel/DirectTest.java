package adit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/// Packets through a tunnel over direct IP, where nothing is out of the ordinary.
class DirectTest {
    @Test
    void sendsTheInnerPacketUnchangedAsProtocol4() {
        try (Rig rig = new Rig(Rig.spec())) {
            byte[] inner = Octet.ip4().build();
            rig.send(inner);
            RecordingUnderlay.Packet sent = rig.sent();
            assertThat(sent.hex()).isEqualTo(Octet.hex(inner));
            assertThat(sent.source()).isEqualTo("192.0.2.1");
            assertThat(sent.destination()).isEqualTo("198.51.100.7");
            assertThat(sent.protocol()).isEqualTo(4);
            assertThat(rig.counted()).isEqualTo(Map.of("tx_packets", 1L, "tx_bytes", 84L));
        }
    }

    @Test
    void handsTheInnerPacketUpUnchanged() {
        try (Rig rig = new Rig(Rig.spec())) {
            byte[] inner = Octet.ip4().ttl(1).build();
            rig.receive(4, inner);
            assertThat(rig.delivered().hex()).isEqualTo(Octet.hex(inner));
            assertThat(rig.delivered().protocol()).isEqualTo(0x0800);
            assertThat(rig.counted()).isEqualTo(Map.of("rx_packets", 1L, "rx_bytes", 84L));
        }
    }
}
