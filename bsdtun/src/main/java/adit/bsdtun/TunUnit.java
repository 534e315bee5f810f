package adit.bsdtun;

import adit.device.Waiters;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/// A unit: what stays when its interface is destroyed, as long as it is open. The driver's `tun_softc`, but for
/// the interface in it, which is a [BsdTunDevice].
///
/// Changes under the control lock and is read without it.
final class TunUnit {
    private static final Kqueue.Knote[] NO_KNOTES = {};

    private final int number;
    private final Waiters readers = new Waiters();
    private volatile int flags;
    private volatile int owner;
    private volatile BsdTunDevice device;
    private volatile BsdTunFile file;
    private volatile Kqueue.Knote[] knotes = NO_KNOTES;

    TunUnit(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    Waiters readers() {
        return readers;
    }

    /// The interface, or null when it was destroyed.
    BsdTunDevice device() {
        return device;
    }

    /// Who has it open, or null.
    BsdTunFile file() {
        return file;
    }

    int flags() {
        return flags;
    }

    /// Whether all of these [TunFlags] are set.
    boolean has(int bits) {
        return (flags & bits) == bits;
    }

    /// Who gets SIGIO; 0 for nobody.
    int owner() {
        return owner;
    }

    // ---- Under the control lock

    void set(int bits) {
        flags |= bits;
    }

    void clear(int bits) {
        flags &= ~bits;
    }

    /// Sets `bits` or clears them.
    void put(int bits, boolean on) {
        if (on) {
            set(bits);
        } else {
            clear(bits);
        }
    }

    void owner(int processOrGroup) {
        owner = processOrGroup;
    }

    void device(BsdTunDevice made) {
        device = made;
    }

    void file(BsdTunFile opener) {
        file = opener;
    }

    // ---- Telling

    /// Wakes readers, kqueues, and the owner if it wants SIGIO.
    void tell(int code, int band) {
        notifyReaders();
        if (has(TunFlags.ASYNC) && owner != 0) {
            BsdTunFile opener = file;
            if (opener != null) {
                opener.signal(owner, code, band);
            }
        }
    }

    /// Wakes readers and kqueues.
    void notifyReaders() {
        VarHandle.fullFence();
        readers.wake();
        for (Kqueue.Knote knote : knotes) {
            knote.activate();
        }
    }

    synchronized void watch(Kqueue.Knote knote) {
        Kqueue.Knote[] more = Arrays.copyOf(knotes, knotes.length + 1);
        more[knotes.length] = knote;
        knotes = more;
    }

    synchronized void forget(Kqueue.Knote knote) {
        knotes = Arrays.stream(knotes).filter(k -> !k.equals(knote)).toArray(Kqueue.Knote[]::new);
    }
}
