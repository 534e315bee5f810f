package adit.linux;

import adit.device.Errno;
import adit.linux.sys.Libc;
import adit.linux.sys.Poll;
import adit.port.Idle;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// Rests in ppoll(2) until one of some descriptors is readable, one of them is closed, or [#wake].
///
/// A descriptor that says over and over that it is ready, while no round moves anything, would keep the thread
/// at full load for nothing: so does a TUN file whose device was deleted. From the 16th such wake-up in a row
/// on, the descriptors that cause one are left out for 10 ms each time, until something moves.
///
/// While packets are rare, a thread that was woken, and moved what it was woken for, comes back here at once: asking
/// each port whether there is more would take a call for each, and poll answers for all. While they come one upon
/// the other, it comes when there are no more. Where the thread receives from one descriptor, and packets are not so
/// rare that the wait would end before one comes, it need not come here at all, but for once in 10 ms ([RestInRead]).
///
/// While it has little to do it asks the scheduler for short slices of time ([SlicesByLoad]), so that it need not
/// wait, once woken, until one that computes has had its turn.
///
/// `idle` is for one thread; `wake` for any. Nothing is allocated.
public final class PollIdle implements Idle {
    /// How long an adaptive thread asks on.
    private static final long PATIENCE_NANOS = 50_000;
    private static final int FRUITLESS_MAX = 16;
    private static final long LEFT_OUT_NANOS = 10_000_000;
    /// A rest of that length says that packets are rare.
    private static final long SLEPT_NANOS = 10_000;
    /// A round that moves more may have left some behind.
    private static final int FEW = 4;

    private final IdleStrategy strategy;
    /// Null when nobody would take what it offers.
    private final RestInRead reading;

    private final SlicesByLoad slices;
    private final Fd[] fds;
    private final boolean[] held;
    private final boolean[] leftOut;
    private final EventFd wake;
    private final MemorySegment errno;
    private final MemorySegment set;
    private final MemorySegment timeout;
    private final MemorySegment scratch;
    private long emptySince;
    private int fruitless;
    private long leftOutUntil;
    private boolean slept;
    private long restedNanos;
    private long polledAt = System.nanoTime();

    /// Rests on `fds`, which stay their owners', as `strategy` says.
    public PollIdle(IdleStrategy strategy, List<Fd> fds) throws LinuxException {
        this(strategy, fds, null);
    }

    /// The same for a thread that receives by way of the owner of `reading` alone; null for any other. Where it is a
    /// TUN port's, the process gets a signal handler ([TunPort#restInRead]).
    public PollIdle(IdleStrategy strategy, List<Fd> fds, RestInRead reading) throws LinuxException {
        this.strategy = strategy;
        this.reading = reading;
        this.fds = fds.toArray(Fd[]::new);
        this.held = new boolean[fds.size()];
        this.leftOut = new boolean[fds.size()];
        this.wake = EventFd.open();
        Arena arena = Arena.ofAuto();
        this.errno = Libc.newErrnoState(arena);
        this.slices = new SlicesByLoad(errno);
        this.set = arena.allocate((long) (1 + fds.size()) * Poll.SIZE, 8);
        this.timeout = arena.allocate(Poll.TIMESPEC_SIZE, 8);
        this.scratch = arena.allocate(Long.BYTES, 8);
        for (Fd fd : this.fds) {
            fd.wakeOnClose(wake);
        }
    }

    @Override
    public void idle(int moved) {
        long inRead = reading == null ? -1 : reading.sinceAsked();
        if (inRead >= 0) {
            hasRested(inRead);
        }
        if (strategy != IdleStrategy.BUSY) {
            slices.turn();
        }
        if (moved > 0) {
            emptySince = 0;
            fruitless = 0;
            if (strategy == IdleStrategy.POLL && slept && moved <= FEW && !mayRestInRead()) {
                block();
            }
            return;
        }
        if (strategy == IdleStrategy.BUSY || (strategy == IdleStrategy.ADAPTIVE && isPatient())) {
            Thread.onSpinWait();
            return;
        }
        emptySince = 0;
        block();
    }

    private boolean mayRestInRead() {
        return reading != null
                && restedNanos < RestInRead.LIMIT_NANOS
                && System.nanoTime() - polledAt < RestInRead.LIMIT_NANOS
                && reading.offer();
    }

    private void hasRested(long nanos) {
        slept = nanos > SLEPT_NANOS;
        restedNanos = nanos;
        slices.slept(nanos);
    }

    private boolean isPatient() {
        long now = System.nanoTime();
        if (emptySince == 0) {
            // Any number but the one that says that there is no time.
            emptySince = now == 0 ? 1 : now;
        }
        return now - emptySince < PATIENCE_NANOS;
    }

    private void block() {
        int wakeHeld = wake.fd().hold();
        if (wakeHeld < 0) {
            return;
        }
        try {
            Poll.set(set, 0, wakeHeld, Poll.POLLIN);
            for (int i = 0; i < fds.length; i++) {
                int number = fds[i].hold();
                held[i] = number >= 0;
                Poll.set(set, 1 + i, leftOut[i] ? -1 : number, Poll.POLLIN);
            }
            poll();
        } finally {
            wake.fd().leave();
            for (int i = 0; i < fds.length; i++) {
                if (held[i]) {
                    held[i] = false;
                    fds[i].leave();
                }
            }
        }
    }

    private void poll() {
        MemorySegment limit = MemorySegment.NULL;
        if (leftOutUntil != 0) {
            Poll.timespec(timeout, Math.max(0, leftOutUntil - System.nanoTime()));
            limit = timeout;
        }
        long begun = System.nanoTime();
        int n = Libc.ppoll(errno, set, 1 + fds.length, limit);
        polledAt = System.nanoTime();
        hasRested(polledAt - begun);
        if (n < 0) {
            if (n == -Errno.EINTR) {
                if (reading != null) {
                    reading.interruptedInPoll();
                }
            } else {
                // Out of memory, say. The next round asks the ports all the same.
                LockSupport.parkNanos(LEFT_OUT_NANOS);
            }
            return;
        }
        if (leftOutUntil != 0 && System.nanoTime() - leftOutUntil >= 0) {
            leftOutUntil = 0;
            Arrays.fill(leftOut, false);
        }
        for (int i = 0; i < fds.length; i++) {
            fds[i].polled(Poll.ready(set, 1 + i));
        }
        boolean woken = Poll.ready(set, 0) != 0;
        if (woken) {
            wake.drain(errno, scratch);
        }
        if (n > (woken ? 1 : 0)) {
            fruitless = Math.min(fruitless + 1, FRUITLESS_MAX);
            if (fruitless == FRUITLESS_MAX) {
                leaveOutReady();
            }
        }
    }

    private void leaveOutReady() {
        for (int i = 0; i < fds.length; i++) {
            leftOut[i] |= Poll.ready(set, 1 + i) != 0;
        }
        leftOutUntil = System.nanoTime() + LEFT_OUT_NANOS;
    }

    @Override
    public void wake() {
        wake.signal();
    }

    /// Wakes the thread that rests, for the last time. The descriptors stay open.
    @Override
    public void close() {
        for (Fd fd : fds) {
            fd.forget(wake);
            fd.polledNoMore();
        }
        wake.signal();
        wake.close();
        if (reading != null) {
            reading.close();
        }
    }
}
