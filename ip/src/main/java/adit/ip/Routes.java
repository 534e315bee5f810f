package adit.ip;

import adit.device.Device;
import adit.device.Errno;
import adit.wire.Ip4Address;
import adit.wire.Ip4Prefix;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import adit.wire.IpPrefix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The routes of a namespace, and the control calls about them. Every method takes the control lock; packets
/// see the old routes until a change is complete.
public final class Routes {
    static final int PROTOCOL_KERNEL = 2;

    private static final String NEW = "RTM_NEWROUTE";
    private static final String DELETE = "RTM_DELROUTE";

    /// As they are told: IPv4 first, table by table, by prefix.
    private static final Comparator<Route> ORDER = Comparator.comparing((Route r) -> !r.isIp4())
            .thenComparingInt(r -> r.spec().table())
            .thenComparing(r -> high(r.spec().destination().address()), Long::compareUnsigned)
            .thenComparing(r -> low(r.spec().destination().address()), Long::compareUnsigned)
            .thenComparingInt(r -> r.length)
            .thenComparing(Route::compareRank);

    private final IpStack stack;
    private final NextHops nextHops;
    private final Ip6Routes ip6;
    /// How many routes have which preferred source.
    private final Map<IpAddress, Integer> preferred = new HashMap<>();

    private volatile boolean hasForeignLocal;

    private final Set<Integer> tables4 = ConcurrentHashMap.newKeySet();
    private final Set<Integer> tables6 = ConcurrentHashMap.newKeySet();

    Routes(IpStack stack) {
        this.stack = stack;
        this.nextHops = new NextHops(stack);
        this.ip6 = new Ip6Routes(stack, this);
        tables6.addAll(List.of(Route.TABLE_LOCAL, Route.TABLE_MAIN));
    }

    /// Every route: IPv4, then IPv6, table by table.
    public List<Route> all() {
        List<Route> all = new ArrayList<>(stack.fib4.routes());
        all.addAll(stack.fib6.routes());
        return all;
    }

    /// The route that packets of the usual service to `destination` take, by `device` if one is given; empty
    /// when there is none.
    public Optional<Route> lookup(IpAddress destination, Optional<Device> device) {
        return Optional.ofNullable(
                fib(destination).lookup(high(destination), low(destination), 0, device.orElse(null)));
    }

    /// The route that IPv6 packets made here take, from an address or from any (`::`). By `device` if one is
    /// given where [#isByDeviceAlone] says so; others do so where routes are equal.
    public Optional<Route> lookup6(Ip6Address from, Ip6Address to, Optional<Device> device) {
        Device out = device.orElse(null);
        return Optional.ofNullable(
                isByDeviceAlone(from, to)
                        ? stack.fib6.lookup(to.high(), to.low(), 0, out)
                        : stack.fib6.lookupPreferring(to.high(), to.low(), out));
    }

    /// Whether IPv6 packets made here that are to leave by a certain device go nowhere where no route leads by
    /// it: those that have no source yet, and those to addresses that mean nothing without their link.
    public static boolean isByDeviceAlone(Ip6Address from, Ip6Address to) {
        return isOfLink(to) || from.isUnspecified();
    }

    /// The route that IPv6 packets take that came in by `device`. Those to addresses that mean nothing without
    /// their link must leave by it; others do so where routes are equal.
    public Optional<Route> inbound6(Ip6Address to, Device device) {
        return Optional.ofNullable(
                isOfLink(to)
                        ? stack.fib6.lookup(to.high(), to.low(), 0, device)
                        : stack.fib6.lookupPreferring(to.high(), to.low(), device));
    }

    private static boolean isOfLink(Ip6Address to) {
        return to.isMulticast() || to.isLinkLocal() || to.isLoopback();
    }

    private Fib fib(IpAddress address) {
        return address instanceof Ip4Address ? stack.fib4 : stack.fib6;
    }

    static long high(IpAddress address) {
        return switch (address) {
            case Ip4Address ip4 -> (long) ip4.bits() << 32;
            case Ip6Address ip6 -> ip6.high();
        };
    }

    static long low(IpAddress address) {
        return address instanceof Ip6Address ip6 ? ip6.low() : 0;
    }

    // ---- Adding

    /// Adds or replaces a route.
    ///
    /// @throws IpException as Linux refuses it: EEXIST, ENOENT, EINVAL, ENODEV, ENETDOWN, ENETUNREACH,
    ///     EHOSTUNREACH
    public void add(RouteRequest request, Set<RouteRequest.Flag> flags) throws IpException {
        stack.table.lock().lock();
        try {
            know(request.spec().table(), request.spec().destination());
            if (request.spec().destination() instanceof Ip4Prefix) {
                Route route = checked(request);
                put(RouteInsertion.of(group(route.spec()), route, flags), route);
                stack.tell(IpListener.Change.NEW, route);
                hasForeignLocal |= route.type == RouteType.LOCAL;
            } else {
                ip6.add(parts(request), flags);
            }
        } finally {
            stack.table.lock().unlock();
        }
    }

    /// How routes of IPv6 come and go.
    Ip6Routes ip6() {
        return ip6;
    }

    /// The routes to the prefix of another one in its table, or null.
    RouteGroup group(Route.Spec of) {
        return group(of.destination(), of.table());
    }

    /// The routes to a prefix in a table, or null.
    RouteGroup group(IpPrefix to, int table) {
        return fib(to.address()).table(table).get(high(to.address()), low(to.address()), to.length());
    }

    /// Puts a route where it comes.
    void put(RouteInsertion inserted, Route route) {
        IpPrefix to = route.spec().destination();
        PrefixTrie<RouteGroup> table = fib(to.address()).table(route.spec().table());
        set(route.spec().table(), table.with(high(to.address()), low(to.address()), to.length(), inserted.group()), to);
        if (inserted.gone() != null) {
            detach(inserted.gone());
        }
        attach(route);
    }

    /// Adds many routes at once to prefixes that have none yet; those that have some keep them. Much faster
    /// than one by one, because the table is copied once.
    ///
    /// @throws IpException as [#add]; then none of them was added
    public void addAll(List<RouteRequest> requests) throws IpException {
        stack.table.lock().lock();
        try {
            List<Route> routes = new ArrayList<>(requests.size());
            for (RouteRequest request : requests) {
                routes.add(checked(request));
            }
            int at = 0;
            while (at < routes.size()) {
                at = addRun(routes, at);
            }
        } finally {
            stack.table.lock().unlock();
        }
    }

    /// Adds the routes from `at` on that are for the same family and table as the first of them.
    private int addRun(List<Route> routes, int from) {
        Route first = routes.get(from);
        IpPrefix to = first.spec().destination();
        PrefixTrie<RouteGroup> table = fib(to.address()).table(first.spec().table());
        PrefixTrie.Editor<RouteGroup> editor = table.edit();
        int at = from;
        while (at < routes.size()
                && routes.get(at).isIp4() == first.isIp4()
                && routes.get(at).spec().table() == first.spec().table()) {
            Route route = routes.get(at);
            IpPrefix prefix = route.spec().destination();
            if (table.get(high(prefix.address()), low(prefix.address()), prefix.length()) == null) {
                editor.put(high(prefix.address()), low(prefix.address()), prefix.length(), RouteGroup.of(route));
                attach(route);
            }
            at++;
        }
        set(first.spec().table(), editor.done(), to);
        for (Route route : routes.subList(from, at)) {
            stack.tell(IpListener.Change.NEW, route);
        }
        return at;
    }

    /// Whether there is a table of this number. Linux makes one when somebody asks for a route in it, those of
    /// IPv4's local and main routes together, and those of IPv6 at the start; none ever goes.
    public boolean hasTable(boolean ip4, int number) {
        return (ip4 ? tables4 : tables6).contains(number);
    }

    /// Whether somebody has ever said of destinations of IPv4 that they are this host, beside its own addresses.
    boolean hasForeignLocal() {
        return hasForeignLocal;
    }

    private void set(int number, PrefixTrie<RouteGroup> table, IpPrefix family) {
        know(number, family);
        if (family instanceof Ip4Prefix) {
            stack.fib4 = stack.fib4.with(number, table);
        } else {
            stack.fib6 = stack.fib6.with(number, table);
        }
    }

    private void know(int number, IpPrefix family) {
        boolean isUsual = number == Route.TABLE_LOCAL || number == Route.TABLE_MAIN;
        Set<Integer> known = family instanceof Ip4Prefix ? tables4 : tables6;
        known.addAll(isUsual ? List.of(Route.TABLE_LOCAL, Route.TABLE_MAIN) : List.of(number));
    }

    private void check(Route.Spec spec) throws IpException {
        if (spec.destination() instanceof Ip4Prefix) {
            int least = leastScope(spec.type());
            if (least > spec.scope() || spec.scope() > InterfaceAddress.SCOPE_HOST) {
                throw new IpException(NEW, Errno.EINVAL, "Invalid scope");
            }
        }
    }

    private Route checked(RouteRequest request) throws IpException {
        Route.Spec spec = request.spec();
        if (!(spec.destination() instanceof Ip4Prefix)) {
            return parts(request).stream().reduce(Route::with).orElseThrow();
        }
        check(spec);
        Route route = new Route(spec, nextHops.check(request), request.marks());
        if (!spec.type().rejects() && !isUsable(route)) {
            throw new IpException(NEW, Errno.EINVAL, "Invalid prefsrc address");
        }
        boolean isLinkDown = route.hops().size() > 1 && route.hops().stream().allMatch(route::isLinkDown);
        return isLinkDown ? route.marked(Route.Mark.LINK_DOWN) : route;
    }

    /// What is asked for as a route of IPv6 for each next hop.
    private List<Route> parts(RouteRequest request) throws IpException {
        List<Route> parts = new ArrayList<>();
        List<RouteRequest.Hop> hops = request.hops();
        for (int i = 0; i == 0 || i < hops.size(); i++) {
            List<RouteRequest.Hop> one = hops.isEmpty() ? hops : List.of(hops.get(i));
            Route part = part(new RouteRequest(request.spec(), one));
            if (parts.stream().anyMatch(p -> p.hasHop(part.hop()))) {
                throw new IpException(NEW, Errno.EEXIST, "Two of the next hops are the same.");
            }
            parts.add(part);
        }
        return parts;
    }

    private Route part(RouteRequest request) throws IpException {
        Route route = new Route(request.spec(), nextHops.check(request));
        Optional<IpAddress> source = request.spec().preferredSource();
        if (source.filter(s -> !nextHops.isOwn6(s, route)).isPresent()) {
            throw new IpException(NEW, Errno.EINVAL, "Invalid source address");
        }
        return route.rejects ? route.onUsualTerms() : route;
    }

    /// The widest scope that a route of the type can have (Linux's `fib_props`).
    private static int leastScope(RouteType type) {
        return switch (type) {
            case LOCAL -> InterfaceAddress.SCOPE_HOST;
            case BROADCAST -> InterfaceAddress.SCOPE_LINK;
            default -> InterfaceAddress.SCOPE_UNIVERSE;
        };
    }

    // ---- By their devices and sources

    private void attach(Route route) {
        ip6.attached(route);
        for (IpInterface link : links(route)) {
            link.add(route);
        }
        route.spec().preferredSource().ifPresent(source -> preferred.merge(source, 1, Integer::sum));
    }

    private void detach(Route route) {
        ip6.detached(route);
        for (IpInterface link : links(route)) {
            link.remove(route);
        }
        route.spec()
                .preferredSource()
                .ifPresent(source -> preferred.computeIfPresent(source, (_, count) -> count == 1 ? null : count - 1));
    }

    private Set<IpInterface> links(Route route) {
        Set<IpInterface> links = new LinkedHashSet<>();
        for (NextHop hop : route.hops()) {
            IpInterface link = stack.of(hop.device());
            if (link != null) {
                links.add(link);
            }
        }
        return links;
    }

    // ---- Deleting

    /// Which routes a deletion means.
    ///
    /// @param destination of them, exactly
    /// @param table the table's number
    /// @param type theirs; empty for any
    /// @param scope theirs; 255 for any
    /// @param protocol theirs; 0 for any
    /// @param tos theirs
    /// @param priority theirs; 0 for any
    /// @param device the device they leave by, the first next hop of several in IPv4; empty for any
    /// @param gateway theirs, in the same way; empty for any
    /// @param preferredSource theirs; empty for any
    /// @param hops one behind the other; none for any. Those of IPv4 may have fewer than are named here, and
    ///     where a device or a gateway is named beside them, these count alone
    public record Match(
            IpPrefix destination,
            int table,
            Optional<RouteType> type,
            int scope,
            int protocol,
            int tos,
            int priority,
            Optional<Device> device,
            Optional<IpAddress> gateway,
            Optional<IpAddress> preferredSource,
            List<RouteRequest.Hop> hops) {
        /// The same for routes by one next hop. What that does not say the request may.
        Match by(RouteRequest.Hop hop) {
            return new Match(
                    destination,
                    table,
                    type,
                    scope,
                    protocol,
                    tos,
                    priority,
                    hop.device().or(() -> device),
                    hop.gateway().or(() -> gateway),
                    preferredSource,
                    List.of());
        }

        /// Whether it means a route of IPv4.
        boolean fits(Route r) {
            Route.Spec s = r.spec();
            boolean same = s.tos() == tos
                    && (type.isEmpty() || type.get() == s.type())
                    && (scope == InterfaceAddress.SCOPE_NOWHERE || scope == s.scope())
                    && (protocol == 0 || protocol == s.protocol())
                    && (priority == 0 || priority == s.priority())
                    && (preferredSource.isEmpty() || preferredSource.equals(s.preferredSource()));
            return same && leads(r.hops());
        }

        /// Linux's `fib_nh_match`.
        private boolean leads(List<NextHop> by) {
            if (device.isPresent() || gateway.isPresent()) {
                return !by.isEmpty() && leads(by.getFirst(), device, gateway);
            }
            if (hops.isEmpty()) {
                return true;
            }
            for (int i = 0; i < by.size(); i++) {
                if (i == hops.size()
                        || !leads(by.get(i), hops.get(i).device(), hops.get(i).gateway())) {
                    return false;
                }
            }
            return true;
        }

        private static boolean leads(NextHop hop, Optional<Device> device, Optional<IpAddress> gateway) {
            return device.filter(d -> !d.equals(hop.device())).isEmpty()
                    && (gateway.isEmpty() || gateway.equals(hop.gateway()));
        }
    }

    /// Deletes the first route that fits.
    ///
    /// @throws IpException ESRCH when there is none
    public void delete(Match match) throws IpException {
        stack.table.lock().lock();
        try {
            if (!(match.destination() instanceof Ip4Prefix)) {
                ip6.delete(match);
                return;
            }
            RouteGroup group = group(match.destination(), match.table());
            for (Route r : group == null ? List.<Route>of() : group) {
                if (match.fits(r)) {
                    remove(r);
                    return;
                }
            }
            throw new IpException(DELETE, Errno.ESRCH, "There is no such route.");
        } finally {
            stack.table.lock().unlock();
        }
    }

    void remove(Route gone) {
        replace(gone, null);
        stack.tell(IpListener.Change.GONE, gone);
    }

    /// Puts `with` in the place of `gone`, or nothing when it is null.
    void replace(Route gone, Route with) {
        if (gone == with) {
            return;
        }
        IpPrefix to = gone.spec().destination();
        long high = high(to.address());
        long low = low(to.address());
        PrefixTrie<RouteGroup> table = fib(to.address()).table(gone.spec().table());
        RouteGroup left = table.get(high, low, to.length()).replace(gone, with);
        set(
                gone.spec().table(),
                left == null ? table.without(high, low, to.length()) : table.with(high, low, to.length(), left),
                to);
        detach(gone);
        if (with != null) {
            attach(with);
        }
    }

    // ---- What addresses and devices bring and take

    /// Adds a route that an IPv4 address brings, or takes it away.
    void kernel(Route route, boolean add) {
        IpPrefix to = route.spec().destination();
        PrefixTrie<RouteGroup> table = fib(to.address()).table(route.spec().table());
        RouteGroup group = table.get(high(to.address()), low(to.address()), to.length());
        Route there = group == null ? null : group.like(route);
        if (!add && there != null) {
            remove(there);
        } else if (add && there == null && isUsable(route)) {
            RouteGroup changed = group == null ? RouteGroup.of(route) : group.with(route);
            set(route.spec().table(), table.with(high(to.address()), low(to.address()), to.length(), changed), to);
            attach(route);
            stack.tell(IpListener.Change.NEW, route);
        }
    }

    /// Whether the source that the route prefers is this host's (Linux's `fib_valid_prefsrc`): another link may
    /// have it as its broadcast address.
    private boolean isUsable(Route route) {
        if (route.preferred4 == 0) {
            return true;
        }
        IpAddress source = new Ip4Address(route.preferred4);
        boolean leadsToIt = route.type == RouteType.LOCAL
                && route.spec().destination().address().equals(source);
        Route owner = leadsToIt ? null : stack.fib4.lookupOwner(high(source), 0);
        return leadsToIt || (owner != null && owner.type == RouteType.LOCAL);
    }

    /// Whether packets to an address are for this host by a route of that device.
    boolean isLocal(Ip4Prefix own, Device device) {
        RouteGroup group = stack.fib4.table(Route.TABLE_LOCAL).get(high(own.address()), 0, own.length());
        return group != null
                && group.first().type == RouteType.LOCAL
                && group.first().hop(device) != null;
    }

    /// Why the routes of a device go.
    enum Flush {
        /// It went down: routes to this host itself stay.
        DOWN,
        /// It is gone.
        GONE,
        /// The last IPv4 address went.
        IP4,
        /// IPv6 is off.
        IP6
    }

    /// Takes away the routes that leave by `device`; of several hops, those that do. In IPv4 such hops stay,
    /// dead, as long as there are others, but for a device that is gone: then the whole route goes (Linux's
    /// `fib_sync_down_dev`).
    void flush(Device device, Flush why) {
        IpInterface link = stack.of(device);
        if (link == null) {
            return;
        }
        List<Route> routes = new ArrayList<>(link.routes());
        routes.sort(ORDER);
        for (Route route : routes) {
            if (route.isIp4() && why != Flush.IP6) {
                flush4(route, device, why);
            } else if (!route.isIp4() && why != Flush.IP4) {
                ip6.flush(route, device, why);
            }
        }
    }

    private void flush4(Route route, Device device, Flush why) {
        Route left = route.with(device, NextHop.State.DEAD);
        boolean staysHere = route.hops().getFirst().scope() == InterfaceAddress.SCOPE_NOWHERE;
        if (why == Flush.DOWN && staysHere) {
            return;
        }
        if (why == Flush.GONE || left.isAllDead()) {
            // Linux tells nobody: who listens hears of the device.
            replace(route, null);
        } else {
            replace(route, left);
        }
    }

    /// A link is up, or has got an address again: IPv4's next hops there are alive (Linux's `fib_sync_up`).
    void revive4(IpInterface link) {
        if (!link.device().isUp()) {
            return;
        }
        for (Route route : link.routes()) {
            if (route.isIp4() && route.hops().size() > 1) {
                replace(route, route.with(link.device(), NextHop.State.ALIVE));
            }
        }
        carrier4(link);
    }

    /// Routes of IPv4 with several next hops are marked where none of these has a carrier any more, as far as
    /// one link can tell: those of others count where they are dead.
    void carrier4(IpInterface link) {
        for (Route route : link.routes()) {
            if (!route.isIp4() || route.hops().size() < 2) {
                continue;
            }
            if (link.device().hasCarrier()) {
                replace(route, route.unmarked(Route.Mark.LINK_DOWN));
            } else if (route.hops().stream()
                    .allMatch(h -> h.isDead() || h.device().equals(link.device()))) {
                replace(route, route.marked(Route.Mark.LINK_DOWN));
            }
        }
    }

    /// IPv6 works on a link again: its next hops there are alive.
    void revive6(IpInterface link) {
        for (Route route : link.routes()) {
            if (!route.isIp4()) {
                replace(route, route.with(link.device(), NextHop.State.ALIVE));
            }
        }
    }

    /// Takes away the routes of the main table whose preferred source is an address that a device has no more.
    void sourceGone(IpAddress address) {
        if (!preferred.containsKey(address)) {
            return;
        }
        for (Route route : all()) {
            boolean isMain = route.spec().table() == Route.TABLE_MAIN;
            if (isMain && route.spec().preferredSource().filter(address::equals).isPresent()) {
                remove(route);
            }
        }
    }
}
