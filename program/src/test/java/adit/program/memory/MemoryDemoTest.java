package adit.program.memory;

import static org.assertj.core.api.Assertions.assertThat;

import adit.port.Faults;
import adit.program.host.BulkSender;
import adit.program.host.HostDrop;
import adit.program.host.PcapTap;
import adit.program.memory.MemoryDemoResult.Verdict;
import adit.tunnel.Carrier;
import adit.tunnel.Carrier.UdpChecksum;
import adit.tunnel.Drop;
import adit.tunnel.Event;
import adit.tunnel.LinkStatistic;
import adit.tunnel.Mode;
import adit.underlay.UnderlayDrop;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(120)
class MemoryDemoTest {
    private static final MemoryDemoOptions SMALL = MemoryDemoOptions.DEFAULT.withOctets(2_000_000);

    private static MemoryDemoResult run(MemoryDemoOptions options) {
        return MemoryDemo.run(options, Tap.NONE, MemoryDemo.Progress.NONE);
    }

    static Stream<Carrier> carriers() {
        return Stream.of(
                new Carrier.Direct(),
                new Carrier.Fou(5555, 5555, UdpChecksum.OFF),
                new Carrier.Fou(5555, 5555, UdpChecksum.ON),
                new Carrier.Gue(6080, 6080, UdpChecksum.OFF),
                new Carrier.Gue(6080, 6080, UdpChecksum.ON));
    }

    static Stream<Arguments> carriersAndModes() {
        return carriers().flatMap(carrier -> Stream.of(Mode.values()).map(mode -> Arguments.of(carrier, mode)));
    }

    private static void assertBalanced(MemoryDemoResult result) {
        assertThat(result.discrepancies()).isEmpty();
    }

    @Test
    void carriesPingsAndATransferByDefault() {
        MemoryDemoResult result = run(MemoryDemoOptions.DEFAULT);
        assertBalanced(result);
        assertThat(result.succeeded()).isTrue();
        assertThat(result.pings().received()).isEqualTo(10);
        // Twice 2 ms; the packets are too few and small to wait for the line.
        assertThat(result.pings().minNanos()).isEqualTo(4_000_000);
        assertThat(result.pings().maxNanos()).isEqualTo(4_000_000);
        assertThat(result.transfer().verdict()).isEqualTo(Verdict.MATCHED);
        assertThat(result.transfer().received()).isEqualTo(64_000_000);
        assertThat(result.transfer().retransmissions()).isZero();
        // 1440 of 1500 octets on the line are payload, so 0.96 Gbit/s is the most.
        assertThat(result.transfer().bitsPerSecond()).isBetween(0.7e9, 0.96e9);
    }

    @ParameterizedTest
    @MethodSource("carriersAndModes")
    void worksOverEveryCarrierInEveryMode(Carrier carrier, Mode mode) {
        MemoryDemoResult result = run(SMALL.withCarrier(carrier).withMode(mode));
        assertBalanced(result);
        assertThat(result.succeeded()).isTrue();
        for (MemoryDemoResult.End end : result.ends()) {
            assertThat(end.drops())
                    .allSatisfy((reason, count) -> assertThat(count).isZero());
            assertThat(end.underlayDrops())
                    .allSatisfy((reason, count) -> assertThat(count).isZero());
            assertThat(end.hostDrops())
                    .allSatisfy((reason, count) -> assertThat(count).isZero());
            assertThat(end.mtu()).isEqualTo(1500 - carrier.overhead());
        }
        // What one end sent the other received, as the interfaces count it.
        assertThat(result.ends().get(0).statistics().value(LinkStatistic.TX_PACKETS))
                .isEqualTo(result.ends().get(1).statistics().value(LinkStatistic.RX_PACKETS));
        assertThat(result.ends().get(0).statistics().value(LinkStatistic.TX_BYTES))
                .isEqualTo(result.ends().get(1).statistics().value(LinkStatistic.RX_BYTES))
                .isGreaterThan(2_000_000);
    }

    static Stream<Arguments> badLines() {
        List<Arguments> all = new ArrayList<>();
        for (Carrier carrier : carriers().toList()) {
            for (Mode mode : Mode.values()) {
                all.add(Arguments.of(carrier, mode, Faults.NONE.withLoss(0.05), 500_000L));
                all.add(Arguments.of(carrier, mode, Faults.NONE.withLoss(0.2), 100_000L));
                all.add(Arguments.of(carrier, mode, new Faults(0.02, 0.05, 0.03, 0.05), 500_000L));
            }
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("badLines")
    void bringsEverythingOverABadLineAndAccountsForEveryPacket(Carrier carrier, Mode mode, Faults faults, long octets) {
        MemoryDemoResult result =
                run(SMALL.withCarrier(carrier).withMode(mode).withFaults(faults).withOctets(octets));
        assertBalanced(result);
        assertThat(result.transfer().verdict()).isEqualTo(Verdict.MATCHED);
        assertThat(result.transfer().retransmissions()).isPositive();
        assertThat(result.journeys())
                .allSatisfy(j -> assertThat(j.line().lost()).isPositive());
        if (faults.corruption() == 0) {
            for (MemoryDemoResult.End end : result.ends()) {
                assertThat(end.drops())
                        .allSatisfy((reason, count) -> assertThat(count).isZero());
                assertThat(end.underlayDrops())
                        .allSatisfy((reason, count) -> assertThat(count).isZero());
                assertThat(end.hostDrops())
                        .allSatisfy((reason, count) -> assertThat(count).isZero());
            }
        }
    }

    @Test
    void noticesEveryDamagedPacketSomewhere() {
        MemoryDemoOptions options = SMALL.withCarrier(new Carrier.Gue(6080, 6080, UdpChecksum.OFF))
                .withFaults(Faults.NONE.withCorruption(0.1));
        MemoryDemoResult result = run(options);
        assertThat(result.transfer().verdict()).isEqualTo(Verdict.MATCHED);
        assertBalanced(result);
        long corrupted =
                result.journeys().stream().mapToLong(j -> j.line().corrupted()).sum();
        long noticed = 0;
        for (MemoryDemoResult.End end : result.ends()) {
            noticed += sum(end.drops()) + sum(end.underlayDrops()) + sum(end.fragmentDrops());
            noticed += sum(end.hostDrops()) + sum(end.hostUnderlayDrops());
        }
        // Without a UDP checksum some bits are nobody's: source port, checksum presence would be noticed.
        assertThat(noticed).isBetween(corrupted * 9 / 10, corrupted);
        assertThat(result.ends().get(0).underlayDrops().get(UnderlayDrop.BAD_HEADER_CHECKSUM))
                .as("most of an acknowledgment is headers")
                .isPositive();
        assertThat(result.ends().get(1).hostDrops().get(HostDrop.BAD_TCP_CHECKSUM))
                .isPositive();
    }

    private static long sum(Map<?, Long> table) {
        return table.values().stream().mapToLong(Long::longValue).sum();
    }

    @Test
    void losesSomePingsOnABadLineAndSaysSo() {
        MemoryDemoResult result = run(SMALL.withPings(100).withOctets(0).withFaults(Faults.NONE.withLoss(0.2)));
        assertThat(result.pings().sent()).isEqualTo(100);
        assertThat(result.pings().received()).isBetween(45, 83); // 64 expected, give or take four deviations
        assertThat(result.succeeded()).isFalse();
        assertBalanced(result);
    }

    @Test
    void saysThatATransferIsIncompleteWhenTheLineIsDead() {
        MemoryDemoResult result = run(SMALL.withPings(1).withFaults(Faults.NONE.withLoss(1)));
        assertThat(result.transfer().verdict()).isEqualTo(Verdict.INCOMPLETE);
        assertThat(result.transfer().state()).isEqualTo(BulkSender.State.FAILED);
        assertThat(result.succeeded()).isFalse();
        assertBalanced(result);
    }

    @Test
    void lowersTheSegmentSizeWhenTheTunnelSaysThatPacketsAreTooBig() {
        MemoryDemoResult result = run(SMALL.withMtu(1500));
        assertThat(result.succeeded()).isTrue();
        MemoryDemoResult.End a = result.ends().getFirst();
        assertThat(a.events().get(Event.TOLD_TOO_BIG)).isPositive();
        assertThat(a.drops().get(Drop.TOO_BIG)).isEqualTo(a.events().get(Event.TOLD_TOO_BIG));
        assertThat(a.statistics().value(LinkStatistic.TX_ERRORS))
                .isEqualTo(a.drops().get(Drop.TOO_BIG));
    }

    @Test
    void worksOverNarrowAndWideLines() {
        for (int mtu : new int[] {576, 1280, 9000}) {
            MemoryDemoResult result = run(SMALL.withLine(new Line(100_000_000, 1_000_000, 300, mtu)));
            assertThat(result.succeeded()).as("mtu %d: %s", mtu, result).isTrue();
        }
    }

    @Test
    void recoversFromAQueueThatOverflows() {
        MemoryDemoResult result =
                run(SMALL.withOctets(10_000_000).withLine(new Line(50_000_000, 10_000_000, 20, 1500)));
        assertThat(result.transfer().verdict()).isEqualTo(Verdict.MATCHED);
        assertThat(result.ends().getFirst().drops().get(Drop.UNDERLAY_FULL)).isPositive();
        assertBalanced(result);
    }

    @Test
    void putsTheSamePacketsOnEveryInterfaceForTheSameSeed() {
        MemoryDemoOptions options = SMALL.withOctets(300_000)
                .withCarrier(new Carrier.Gue(6080, 6080, UdpChecksum.ON, Carrier.SourcePort.PER_FLOW))
                .withFaults(new Faults(0.05, 0.02, 0.02, 0.02));
        Map<String, byte[]> one = capture(options);
        Map<String, byte[]> two = capture(options);
        Map<String, byte[]> other = capture(options.withSeed(2));
        assertThat(one.keySet()).containsExactly("a/eth0", "a/tun0", "b/eth0", "b/tun0");
        for (String name : one.keySet()) {
            assertThat(one.get(name)).as(name).hasSizeGreaterThan(10_000);
            assertThat(one.get(name)).as(name).isEqualTo(two.get(name));
            assertThat(one.get(name)).as(name).isNotEqualTo(other.get(name));
        }
    }

    private static Map<String, byte[]> capture(MemoryDemoOptions options) {
        Map<String, PcapTap> taps = new TreeMap<>();
        MemoryDemo.run(
                options,
                (name, port, clock) -> {
                    PcapTap tap = new PcapTap(port, clock);
                    taps.put(name, tap);
                    return tap;
                },
                MemoryDemo.Progress.NONE);
        Map<String, byte[]> files = new TreeMap<>();
        taps.forEach((name, tap) -> files.put(name, tap.octets()));
        return files;
    }

    @Test
    void tellsHowItGoes() {
        List<Long> octets = new ArrayList<>();
        MemoryDemo.run(MemoryDemoOptions.DEFAULT, Tap.NONE, (nanos, pings, acknowledged) -> octets.add(acknowledged));
        assertThat(octets).hasSizeGreaterThan(10).isSorted();
        assertThat(octets.getLast()).isPositive();
    }
}
