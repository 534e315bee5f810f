package adit.ip;

import adit.device.Device;
import adit.device.Errno;
import adit.wire.Ip4Address;
import adit.wire.Ip4Prefix;
import adit.wire.Ip6Address;
import adit.wire.Ip6Prefix;
import adit.wire.IpAddress;
import adit.wire.IpPrefix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Addresses of interfaces, neighbours, and what becomes of both as devices come and go. As Linux does it, so
/// that a configuration reads the same here and there.
///
/// Every method takes the control lock. Routes are in [Routes], those that come with addresses in
/// [Ip4AddressRoutes] and [Ip6AddressRoutes].
public final class IpConfiguration {
    private static final String NEW = "RTM_NEWADDR";
    /// RFC 791 section 3.2: what every link can carry.
    static final int LEAST_MTU_4 = 68;
    /// IFNAMSIZ without the zero at the end.
    private static final int MOST_OF_LABEL = 15;

    private final IpStack stack;
    private final Routes routes;
    private final Ip4Ways ways4;
    private final Ip4AddressRoutes brought4;
    private final Ip6AddressRoutes brought6;
    private final Ip6Links links6;
    private final Lifetimes lifetimes;

    IpConfiguration(IpStack stack) {
        this.stack = stack;
        this.ways4 = new Ip4Ways(stack);
        this.routes = new Routes(stack);
        this.brought4 = new Ip4AddressRoutes(routes.ip4());
        this.brought6 = new Ip6AddressRoutes(stack, routes.ip6());
        this.links6 = new Ip6Links(stack, this, brought6);
        this.lifetimes = new Lifetimes(stack, this);
    }

    /// The routes.
    public Routes routes() {
        return routes;
    }

    /// Which ways IPv4 packets go.
    public Ip4Ways ways4() {
        return ways4;
    }

    Lifetimes lifetimes() {
        return lifetimes;
    }

    private void locked(Change change) throws IpException {
        stack.table.lock().lock();
        try {
            change.run();
        } finally {
            stack.table.lock().unlock();
        }
    }

    @FunctionalInterface
    private interface Change {
        void run() throws IpException;
    }

    // ---- Addresses

    /// What to do about an address that is there already.
    public enum Existing {
        /// Refuse.
        REFUSE,
        /// Put the new one in its place.
        REPLACE
    }

    /// Gives an interface an address.
    ///
    /// @throws IpException EEXIST when it has it and `existing` says so, EINVAL for an address that can't be
    ///     one
    public void add(IpInterface link, InterfaceAddress address, Existing existing) throws IpException {
        locked(() -> {
            if (address.local() instanceof Ip4Address) {
                add4(link, address, existing);
            } else {
                add6(link, address, existing);
            }
        });
    }

    private void add4(IpInterface link, InterfaceAddress wanted, Existing existing) throws IpException {
        if (wanted.local().isUnspecified()) {
            return;
        }
        if (link.device().mtu() < LEAST_MTU_4) {
            throw new IpException(NEW, Errno.ENOBUFS, "The link is too narrow for IPv4.");
        }
        int flags = wanted.flags();
        for (InterfaceAddress a : link.addresses4) {
            boolean sameLink =
                    a.prefixLength() == wanted.prefixLength() && a.link().equals(wanted.link());
            if (sameLink && a.local().equals(wanted.local())) {
                if (existing == Existing.REFUSE) {
                    throw new IpException(NEW, Errno.EEXIST, "Address already assigned.");
                }
                renew4(link, a, a.renewed(wanted));
                return;
            }
            if (sameLink && a.scope() != wanted.scope()) {
                throw new IpException(NEW, Errno.EINVAL, "Addresses of one link have one scope.");
            }
            if (sameLink) {
                flags |= InterfaceAddress.SECONDARY;
            }
        }
        InterfaceAddress added = wanted.with(flags);
        InterfaceAddress[] before = link.addresses4;
        link.addresses4 = insert(before, place4(before, added), added);
        brought4.connect(link, added);
        routes.ip4().revive(link);
        lifetimes.began(added);
        stack.tell(IpListener.Change.NEW, IpListener.Origin.USER, link, added);
    }

    /// Behind the last primary address that is known no farther; secondary ones come last (Linux's
    /// `__inet_insert_ifa`).
    private static int place4(InterfaceAddress[] before, InterfaceAddress added) {
        if (added.has(InterfaceAddress.SECONDARY)) {
            return before.length;
        }
        int at = 0;
        for (int i = 0; i < before.length; i++) {
            if (!before[i].has(InterfaceAddress.SECONDARY) && added.scope() <= before[i].scope()) {
                at = i + 1;
            }
        }
        return at;
    }

    private static InterfaceAddress[] insert(InterfaceAddress[] before, int at, InterfaceAddress added) {
        InterfaceAddress[] after = new InterfaceAddress[before.length + 1];
        System.arraycopy(before, 0, after, 0, at);
        after[at] = added;
        System.arraycopy(before, at, after, at + 1, before.length - at);
        return after;
    }

    private void renew4(IpInterface link, InterfaceAddress old, InterfaceAddress renewed) {
        if (renewed.priority() != old.priority()) {
            brought4.takePrefix(link, old);
        }
        replace4(link, old, renewed);
        if (renewed.priority() != old.priority() && link.device().isUp()) {
            brought4.bringPrefix(link, renewed);
        }
        lifetimes.began(renewed);
        stack.tell(IpListener.Change.NEW, IpListener.Origin.USER, link, renewed);
    }

    private static void replace4(IpInterface link, InterfaceAddress old, InterfaceAddress with) {
        link.addresses4 = replace(link.addresses4, old, with);
    }

    private static InterfaceAddress[] replace(InterfaceAddress[] all, InterfaceAddress old, InterfaceAddress with) {
        return Arrays.stream(all).map(a -> a.equals(old) ? with : a).toArray(InterfaceAddress[]::new);
    }

    /// The address is as good as gone: new conversations take another.
    void deprecate(IpInterface link, InterfaceAddress old) {
        InterfaceAddress deprecated = old.with(old.flags() | InterfaceAddress.DEPRECATED);
        if (old.local() instanceof Ip4Address) {
            replace4(link, old, deprecated);
        } else {
            link.addresses6 = replace(link.addresses6, old, deprecated);
        }
        stack.tell(IpListener.Change.NEW, IpListener.Origin.STACK, link, deprecated);
    }

    private static InterfaceAddress[] remove(InterfaceAddress[] before, InterfaceAddress gone) {
        return List.of(before).stream().filter(a -> !a.equals(gone)).toArray(InterfaceAddress[]::new);
    }

    private void add6(IpInterface link, InterfaceAddress wanted, Existing existing) throws IpException {
        links6.find(link);
        for (InterfaceAddress a : link.addresses6) {
            if (a.local().equals(wanted.local())) {
                if (existing == Existing.REFUSE) {
                    throw new IpException(NEW, Errno.EEXIST, "IPv6 address already assigned.");
                }
                renew6(link, a, wanted);
                return;
            }
        }
        requireTemplate(wanted, wanted.prefixLength());
        if (!link.isLoopback()) {
            brought6.groups(link);
        }
        Ip6Address local = (Ip6Address) wanted.local();
        boolean isGroup = local.isMulticast() && !wanted.has(InterfaceAddress.JOINED);
        if (local.isUnspecified() || isGroup || (local.isLoopback() && !link.isLoopback())) {
            throw new IpException(NEW, Errno.EADDRNOTAVAIL, local + " can't be an address of " + link + ".");
        }
        put6(link, wanted, IpListener.Origin.USER);
    }

    private static void requireTemplate(InterfaceAddress wanted, int length) throws IpException {
        if (wanted.has(InterfaceAddress.TEMPLATE) && length != Ip6Links.IDENTIFIER_BITS) {
            throw new IpException(NEW, Errno.EINVAL, "Temporary addresses come beside those of 64 bits of prefix.");
        }
    }

    private void renew6(IpInterface link, InterfaceAddress old, InterfaceAddress wanted) throws IpException {
        requireTemplate(wanted, old.prefixLength());
        InterfaceAddress renewed = old.renewed6(wanted);
        link.addresses6 = replace(link.addresses6, old, renewed);
        brought6.renew(link, old, renewed);
        lifetimes.began(renewed);
        stack.tell(IpListener.Change.NEW, IpListener.Origin.USER, link, renewed);
    }

    /// Before those that are known no farther.
    void put6(IpInterface link, InterfaceAddress added, IpListener.Origin origin) {
        InterfaceAddress[] before = link.addresses6;
        int at = 0;
        while (at < before.length && SourceSelection.scope(before[at]) > SourceSelection.scope(added)) {
            at++;
        }
        link.addresses6 = insert(before, at, added);
        brought6.connect(link, added, origin);
        lifetimes.began(added);
        stack.tell(IpListener.Change.NEW, origin, link, added);
    }

    void forget6(IpInterface link, InterfaceAddress gone, IpListener.Origin origin) {
        link.addresses6 = remove(link.addresses6, gone);
        brought6.disconnect(link, gone);
        stack.tell(IpListener.Change.GONE, origin, link, gone);
    }

    /// Takes an address away. `prefixLength` of -1 takes it whatever its length.
    ///
    /// @throws IpException EADDRNOTAVAIL when the interface does not have it
    public void delete(IpInterface link, IpAddress local, int prefixLength) throws IpException {
        locked(() -> {
            if (local instanceof Ip6Address && !link.ip6) {
                throw new IpException("RTM_DELADDR", Errno.ENXIO, "IPv6 is disabled on this device.");
            }
            for (InterfaceAddress a : local instanceof Ip4Address ? link.addresses4 : link.addresses6) {
                if (a.local().equals(local) && (prefixLength < 0 || prefixLength == a.prefixLength())) {
                    delete(link, a, IpListener.Origin.USER);
                    return;
                }
            }
            throw new IpException("RTM_DELADDR", Errno.EADDRNOTAVAIL, "Address not found.");
        });
    }

    void delete(IpInterface link, InterfaceAddress gone, IpListener.Origin origin) {
        if (gone.local() instanceof Ip6Address) {
            forget6(link, gone, origin);
            return;
        }
        if (!gone.has(InterfaceAddress.SECONDARY)) {
            // Without its primary address the link is gone, and with it those that shared it (promote_secondaries is
            // off, as in Linux).
            for (InterfaceAddress a : link.addresses4) {
                if (a.has(InterfaceAddress.SECONDARY) && a.link().equals(gone.link())) {
                    leave4(link, a, origin);
                }
            }
        }
        leave4(link, gone, origin);
        if (link.addresses4.length == 0) {
            // Linux's fib_disable_ip: without an address there is no IPv4 on the link.
            routes.flush(link.device(), FlushReason.IP4);
            link.neighbours4.flush();
        }
    }

    /// A secondary address whose primary one has gone before, as happens when the whole link goes, leaves its
    /// routes to whoever takes those of the link.
    private void leave4(IpInterface link, InterfaceAddress a, IpListener.Origin origin) {
        InterfaceAddress primary = Ip4AddressRoutes.primary(link, a);
        link.addresses4 = remove(link.addresses4, a);
        stack.tell(IpListener.Change.GONE, origin, link, a);
        if (!primary.has(InterfaceAddress.SECONDARY)) {
            brought4.disconnect(link, a, primary);
        }
    }

    /// The next hop of packets made here that take `route`, which does not reject them, from an address (any:
    /// `0.0.0.0` or `::`) to another, by `device` if one is given.
    public NextHop hop(Route route, IpAddress from, IpAddress to, Optional<Device> device) {
        NextHop bound = device.map(route::hop).orElse(null);
        if (bound != null) {
            return bound;
        }
        return to instanceof Ip6Address ip6
                ? Ip6Output.hop(route, (Ip6Address) from, ip6)
                : stack.output4.hop(route, ((Ip4Address) from).bits(), ((Ip4Address) to).bits());
    }

    /// The source of packets made here that take `route` to `destination`.
    public Optional<IpAddress> source(Route route, IpAddress destination) {
        IpAddress any = destination instanceof Ip6Address ? Ip6Address.ANY : Ip4Address.ANY;
        return route.type.rejects()
                ? Optional.empty()
                : source(route, hop(route, any, destination, Optional.empty()), destination);
    }

    /// The source of packets made here that take `route` by `hop` to `destination`.
    public Optional<IpAddress> source(Route route, NextHop hop, IpAddress destination) {
        if (route.type.rejects()) {
            return Optional.empty();
        }
        return switch (destination) {
            case Ip4Address ip4 -> {
                int source = stack.output4.sourceOf(route, hop, ip4.bits());
                yield source == 0 ? Optional.empty() : Optional.of(new Ip4Address(source));
            }
            case Ip6Address ip6 -> Optional.ofNullable(stack.output6.source(route, ip6));
        };
    }

    /// What "too big" messages have taught about the path to a destination.
    public Optional<LearnedMtu> learnedMtu(IpAddress destination) {
        return stack.paths.learned(destination);
    }

    // ---- Devices

    /// Whether links that are made from now on have IPv6 (`net.ipv6.conf.default.disable_ipv6` is 0). They do
    /// at the start.
    public void ip6OnNewLinks(boolean on) {
        links6.onNewLinks(on);
    }

    /// On which links there is IPv6.
    Ip6Links links6() {
        return links6;
    }

    void up(IpInterface link) {
        if (link.isLoopback() && link.addresses4.length == 0) {
            InterfaceAddress a = new InterfaceAddress(
                    Ip4Address.LOOPBACK,
                    Ip4Address.LOOPBACK,
                    8,
                    Optional.empty(),
                    InterfaceAddress.SCOPE_HOST,
                    InterfaceAddress.PERMANENT,
                    link.device().name());
            link.addresses4 = insert(link.addresses4, 0, a);
            stack.tell(IpListener.Change.NEW, IpListener.Origin.STACK, link, a);
        }
        for (InterfaceAddress a : link.addresses4) {
            brought4.connect(link, a);
        }
        routes.ip4().revive(link);
        links6.up(link);
    }

    /// Labels follow the name: the first address goes by it, the others by it and what stood behind a colon
    /// before, or their place (Linux's `inetdev_changename`).
    void renamed(IpInterface link) {
        InterfaceAddress[] after = link.addresses4.clone();
        for (int i = 0; i < after.length; i++) {
            after[i] = after[i].labelled(label(link.device().name(), after[i].label(), i + 1));
        }
        link.addresses4 = after;
        for (InterfaceAddress a : after) {
            stack.tell(IpListener.Change.NEW, IpListener.Origin.STACK, link, a);
        }
    }

    private static String label(String name, String before, int place) {
        if (place == 1) {
            return name;
        }
        int colon = before.indexOf(':');
        String end = colon < 0 ? ":" + place : before.substring(colon);
        return name.substring(0, Math.min(name.length(), MOST_OF_LABEL - end.length())) + end;
    }

    void down(IpInterface link) {
        routes.flush(link.device(), FlushReason.DOWN);
        links6.clear(link, FlushReason.DOWN);
    }

    void gone(IpInterface link) {
        links6.clear(link, FlushReason.GONE);
        for (InterfaceAddress a : link.addresses4) {
            leave4(link, a, IpListener.Origin.STACK);
        }
        routes.flush(link.device(), FlushReason.GONE);
    }

    /// IPv4 stops on a link that can't carry 68 octets, which a loopback may become.
    void mtu(IpInterface link) {
        if (link == null) {
            return;
        }
        if (link.device().mtu() < LEAST_MTU_4) {
            for (InterfaceAddress a : link.addresses4) {
                leave4(link, a, IpListener.Origin.STACK);
            }
        }
        links6.mtu(link);
    }

    void forwarding6(boolean on, Runnable set) {
        stack.table.lock().lock();
        try {
            set.run();
            for (IpInterface link : stack.interfaces()) {
                for (InterfaceAddress a : link.addresses6) {
                    brought6.anycast(link, a, on);
                }
            }
        } finally {
            stack.table.lock().unlock();
        }
    }

    // ---- Neighbours

    /// Says what is to be known of a neighbour. Without a link address it keeps the one that it has.
    ///
    /// @throws IpException EINVAL when it makes no sense, ENOBUFS when there are too many
    public void neighbour(NeighbourEntry wanted) throws IpException {
        IpInterface link = wanted.link();
        Neighbours table = wanted.address() instanceof Ip4Address ? link.neighbours4 : link.neighbours6;
        int answer = table.put(wanted);
        if (answer != 0) {
            throw new IpException(
                    "RTM_NEWNEIGH",
                    -answer,
                    "No neighbour can be in state " + wanted.state() + " without more, such as a link address.");
        }
    }

    /// Forgets a neighbour.
    ///
    /// @throws IpException ENOENT when it is not known
    public void deleteNeighbour(IpInterface link, IpAddress address) throws IpException {
        Neighbours table = address instanceof Ip4Address ? link.neighbours4 : link.neighbours6;
        int answer = table.delete(address);
        if (answer != 0) {
            throw new IpException("RTM_DELNEIGH", -answer, "No such neighbour.");
        }
    }

    /// Whether a neighbour is known in any state.
    public boolean hasNeighbour(IpInterface link, IpAddress address) {
        return (address instanceof Ip4Address ? link.neighbours4 : link.neighbours6).contains(address);
    }

    /// All neighbours, interface by interface.
    public List<NeighbourEntry> neighbours() {
        List<NeighbourEntry> all = new ArrayList<>();
        for (IpInterface link : stack.interfaces()) {
            all.addAll(link.neighbours4.entries());
            all.addAll(link.neighbours6.entries());
        }
        return all;
    }

    static IpPrefix prefix(IpAddress address, int length) {
        return switch (address) {
            case Ip4Address ip4 -> Ip4Prefix.of(ip4, length);
            case Ip6Address ip6 -> Ip6Prefix.of(ip6, length);
        };
    }
}
