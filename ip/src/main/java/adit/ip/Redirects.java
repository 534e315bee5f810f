package adit.ip;

import adit.wire.Ip4Address;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Gateways that others have named, by ICMP redirects, for packets made here to single destinations. RFC 1122
/// section 3.2.2.2, as Linux does it: forgotten after five minutes, and with the next hop that was given up.
///
/// An immutable trie behind one volatile reference, at most [#MOST] entries: when there are more, all are
/// forgotten.
final class Redirects {
    private static final int MOST = 1024;
    private static final long LIFETIME_NANOS = 300_000_000_000L;

    private final LongSupplier time;
    private volatile PrefixTrie<Redirect> known = PrefixTrie.empty();
    private volatile int version;

    private record Redirect(NextHop from, NextHop to, long expiry) {}

    Redirects(LongSupplier time) {
        this.time = time;
    }

    /// Another number after each change.
    int version() {
        return version;
    }

    /// Where packets to `destination` go instead of by `hop`: itself where no nearer gateway was named.
    NextHop nearer(int destination, NextHop hop) {
        Redirect r = find(destination, hop);
        return r == null ? hop : r.to;
    }

    /// The gateway that was named for packets to `destination` that went by `hop`.
    Optional<LearnedGateway> learned(int destination, NextHop hop) {
        return Optional.ofNullable(find(destination, hop))
                .map(r -> new LearnedGateway(new Ip4Address(r.to.gateway4), r.expiry - time.getAsLong()));
    }

    private Redirect find(int destination, NextHop hop) {
        PrefixTrie<Redirect> all = known;
        Redirect r = all.size() == 0 ? null : all.lookup(key(destination), 0);
        return r == null || !r.from.equals(hop) || r.expiry - time.getAsLong() <= 0 ? null : r;
    }

    private static long key(int destination) {
        return (long) destination << 32;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // only ever changed here
    synchronized void learn(int destination, NextHop from, int gateway) {
        NextHop to = from.by(new Ip4Address(gateway));
        PrefixTrie<Redirect> before = known.size() < MOST ? known : PrefixTrie.empty();
        known = before.with(
                key(destination), 0, Integer.SIZE, new Redirect(from, to, time.getAsLong() + LIFETIME_NANOS));
        version++;
    }
}
