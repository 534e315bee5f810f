package adit.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import adit.packet.PacketBuffer;
import adit.packet.Refusal;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ShapingPortsTest {
    private final Packets packets = new Packets();
    private final VirtualTime time = new VirtualTime();
    private final Cable cable = new Cable(1500, 32);

    @AfterEach
    void everyBufferCameHome() {
        cable.close();
        packets.close();
    }

    @Test
    void delaysEachPacketByTheSameTimeAndKeepsTheOrder() {
        try (DelayPort port = new DelayPort(cable.right(), 1_000, time, 8)) {
            packets.send(cable.left(), 1, 3, 100);
            assertThat(packets.receive(port, 8)).isEmpty();
            time.advanceTo(400);
            packets.send(cable.left(), 3, 4, 100);
            assertThat(packets.receive(port, 8)).isEmpty();
            assertThat(port.deadline()).isEqualTo(1_000);
            time.advanceTo(999);
            assertThat(packets.receive(port, 8)).isEmpty();
            time.advanceTo(1_000);
            assertThat(packets.receive(port, 1)).containsExactly(1);
            assertThat(packets.receive(port, 8)).containsExactly(2);
            assertThat(port.deadline()).isEqualTo(1_400);
            time.advanceTo(2_000);
            assertThat(packets.receive(port, 8)).containsExactly(3);
            assertThat(port.deadline()).isEqualTo(Deadline.NEVER);
        }
    }

    @Test
    void leavesWhatItCannotHoldInThePortBehind() {
        try (DelayPort port = new DelayPort(cable.right(), 1_000, time, 2)) {
            packets.send(cable.left(), 1, 6, 100);
            assertThat(packets.receive(port, 8)).isEmpty();
            time.advanceTo(1_000);
            assertThat(packets.receive(port, 8)).containsExactly(1, 2);
            packets.receive(port, 8);
            time.advanceTo(2_000);
            assertThat(packets.receive(port, 8)).containsExactly(3, 4);
        }
        assertThat(packets.pool.lent())
                .as("released on close, under way or behind")
                .isZero();
    }

    @Test
    void delaysNothingThatIsSent() {
        try (DelayPort port = new DelayPort(cable.right(), 1_000, time, 2)) {
            packets.send(port, 1, 3, 100);
            assertThat(packets.receive(cable.left(), 8)).containsExactly(1, 2);
        }
    }

    @Test
    void letsPacketsThroughAtTheRateOfTheBucketAfterTheBurst() {
        // 1000 octets at 8 Mbit/s take 1 ms. A burst of 2000 octets lets two through at once and then, because a
        // bucket with any credit lets one more pass, a third.
        try (RatePort port = new RatePort(cable.right(), 8_000_000, 2_000, time)) {
            packets.send(cable.left(), 0, 20, 1_000);
            List<Long> arrivals = new ArrayList<>();
            Stepper stepper = new Stepper(time);
            stepper.add(now -> {
                int count = packets.receive(port, 32).length;
                for (int i = 0; i < count; i++) {
                    arrivals.add(now / 1_000);
                }
                return count;
            });
            stepper.watch(port).run(1_000_000_000);
            assertThat(arrivals)
                    .containsExactly(
                            0L, 0L, 0L, 1_000L, 2_000L, 3_000L, 4_000L, 5_000L, 6_000L, 7_000L, 8_000L, 9_000L, 10_000L,
                            11_000L, 12_000L, 13_000L, 14_000L, 15_000L, 16_000L, 17_000L);
        }
    }

    @Test
    void savesNoMoreCreditThanTheBurstWhileTheLineIsIdle() {
        try (RatePort port = new RatePort(cable.right(), 8_000_000, 2_000, time)) {
            time.advanceTo(1_000_000_000);
            packets.send(cable.left(), 0, 20, 1_000);
            assertThat(packets.receive(port, 32)).hasSize(3);
        }
    }

    @Test
    void makesTheCableBehindTheQueueOfTheBottleneck() {
        try (RatePort port = new RatePort(cable.right(), 8_000_000, 0, time)) {
            assertThat(packets.send(cable.left(), 0, 40, 1_000)).isEqualTo(32);
            assertThat(packets.batch.get(0).refusal()).isEqualTo(Refusal.FULL);
            assertThat(packets.receive(port, 32)).hasSize(1);
            assertThat(port.deadline()).isEqualTo(1_000_000);
            time.advanceTo(1_000_000);
            assertThat(port.deadline()).as("it has come").isEqualTo(Deadline.NEVER);
        }
    }

    @Test
    void countsWhatPassesAndWhyTheRestWasRefused() {
        try (CountingPort port = new CountingPort(cable.left())) {
            packets.batch.add(packets.numbered(0, 1_501));
            packets.send(port, 1, 40, 100);
            assertThat(port.sentPackets()).isEqualTo(32);
            assertThat(port.sentOctets()).isEqualTo(3_200);
            assertThat(port.refused(Refusal.TOO_BIG)).isEqualTo(1);
            assertThat(port.refused(Refusal.FULL)).isEqualTo(7);
            assertThat(port.refused(Refusal.DOWN)).isZero();

            packets.receive(cable.right(), 40);
            packets.batch.releaseAll();
            packets.send(cable.right(), 1, 4, 50);
            packets.receive(port, 2);
            packets.receive(port, 2);
            assertThat(port.receivedPackets()).isEqualTo(3);
            assertThat(port.receivedOctets()).isEqualTo(150);
        }
    }

    @Test
    void tracesOneLineForEachPacketWithItsRefusal() {
        List<String> lines = new ArrayList<>();
        try (TracePort port = new TracePort(cable.left(), "wire", time, p -> p.length() + " octets", lines::add)) {
            time.advanceTo(1_002_003_004);
            packets.batch.add(packets.numbered(1, 100));
            packets.batch.add(packets.numbered(2, 1_501));
            packets.batch.add(packets.numbered(3, 102));
            assertThat(port.send(packets.batch)).isEqualTo(2);
            assertThat(packets.batch.size()).isEqualTo(1);
            assertThat(packets.receive(cable.right(), 8)).containsExactly(1, 3);
            packets.batch.releaseAll();
            packets.send(cable.right(), 4, 5, 104);
            assertThat(packets.receive(port, 8)).containsExactly(4);
        }
        assertThat(lines)
                .containsExactly(
                        "1.002003004 wire tx 100 octets",
                        "1.002003004 wire tx 1501 octets refused TOO_BIG",
                        "1.002003004 wire tx 102 octets",
                        "1.002003004 wire rx 104 octets");
    }

    @Test
    void tracesTheLayersOfAPacketByItsEtherType() {
        List<String> lines = new ArrayList<>();
        try (TracePort port = new TracePort(cable.left(), "wire", time, TracePort.Printer.LAYERS, lines::add)) {
            // 10.1.0.1 to 10.1.0.2, TTL 64, protocol 253 with nothing in it; then the same behind label 100.
            byte[] ip = HexFormat.of().parseHex("450000140000000040fd65e80a0100010a010002");
            byte[] labelled = HexFormat.of().parseHex("00064140" + "450000140000000040fd65e80a0100010a010002");
            for (byte[] octets : new byte[][] {ip, labelled}) {
                PacketBuffer p = packets.pool.lend();
                MemorySegment.copy(octets, 0, p.segment(), ValueLayout.JAVA_BYTE, p.put(octets.length), octets.length);
                p.protocol(octets.length == 20 ? 0x0800 : 0x8847);
                packets.batch.add(p);
            }
            port.send(packets.batch);
        }
        assertThat(lines).hasSize(2);
        assertThat(lines.get(0)).startsWith("0.000000000 wire tx IPv4 10.1.0.1 > 10.1.0.2 ttl 64");
        assertThat(lines.get(1)).contains("MPLS", "100").contains("IPv4 10.1.0.1 > 10.1.0.2 ttl 64");
    }

    @Test
    void patchesTwoPortsTogetherBothWaysAndCountsWhatOneRefuses() {
        try (Cable other = new Cable(100, 32)) {
            Patch patch = new Patch(cable.right(), other.left());
            packets.send(cable.left(), 1, 3, 100);
            packets.send(cable.left(), 3, 4, 101);
            packets.send(other.right(), 11, 12, 50);
            assertThat(patch.turn(0)).isEqualTo(4);
            assertThat(packets.receive(other.right(), 8)).containsExactly(1, 2);
            assertThat(packets.receive(cable.left(), 8)).containsExactly(11);
            assertThat(patch.refused()).isEqualTo(1);
            assertThat(patch.turn(0)).isZero();
        }
    }

    @Test
    void closesThePortBehindIt() {
        new DelayPort(cable.left(), 1, time, 1).close();
        packets.send(cable.right(), 1, 2, 100);
        assertThat(packets.batch.get(0).refusal()).isEqualTo(Refusal.DOWN);
    }

    @Test
    void refusesSettingsThatMakeNoSense() {
        assertThatIllegalArgumentException().isThrownBy(() -> new DelayPort(cable.left(), -1, time, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new DelayPort(cable.left(), 1, time, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new RatePort(cable.left(), 0, 1, time));
        assertThatIllegalArgumentException().isThrownBy(() -> new RatePort(cable.left(), 1, -1, time));
    }
}
