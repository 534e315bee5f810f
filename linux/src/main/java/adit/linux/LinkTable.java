package adit.linux;

import adit.linux.LinkHop.Trust;
import java.util.function.LongSupplier;

/// Remembers the next hops on the link, and whether packets may be written to it past the kernel's IP layer at
/// all.
///
/// What is remembered is asked for anew when it is a second old and when the kernel announced a change, which
/// is looked for at most once a millisecond; so a change is followed within a millisecond of the next burst.
/// Rules that packets would pass by are looked for once a second.
///
/// While a neighbour's address is stale, one packet a second is left to the kernel, which then confirms the
/// address as it does for its own: packets that are written to the link directly don't make it do so.
///
/// Holds a fixed number of destinations; those that meet in a place replace each other. For one thread, but for
/// [#obstacle]. Allocates nothing when it asks and learns nothing new.
final class LinkTable implements AutoCloseable {
    private static final long MAX_AGE_NANOS = 1_000_000_000;
    private static final long MIN_AGE_NANOS = 1_000_000;
    private static final int BITS = 8;
    /// The golden ratio of 2^32: Fibonacci hashing, whose high bits depend on every bit of the address.
    private static final int MULTIPLIER = 0x9e37_79b9;

    private static final LinkHop BY_KERNEL = LinkHop.not(RingObstacle.NO_NEIGHBOUR);

    /// Who knows the next hops.
    interface Source extends AutoCloseable {
        /// The next hop as it is now; `known` itself when nothing has changed.
        LinkHop hop(int source, int destination, LinkHop known);

        /// Whether the answers may have changed since the last call.
        boolean changed();

        @Override
        void close();
    }

    /// Who knows the rules.
    interface Rules extends AutoCloseable {
        /// Why no packet may pass them by; [RingObstacle#NONE] when there are none.
        RingObstacle obstacle();

        @Override
        void close();
    }

    private static final class Entry {
        int source;
        int destination;
        LinkHop hop;
        long askedAt;
        int news;
        boolean toConfirm;
    }

    private final Source kernel;
    private final Rules rules;
    private final LongSupplier clock;
    private final Entry[] entries = new Entry[1 << BITS];
    private int news;
    private long now;
    private long heardAt;
    private long ruledAt;
    private RingObstacle ruled;
    private volatile RingObstacle last = RingObstacle.NOTHING_SENT;

    LinkTable(Source kernel, Rules rules, LongSupplier clock) {
        this.kernel = kernel;
        this.rules = rules;
        this.clock = clock;
        now = clock.getAsLong();
        heardAt = now;
        ruledAt = now;
        ruled = rules.obstacle();
        if (ruled != RingObstacle.NONE) {
            last = ruled;
        }
    }

    /// The table of the network namespace that the calling thread is in.
    static LinkTable open() throws LinuxException {
        LinkLookup lookup = LinkLookup.open();
        try {
            return new LinkTable(lookup, OutputRules.open(), System::nanoTime);
        } catch (Throwable t) {
            lookup.close();
            throw t;
        }
    }

    /// Looks at the clock, and at what the kernel says if it is time to. Before the packets of a burst.
    void refresh() {
        now = clock.getAsLong();
        if (now - heardAt >= MIN_AGE_NANOS) {
            heardAt = now;
            if (kernel.changed()) {
                news++;
            }
        }
        if (now - ruledAt >= MAX_AGE_NANOS) {
            ruledAt = now;
            ruled = rules.obstacle();
        }
    }

    /// The next hop towards `destination` from `source`, both the bits of an int, for one packet.
    LinkHop hop(int source, int destination) {
        if (ruled != RingObstacle.NONE) {
            remark(ruled);
            return BY_KERNEL;
        }
        int at = (destination * MULTIPLIER) >>> (Integer.SIZE - BITS);
        Entry e = entries[at];
        if (e == null) {
            e = new Entry();
            entries[at] = e;
        }
        boolean same = e.hop != null && e.destination == destination && e.source == source;
        if (!same || e.news != news || now - e.askedAt >= MAX_AGE_NANOS) {
            e.hop = kernel.hop(source, destination, same ? e.hop : null);
            e.source = source;
            e.destination = destination;
            e.askedAt = now;
            e.news = news;
            e.toConfirm = e.hop.trust() == Trust.STALE;
        }
        remark(e.hop.obstacle());
        if (e.toConfirm) {
            e.toConfirm = false;
            return BY_KERNEL;
        }
        return e.hop;
    }

    /// Says what stood in the way of a packet.
    void remark(RingObstacle obstacle) {
        if (last != obstacle) {
            last = obstacle;
        }
    }

    /// Says that what is remembered turned out to be wrong.
    void stale() {
        news++;
    }

    /// What stood in the way of the packet that was asked about last. Any thread.
    RingObstacle obstacle() {
        return last;
    }

    @Override
    public void close() {
        kernel.close();
        rules.close();
    }
}
