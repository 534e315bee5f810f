package adit.program.demo;

import static adit.program.demo.HostPair.OVERLAY_A;
import static adit.program.demo.HostPair.OVERLAY_B;
import static adit.program.demo.HostPair.UNDERLAY_A;
import static adit.program.demo.HostPair.UNDERLAY_B;

import adit.program.up.TunnelHost;
import adit.program.up.TunnelHost.Wiring;
import adit.program.up.TunnelStatus;
import adit.wire.Ip4Address;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/// The demonstration on the kernel: two anonymous network namespaces, so that nothing of the host's own network
/// is touched and everything is gone with the process.
///
/// ```
/// namespace a                                        namespace b
/// 10.1.0.1 site-b ── adit ── 192.0.2.1 eth0 ===== eth0 192.0.2.2 ── adit ── site-a 10.1.0.2
/// ```
public final class KernelDemo implements Demonstration {
    private static final int PING_TIMEOUT_MILLIS = 2_000;
    private static final long FIGURES_MILLIS = 250;

    private final DemoPlan plan;
    private final HostPair hosts;
    private final KernelHost a;
    private final KernelHost b;

    private KernelDemo(DemoPlan plan, HostPair hosts) {
        this.plan = plan;
        this.hosts = hosts;
        this.a = hosts.a();
        this.b = hosts.b();
    }

    /// Makes the two hosts, the cable and the tunnel.
    ///
    /// @param wiringA how the sending host's tunnel end is wired
    /// @param wiringB how the other one is
    public static KernelDemo open(DemoPlan plan, Wiring wiringA, Wiring wiringB) throws IOException {
        HostPair hosts = HostPair.create();
        try {
            hosts.a().tunnel(plan, new KernelHost.Ends("site-b", UNDERLAY_A, UNDERLAY_B, OVERLAY_A), wiringA);
            hosts.b().tunnel(plan, new KernelHost.Ends("site-a", UNDERLAY_B, UNDERLAY_A, OVERLAY_B), wiringB);
            return new KernelDemo(plan, hosts);
        } catch (Throwable t) {
            hosts.close();
            throw t;
        }
    }

    @Override
    public List<String> topology() {
        TunnelStatus end = a.tunnels().status().getFirst();
        return List.of(
                "  namespace a                                        namespace b",
                "  %s  site-b ═══ the tunnel, mtu %d ═══ site-a  %s".formatted(OVERLAY_A, end.mtu(), OVERLAY_B),
                "  %s eth0 ─────── a cable (veth) ─────── eth0 %s".formatted(UNDERLAY_A, UNDERLAY_B));
    }

    @Override
    public DemoResult run(LongConsumer ping, LongConsumer progress) throws IOException {
        List<Long> roundTrips = new ArrayList<>();
        InetAddress destination = InetAddress.getByAddress(octets(OVERLAY_B));
        for (int i = 0; i < plan.pings(); i++) {
            long nanos = ping(destination);
            ping.accept(nanos);
            if (nanos >= 0) {
                roundTrips.add(nanos);
            }
        }
        Transfer transfer = new Transfer(a, b, destination);
        Thread figures = Thread.ofPlatform().daemon().start(() -> report(transfer, progress));
        try {
            transfer.run(plan.octets(), plan.seed());
        } finally {
            figures.interrupt();
        }
        List<TunnelStatus> ends = Counts.settled(() -> Stream.of(a, b)
                .map(KernelHost::tunnels)
                .map(TunnelHost::status)
                .flatMap(List::stream)
                .toList());
        return new DemoResult(plan.pings(), roundTrips, plan.octets(), transfer.nanos(), transfer.matched(), ends);
    }

    /// One ICMP echo by the kernel. With loss on the way a ping may take several tries, as a person would make.
    private long ping(InetAddress destination) throws IOException {
        int tries = plan.loss() == 0 ? 1 : 10;
        for (int i = 0; i < tries; i++) {
            long begun = System.nanoTime();
            int timeout = plan.loss() == 0 ? PING_TIMEOUT_MILLIS : PING_TIMEOUT_MILLIS / 10;
            // As root the JDK sends an ICMP echo; nothing listens on the port that it would try otherwise.
            if (a.call(() -> destination.isReachable(timeout))) {
                return System.nanoTime() - begun;
            }
        }
        return -1;
    }

    private static void report(Transfer transfer, LongConsumer progress) {
        try {
            while (true) {
                Thread.sleep(FIGURES_MILLIS);
                progress.accept(transfer.received());
            }
        } catch (InterruptedException e) {
            // The transfer is over.
        }
    }

    private static byte[] octets(Ip4Address address) {
        int bits = address.bits();
        return new byte[] {(byte) (bits >> 24), (byte) (bits >> 16), (byte) (bits >> 8), (byte) bits};
    }

    @Override
    public void close() {
        hosts.close();
    }
}
