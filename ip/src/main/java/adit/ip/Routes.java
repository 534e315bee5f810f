package adit.ip;

import adit.device.Device;
import adit.device.Errno;
import adit.wire.Ip4Address;
import adit.wire.Ip4Prefix;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import adit.wire.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The routes of a namespace, and the control calls about them. Every method takes the control lock; packets
/// see the old routes until a change is complete.
public final class Routes {
    static final int PROTOCOL_KERNEL = 2;

    private static final String NEW = "RTM_NEWROUTE";
    private static final String DELETE = "RTM_DELROUTE";

    private final IpStack stack;
    private final NextHops nextHops;

    Routes(IpStack stack) {
        this.stack = stack;
        this.nextHops = new NextHops(stack);
    }

    /// Every route: IPv4, then IPv6, table by table.
    public List<Route> all() {
        List<Route> all = new ArrayList<>(stack.fib4.routes());
        all.addAll(stack.fib6.routes());
        return all;
    }

    /// The route that packets to `destination` take, by `device` if one is given; empty when there is none.
    public Optional<Route> lookup(IpAddress destination, Optional<Device> device) {
        return Optional.ofNullable(
                fib(destination).lookup(high(destination), low(destination), 0, device.orElse(null)));
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
            Route route = checked(request);
            IpPrefix to = route.spec().destination();
            PrefixTrie<Route[]> table = fib(to.address()).table(route.spec().table());
            Route[] group = table.get(high(to.address()), low(to.address()), to.length());
            Route[] changed = route.isIp4() ? insert4(group, route, flags) : insert6(group, route, flags);
            set(route.spec().table(), table.with(high(to.address()), low(to.address()), to.length(), changed), to);
            stack.tell(IpListener.Change.NEW, route);
        } finally {
            stack.table.lock().unlock();
        }
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
        PrefixTrie<Route[]> table = fib(to.address()).table(first.spec().table());
        PrefixTrie.Editor<Route[]> editor = table.edit();
        int at = from;
        while (at < routes.size()
                && routes.get(at).isIp4() == first.isIp4()
                && routes.get(at).spec().table() == first.spec().table()) {
            Route route = routes.get(at);
            IpPrefix prefix = route.spec().destination();
            if (table.get(high(prefix.address()), low(prefix.address()), prefix.length()) == null) {
                editor.put(high(prefix.address()), low(prefix.address()), prefix.length(), new Route[] {route});
            }
            at++;
        }
        set(first.spec().table(), editor.done(), to);
        for (Route route : routes.subList(from, at)) {
            stack.tell(IpListener.Change.NEW, route);
        }
        return at;
    }

    private void set(int number, PrefixTrie<Route[]> table, IpPrefix family) {
        if (family instanceof Ip4Prefix) {
            stack.fib4 = stack.fib4.with(number, table);
        } else {
            stack.fib6 = stack.fib6.with(number, table);
        }
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
        check(spec);
        Route route = new Route(spec, nextHops.check(request));
        boolean own = spec.preferredSource().isEmpty()
                || stack.isLocal(spec.preferredSource().get());
        if (route.isIp4() && !spec.type().rejects() && !own) {
            throw new IpException(NEW, Errno.EINVAL, "Invalid prefsrc address");
        }
        return route;
    }

    /// The widest scope that a route of the type can have (Linux's `fib_props`).
    private static int leastScope(RouteType type) {
        return switch (type) {
            case LOCAL -> InterfaceAddress.SCOPE_HOST;
            case BROADCAST -> InterfaceAddress.SCOPE_LINK;
            default -> InterfaceAddress.SCOPE_UNIVERSE;
        };
    }

    private static Route[] insert4(Route[] group, Route route, Set<RouteRequest.Flag> flags) throws IpException {
        if (group == null) {
            requireCreate(flags);
            return new Route[] {route};
        }
        int first = -1;
        int same = -1;
        for (int i = 0; i < group.length; i++) {
            if (ranksAs(group[i], route)) {
                first = first < 0 ? i : first;
                if (isSame(group[i], route)) {
                    same = i;
                }
            }
        }
        if (first >= 0 && flags.contains(RouteRequest.Flag.EXCLUSIVE)) {
            throw new IpException(NEW, Errno.EEXIST, "The route exists.");
        }
        if (first >= 0 && flags.contains(RouteRequest.Flag.REPLACE)) {
            if (same >= 0 && same != first) {
                throw new IpException(NEW, Errno.EEXIST, "The route exists.");
            }
            Route[] changed = group.clone();
            changed[first] = route;
            return changed;
        }
        if (same >= 0) {
            throw new IpException(NEW, Errno.EEXIST, "The route exists.");
        }
        requireCreate(flags);
        int at = 0;
        while (at < group.length
                && (isBefore(group[at], route)
                        || (flags.contains(RouteRequest.Flag.APPEND) && ranksAs(group[at], route)))) {
            at++;
        }
        return insert(group, at, route);
    }

    private static void requireCreate(Set<RouteRequest.Flag> flags) throws IpException {
        if (!flags.contains(RouteRequest.Flag.CREATE)) {
            throw new IpException(NEW, Errno.ENOENT, "There is no such route, and it is not to be created.");
        }
    }

    private static Route[] insert6(Route[] group, Route route, Set<RouteRequest.Flag> flags) throws IpException {
        boolean replace = flags.contains(RouteRequest.Flag.REPLACE);
        int first = -1;
        for (int i = 0; group != null && i < group.length; i++) {
            if (group[i].spec().priority() != route.spec().priority()) {
                continue;
            }
            if (flags.contains(RouteRequest.Flag.EXCLUSIVE)) {
                throw new IpException(NEW, Errno.EEXIST, "The route exists.");
            }
            first = first < 0 ? i : first;
            if (!replace && group[i].type == route.type && group[i].leadsAs(route)) {
                throw new IpException(NEW, Errno.EEXIST, "The route exists.");
            }
        }
        if (replace && first >= 0) {
            Route[] changed = group.clone();
            changed[first] = route;
            return changed;
        }
        if (replace && !flags.contains(RouteRequest.Flag.CREATE)) {
            throw new IpException(NEW, Errno.ENOENT, "Can not replace route - no match found");
        }
        if (group == null) {
            return new Route[] {route};
        }
        int at = 0;
        while (at < group.length && !isBefore(route, group[at])) {
            at++;
        }
        return insert(group, at, route);
    }

    private static Route[] insert(Route[] group, int at, Route route) {
        Route[] longer = new Route[group.length + 1];
        System.arraycopy(group, 0, longer, 0, at);
        longer[at] = route;
        System.arraycopy(group, at, longer, at + 1, group.length - at);
        return longer;
    }

    /// Packets of a certain type of service look at routes for them first; then the smallest priority wins.
    private static boolean isBefore(Route a, Route b) {
        if (a.spec().tos() != b.spec().tos()) {
            return a.spec().tos() > b.spec().tos();
        }
        return Integer.compareUnsigned(a.spec().priority(), b.spec().priority()) < 0;
    }

    private static boolean ranksAs(Route a, Route b) {
        return a.spec().tos() == b.spec().tos()
                && a.spec().priority() == b.spec().priority();
    }

    private static boolean isSame(Route a, Route b) {
        // Of many routes to one prefix, as each link has one to all groups, most differ by their devices.
        return a.leadsAs(b) && a.spec().equals(b.spec());
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
    /// @param device the device they leave by; empty for any
    /// @param gateway theirs; empty for any
    /// @param preferredSource theirs; empty for any
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
            Optional<IpAddress> preferredSource) {
        boolean fits(Route r) {
            Route.Spec s = r.spec();
            boolean same = s.tos() == tos
                    && (type.isEmpty() || type.get() == s.type())
                    && (scope == InterfaceAddress.SCOPE_NOWHERE || !r.isIp4() || scope == s.scope())
                    && (protocol == 0 || protocol == s.protocol())
                    && (priority == 0 || priority == s.priority())
                    && (preferredSource.isEmpty() || preferredSource.equals(s.preferredSource()));
            return same
                    && (device.isEmpty() || r.hop(device.get()) != null)
                    && (gateway.isEmpty()
                            || r.hops().stream().anyMatch(h -> h.gateway().equals(gateway)));
        }
    }

    /// Deletes the first route that fits.
    ///
    /// @throws IpException ESRCH when there is none
    public void delete(Match match) throws IpException {
        stack.table.lock().lock();
        try {
            IpPrefix to = match.destination();
            Route[] group =
                    fib(to.address()).table(match.table()).get(high(to.address()), low(to.address()), to.length());
            for (int i = 0; group != null && i < group.length; i++) {
                if (match.fits(group[i])) {
                    remove(group[i]);
                    return;
                }
            }
            throw new IpException(DELETE, Errno.ESRCH, "There is no such route.");
        } finally {
            stack.table.lock().unlock();
        }
    }

    private void remove(Route gone) {
        replace(gone, null);
        stack.tell(IpListener.Change.GONE, gone);
    }

    /// Puts `with` in the place of `gone`, or nothing when it is null.
    private void replace(Route gone, Route with) {
        IpPrefix to = gone.spec().destination();
        long high = high(to.address());
        long low = low(to.address());
        PrefixTrie<Route[]> table = fib(to.address()).table(gone.spec().table());
        Route[] group = table.get(high, low, to.length());
        List<Route> left = new ArrayList<>(group.length);
        for (Route r : group) {
            if (r != gone) {
                left.add(r);
            } else if (with != null) {
                left.add(with);
            }
        }
        set(
                gone.spec().table(),
                left.isEmpty()
                        ? table.without(high, low, to.length())
                        : table.with(high, low, to.length(), left.toArray(Route[]::new)),
                to);
    }

    // ---- What addresses and devices bring and take

    /// Adds a route that an address brings, or takes it away.
    void kernel(Route route, boolean add) {
        IpPrefix to = route.spec().destination();
        PrefixTrie<Route[]> table = fib(to.address()).table(route.spec().table());
        Route[] group = table.get(high(to.address()), low(to.address()), to.length());
        Route there = null;
        for (int i = 0; group != null && i < group.length; i++) {
            if (isSame(group[i], route)) {
                there = group[i];
            }
        }
        if (!add && there != null) {
            remove(there);
        } else if (add && there == null) {
            int at = 0;
            while (group != null && at < group.length && !isBefore(route, group[at])) {
                at++;
            }
            Route[] changed = group == null ? new Route[] {route} : insert(group, at, route);
            set(route.spec().table(), table.with(high(to.address()), low(to.address()), to.length(), changed), to);
            stack.tell(IpListener.Change.NEW, route);
        }
    }

    /// Whether packets to an address are for this host by a route of that device.
    boolean isLocal(Ip4Prefix own, Device device) {
        Route[] group = stack.fib4.table(Route.TABLE_LOCAL).get(high(own.address()), 0, own.length());
        return group != null && group[0].type == RouteType.LOCAL && group[0].hop(device) != null;
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

    /// Takes away the routes that leave by `device`; of several hops, those that do.
    void flush(Device device, Flush why) {
        for (Route route : all()) {
            boolean concerned = route.hop(device) != null
                    && (why != Flush.DOWN || !route.isIp4() || route.hop().scope() != InterfaceAddress.SCOPE_NOWHERE)
                    && (why != Flush.IP6 || !route.isIp4())
                    && (why != Flush.IP4 || route.isIp4());
            if (!concerned) {
                continue;
            }
            List<NextHop> left = route.hops().stream()
                    .filter(h -> !h.device().equals(device))
                    .toList();
            if (left.isEmpty()) {
                remove(route);
            } else {
                replace(route, new Route(route.spec(), left));
            }
        }
    }

    /// Takes away the routes of the main table whose preferred source is an address that a device has no more.
    void sourceGone(IpAddress address) {
        for (Route route : all()) {
            boolean isMain = route.spec().table() == Route.TABLE_MAIN;
            if (isMain && route.spec().preferredSource().filter(address::equals).isPresent()) {
                remove(route);
            }
        }
    }
}
