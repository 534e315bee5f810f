package adit.linux;

import java.util.concurrent.TimeUnit;

/// Lets a thread that receives from one socket rest in the call that receives, instead of in poll before it: each call
/// that is left out between being woken and resting again is a part of somebody's round trip.
///
/// [PollIdle] offers such a rest while packets are rare. The socket's receiver takes the offer with its next
/// call, which then waits for [#LIMIT_NANOS] at most: nothing but a packet wakes a thread from there. So all else
/// that it would wake up for, such as being closed or news of the routes, may be heard late, by twice that time
/// at most.
///
/// For one thread.
public final class RestInRead {
    static final long LIMIT_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long NONE = -1;

    private boolean offered;
    private long rested = NONE;

    RestInRead() {}

    /// The next call may wait.
    void offer() {
        offered = true;
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

    /// For how long the thread rested since this was asked last; negative when it did not.
    long sinceAsked() {
        long since = rested;
        rested = NONE;
        return since;
    }
}
