package adit.capture;

import adit.port.TurnThread;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/// A pcapng file that several threads record packets to, none of which ever waits for it.
///
/// Each recording thread has a [CaptureLane] of bounded size; [#drain] moves what the lanes hold to the file,
/// by time. Call it now and then, or let [#drainInBackground] do so. Packets that found their lane full are
/// counted, and stand in the file's interface statistics.
///
/// When the file can't be written any more, the disk being full, lanes are still emptied, so that recording
/// threads never notice; [#failure] and [#close] tell.
public final class CaptureFile implements AutoCloseable {
    /// The most octets that are kept of a packet: what tcpdump keeps.
    public static final int MAX_SNAP_LENGTH = 262_144;

    /// Nanoseconds since 1970, without allocating. Follows the monotonic clock from when it was first asked, so
    /// later changes to the system's clock do not show.
    public static final LongSupplier WALL_CLOCK = wallClock();

    private static final System.Logger LOG = System.getLogger(CaptureFile.class.getName());
    private static final int LANE_SIZE = 1 << 22;
    private static final long REST_NANOS = 10_000_000;

    private final Arena arena = Arena.ofShared();
    private final PcapngWriter writer;
    private final LongSupplier clock;
    private final int snapLength;
    private final List<CaptureInterface> interfaces = new ArrayList<>();
    private IOException failure;
    private Thread drainer;
    private volatile boolean closing;
    private boolean closed;

    /// Starts a file.
    ///
    /// @param channel where it goes; closed with the file
    /// @param snapLength how many octets of a packet are kept, 1 to 262144
    /// @param clock nanoseconds since 1970, for the statistics at the end
    public CaptureFile(WritableByteChannel channel, int snapLength, LongSupplier clock) throws IOException {
        this.writer = new PcapngWriter(channel, "adit", snapLength);
        this.snapLength = snapLength;
        this.clock = clock;
    }

    /// Starts a file at `path`, in place of one that is there, which keeps all octets of its packets.
    public static CaptureFile create(Path path) throws IOException {
        WritableByteChannel channel = Files.newByteChannel(
                path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        try {
            return new CaptureFile(channel, MAX_SNAP_LENGTH, WALL_CLOCK);
        } catch (IOException | RuntimeException | Error e) {
            channel.close();
            throw e;
        }
    }

    private static LongSupplier wallClock() {
        Instant now = Instant.now();
        long offset = now.getEpochSecond() * 1_000_000_000L + now.getNano() - System.nanoTime();
        return () -> offset + System.nanoTime();
    }

    /// Adds an interface.
    ///
    /// @param name its name, as a device has it
    /// @param type what its packets begin with: [LinkType#RAW], [LinkType#ETHERNET], or [LinkType#LINUX_SLL],
    ///     which is made here out of a packet's protocol and direction, for ports that carry more than IP
    /// @param description more about it; empty for nothing
    public synchronized CaptureInterface add(String name, LinkType type, String description) throws IOException {
        CaptureInterface added = new CaptureInterface(this, interfaces.size(), name, type);
        writer.addInterface(name, type, description);
        interfaces.add(added);
        return added;
    }

    synchronized CaptureLane addLane(CaptureInterface owner) {
        CaptureLane lane = new CaptureLane(arena.allocate(LANE_SIZE, 64), owner, snapLength);
        owner.lanes().add(lane);
        return lane;
    }

    /// Starts a thread that drains the file until it is closed.
    public synchronized void drainInBackground() {
        if (drainer == null) {
            drainer = Thread.ofPlatform().name("adit-capture").daemon().start(() -> {
                while (!closing) {
                    if (drain() == 0) {
                        LockSupport.parkNanos(REST_NANOS);
                    }
                }
            });
        }
    }

    /// Moves to the file what the lanes hold now and answers how many packets that were.
    ///
    /// Packets come out by their time as far as they are there: none is overtaken by what was recorded after
    /// it. One that is recorded later than another lane's was drained follows it, though its time may be a
    /// little earlier.
    public synchronized int drain() {
        if (closed) {
            return 0;
        }
        List<Source> sources = new ArrayList<>();
        for (CaptureInterface each : interfaces) {
            for (CaptureLane lane : each.lanes()) {
                long now = lane.committed();
                sources.add(new Source(each, lane, now, now));
            }
        }
        // What a lane got while the later ones were looked at is older than what was seen in those.
        sources.replaceAll(Source::upToNow);
        int moved = 0;
        while (isAnyDue(sources)) {
            move(earliest(sources));
            moved++;
        }
        if (moved > 0) {
            attempt(writer::flush);
        }
        return moved;
    }

    /// A lane of which everything before `due` is to be moved, and more, up to `limit`, where that is older than
    /// what is due of others.
    private record Source(CaptureInterface owner, CaptureLane lane, long due, long limit) {
        Source upToNow() {
            return new Source(owner, lane, due, lane.committed());
        }

        boolean isDue() {
            return lane.first(due) >= 0;
        }

        long first() {
            return lane.first(limit);
        }
    }

    private static boolean isAnyDue(List<Source> sources) {
        for (Source source : sources) {
            if (source.isDue()) {
                return true;
            }
        }
        return false;
    }

    private static Source earliest(List<Source> sources) {
        Source best = null;
        long least = Long.MAX_VALUE;
        for (Source source : sources) {
            long entry = source.first();
            if (entry >= 0 && (best == null || source.lane.nanos(entry) < least)) {
                best = source;
                least = source.lane.nanos(entry);
            }
        }
        return best;
    }

    private void move(Source source) {
        long entry = source.first();
        if (attempt(() -> source.lane.copyTo(writer, entry))) {
            source.owner.countWritten();
        }
        source.lane.remove(entry);
    }

    @FunctionalInterface
    private interface Step {
        void run() throws IOException;
    }

    /// Whether the step succeeded. After the first failure nothing is tried any more.
    private boolean attempt(Step step) {
        if (failure == null) {
            try {
                step.run();
            } catch (IOException e) {
                failure = e;
                LOG.log(
                        System.Logger.Level.WARNING,
                        "the capture file can''t be written any more: {0}",
                        e.getMessage());
            }
        }
        return failure == null;
    }

    /// Why the file is not written any more, if that is so.
    public synchronized Optional<IOException> failure() {
        return Optional.ofNullable(failure);
    }

    /// Drains the lanes, adds the statistics and closes the file. Whoever records must have ended before. A
    /// second close does nothing.
    ///
    /// @throws IOException when something could not be written, now or before
    @Override
    public void close() throws IOException {
        closing = true;
        Thread running;
        synchronized (this) {
            running = drainer;
        }
        if (running != null) {
            LockSupport.unpark(running);
            TurnThread.awaitEnd(running);
        }
        synchronized (this) {
            if (closed) {
                return;
            }
            drain();
            closed = true;
            try (arena) {
                for (CaptureInterface each : interfaces) {
                    long missed = each.missed();
                    attempt(() -> writer.statistics(each.id(), clock.getAsLong(), each.written() + missed, missed));
                }
                writer.close();
            }
            if (failure != null) {
                throw failure;
            }
        }
    }
}
