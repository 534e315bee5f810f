package adit.device;

import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.PacketBuffer;
import adit.packet.PacketType;
import adit.wire.EtherType;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LoopbackTest {
    private final DeviceTable table = new DeviceTable(DeviceTable.Environment.on(() -> 0, 1));
    private final Loopback lo = new Loopback();

    @BeforeEach
    void register() {
        assertThat(table.register(lo, Loopback.NAME, 0)).isZero();
        assertThat(lo.up()).isZero();
    }

    @AfterEach
    void nothingStaysOut() {
        assertThat(table.buffers().lent()).isZero();
        table.buffers().close();
    }

    private PacketBuffer packet(int octets) {
        PacketBuffer p = table.buffers().lend(octets);
        p.protocol(EtherType.IPV4);
        p.packetType(PacketType.OTHERHOST);
        long at = p.put(octets);
        p.segment().asSlice(at, octets).fill((byte) octets);
        return p;
    }

    @Test
    void deliversWhatIsSentToThisHostUnchanged() {
        List<String> seen = new ArrayList<>();
        table.receiver((device, p) -> {
            seen.add(device.name() + " " + p.length() + " " + p.segment().get(ValueLayout.JAVA_BYTE, p.head()) + " "
                    + p.packetType() + " " + Integer.toHexString(p.protocol()));
            p.release();
        });
        lo.send(packet(20));
        assertThat(seen).containsExactly("lo 20 20 HOST 800");
        assertThat(lo.statistics().counters())
                .isEqualTo(Map.of(
                        Counter.RX_PACKETS, 1L, Counter.RX_BYTES, 20L, Counter.TX_PACKETS, 1L, Counter.TX_BYTES, 20L));
        assertThat(lo.statistics().drops()).isEmpty();
    }

    @Test
    void letsAnAnswerWaitUntilTheQuestionIsDealtWith() {
        List<String> order = new ArrayList<>();
        table.receiver((device, p) -> {
            int octets = p.length();
            order.add("begin " + octets);
            if (octets > 20) {
                lo.send(packet(octets - 1));
            }
            order.add("end " + octets);
            p.release();
        });
        lo.send(packet(22));
        assertThat(order).containsExactly("begin 22", "end 22", "begin 21", "end 21", "begin 20", "end 20");
    }

    @Test
    void dropsWhatPilesUpOnOneThreadBeyondTheBound() {
        int[] received = {0};
        table.receiver((device, p) -> {
            received[0]++;
            if (p.length() == 30) {
                for (int i = 0; i < 1100; i++) {
                    lo.send(packet(20));
                }
            }
            p.release();
        });
        lo.send(packet(30));
        assertThat(received[0]).isEqualTo(1 + 1024);
        assertThat(lo.statistics().drops()).isEqualTo(Map.of(Drop.CPU_BACKLOG, 1100L - 1024));
        assertThat(lo.statistics().get(Counter.RX_DROPPED)).isEqualTo(1100 - 1024);
    }

    @Test
    void countsAndReleasesWhatIsSentWhileDown() {
        lo.down();
        lo.send(packet(20));
        assertThat(lo.statistics().drops()).isEqualTo(Map.of(Drop.DEV_READY, 1L));
        assertThat(lo.statistics().counters()).isEqualTo(Map.of(Counter.TX_DROPPED, 1L));
    }

    @Test
    void countsAndReleasesWhatNobodyTakes() {
        lo.send(packet(20));
        assertThat(lo.statistics().drops()).isEqualTo(Map.of(Drop.NO_STACK, 1L));
    }

    @Test
    void canNotBeDeleted() {
        assertThat(lo.delete()).isEqualTo(-Errno.EOPNOTSUPP);
        assertThat(table.byName("lo")).isSameAs(lo);
    }
}
