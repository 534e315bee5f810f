package adit.linux;

import adit.underlay.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.LongSupplier;

/// Remembers for a second what the kernel said about the way to a destination.
///
/// Asking the kernel costs some microseconds, remembering some nanoseconds. What is remembered is asked for anew when
/// it is a second old, when somebody heard something about the destination ([#stale]), and when the kernel announced
/// a change of links, addresses or routes ([#hear]); but never twice within a millisecond, so that a flood of ICMP
/// errors stays cheap. After news it is asked for once more a little later, because an ICMP error reaches this process
/// before the kernel has drawn its own conclusion.
///
/// Holds a fixed number of destinations, in sets of four; the one asked for longest ago makes room. Allocates nothing
/// when it asks and learns nothing new.
final class RoutedPaths implements Paths {
    private static final long MAX_AGE_NANOS = 1_000_000_000;
    private static final long MIN_AGE_NANOS = 1_000_000;
    private static final long AGE_AFTER_NEWS_NANOS = 10_000_000;
    private static final int SET_BITS = 8;
    private static final int WAYS = 4;
    /// The golden ratio of 2^32: Fibonacci hashing, whose high bits depend on every bit of the address.
    private static final int MULTIPLIER = 0x9e37_79b9;

    /// Who knows the ways.
    interface Source extends AutoCloseable {
        /// The way as it is now; `known` itself when nothing has changed.
        Path path(int source, int destination, Path known);

        /// Whether the ways may have changed since the last call. May be on another thread than [#path].
        boolean changed();

        /// Readable when [#changed] has something to tell; null when it never has.
        Fd descriptor();

        @Override
        void close();
    }

    private static final class Entry {
        int source;
        int destination;
        Path path;
        long askedAt;
        long validUntil;
        int news;
    }

    private final Source kernel;
    private final LongSupplier clock;
    private final Entry[] entries = new Entry[WAYS << SET_BITS];
    /// How often something was heard about any destination of a set, and about all of them.
    private final AtomicIntegerArray newsOfSet = new AtomicIntegerArray(1 << SET_BITS);

    private final AtomicInteger newsOfAll = new AtomicInteger();

    RoutedPaths(Source kernel, LongSupplier clock) {
        this.kernel = kernel;
        this.clock = clock;
    }

    /// The paths of the network namespace that the calling thread is in.
    static RoutedPaths open() throws LinuxException {
        return new RoutedPaths(RouteLookup.open(), System::nanoTime);
    }

    @Override
    public Path path(int source, int destination) {
        long now = clock.getAsLong();
        int set = set(destination);
        int news = newsOfSet.get(set) + newsOfAll.get();
        int from = set * WAYS;
        int victim = from;
        for (int i = from; i < from + WAYS; i++) {
            Entry e = entries[i];
            if (e == null) {
                e = new Entry();
                entries[i] = e;
                return ask(e, source, destination, now, news);
            }
            if (e.destination == destination && e.source == source) {
                return isFresh(e, now, news) ? e.path : ask(e, source, destination, now, news);
            }
            if (e.askedAt - entries[victim].askedAt < 0) {
                victim = i;
            }
        }
        entries[victim].path = null;
        return ask(entries[victim], source, destination, now, news);
    }

    private static boolean isFresh(Entry e, long now, int news) {
        return e.news == news ? now - e.validUntil < 0 : now - e.askedAt < MIN_AGE_NANOS;
    }

    private Path ask(Entry e, int source, int destination, long now, int news) {
        e.source = source;
        e.destination = destination;
        e.askedAt = now;
        e.validUntil = now + (e.path == null || e.news == news ? MAX_AGE_NANOS : AGE_AFTER_NEWS_NANOS);
        e.news = news;
        e.path = kernel.path(source, destination, e.path);
        return e.path;
    }

    private static int set(int destination) {
        return (destination * MULTIPLIER) >>> (Integer.SIZE - SET_BITS);
    }

    @Override
    public void stale(int destination) {
        newsOfSet.incrementAndGet(set(destination));
    }

    @Override
    public void hear() {
        if (kernel.changed()) {
            newsOfAll.incrementAndGet();
        }
    }

    @Override
    public Fd descriptor() {
        return kernel.descriptor();
    }

    @Override
    public void close() {
        kernel.close();
    }
}
