package adit.program.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import adit.port.FaultyPort;
import adit.port.Port;
import adit.program.Needs;
import adit.program.up.TunnelHost.Wiring;
import adit.program.up.TunnelStatus;
import adit.tunnel.Carrier;
import adit.tunnel.Drop;
import adit.tunnel.LinkStatistic;
import adit.tunnel.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Both ends are ours; hosts, cable, ping and TCP are the kernel's.
class KernelDemoTest {
    private static final long OCTETS = 3_000_001;

    @BeforeEach
    void needsRoot() {
        Needs.tun();
    }

    static Stream<Carrier> carriers() {
        return Stream.of(
                new Carrier.Direct(),
                new Carrier.Fou(5555, 5555, Carrier.UdpChecksum.OFF),
                new Carrier.Fou(5555, 5555, Carrier.UdpChecksum.ON),
                new Carrier.Gue(6080, 6080, Carrier.UdpChecksum.OFF),
                new Carrier.Gue(6080, 6080, Carrier.UdpChecksum.ON));
    }

    @ParameterizedTest
    @MethodSource("carriers")
    void carriesPingsAndAFileWhole(Carrier carrier) throws IOException {
        for (Mode mode : List.of(Mode.IPIP, Mode.ANY)) {
            List<String> news = new ArrayList<>();
            DemoPlan plan = new DemoPlan(mode, carrier, 3, OCTETS, 0, 7);
            Wiring wiring = Wiring.plain(news::add, t -> news.add(t.toString()));
            try (KernelDemo demo = KernelDemo.open(plan, wiring, wiring)) {
                DemoResult result = demo.run(nanos -> {}, octets -> {});
                assertThat(result.succeeded())
                        .as("%s over %s: %s", mode, carrier, result)
                        .isTrue();
                assertThat(result.octets()).isEqualTo(OCTETS);
                assertThat(news).isEmpty();
                TunnelStatus sender = result.ends().get(0);
                TunnelStatus receiver = result.ends().get(1);
                // On a clean cable what one end sent the other received, but for the last acknowledgments still under
                // way.
                assertThat(sender.value(LinkStatistic.TX_PACKETS)).isPositive();
                assertThat(receiver.value(LinkStatistic.RX_PACKETS))
                        .isCloseTo(sender.value(LinkStatistic.TX_PACKETS), within(8L));
                assertThat(receiver.value(LinkStatistic.RX_BYTES)).isGreaterThan(OCTETS);
                // Only router solicitations, in mode ipip, may be dropped.
                for (TunnelStatus end : result.ends()) {
                    assertThat(end.drops().keySet())
                            .isSubsetOf(mode == Mode.IPIP ? Set.of(Drop.NOT_CARRIED) : Set.of());
                }
            }
        }
    }

    /// The tunnel carries nothing else in this mode, and a host takes nothing but its own label.
    @ParameterizedTest
    @MethodSource("carriers")
    void carriesLabelledPacketsOverTheKernelsSockets(Carrier carrier) throws IOException {
        List<String> news = new ArrayList<>();
        DemoPlan plan = new DemoPlan(Mode.MPLSIP, carrier, 3, OCTETS, 0, 7);
        Wiring wiring = Wiring.plain(news::add, t -> news.add(t.toString()));
        try (LabelledDemo demo = LabelledDemo.open(plan, wiring, wiring)) {
            DemoResult result = demo.run(nanos -> {}, octets -> {});
            assertThat(result.succeeded()).as("%s: %s", carrier, result).isTrue();
            TunnelStatus sender = result.ends().get(0);
            TunnelStatus receiver = result.ends().get(1);
            assertThat(receiver.value(LinkStatistic.RX_BYTES)).isGreaterThan(OCTETS);
            assertThat(receiver.value(LinkStatistic.RX_PACKETS))
                    .isCloseTo(sender.value(LinkStatistic.TX_PACKETS), within(8L));
            assertThat(sender.drops()).isEmpty();
            assertThat(receiver.drops()).isEmpty();
        }
        assertThat(news).isEmpty();
    }

    @Test
    void survivesLossOfLabelledPackets() throws IOException {
        DemoPlan plan = new DemoPlan(Mode.MPLSIP, new Carrier.Direct(), 2, 300_000, 0.03, 11);
        List<FaultyPort> lines = new ArrayList<>();
        Wiring wiring = losing(plan, lines);
        try (LabelledDemo demo = LabelledDemo.open(plan, wiring, wiring)) {
            assertThat(demo.run(nanos -> {}, octets -> {}).succeeded()).isTrue();
        }
        assertThat(lines.stream().mapToLong(l -> l.count().lost()).sum()).isPositive();
    }

    private static Wiring losing(DemoPlan plan, List<FaultyPort> lines) {
        UnaryOperator<Port> bad = port -> {
            FaultyPort line = FaultyPort.losing(port, plan.loss(), new SplittableRandom(plan.seed()));
            lines.add(line);
            return line;
        };
        return new Wiring(s -> {}, t -> {}, bad, UnaryOperator.identity());
    }

    @Test
    void survivesLoss() throws IOException {
        DemoPlan plan = new DemoPlan(Mode.IPIP, new Carrier.Direct(), 2, 300_000, 0.03, 11);
        List<FaultyPort> lines = new ArrayList<>();
        Wiring wiring = losing(plan, lines);
        try (KernelDemo demo = KernelDemo.open(plan, wiring, wiring)) {
            DemoResult result = demo.run(nanos -> {}, octets -> {});
            assertThat(result.succeeded()).isTrue();
        }
        assertThat(lines.stream().mapToLong(l -> l.count().lost()).sum()).isPositive();
    }

    @Test
    void leavesNoDescriptorAndNoThreadBehind() throws IOException, InterruptedException {
        Wiring wiring = Wiring.plain(s -> {}, t -> {});
        once(wiring);
        long descriptors = descriptors();
        for (int i = 0; i < 5; i++) {
            once(wiring);
        }
        assertThat(descriptors()).isEqualTo(descriptors);
        assertThat(Thread.getAllStackTraces().keySet().stream()
                        .map(Thread::getName)
                        .filter(n -> n.startsWith("adit-")))
                .isEmpty();
    }

    private static void once(Wiring wiring) throws IOException {
        DemoPlan plain = new DemoPlan(Mode.IPIP, new Carrier.Direct(), 1, 1_000, 0, 1);
        try (KernelDemo demo = KernelDemo.open(plain, wiring, wiring)) {
            demo.run(nanos -> {}, octets -> {});
        }
        DemoPlan labelled = new DemoPlan(Mode.MPLSIP, new Carrier.Direct(), 1, 1_000, 0, 1);
        try (LabelledDemo demo = LabelledDemo.open(labelled, wiring, wiring)) {
            demo.run(nanos -> {}, octets -> {});
        }
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }
}
