package adit.ip;

import adit.device.Device;
import adit.device.DeviceFlags;
import adit.device.Errno;
import adit.wire.Ip4Address;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import java.util.ArrayList;
import java.util.List;

/// Checks the next hops of a route that somebody wants, in Linux's order and with its errors (`fib_check_nh`,
/// `ip6_route_info_create`).
final class NextHops {
    private static final String CALL = "RTM_NEWROUTE";

    private final IpStack stack;

    NextHops(IpStack stack) {
        this.stack = stack;
    }

    List<NextHop> check(RouteRequest request) throws IpException {
        Route.Spec spec = request.spec();
        boolean ip4 = spec.destination().address() instanceof Ip4Address;
        if (ip4 && spec.type().rejects()) {
            if (!request.hops().isEmpty()) {
                throw invalid("Gateway, device and multipath can not be specified for this route type");
            }
            return List.of();
        }
        if (ip4 && spec.scope() == InterfaceAddress.SCOPE_HOST && request.hops().size() > 1) {
            throw invalid("Route with host scope can not have multiple nexthops");
        }
        List<NextHop> hops = new ArrayList<>();
        for (RouteRequest.Hop hop : request.hops()) {
            NextHop checked = ip4 ? check4(spec, hop) : check6(spec, hop);
            hops.add(hop.encapsulation().map(checked::encapsulating).orElse(checked));
        }
        if (hops.isEmpty()) {
            throw new IpException(CALL, Errno.ENODEV, "The route needs a device or a gateway.");
        }
        return hops;
    }

    private NextHop check4(Route.Spec spec, RouteRequest.Hop hop) throws IpException {
        IpAddress gateway = hop.gateway().orElse(null);
        Device device = hop.device().orElse(null);
        if (spec.scope() == InterfaceAddress.SCOPE_HOST) {
            if (gateway != null) {
                throw invalid("Route with host scope can not have a gateway");
            }
            require(device, Errno.ENODEV, "No such device");
            return new NextHop(device, null, InterfaceAddress.SCOPE_NOWHERE, hop.weight(), false);
        }
        if (gateway == null && hop.reach() == RouteRequest.Reach.ON_LINK) {
            throw invalid("Invalid flags for nexthop - PERVASIVE and ONLINK can not be set");
        }
        if (gateway == null) {
            require(device, Errno.ENODEV, "The route needs a device or a gateway.");
            requireUp(device, "Device for nexthop is not up");
            return new NextHop(device, null, InterfaceAddress.SCOPE_HOST, hop.weight(), false);
        }
        if (gateway instanceof Ip6Address) {
            throw invalid("IPv6 gateways of IPv4 routes are not supported.");
        }
        if (hop.reach() == RouteRequest.Reach.ON_LINK) {
            if (spec.scope() >= InterfaceAddress.SCOPE_LINK) {
                throw invalid("Nexthop has invalid scope");
            }
            if (isOwnOrGroup((Ip4Address) gateway)) {
                throw invalid("Nexthop has invalid gateway");
            }
            require(device, Errno.ENODEV, "Nexthop device required for onlink");
            requireUp(device, "Nexthop device is not up");
            return new NextHop(device, gateway, InterfaceAddress.SCOPE_LINK, hop.weight(), true);
        }
        return routed4(spec, hop, device, (Ip4Address) gateway);
    }

    private boolean isOwnOrGroup(Ip4Address gateway) {
        Route route = stack.fib4.lookupOwner((long) gateway.bits() << 32, 0);
        boolean isHere = route != null && route.type != RouteType.UNICAST && !route.type.rejects();
        return isHere || gateway.isMulticast() || gateway.isBroadcast();
    }

    private NextHop routed4(Route.Spec spec, RouteRequest.Hop hop, Device device, Ip4Address gateway)
            throws IpException {
        int scope = Math.max(spec.scope() + 1, InterfaceAddress.SCOPE_LINK);
        Route route = stack.fib4.lookupNear((long) gateway.bits() << 32, 0, device, scope);
        if (route == null) {
            throw new IpException(CALL, Errno.ENETUNREACH, "Nexthop has invalid gateway");
        }
        if (route.type != RouteType.UNICAST && route.type != RouteType.LOCAL) {
            throw invalid("Nexthop has invalid gateway");
        }
        Device out = device != null ? device : route.hop().device();
        requireUp(out, "Nexthop device is not up");
        return new NextHop(out, gateway, route.spec().scope(), hop.weight(), false);
    }

    /// Routes of IPv6 that reject lead by the loopback, up or down.
    private NextHop loopback(boolean onLink) throws IpException {
        Device loopback = stack.loopback();
        require(loopback, Errno.ENODEV, "There is no loopback.");
        return new NextHop(loopback, null, InterfaceAddress.SCOPE_LINK, 1, onLink);
    }

    private NextHop check6(Route.Spec spec, RouteRequest.Hop hop) throws IpException {
        Device device = hop.device().orElse(null);
        if (hop.gateway().orElse(null) instanceof Ip4Address) {
            throw invalid("IPv6 has no gateways of IPv4");
        }
        Ip6Address gateway = (Ip6Address) hop.gateway().orElse(null);
        if (device != null && !stack.of(device).ip6) {
            throw new IpException(CALL, Errno.ENODEV, "There is no IPv6 on " + device.name() + ".");
        }
        boolean onLink = hop.reach() == RouteRequest.Reach.ON_LINK;
        if (onLink) {
            require(device, Errno.ENODEV, "Nexthop device required for onlink");
            requireUp(device, "Nexthop device is not up");
        }
        if (spec.type().rejects()) {
            return loopback(onLink);
        }
        if (gateway != null) {
            device = gateway6(spec, device, gateway, onLink);
        }
        require(device, Errno.ENODEV, "The route needs a device or a gateway.");
        requireUp(device, "Nexthop device is not up");
        return new NextHop(device, gateway, InterfaceAddress.SCOPE_LINK, hop.weight(), onLink);
    }

    /// The device of a route by `gateway` (Linux's `ip6_validate_gw`).
    private Device gateway6(Route.Spec spec, Device wanted, Ip6Address gateway, boolean onLink) throws IpException {
        if (wanted != null && isOwn6(gateway, wanted)) {
            throw invalid("Gateway can not be a local address");
        }
        Device device = wanted;
        if (!gateway.isLinkLocal()) {
            boolean isNone = gateway.isMulticast() || gateway.isUnspecified() || gateway.isLoopback();
            if (isNone || isCompatible(gateway)) {
                throw invalid("Invalid gateway address");
            }
            if (onLink) {
                requireNear6(device, gateway);
            } else {
                device = routed6(spec, device, gateway);
            }
        }
        if (device == null) {
            throw invalid("Egress device not specified");
        }
        if ((device.flags() & DeviceFlags.LOOPBACK) != 0) {
            throw invalid("Egress device can not be loopback device for this route");
        }
        if (wanted == null && isOwn6(gateway, device)) {
            throw invalid("Gateway can not be a local address");
        }
        return device;
    }

    /// Whether an address of this host is meant: link-local ones and the loopback's are some device's.
    boolean isOwn6(Ip6Address address, Device device) {
        return SourceSelection.isOfLink(address)
                ? stack.of(device).has(address)
                : stack.interfaces().stream().anyMatch(link -> link.has(address));
    }

    /// IPv6 addresses that once stood for IPv4 ones (RFC 4291 section 2.5.5.1).
    private static boolean isCompatible(Ip6Address a) {
        return a.high() == 0 && a.low() >>> 32 == 0;
    }

    private void requireNear6(Device device, Ip6Address gateway) throws IpException {
        RouteGroup group = stack.fib6.table(Route.TABLE_MAIN).lookup(gateway.high(), gateway.low());
        Route route = group == null ? null : group.find(0, device);
        route = route == null && group != null ? group.first() : route;
        boolean isElsewhere = route != null
                && !route.rejects
                && !route.spec().destination().address().isUnspecified()
                && (route.type != RouteType.UNICAST
                        || !route.hops().getFirst().device().equals(device));
        if (isElsewhere) {
            throw invalid("Nexthop has invalid gateway or device mismatch");
        }
    }

    private Device routed6(Route.Spec spec, Device device, Ip6Address gateway) throws IpException {
        Route route = stack.fib6.lookupIn(spec.table(), gateway.high(), gateway.low(), device);
        if (!isNear(route)) {
            route = stack.fib6.lookup(gateway.high(), gateway.low(), 0, device);
        }
        if (!isNear(route)) {
            throw new IpException(CALL, Errno.EHOSTUNREACH, "Nexthop has invalid gateway or device mismatch");
        }
        return route.hop().device();
    }

    private static boolean isNear(Route route) {
        return route != null && !route.rejects && !route.hop().hasGateway();
    }

    private static IpException invalid(String reason) {
        return new IpException(CALL, Errno.EINVAL, reason);
    }

    private static void require(Device device, int errno, String reason) throws IpException {
        if (device == null) {
            throw new IpException(CALL, errno, reason);
        }
    }

    private static void requireUp(Device device, String reason) throws IpException {
        if (!device.isUp()) {
            throw new IpException(CALL, Errno.ENETDOWN, reason);
        }
    }
}
