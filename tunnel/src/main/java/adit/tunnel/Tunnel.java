package adit.tunnel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// A tunnel: its immutable specification and the few words of state that its threads share.
///
/// Any thread may call any method; none takes a lock.
public final class Tunnel implements TunnelTable.Entry {
    /// How long an ICMP error that the underlay reported is remembered, in nanoseconds: 30 seconds.
    static final long ERROR_MEMORY_NANOS = 30_000_000_000L;

    /// The error state is one word, so that count and time change together: the time of the last error in
    /// nanoseconds with its low 16 bits (66 microseconds) replaced by the count.
    private static final long COUNT_MASK = 0xffff;

    private static final VarHandle ERRORS;

    static {
        try {
            ERRORS = MethodHandles.lookup().findVarHandle(Tunnel.class, "errors", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final TunnelSpec spec;
    private final int device;
    private volatile boolean up = true;

    @SuppressWarnings("FieldMayBeFinal") // written through ERRORS
    private volatile long errors;

    /// A tunnel that is up. `device` is the interface index of the tunnel's own device in the underlay's
    /// numbering, by which a route that leads back into the tunnel is known; 0 when it has none there.
    public Tunnel(TunnelSpec spec, int device) {
        this.spec = spec;
        this.device = device;
    }

    /// A tunnel that is up and has no device in the underlay.
    public Tunnel(TunnelSpec spec) {
        this(spec, 0);
    }

    /// How it is set up.
    public TunnelSpec spec() {
        return spec;
    }

    /// The interface index of its own device, 0 when there is none.
    public int device() {
        return device;
    }

    /// Whether it is up. A lookup passes over tunnels that are down.
    public boolean isUp() {
        return up;
    }

    /// Sets it up or down.
    public void up(boolean up) {
        this.up = up;
    }

    @Override
    public Tunnel tunnel() {
        return this;
    }

    /// Takes note of an ICMP error about an outer packet. Routers quote too little of it to tell the inner
    /// sender at once, so the sender of the next inner packet will be told.
    void noteError(long nowNanos) {
        long seen;
        long next;
        do {
            seen = errors;
            long count = remembered(seen, nowNanos) ? Math.min((seen & COUNT_MASK) + 1, COUNT_MASK) : 1;
            next = (nowNanos & ~COUNT_MASK) | count;
        } while (!ERRORS.compareAndSet(this, seen, next));
    }

    /// Whether the sender of the present inner packet is to be told that the peer can't be reached: once for
    /// each error noted in the last 30 seconds.
    boolean takeError(long nowNanos) {
        while (true) {
            long seen = errors;
            if ((seen & COUNT_MASK) == 0) {
                return false;
            }
            boolean told = remembered(seen, nowNanos);
            if (ERRORS.compareAndSet(this, seen, told ? seen - 1 : 0L)) {
                return told;
            }
        }
    }

    /// How many errors were noted and not yet told of.
    int errorCount() {
        return (int) (errors & COUNT_MASK);
    }

    private static boolean remembered(long state, long nowNanos) {
        return (state & COUNT_MASK) != 0 && nowNanos - (state & ~COUNT_MASK) < ERROR_MEMORY_NANOS;
    }

    @Override
    public String toString() {
        return spec.name();
    }
}
