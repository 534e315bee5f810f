package adit.linux;

import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/// Lets a thread that receives from one descriptor rest in the call that receives, instead of in poll before it: each
/// call that is left out between being woken and resting again is a part of somebody's round trip.
///
/// [PollIdle] offers such a rest while packets are rare. The descriptor's receiver takes the offer with its next
/// call, which then waits for [#LIMIT_NANOS] at most: nothing but a packet wakes a thread from there. So all else
/// that it would wake up for, such as being closed or news of the routes, may be heard late, by twice that time
/// at most.
///
/// What ends the call is a timeout of the socket. A TUN file has none: there it is a signal, from a timer that
/// runs while there are packets ([CallTimer]) and is stopped by the first signal that comes when there are none.
///
/// For one thread.
public final class RestInRead {
    static final long LIMIT_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long NONE = -1;

    /// Null where the descriptor has a timeout.
    private final IntSupplier signal;

    private boolean offered;
    private boolean isWanted = true;
    private long rested = NONE;
    private CallTimer timer;
    private boolean isRefused;
    private volatile boolean isClosed;

    private RestInRead(IntSupplier signal) {
        this.signal = signal;
    }

    /// For calls that have a timeout of [#LIMIT_NANOS] themselves.
    static RestInRead withTimeout() {
        return new RestInRead(null);
    }

    /// For calls that have none. `signal` is asked for the number of a signal with a harmless handler at the first
    /// offer, not before; [WakeSignal#NONE] for none, and then there are no offers.
    static RestInRead endedBy(IntSupplier signal) {
        return new RestInRead(signal);
    }

    // ---- The idle's part

    /// Whether the next call may wait: false when its owner does not want to, or nothing would end it.
    boolean offer() {
        offered = isWanted && !isRefused && !isClosed && (signal == null || startTimer());
        return offered;
    }

    private boolean startTimer() {
        if (timer == null) {
            timer = CallTimer.open(signal.getAsInt(), LIMIT_NANOS);
        }
        isRefused = timer == null || !timer.start();
        return !isRefused;
    }

    /// For how long the thread rested since this was asked last; negative when it did not.
    long sinceAsked() {
        if (isClosed) {
            closeTimer();
        }
        long since = rested;
        rested = NONE;
        return since;
    }

    /// Tells that a signal came while the thread rested in poll: there is no call to be ended.
    void interruptedInPoll() {
        if (timer != null) {
            timer.stop();
        }
    }

    /// Ends all offers, and gives back what ends the calls. Called by another thread it leaves that to the one that may
    /// wait just now, which then does it once it asks [#sinceAsked]. Closing again does nothing.
    void close() {
        isClosed = true;
        if (timer != null && timer.mayClose()) {
            closeTimer();
        }
    }

    private void closeTimer() {
        if (timer != null) {
            timer.close();
            timer = null;
        }
    }

    // ---- The receiver's part

    /// Says whether an offer would be taken.
    void want(boolean wanted) {
        isWanted = wanted;
    }

    /// Whether the call may wait; then it must say with [#rested] how long it did. Ends the offer.
    boolean take() {
        boolean taken = offered;
        offered = false;
        return taken;
    }

    /// Tells that the call took so long.
    void rested(long nanos) {
        rested = nanos;
    }
}
