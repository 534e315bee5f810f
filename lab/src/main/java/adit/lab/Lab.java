package adit.lab;

import adit.capture.CaptureFile;
import adit.device.Device;
import adit.ipip.Ipip;
import adit.ipip.Profile;
import adit.netns.Namespace;
import adit.port.Deadline;
import adit.port.TurnThread;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/// A network of namespaces in memory: hosts joined by cables, on real or virtual time.
///
/// For any threads. One lock orders everything; [#call] takes it. On virtual time packets move only while some
/// thread is in [#run]; on real time a thread of the lab's own moves them.
public final class Lab implements AutoCloseable {
    /// Rounds that may follow each other without time moving on. More is a loop in which packets run in
    /// circles.
    private static final int MAX_ROUNDS_AT_ONE_TIME = 1_000_000;

    private final LabSpec spec;
    private final LabClock clock;
    private final ReentrantLock lock = new ReentrantLock();
    /// Something happened that the lab's own thread does not know of yet.
    private final Condition changed = lock.newCondition();
    /// The lab's own thread has done something.
    private final Condition progressed = lock.newCondition();

    private final Map<String, LabHost> hosts = new LinkedHashMap<>();
    private final Map<String, LabCable> cables = new LinkedHashMap<>();
    private Optional<Thread> engine = Optional.empty();
    private Optional<Tracer> tracer = Optional.empty();
    private RuntimeException defect;
    private boolean closed;

    /// Something done under the lab's lock.
    ///
    /// @param <T> what it answers
    /// @param <E> what it may throw
    @FunctionalInterface
    public interface Work<T, E extends Exception> {
        /// Does it.
        T run() throws E;
    }

    private Lab(LabSpec spec) {
        this.spec = spec;
        this.clock = new LabClock(spec.time());
    }

    /// Builds a lab: hosts, settings, cables, then the commands of each host, then its programs.
    ///
    /// @throws LabException when a command was refused, or a cable has no place to be plugged in; all that was
    ///     made is gone again
    public static Lab open(LabSpec spec) throws LabException {
        Lab lab = new Lab(spec);
        try {
            lab.call(() -> {
                lab.build();
                return null;
            });
        } catch (LabException | RuntimeException e) {
            lab.close();
            throw e;
        }
        if (spec.time() == LabSpec.Time.REAL) {
            lab.engine =
                    Optional.of(Thread.ofPlatform().name("adit-lab").daemon().start(lab::work));
        }
        return lab;
    }

    private void build() throws LabException {
        List<LabException.Problem> problems = new ArrayList<>();
        Ipip tunnels = Ipip.of(Profile.LINUX_6_12).fallback(Ipip.Fallback.NONE);
        Namespace first = null;
        for (HostSpec host : spec.hosts()) {
            Namespace ns = first == null
                    ? Namespace.builder()
                            .time(clock)
                            .seed(spec.seed())
                            .with(tunnels)
                            .open()
                    : first.beside();
            first = first == null ? ns : first;
            hosts.put(host.name(), new LabHost(this, host, ns));
        }
        Random dice = new Random(spec.seed());
        LongSupplier captureClock = spec.time() == LabSpec.Time.REAL ? CaptureFile.WALL_CLOCK : clock;
        for (CableSpec cable : spec.cables()) {
            plug(new LabCable(this, cable, clock, captureClock, new Random(dice.nextLong())), problems);
        }
        for (LabHost host : hosts.values()) {
            host.begin(problems);
        }
        if (!problems.isEmpty()) {
            throw new LabException(problems);
        }
    }

    private void plug(LabCable cable, List<LabException.Problem> problems) {
        cables.put(cable.name(), cable);
        plug(cable, cable.spec().one(), cable.one(), problems);
        plug(cable, cable.spec().other(), cable.other(), problems);
    }

    private void plug(LabCable cable, CableSpec.Plug plug, Device device, List<LabException.Problem> problems) {
        LabHost host = hosts.get(plug.host());
        if (host == null) {
            problems.add(new LabException.Problem("", "cable " + cable.name() + ": there is no host " + plug.host()));
            return;
        }
        int answer = host.namespace().devices().register(device, plug.device(), 0);
        if (answer != 0) {
            problems.add(new LabException.Problem(
                    "",
                    "cable " + cable.name() + ": " + plug + ": "
                            + adit.device.Errno.text(-answer).toLowerCase(java.util.Locale.ROOT)));
        }
    }

    // ---- What is in it

    /// What it was made of.
    public LabSpec spec() {
        return spec;
    }

    /// Its hosts, in the order of its spec.
    public Collection<LabHost> hosts() {
        return Collections.unmodifiableCollection(hosts.values());
    }

    /// The host of that name.
    public Optional<LabHost> host(String name) {
        return Optional.ofNullable(hosts.get(name));
    }

    /// Its cables, in the order of its spec.
    public Collection<LabCable> cables() {
        return Collections.unmodifiableCollection(cables.values());
    }

    /// The cable of that name.
    public Optional<LabCable> cable(String name) {
        return Optional.ofNullable(cables.get(name));
    }

    /// How many packet buffers are out: in queues, under way, waiting for somebody.
    public int lent() {
        return call(() -> hosts.values().iterator().next().namespace().lent());
    }

    /// Whether nothing is under way in a cable. Under the lock.
    boolean carriesNothing() {
        return cables.values().stream().allMatch(LabCable::isEmpty);
    }

    // ---- The lock

    /// Does something while no packet moves and nobody else acts on the lab.
    public <T, E extends Exception> T call(Work<T, E> work) throws E {
        lock.lock();
        try {
            return work.run();
        } finally {
            changed.signal();
            lock.unlock();
        }
    }

    /// Tells the lab's own thread that there is something to do. Under the lock.
    void wake() {
        changed.signal();
    }

    Optional<Tracer> tracer() {
        return tracer;
    }

    void tracer(Optional<Tracer> now) {
        tracer = now;
    }

    Optional<LabHost> hostOf(Device device) {
        return hosts.values().stream()
                .filter(h -> h.namespace().devices().equals(device.table()))
                .findFirst();
    }

    // ---- Time

    /// The time since it began, in nanoseconds.
    public long now() {
        return call(clock::getAsLong);
    }

    /// Lets the lab go on until `done`, which is asked under the lock, or until the time is `limitNanos`.
    /// Answers whether it was done.
    ///
    /// @throws InterruptedIOException when the thread was interrupted
    public boolean run(long limitNanos, BooleanSupplier done) throws InterruptedIOException {
        lock.lock();
        try {
            changed.signal();
            return spec.time() == LabSpec.Time.VIRTUAL ? skip(limitNanos, done) : await(limitNanos, done);
        } finally {
            lock.unlock();
        }
    }

    /// As [#run], with the time in between left out: what would happen later happens now. Under the lock.
    boolean skip(long limitNanos, BooleanSupplier done) {
        int rounds = 0;
        while (!done.getAsBoolean()) {
            long now = clock.getAsLong();
            if (now > limitNanos) {
                return false;
            }
            int moved = round(now);
            if (done.getAsBoolean()) {
                return true;
            }
            if (moved > 0) {
                if (++rounds > MAX_ROUNDS_AT_ONE_TIME) {
                    throw new IllegalStateException("packets run in circles at " + now + " ns");
                }
                continue;
            }
            rounds = 0;
            long next = deadline(now);
            if (next > limitNanos) {
                clock.advanceTo(limitNanos);
                return done.getAsBoolean();
            }
            clock.advanceTo(next);
        }
        return true;
    }

    private boolean await(long limitNanos, BooleanSupplier done) throws InterruptedIOException {
        while (!done.getAsBoolean()) {
            if (defect != null) {
                throw new IllegalStateException("the lab has stopped", defect);
            }
            long left = limitNanos - clock.getAsLong();
            if (left <= 0 || closed) {
                return false;
            }
            await(progressed, left);
        }
        return true;
    }

    /// Answers how long is left.
    @SuppressWarnings("WaitNotInLoop") // Both callers stand in a loop, and look again at what they wait for.
    private static long await(Condition condition, long nanos) throws InterruptedIOException {
        try {
            return condition.awaitNanos(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the lab went on");
        }
    }

    private int round(long now) {
        int moved = 0;
        for (LabCable cable : cables.values()) {
            moved += cable.turn(now);
        }
        for (LabHost host : hosts.values()) {
            moved += host.turn(now);
        }
        return moved;
    }

    /// The earliest deadline behind `now`. One that is not behind it had its turn and did not use it.
    private long deadline(long now) {
        long earliest = Deadline.NEVER;
        for (LabCable cable : cables.values()) {
            earliest = earlier(earliest, cable.deadline(), now);
        }
        for (LabHost host : hosts.values()) {
            earliest = earlier(earliest, host.deadline(), now);
        }
        return earliest;
    }

    private static long earlier(long earliest, long deadline, long now) {
        return deadline > now ? Math.min(earliest, deadline) : earliest;
    }

    /// What the lab's own thread does on real time.
    private void work() {
        lock.lock();
        try {
            while (!closed) {
                long now = clock.getAsLong();
                if (round(now) > 0) {
                    progressed.signalAll();
                    continue;
                }
                long next = deadline(now);
                await(changed, next == Deadline.NEVER ? Long.MAX_VALUE : next - now);
                progressed.signalAll();
            }
        } catch (InterruptedIOException e) {
            closed = true;
        } catch (RuntimeException e) {
            defect = e;
        } finally {
            progressed.signalAll();
            lock.unlock();
        }
    }

    // ---- The end

    /// Ends programs and captures, takes the hosts down and releases all packets. Closing again does nothing.
    @Override
    public void close() {
        List<IOException> failures = new ArrayList<>();
        call(() -> {
            if (!closed) {
                closed = true;
                for (LabCable cable : cables.values()) {
                    try {
                        cable.endCapture();
                    } catch (IOException e) {
                        failures.add(e);
                    }
                    cable.clear();
                }
                hosts.values().forEach(LabHost::end);
                cables.values().forEach(LabCable::clear);
                // The last one frees the memory.
                hosts.values().forEach(h -> h.namespace().close());
            }
            progressed.signalAll();
            return null;
        });
        engine.ifPresent(TurnThread::awaitEnd);
        if (!failures.isEmpty()) {
            throw new java.io.UncheckedIOException(failures.getFirst());
        }
    }

    /// Its name.
    @Override
    public String toString() {
        return "lab " + spec.name();
    }
}
