package adit.tun;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Counter;
import adit.packet.Offload.Segmentation;
import adit.wire.InternetChecksum;
import adit.wire.Ipv4;
import adit.wire.Tcp;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NapiTest {
    private static MemorySegment segment(Rig rig, int number) {
        MemorySegment s =
                rig.octets(("4500008c %04x4000 40060000 0a000001 0a000002" + "00050006 %08x 00000001 50102000 00000000")
                                .formatted(number, 1000 + 100 * number)
                        + "%02x".formatted(number).repeat(100));
        Ipv4.fillChecksum(s, 0);
        int sum = InternetChecksum.pseudoHeader4(0x0a000001, 0x0a000002, 6, 120);
        Tcp.fillChecksum(s, 20, 120, sum);
        return s;
    }

    @Test
    void coalescesWhatIsWrittenTogether() {
        Rig rig = new Rig();
        List<String> seen = new ArrayList<>();
        rig.table.receiver((device, p) -> {
            seen.add(p.length() + " " + p.offload().segmentation + " " + p.offload().segmentSize);
            p.release();
        });
        MemoryTunFile file = rig.attached("t0", Rig.TUN | TunIoctl.IFF_NAPI);
        MemorySegment bad = rig.octets("00");
        IoVectors from =
                IoVectors.of(segment(rig, 1), segment(rig, 2), segment(rig, 3), segment(rig, 7), bad, segment(rig, 8));
        assertThat(file.writeBatch(from)).isEqualTo(4);
        assertThat(seen).containsExactly("340 " + Segmentation.TCP4 + " 100", "140 " + Segmentation.NONE + " 0");
        assertThat(file.device().statistics().get(Counter.RX_PACKETS)).isEqualTo(4);
        assertThat(file.device().statistics().get(Counter.RX_BYTES)).isEqualTo(4 * 140);
        rig.close();
    }

    @Test
    void leavesAloneWhatIsWrittenWithoutNapi() {
        Rig rig = new Rig();
        MemoryTunFile file = rig.attached("t0", Rig.TUN);
        assertThat(file.writeBatch(IoVectors.of(segment(rig, 1), segment(rig, 2))))
                .isEqualTo(2);
        assertThat(rig.received).hasSize(2);
        rig.close();
    }
}
