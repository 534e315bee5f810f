package adit.program.demo;

import static adit.program.demo.HostPair.OVERLAY_A;
import static adit.program.demo.HostPair.OVERLAY_B;
import static adit.program.demo.HostPair.UNDERLAY_A;
import static adit.program.demo.HostPair.UNDERLAY_B;

import adit.program.demo.LabelledEnd.Labels;
import adit.program.host.BulkReceiver;
import adit.program.host.BulkSender;
import adit.program.host.Pings;
import adit.program.host.TestData;
import adit.program.up.TunnelHost.Wiring;
import adit.program.up.TunnelStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;

/// The demonstration with labelled packets, which the stacks of kernels without MPLS can't send: hosts in memory put
/// the labels on, and the tunnel between them runs over the kernel's sockets and cable.
///
/// ```
/// namespace a                                                                   namespace b
/// 10.1.0.1 in memory ── label 100 ── adit ── 192.0.2.1 eth0 ===== eth0 192.0.2.2 ── adit ── in memory 10.1.0.2
/// ```
public final class LabelledDemo implements Demonstration {
    private static final int LABEL_TO_B = 100;
    private static final int LABEL_TO_A = 200;
    private static final int PORT = 7001;
    private static final int PING_PAYLOAD = 56;
    private static final long MILLISECOND = 1_000_000;
    private static final long FIGURES_MILLIS = 250;
    private static final long STALLED_NANOS = 300_000 * MILLISECOND;

    private final DemoPlan plan;
    private final HostPair hosts;
    private final LabelledEnd a;
    private final LabelledEnd b;

    private LabelledDemo(DemoPlan plan, HostPair hosts, LabelledEnd a, LabelledEnd b) {
        this.plan = plan;
        this.hosts = hosts;
        this.a = a;
        this.b = b;
    }

    /// Makes the two hosts, the cable and the tunnel.
    ///
    /// @param wiringA how the sending host's tunnel end is wired
    /// @param wiringB how the other one is
    public static LabelledDemo open(DemoPlan plan, Wiring wiringA, Wiring wiringB) throws IOException {
        HostPair hosts = HostPair.create();
        LabelledEnd a = null;
        try {
            KernelHost.Ends endA = new KernelHost.Ends("site-b", UNDERLAY_A, UNDERLAY_B, OVERLAY_A);
            KernelHost.Ends endB = new KernelHost.Ends("site-a", UNDERLAY_B, UNDERLAY_A, OVERLAY_B);
            a = LabelledEnd.open(
                    KernelHost.spec(plan, endA),
                    OVERLAY_A,
                    new Labels(LABEL_TO_B, LABEL_TO_A),
                    hosts.a(),
                    wiringA,
                    plan.seed());
            LabelledEnd b = LabelledEnd.open(
                    KernelHost.spec(plan, endB),
                    OVERLAY_B,
                    new Labels(LABEL_TO_A, LABEL_TO_B),
                    hosts.b(),
                    wiringB,
                    plan.seed() + 1);
            return new LabelledDemo(plan, hosts, a, b);
        } catch (Throwable t) {
            if (a != null) {
                a.close();
            }
            hosts.close();
            throw t;
        }
    }

    @Override
    public List<String> topology() {
        return List.of(
                "  namespace a                                        namespace b",
                "  %s  a host in memory, label %d ⇄ label %d  %s"
                        .formatted(OVERLAY_A, LABEL_TO_B, LABEL_TO_A, OVERLAY_B),
                "  site-b ══════════ the tunnel, mtu %d ══════════ site-a".formatted(a.mtu()),
                "  %s eth0 ─────── a cable (veth) ─────── eth0 %s".formatted(UNDERLAY_A, UNDERLAY_B));
    }

    @Override
    public DemoResult run(LongConsumer ping, LongConsumer progress) throws IOException {
        List<Long> roundTrips = new ArrayList<>();
        for (int i = 0; i < plan.pings(); i++) {
            long nanos = ping();
            ping.accept(nanos);
            if (nanos >= 0) {
                roundTrips.add(nanos);
            }
        }
        TestData data = new TestData(plan.octets(), plan.seed());
        BulkReceiver receiver = b.ask(host -> host.listen(PORT));
        BulkSender sender = a.ask(host -> host.send(OVERLAY_B, PORT, data));
        await(sender, receiver, progress);
        byte[] digest = b.ask(_ -> receiver.digest());
        long nanos = b.ask(_ -> receiver.durationNanos());
        boolean matched = Arrays.equals(digest, data.digest());
        List<TunnelStatus> ends = Counts.settled(() -> List.of(a.status(), b.status()));
        return new DemoResult(plan.pings(), roundTrips, plan.octets(), nanos, matched, ends);
    }

    /// One ping. With loss on the way it may take several tries, as a person would make.
    private long ping() throws IOException {
        int tries = plan.loss() == 0 ? 1 : 10;
        long patience = (plan.loss() == 0 ? 2_000 : 200) * MILLISECOND;
        for (int i = 0; i < tries; i++) {
            Pings run = a.ask(host -> host.ping(OVERLAY_B, new Pings.Plan(1, MILLISECOND, PING_PAYLOAD, patience)));
            while (!a.ask(_ -> run.isOver())) {
                pause(1);
            }
            long[] nanos = a.ask(_ -> run.roundTripNanos());
            if (nanos.length > 0) {
                return nanos[0];
            }
        }
        return -1;
    }

    private void await(BulkSender sender, BulkReceiver receiver, LongConsumer progress) throws IOException {
        long last = -1;
        long since = System.nanoTime();
        while (!isOver(a.ask(_ -> sender.state()), b.ask(_ -> receiver.state()))) {
            pause(FIGURES_MILLIS / 10);
            long received = b.ask(_ -> receiver.received());
            progress.accept(received);
            if (received != last) {
                last = received;
                since = System.nanoTime();
            } else if (System.nanoTime() - since > STALLED_NANOS) {
                throw new IOException("the transfer stalled");
            }
        }
    }

    private static boolean isOver(BulkSender.State sender, BulkReceiver.State receiver) {
        return sender == BulkSender.State.FAILED
                || receiver == BulkReceiver.State.FAILED
                || (sender == BulkSender.State.FINISHED && receiver == BulkReceiver.State.FINISHED);
    }

    private static void pause(long millis) throws IOException {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public void close() {
        b.close();
        a.close();
        hosts.close();
    }
}
