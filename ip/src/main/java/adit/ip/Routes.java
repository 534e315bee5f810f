package adit.ip;

import adit.device.Device;
import adit.wire.Ip4Prefix;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The routes of a namespace: what packets would take, and the control calls.
///
/// Control calls take the control lock; packets see the old routes until a change is complete. How routes come and
/// go differs by family ([Ip4Routes], [Ip6Routes]); they stand in [RouteTables].
public final class Routes {
    private final IpStack stack;
    private final RouteTables tables;
    private final Ip4Routes ip4;
    private final Ip6Routes ip6;

    Routes(IpStack stack) {
        this.stack = stack;
        this.tables = new RouteTables(stack);
        NextHops nextHops = new NextHops(stack);
        this.ip4 = new Ip4Routes(stack, tables, nextHops);
        this.ip6 = new Ip6Routes(stack, tables, nextHops);
    }

    /// How routes of IPv4 come and go.
    Ip4Routes ip4() {
        return ip4;
    }

    /// How routes of IPv6 come and go.
    Ip6Routes ip6() {
        return ip6;
    }

    // ---- What there is

    /// Every route: IPv4, then IPv6, table by table.
    public List<Route> all() {
        return tables.all();
    }

    /// Whether there is a table of this number. Linux makes one when somebody asks for a route in it, those of
    /// IPv4's local and main routes together, and those of IPv6 at the start; none ever goes.
    public boolean hasTable(boolean ip4, int number) {
        return tables.has(ip4, number);
    }

    /// The route that packets of the usual service to `destination` take, by `device` if one is given; empty
    /// when there is none.
    public Optional<Route> lookup(IpAddress destination, Optional<Device> device) {
        return Optional.ofNullable(tables.fib(destination)
                .lookup(AddressBits.high(destination), AddressBits.low(destination), 0, device.orElse(null)));
    }

    /// The route that IPv6 packets made here take, from an address or from any (`::`). By `device` if one is
    /// given where [#isByDeviceAlone] says so; others do so where routes are equal.
    public Optional<Route> lookup6(Ip6Address from, Ip6Address to, Optional<Device> device) {
        Device out = device.orElse(null);
        return lookup6(to, out, isByDeviceAlone(from, to));
    }

    /// Whether IPv6 packets made here that are to leave by a certain device go nowhere where no route leads by
    /// it: those that have no source yet, and those to addresses that mean nothing without their link.
    public static boolean isByDeviceAlone(Ip6Address from, Ip6Address to) {
        return isOfLink(to) || from.isUnspecified();
    }

    /// The route that IPv6 packets take that came in by `device`. Those to addresses that mean nothing without
    /// their link must leave by it; others do so where routes are equal.
    public Optional<Route> inbound6(Ip6Address to, Device device) {
        return lookup6(to, device, isOfLink(to));
    }

    private Optional<Route> lookup6(Ip6Address to, Device device, boolean alone) {
        Route found = alone
                ? stack.fib6.lookup(to.high(), to.low(), 0, device)
                : stack.fib6.lookupPreferring(to.high(), to.low(), device);
        return Optional.ofNullable(stack.output6.pastLost(found, to.high(), to.low(), device, alone));
    }

    private static boolean isOfLink(Ip6Address to) {
        return to.isMulticast() || to.isLinkLocal() || to.isLoopback();
    }

    // ---- Control calls

    /// Adds or replaces a route.
    ///
    /// @throws IpException as Linux refuses it: EEXIST, ENOENT, EINVAL, ENODEV, ENETDOWN, ENETUNREACH,
    ///     EHOSTUNREACH
    public void add(RouteRequest request, Set<RouteRequest.Flag> flags) throws IpException {
        stack.table.lock().lock();
        try {
            tables.know(request.spec());
            if (request.spec().destination() instanceof Ip4Prefix) {
                ip4.add(request, flags);
            } else {
                ip6.add(request, flags);
            }
        } finally {
            stack.table.lock().unlock();
        }
    }

    /// Deletes the first route that fits.
    ///
    /// @throws IpException ESRCH when there is none
    public void delete(RouteMatch match) throws IpException {
        stack.table.lock().lock();
        try {
            if (match.destination() instanceof Ip4Prefix) {
                ip4.delete(match);
            } else {
                ip6.delete(match);
            }
        } finally {
            stack.table.lock().unlock();
        }
    }

    // ---- Devices and time

    /// Takes away the IPv4 routes that leave by `device`; of several hops, those that do. Under the control lock.
    void flush4(Device device, FlushReason why) {
        for (Route route : leavingBy(device)) {
            if (route.isIp4()) {
                ip4.flush(route, device, why);
            }
        }
    }

    /// The same for IPv6, which tells of them.
    void flush6(Device device, FlushReason why) {
        for (Route route : leavingBy(device)) {
            if (!route.isIp4()) {
                ip6.flush(route, device, why);
            }
        }
    }

    private List<Route> leavingBy(Device device) {
        IpInterface link = stack.of(device);
        List<Route> routes = new ArrayList<>(link == null ? List.of() : link.routes());
        routes.sort(Fib.AS_TOLD);
        return routes;
    }

    /// When the next route ends.
    Expiry expiry() {
        return tables.expiry();
    }
}
