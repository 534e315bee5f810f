package adit.program.memory;

import adit.packet.PacketPool;
import adit.port.Cable;
import adit.port.Stepper;
import adit.port.VirtualTime;
import adit.program.host.BulkReceiver;
import adit.program.host.BulkSender;
import adit.program.host.HostDrop;
import adit.program.host.MemoryHost;
import adit.program.host.Pings;
import adit.program.host.TestData;
import adit.program.memory.MemoryDemoResult.Verdict;
import adit.tunnel.Drop;
import adit.tunnel.Event;
import adit.tunnel.LinkStatistics;
import adit.underlay.Reassembler;
import adit.underlay.UnderlayDrop;
import adit.wire.Ip4Address;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToLongFunction;

/// Two hosts in memory with a tunnel between them: pings first, then a transfer from a to b.
///
/// ```java
/// MemoryDemoResult result = MemoryDemo.run(MemoryDemoOptions.DEFAULT, Tap.NONE, MemoryDemo.Progress.NONE);
/// ```
///
/// 1. Everything is wired from the options and the seed; nothing of the machine comes in, the clock neither.
/// 2. A [Stepper] runs the pings, then the transfer, then what is still under way.
/// 3. The counters become the result. All buffers must be home: a leak throws.
public final class MemoryDemo {
    private static final Station.Identity A = new Station.Identity(
            "a", Ip4Address.of(10, 1, 0, 1), Ip4Address.of(192, 0, 2, 1), Ip4Address.of(198, 51, 100, 7), 100, 200);
    private static final Station.Identity B = new Station.Identity(
            "b", Ip4Address.of(10, 1, 0, 2), Ip4Address.of(198, 51, 100, 7), Ip4Address.of(192, 0, 2, 1), 200, 100);

    private static final long SECOND = 1_000_000_000L;
    private static final int BUFFERS = 4_096;
    private static final int HEADROOM = 128;
    private static final int SLACK = 128;
    private static final int TRANSFER_PORT = 5_001;
    private static final int PING_PAYLOAD = 56;
    private static final long PING_INTERVAL = SECOND / 10;
    private static final long PING_PATIENCE = SECOND;
    private static final long LIMIT = 7 * 24 * 3600 * SECOND;
    /// Longer than fragments wait for each other, so that nothing is under way in the end.
    private static final long AFTERMATH = 60 * SECOND;

    /// Is told how it goes, every tenth of a second of virtual time.
    @FunctionalInterface
    public interface Progress {
        /// Nobody is told.
        Progress NONE = (_, _, _) -> {};

        /// So many pings were answered and so many octets acknowledged at `nanos` from the start.
        void at(long nanos, int pings, long octets);
    }

    private final MemoryDemoOptions options;
    private final Progress progress;
    private final VirtualTime time = new VirtualTime();
    private final Stepper stepper = new Stepper(time);
    private final PacketPool pool;
    private final Cable line;
    private final Station a;
    private final Station b;
    private long packets;
    private long nextReport;

    private MemoryDemo(MemoryDemoOptions options, Tap tap, Progress progress) {
        this.options = options;
        this.progress = progress;
        int largest = Math.max(options.line().mtu(), options.deviceMtu());
        this.pool = new PacketPool(BUFFERS, HEADROOM, largest + SLACK);
        this.line = new Cable(options.line().mtu(), options.line().queue());
        SplittableRandom random = new SplittableRandom(options.seed());
        this.a = new Station(A, options, line.left(), pool, time, random.split(), stepper, tap);
        this.b = new Station(B, options, line.right(), pool, time, random.split(), stepper, tap);
    }

    /// Runs it. Throws when a packet buffer was lost, which would be a defect.
    public static MemoryDemoResult run(MemoryDemoOptions options, Tap tap, Progress progress) {
        return new MemoryDemo(options, tap, progress).run();
    }

    private MemoryDemoResult run() {
        try {
            MemoryDemoResult.Pinged pinged = ping(a.host, b.host);
            MemoryDemoResult.Transfer transfer = transfer(a.host, b.host);
            packets += stepper.run(time.getAsLong() + AFTERMATH).packets();
            return new MemoryDemoResult(
                    pinged,
                    transfer,
                    List.of(end(a), end(b)),
                    List.of(Journey.of(a, b), Journey.of(b, a)),
                    time.getAsLong(),
                    packets);
        } finally {
            a.close();
            b.close();
            line.close();
            pool.close(); // throws when a buffer is still out
        }
    }

    private MemoryDemoResult.Pinged ping(MemoryHost from, MemoryHost to) {
        if (options.pings() == 0) {
            return new MemoryDemoResult.Pinged(0, 0, 0, 0, 0, 0);
        }
        Pings pings =
                from.ping(to.address(), new Pings.Plan(options.pings(), PING_INTERVAL, PING_PAYLOAD, PING_PATIENCE));
        packets += stepper.run(LIMIT, () -> {
                    report(pings.received(), 0);
                    return pings.isOver();
                })
                .packets();
        LongSummaryStatistics times = Arrays.stream(pings.roundTripNanos()).summaryStatistics();
        boolean any = times.getCount() > 0;
        return new MemoryDemoResult.Pinged(
                pings.sent(),
                pings.received(),
                pings.duplicates(),
                any ? times.getMin() : 0,
                any ? times.getSum() / times.getCount() : 0,
                any ? times.getMax() : 0);
    }

    private MemoryDemoResult.Transfer transfer(MemoryHost from, MemoryHost to) {
        TestData data = new TestData(options.octets(), options.seed());
        BulkReceiver receiver = to.listen(TRANSFER_PORT);
        BulkSender sender = from.send(to.address(), TRANSFER_PORT, data);
        packets += stepper.run(LIMIT, () -> {
                    report(options.pings(), sender.acknowledged());
                    return isOver(sender, receiver);
                })
                .packets();
        byte[] digest = receiver.digest();
        boolean closed = sender.state() == BulkSender.State.FINISHED && receiver.state() == BulkReceiver.State.FINISHED;
        boolean same = Arrays.equals(digest, data.digest());
        return new MemoryDemoResult.Transfer(
                options.octets(),
                receiver.received(),
                !closed ? Verdict.INCOMPLETE : same ? Verdict.MATCHED : Verdict.DIFFERED,
                digest == null ? "" : HexFormat.of().formatHex(digest),
                receiver.durationNanos(),
                sender.state(),
                sender.segments(),
                sender.retransmissions(),
                sender.timeouts());
    }

    private static boolean isOver(BulkSender sender, BulkReceiver receiver) {
        boolean failed = sender.state() == BulkSender.State.FAILED || receiver.state() == BulkReceiver.State.FAILED;
        return failed
                || (sender.state() == BulkSender.State.FINISHED && receiver.state() == BulkReceiver.State.FINISHED);
    }

    private void report(int pings, long octets) {
        long now = time.getAsLong();
        if (now >= nextReport) {
            nextReport = now + SECOND / 10;
            progress.at(now, pings, octets);
        }
    }

    private MemoryDemoResult.End end(Station station) {
        return new MemoryDemoResult.End(
                station.identity.name(),
                station.identity.overlay(),
                station.identity.underlay(),
                options.deviceMtu(),
                LinkStatistics.of(station.counters()),
                table(Drop.class, station::drops),
                table(Event.class, station::events),
                table(UnderlayDrop.class, station.underlay.counters()::dropped),
                table(Reassembler.Drop.class, station.underlay.reassembler()::dropped),
                table(HostDrop.class, station.host::dropped),
                table(UnderlayDrop.class, station.host.underlay().counters()::dropped));
    }

    private static <E extends Enum<E>> Map<E, Long> table(Class<E> type, ToLongFunction<E> count) {
        Map<E, Long> table = new EnumMap<>(type);
        for (E each : type.getEnumConstants()) {
            table.put(each, count.applyAsLong(each));
        }
        return table;
    }
}
