package adit.linux;

import adit.linux.sys.Libc;
import adit.port.TurnThread;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.LockSupport;

/// A thread that makes the kernel take the frames of a [TransmitRing] while their writer goes on: for bursts,
/// of which the kernel's part takes several times as long as writing them.
///
/// ```
///          hand                 all sent
/// idle -----------> at work -----------------> idle
///   ^                  |  kernel refuses
///   '--- resume --- stopped
/// ```
///
/// When the kernel refuses a frame this stops and touches the ring no more, until the writer, who alone knows
/// whose the frames are, has taken them back and says [#resume]. Who sleeps then is woken by [#news].
///
/// The thread starts with the first burst. All but [#close] is for the thread that writes the frames.
final class RingSender implements AutoCloseable {
    private final Thread thread =
            Thread.ofPlatform().name("adit-out-ring").daemon().unstarted(this::run);
    private final EventFd news;
    private final MemorySegment errno;
    /// What the writer's own calls need.
    private final MemorySegment writersErrno;

    private final MemorySegment scratch;
    private boolean isStarted;
    private boolean hasFailed;

    // What `asked` publishes.
    private TransmitRing ring;
    private long end;

    /// How often there was something to send, as the writer counts it, and the number that was dealt with last.
    private volatile long asked;

    private volatile long done;
    private volatile int error;
    private volatile boolean asleep;
    private volatile boolean closing;

    private RingSender(EventFd news) {
        this.news = news;
        Arena arena = Arena.ofAuto();
        this.errno = Libc.newErrnoState(arena);
        this.writersErrno = Libc.newErrnoState(arena);
        this.scratch = arena.allocate(Long.BYTES, Long.BYTES);
    }

    static RingSender open() throws LinuxException {
        return new RingSender(EventFd.open());
    }

    /// Becomes readable when this has stopped.
    EventFd news() {
        return news;
    }

    /// Has all frames sent that were added to `ring` by now, after those of the call before. Answers false when
    /// there is no thread to do it.
    @SuppressWarnings("NonAtomicVolatileUpdate") // this thread alone writes it
    boolean hand(TransmitRing ring) {
        if (closing || (!isStarted && !start())) {
            return false;
        }
        this.ring = ring;
        end = ring.added();
        asked++;
        wake();
        return true;
    }

    private boolean start() {
        if (!hasFailed) {
            try {
                thread.start();
                isStarted = true;
            } catch (OutOfMemoryError e) {
                // No more threads for this process. All works without this one.
                hasFailed = true;
            }
        }
        return isStarted;
    }

    private void wake() {
        if (asleep) {
            asleep = false;
            LockSupport.unpark(thread);
        }
    }

    /// Whether it touches no frame now, and will not before the next [#hand] or [#resume].
    boolean isIdle() {
        return done == asked || error != 0;
    }

    /// The errno that stopped it, or 0.
    int error() {
        return error;
    }

    /// Goes on after [#error].
    void resume() {
        news.drain(writersErrno, scratch);
        error = 0;
        wake();
    }

    private void run() {
        long seen = 0;
        while (true) {
            long now = asked;
            if (now == seen || error != 0) {
                if (closing) {
                    return;
                }
                rest(seen);
                continue;
            }
            int n = ring.send(end, errno);
            if (n == 0) {
                seen = now;
                done = now;
            } else {
                // In this order, so that the writer, who sees the error, takes the signal with it.
                news.signal();
                error = n;
            }
        }
    }

    private void rest(long seen) {
        asleep = true;
        if ((asked == seen || error != 0) && !closing) {
            LockSupport.park(this);
        }
        asleep = false;
    }

    /// Sends what was handed over and ends the thread.
    @Override
    public void close() {
        closing = true;
        LockSupport.unpark(thread);
        TurnThread.awaitEnd(thread);
        news.close();
    }
}
