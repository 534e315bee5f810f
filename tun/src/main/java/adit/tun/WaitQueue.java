package adit.tun;

import adit.device.Waiters;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.function.IntSupplier;

/// Who is told when something happens at a TUN file, as by Linux's wait queue and `fasync` list of one: threads that
/// wait in a read, pollers that watch the file, and whoever wants a signal. For any threads; waking takes no lock
/// and allocates nothing.
final class WaitQueue {
    private static final MemoryTunPoller.Watch[] NO_WATCHES = {};

    private final Waiters readers = new Waiters();
    private volatile MemoryTunPoller.Watch[] watches = NO_WATCHES;
    private volatile Runnable signal;
    /// Somebody looked and found that there was no writing.
    private volatile boolean awaitsSpace;

    /// Waits until `look` answers something other than 0, and answers that. See [Waiters#await].
    int await(IntSupplier look) {
        return readers.await(look, -1);
    }

    /// Tells `watch` of all that happens from now on.
    synchronized void add(MemoryTunPoller.Watch watch) {
        MemoryTunPoller.Watch[] more = Arrays.copyOf(watches, watches.length + 1);
        more[watches.length] = watch;
        watches = more;
    }

    /// Tells `watch` nothing more.
    synchronized void remove(MemoryTunPoller.Watch watch) {
        watches = Arrays.stream(watches).filter(w -> !w.equals(watch)).toArray(MemoryTunPoller.Watch[]::new);
    }

    /// Has `run` run, on whatever thread brings it about, when the file can be read or can be written again; null
    /// for nothing.
    void signal(Runnable run) {
        signal = run;
    }

    /// Wakes whoever waits for one of these events, [PollEvents].
    void wake(int events) {
        VarHandle.fullFence();
        readers.wake();
        boolean taken = false;
        for (MemoryTunPoller.Watch watch : watches) {
            if (!taken || !watch.isExclusive()) {
                taken |= watch.arrived(events);
            }
        }
        if ((events & PollEvents.IN) != 0) {
            tell();
        }
    }

    private void tell() {
        Runnable told = signal;
        if (told != null) {
            told.run();
        }
    }

    /// Somebody looks, and there is no writing now.
    void awaitSpace() {
        awaitsSpace = true;
    }

    /// There is writing again. Whoever found none before is told once, by the signal too, as by Linux's
    /// `sk_write_space`.
    void space() {
        if (awaitsSpace) {
            awaitsSpace = false;
            wake(PollEvents.OUT | PollEvents.WRITE_NORMAL);
            tell();
        }
    }
}
