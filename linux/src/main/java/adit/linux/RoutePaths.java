package adit.linux;

import adit.netlink.LinkMessage;
import adit.netlink.RouteMessage;
import adit.underlay.Path;
import adit.wire.Ip4Address;
import adit.wire.IpAddress;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/// Ways as the kernel's routing table has them, with what path MTU discovery learned.
///
/// Asked by rtnetlink and remembered for a second, or until something was heard about any of them. Asking takes
/// some ten microseconds and allocates, a remembered answer neither.
///
/// ```
/// slots: a hash of the destination | three more to the right; when all are taken, the first gives way
/// ```
final class RoutePaths implements Paths {
    private static final long FRESH_NANOS = 1_000_000_000L;
    /// A storm of ICMP messages must not become a storm of questions.
    private static final long LEAST_AGE_NANOS = 2_000_000L;

    private static final int BITS = 12;
    private static final int PROBES = 4;
    private static final int MULTIPLIER = 0x9e37_79b9;

    private static final class Slot {
        final int source;
        final int destination;
        Path path = Path.NONE;
        long askedAt;
        int generation;

        Slot(int source, int destination) {
            this.source = source;
            this.destination = destination;
        }
    }

    private final RtNetlink netlink;
    private final Slot[] slots = new Slot[1 << BITS];
    private final AtomicInteger generation = new AtomicInteger();

    private RoutePaths(RtNetlink netlink) {
        this.netlink = netlink;
    }

    /// For the namespace that the calling thread is in.
    static RoutePaths open() throws LinuxException {
        return new RoutePaths(RtNetlink.open());
    }

    @Override
    public Path path(int source, int destination) {
        long now = System.nanoTime();
        int first = (destination * MULTIPLIER) >>> (Integer.SIZE - BITS);
        int free = first;
        for (int i = 0; i < PROBES; i++) {
            int at = (first + i) & (slots.length - 1);
            Slot slot = slots[at];
            if (slot == null) {
                free = at;
                break;
            }
            if (slot.destination == destination && slot.source == source) {
                return isFresh(slot, now) ? slot.path : ask(slot, now);
            }
        }
        slots[free] = new Slot(source, destination);
        return ask(slots[free], now);
    }

    private boolean isFresh(Slot slot, long now) {
        long age = now - slot.askedAt;
        return age < LEAST_AGE_NANOS || (age < FRESH_NANOS && slot.generation == generation.get());
    }

    private Path ask(Slot slot, long now) {
        slot.generation = generation.get();
        slot.askedAt = now;
        Path path = ask(slot.source, slot.destination);
        if (!path.equals(slot.path)) {
            slot.path = path;
        }
        return slot.path;
    }

    private Path ask(int source, int destination) {
        try {
            Optional<IpAddress> from = source == 0 ? Optional.empty() : Optional.of(new Ip4Address(source));
            RouteMessage route = netlink.routeTo(new Ip4Address(destination), from);
            if (route.device().isEmpty()) {
                return Path.NONE;
            }
            int device = route.device().getAsInt();
            LinkMessage link = netlink.link(device);
            if (!link.isUp()) {
                return Path.NONE;
            }
            int mtu = route.metrics().mtu().orElse(link.mtu().orElse(0));
            return new Path(mtu, route.metrics().mtuLocked() ? Path.Pinned.YES : Path.Pinned.NO, device);
        } catch (IOException e) {
            // No route, or no such address of ours: the answer is that there is no way. It is asked again in a second.
            return Path.NONE;
        }
    }

    @Override
    public void stale(int destination) {
        generation.incrementAndGet();
    }

    @Override
    public void close() {
        netlink.close();
    }
}
