package adit.ip;

import adit.device.Errno;
import adit.device.Frames;
import adit.packet.PacketBuffer;
import adit.port.Deadline;
import adit.wire.EtherType;
import adit.wire.IpAddress;
import adit.wire.MacAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// The neighbours on one link in one family: their link addresses, how they came to be known, and the packets
/// that wait for them. RFC 826 and RFC 4861 section 7.3, with Linux's times and limits.
///
/// A packet to a neighbour whose address is known takes no lock. Everything else takes the lock of this table,
/// and what it leads to (questions, packets that waited, ICMP errors) is sent after the lock was left.
///
/// Against floods of addresses that nobody has: at most [#MOST] entries, of which those that failed or are
/// stale go first, and at most [#MOST_WAITING] packets for each, of which the oldest goes first.
final class Neighbours implements Deadline {
    static final int MOST = 1024;
    static final int MOST_WAITING = 64;

    private static final long SECOND = 1_000_000_000L;
    private static final long REACHABLE_NANOS = 30 * SECOND;
    private static final long DELAY_NANOS = 5 * SECOND;
    private static final long RETRANSMIT_NANOS = SECOND;
    private static final int SOLICITATIONS = 3;

    /// Whose neighbours.
    enum Family {
        /// By ARP.
        IP4(EtherType.IPV4),
        /// By neighbour discovery.
        IP6(EtherType.IPV6);

        final int etherType;

        Family(int etherType) {
            this.etherType = etherType;
        }
    }

    /// Whether what a neighbour says of itself answers a question, and whether it may change an address that is
    /// known (RFC 4861 section 7.2.5).
    enum Advertised {
        /// It answers a question.
        SOLICITED,
        /// It answers a question, and what is known is not to be changed by it: so Linux does where it was asked
        /// directly, and whoever answers for others.
        CONFIRMING,
        /// Nobody asked.
        UNSOLICITED,
        /// Nobody asked, and what is known is not to be changed by it.
        HINT;

        boolean answers() {
            return this == SOLICITED || this == CONFIRMING;
        }

        boolean overrides() {
            return this == SOLICITED || this == UNSOLICITED;
        }
    }

    private final IpStack stack;
    private final IpInterface link;
    private final Family family;
    /// Null until there is a neighbour: tunnels have none. Changed under the lock.
    private volatile NeighbourTable table;

    Neighbours(IpStack stack, IpInterface link, Family family) {
        this.stack = stack;
        this.link = link;
        this.family = family;
    }

    private Neighbour find(long high, long low) {
        NeighbourTable now = table;
        return now == null ? null : now.find(high, low);
    }

    private List<Neighbour> all() {
        NeighbourTable now = table;
        return now == null ? List.of() : now.all();
    }

    /// Sends a packet, whose octets start at the network header, to the neighbour of this address: now if its
    /// link address is known, else once it is. The packet is this table's.
    void send(PacketBuffer p, long high, long low) {
        Neighbour n = find(high, low);
        if (n != null) {
            Neighbour.State state = n.state;
            if (state.isValid() && state != Neighbour.State.STALE) {
                n.used = stack.coarseNow();
                emit(p, n.mac);
                return;
            }
        }
        resolve(p, high, low);
    }

    private void emit(PacketBuffer p, long mac) {
        // What goes to a neighbour by its IP address may stand behind labels.
        int type = p.protocol() == EtherType.MPLS ? EtherType.MPLS : family.etherType;
        Frames.push(p, mac, link.device().address(), type);
        link.device().send(p);
    }

    private void resolve(PacketBuffer p, long high, long low) {
        PacketBuffer dropped = null;
        Neighbour ask = null;
        long mac = -1;
        synchronized (this) {
            long now = stack.now();
            Neighbour n = find(high, low);
            if (n == null) {
                n = create(high, low, now);
            }
            if (n == null) {
                dropped = p;
            } else if (n.state.isValid()) {
                n.used = now;
                if (n.state == Neighbour.State.STALE) {
                    change(n, Neighbour.State.DELAY, now);
                    arm(n, now + DELAY_NANOS);
                }
                mac = n.mac;
            } else {
                // Whom an administrator calls INCOMPLETE nobody asks for, and packets wait (Linux's
                // `__neigh_event_send`).
                if (n.state != Neighbour.State.INCOMPLETE) {
                    n.probes = 1;
                    change(n, Neighbour.State.INCOMPLETE, now);
                    arm(n, now + RETRANSMIT_NANOS);
                    ask = n;
                }
                if (n.waiting.size() == MOST_WAITING) {
                    dropped = n.waiting.poll();
                }
                n.waiting.add(p);
            }
        }
        if (mac >= 0) {
            emit(p, mac);
        }
        if (dropped != null) {
            stack.drop(dropped, IpDrop.NEIGH_QUEUEFULL);
        }
        if (ask != null) {
            solicit(ask, -1);
        }
    }

    private void solicit(Neighbour n, long mac) {
        if (family == Family.IP4) {
            stack.arp.request(link, (int) (n.high >>> 32), mac);
        } else {
            stack.discovery.solicit(link, n.high, n.low, mac);
        }
    }

    private Neighbour create(long high, long low, long now) {
        if (table == null) {
            table = new NeighbourTable();
        }
        if (table.size() >= MOST && !evict()) {
            return null;
        }
        Neighbour n = new Neighbour(family, high, low);
        n.timer = NEVER;
        n.updated = now;
        n.confirmed = now - 2 * REACHABLE_NANOS;
        n.used = now;
        table.add(n);
        return n;
    }

    /// Makes room: the entry of no use that was used longest ago goes.
    private boolean evict() {
        Neighbour oldest = null;
        for (Neighbour n : all()) {
            boolean dispensable = switch (n.state) {
                case NONE, FAILED, STALE -> true;
                default -> false;
            };
            if (dispensable && (oldest == null || n.used - oldest.used < 0)) {
                oldest = n;
            }
        }
        if (oldest != null) {
            table.remove(oldest);
            stack.gone(link, oldest);
        }
        return oldest != null;
    }

    private void change(Neighbour n, Neighbour.State state, long now) {
        n.state = state;
        n.updated = now;
        if (state != Neighbour.State.DELAY) {
            stack.changed(link, n);
        }
    }

    private void arm(Neighbour n, long when) {
        n.timer = when;
        stack.armed();
    }

    /// Takes note of what a neighbour said of itself; a negative link address is the one that is known. `creates`
    /// says whether an unknown one becomes known by it.
    void heard(long high, long low, long told, Advertised kind, boolean creates) {
        List<PacketBuffer> sendable = List.of();
        long mac;
        synchronized (this) {
            long now = stack.now();
            Neighbour n = find(high, low);
            if (n == null && creates) {
                n = create(high, low, now);
                if (n != null) {
                    n.state = Neighbour.State.FAILED;
                }
            }
            if (n == null || n.state == Neighbour.State.PERMANENT || n.state == Neighbour.State.NOARP) {
                return;
            }
            boolean isNew = !n.state.isValid();
            if (isNew && told < 0) {
                return;
            }
            mac = told < 0 ? n.mac : told;
            boolean differs = n.mac != mac;
            if (!isNew && differs && !kind.overrides()) {
                if (n.state == Neighbour.State.REACHABLE) {
                    change(n, Neighbour.State.STALE, now);
                }
                return;
            }
            n.mac = mac;
            if (kind.answers()) {
                n.confirmed = now;
                change(n, Neighbour.State.REACHABLE, now);
                arm(n, now + REACHABLE_NANOS);
            } else if (isNew || differs) {
                n.timer = NEVER;
                change(n, Neighbour.State.STALE, now);
            }
            sendable = drain(n);
        }
        for (PacketBuffer p : sendable) {
            emit(p, mac);
        }
    }

    private static List<PacketBuffer> drain(Neighbour n) {
        if (n.waiting.isEmpty()) {
            return List.of();
        }
        List<PacketBuffer> all = new ArrayList<>(n.waiting);
        n.waiting.clear();
        return all;
    }

    // ---- Time

    /// Does what is due: asks again, gives up, lets entries age.
    void expire(long now) {
        List<Neighbour> ask = new ArrayList<>();
        List<PacketBuffer> failed = new ArrayList<>();
        synchronized (this) {
            for (Neighbour n : all()) {
                if (n.timer != NEVER && n.timer - now <= 0) {
                    expire(n, now, ask, failed);
                }
            }
        }
        for (PacketBuffer p : failed) {
            stack.unreachable(link, p, family);
        }
        for (Neighbour n : ask) {
            solicit(n, n.state == Neighbour.State.PROBE ? n.mac : -1);
        }
    }

    private void expire(Neighbour n, long now, List<Neighbour> ask, List<PacketBuffer> failed) {
        switch (n.state) {
            case REACHABLE -> {
                n.timer = NEVER;
                if (n.used - n.confirmed > 0 && now - n.used <= DELAY_NANOS) {
                    change(n, Neighbour.State.DELAY, now);
                    n.timer = now + DELAY_NANOS;
                } else {
                    change(n, Neighbour.State.STALE, now);
                }
            }
            case DELAY -> {
                if (now - n.confirmed <= DELAY_NANOS) {
                    change(n, Neighbour.State.REACHABLE, now);
                    n.timer = n.confirmed + REACHABLE_NANOS;
                } else {
                    n.probes = 1;
                    change(n, Neighbour.State.PROBE, now);
                    n.timer = now + RETRANSMIT_NANOS;
                    ask.add(n);
                }
            }
            case INCOMPLETE, PROBE -> {
                if (n.probes < SOLICITATIONS) {
                    n.probes++;
                    n.timer = now + RETRANSMIT_NANOS;
                    ask.add(n);
                } else {
                    n.timer = NEVER;
                    change(n, Neighbour.State.FAILED, now);
                    failed.addAll(drain(n));
                }
            }
            case NONE, STALE, FAILED, NOARP, PERMANENT -> n.timer = NEVER;
        }
    }

    @Override
    public synchronized long deadline() {
        long earliest = NEVER;
        for (Neighbour n : all()) {
            earliest = Math.min(earliest, n.timer);
        }
        return earliest;
    }

    // ---- Control

    /// Takes note of what somebody says of a neighbour.
    int put(NeighbourEntry wanted) {
        Neighbour.State state = Neighbour.State.of(wanted.state());
        if (state == null) {
            return -Errno.EINVAL;
        }
        List<PacketBuffer> sendable = List.of();
        List<PacketBuffer> failed = List.of();
        long mac;
        synchronized (this) {
            long now = stack.now();
            Neighbour n = findOrCreate(wanted.address(), now);
            if (n == null) {
                return -Errno.ENOBUFS;
            }
            boolean needsAddress = state.isValid() && link.device().addressLength() > 0;
            if (needsAddress && wanted.linkAddress().isEmpty() && !n.state.isValid()) {
                // As Linux does, which keeps one that it has made for this.
                return -Errno.EINVAL;
            }
            if (wanted.linkAddress().isPresent()) {
                n.mac = wanted.linkAddress().get().bits();
            }
            if (state.isValid()) {
                n.router = wanted.isRouter();
            }
            mac = n.mac;
            n.timer = NEVER;
            change(n, state, now);
            if (state.isValid()) {
                sendable = drain(n);
            } else if (state == Neighbour.State.FAILED) {
                failed = drain(n);
            }
            // Nobody asks for one that is INCOMPLETE by decree: it stays so.
            if (state == Neighbour.State.REACHABLE) {
                n.confirmed = now;
                arm(n, now + REACHABLE_NANOS);
            } else if (state == Neighbour.State.DELAY || state == Neighbour.State.PROBE) {
                n.probes = 0;
                arm(n, now);
            }
        }
        for (PacketBuffer p : failed) {
            stack.unreachable(link, p, family);
        }
        for (PacketBuffer p : sendable) {
            emit(p, mac);
        }
        return 0;
    }

    /// A link's only neighbour of IPv4 goes by no address.
    private Neighbour findOrCreate(IpAddress address, long now) {
        Neighbour n = find(AddressBits.high(address), AddressBits.low(address));
        if (n != null) {
            return n;
        }
        boolean isAlone = family == Family.IP4 && NeighbourConstructor.isAlone4(link);
        long high = isAlone ? 0 : AddressBits.high(address);
        n = find(high, AddressBits.low(address));
        if (n == null) {
            n = create(high, AddressBits.low(address), now);
            if (n != null && family == Family.IP4) {
                NeighbourConstructor.construct4(stack, link, n);
            } else if (n != null) {
                NeighbourConstructor.construct6(link, n, address);
            }
        }
        return n;
    }

    /// Takes a neighbour out; ENOENT when there is none.
    int delete(IpAddress address) {
        return delete(address, _ -> true);
    }

    /// Takes a neighbour out whose link address is not known.
    void deleteUnresolved(IpAddress address) {
        delete(address, n -> !n.state.isValid());
    }

    private int delete(IpAddress address, Predicate<Neighbour> isMeant) {
        List<PacketBuffer> failed;
        synchronized (this) {
            Neighbour n = find(AddressBits.high(address), AddressBits.low(address));
            if (n == null || !isMeant.test(n)) {
                return -Errno.ENOENT;
            }
            failed = drain(n);
            table.remove(n);
            stack.gone(link, n);
        }
        for (PacketBuffer p : failed) {
            stack.drop(p, IpDrop.NEIGH_FAILED);
        }
        return 0;
    }

    /// Whether there is an entry for this address.
    boolean contains(IpAddress address) {
        return find(AddressBits.high(address), AddressBits.low(address)) != null;
    }

    /// Says whether a neighbour forwards.
    synchronized void router(long high, long low, boolean is) {
        Neighbour n = find(high, low);
        if (n != null) {
            n.router = is;
        }
    }

    synchronized List<NeighbourEntry> entries() {
        return all().stream().map(n -> entry(link, n)).toList();
    }

    static NeighbourEntry entry(IpInterface link, Neighbour n) {
        Optional<MacAddress> mac = n.state.isValid() ? Optional.of(new MacAddress(n.mac)) : Optional.empty();
        return new NeighbourEntry(link, n.address(), mac, n.state.number(), n.router);
    }

    /// Forgets everybody, packets too.
    void flush() {
        forget(_ -> true);
    }

    /// Forgets those whom somebody may have replaced meanwhile: all but those that somebody named for good.
    void flushLearned() {
        forget(n -> n.state != Neighbour.State.PERMANENT);
    }

    private void forget(Predicate<Neighbour> isGone) {
        List<PacketBuffer> dropped = new ArrayList<>();
        synchronized (this) {
            for (Neighbour n : all()) {
                if (isGone.test(n)) {
                    dropped.addAll(drain(n));
                    table.remove(n);
                    stack.gone(link, n);
                }
            }
            if (table != null && table.size() == 0) {
                table = null;
            }
        }
        for (PacketBuffer p : dropped) {
            stack.drop(p, IpDrop.NEIGH_FAILED);
        }
    }
}
