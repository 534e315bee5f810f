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

/// The neighbours on one link in one family: the packets that go to them or wait for them, what is heard of them,
/// and what users say of them. RFC 826 and RFC 4861 section 7.
///
/// ```
/// send, heard, expire, put --> NeighbourTable          who there is
///                              NeighbourReachability   in which state each is, and when it goes to another
///                        --> ArpResponder, Discovery   questions
/// ```
///
/// A packet to a neighbour whose address is known takes no lock. Everything else takes the lock of this table,
/// and what it leads to (questions, packets that waited, ICMP errors) is sent after the lock was left.
///
/// Against floods of addresses that nobody has: at most [#MOST] entries, of which those that failed or are
/// stale go first, and at most [#MOST_WAITING] packets for each, of which the oldest goes first.
final class Neighbours implements Deadline {
    static final int MOST = 1024;
    static final int MOST_WAITING = 64;
    /// After so long a router that did not answer may be tried again (Linux's `router_probe_interval`).
    private static final long ROUTER_REST_NANOS = 60_000_000_000L;

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

    private final IpStack stack;
    private final IpInterface link;
    private final Family family;
    private final NeighbourReachability reachability;
    /// Null until there is a neighbour: tunnels have none. Changed under the lock.
    private volatile NeighbourTable table;

    Neighbours(IpStack stack, IpInterface link, Family family) {
        this.stack = stack;
        this.link = link;
        this.family = family;
        this.reachability = new NeighbourReachability(stack, link);
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

    /// Whether packets could go to a neighbour at once. If not, it is asked for its link address.
    boolean isReadyOrAsked(long high, long low) {
        Neighbour ask;
        synchronized (this) {
            long now = stack.now();
            Neighbour n = find(high, low);
            if (n == null) {
                n = create(high, low, now);
            }
            if (n == null || n.state.isValid()) {
                return n != null;
            }
            ask = reachability.need(n, now) ? n : null;
        }
        if (ask != null) {
            solicit(ask, -1);
        }
        return false;
    }

    /// How the link address of a neighbour is known; null where nobody has asked for it.
    Neighbour.State state(long high, long low) {
        Neighbour n = find(high, low);
        return n == null ? null : n.state;
    }

    /// Whether this neighbour did not answer lately, so that hosts should go by another router (RFC 4861 section
    /// 6.3.6).
    boolean isLost(long high, long low) {
        Neighbour n = find(high, low);
        if (n == null || n.state != Neighbour.State.FAILED) {
            return false;
        }
        synchronized (this) {
            return stack.now() - n.updated < ROUTER_REST_NANOS;
        }
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
                reachability.use(n, now);
                mac = n.mac;
            } else {
                ask = reachability.need(n, now) ? n : null;
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
        reachability.begin(n, now);
        table.add(n);
        return n;
    }

    private boolean evict() {
        Neighbour gone = table.dispensable();
        if (gone != null) {
            table.remove(gone);
            stack.listeners.neighbour(IpListener.Change.GONE, link, gone);
        }
        return gone != null;
    }

    /// Takes note of what a neighbour said of itself; a negative link address is the one that is known. `creates`
    /// says whether an unknown one becomes known by it.
    void heard(long high, long low, long told, Advertisement kind, boolean creates) {
        List<PacketBuffer> sendable;
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
            if (n == null || !reachability.hear(n, told, kind, now)) {
                return;
            }
            mac = n.mac;
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
                    switch (reachability.expire(n, now)) {
                        case ASK -> ask.add(n);
                        case GIVE_UP -> failed.addAll(drain(n));
                        case NOTHING -> {}
                    }
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
            reachability.decree(n, state, now);
            if (state.isValid()) {
                sendable = drain(n);
            } else if (state == Neighbour.State.FAILED) {
                failed = drain(n);
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
            stack.listeners.neighbour(IpListener.Change.GONE, link, n);
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
                    stack.listeners.neighbour(IpListener.Change.GONE, link, n);
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
