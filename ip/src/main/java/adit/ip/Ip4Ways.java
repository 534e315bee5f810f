package adit.ip;

import adit.device.Device;
import adit.device.Errno;
import adit.wire.Ip4Address;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/// Which ways IPv4 packets go, told to whoever asks without one: those that are made here (Linux's
/// `ip_route_output_key_hash_rcu`), and those that come in (`ip_route_input_rcu`). What becomes of packets
/// themselves is up to [Ip4Output] and [Ip4Input].
///
/// Every question takes the control lock.
public final class Ip4Ways {
    private static final String GET = "RTM_GETROUTE";
    /// Routes to all groups have 4 bits; shorter ones are not meant for them.
    private static final int GROUP_BITS = 4;

    private static final int ALL_HOSTS = 0xe000_0001;
    private static final int LOOPBACK_NETWORK = 127;

    private final IpStack stack;

    Ip4Ways(IpStack stack) {
        this.stack = stack;
    }

    /// A packet whose way is asked for.
    ///
    /// @param source its source; empty for none
    /// @param destination its destination
    /// @param tos its former type of service
    public record Question(Optional<Ip4Address> source, Ip4Address destination, int tos) {
        private int from() {
            return source.map(Ip4Address::bits).orElse(0);
        }
    }

    /// What is to be said of a way besides.
    public enum Trait {
        /// It ends in this host, also if it leads elsewhere besides.
        LOCAL,
        /// All on a link get the packet.
        BROADCAST,
        /// All of a group get it.
        MULTICAST,
        /// Its sender is told of a nearer router.
        REDIRECT
    }

    /// A way.
    ///
    /// @param type what becomes of the packet
    /// @param out the device that it leaves by, the loopback if it does not leave
    /// @param found the route that was found; empty where none was asked for, or none found
    /// @param followed the hop of that route which the packet takes; empty where its gateway does not count
    /// @param source the source that the packet is given; empty where it has one, or none is found
    /// @param traits what else
    public record Way(
            RouteType type,
            Device out,
            Optional<Route> found,
            Optional<NextHop> followed,
            Optional<Ip4Address> source,
            Set<Trait> traits) {}

    // ---- Packets made here

    /// The way of a packet that is made here, by `device` if one is given.
    ///
    /// @throws IpException EINVAL, ENETUNREACH, EHOSTUNREACH or EACCES where it goes nowhere
    public Way outbound(Question q, Optional<Device> device) throws IpException {
        stack.table.lock().lock();
        try {
            return lockedOutbound(q, device.orElse(null));
        } finally {
            stack.table.lock().unlock();
        }
    }

    private Way lockedOutbound(Question q, Device device) throws IpException {
        int to = q.destination.bits();
        boolean isGroup = q.destination.isMulticast();
        boolean isForAll = q.destination.isBroadcast();
        if (q.source.isPresent()) {
            requireOwn(q.source.get());
            if (device == null && (isGroup || isForAll)) {
                return onLink(q, owner(q.source.get()));
            }
        }
        if (device != null) {
            if (!device.isUp() || !isOn(device)) {
                throw new IpException(GET, Errno.ENETUNREACH, "IPv4 does not work on " + device.name() + ".");
            }
            if (isForAll || to >>> 8 == 0xe0_0000) {
                return onLink(q, device);
            }
        }
        if (to == 0) {
            return toNobody(q, device);
        }
        Route route =
                device == null ? stack.output4.lookup(to, q.tos) : stack.fib4.lookup((long) to << 32, 0, q.tos, device);
        if (route == null || route.type.rejects()) {
            if (device == null) {
                throw refusal(route, Errno.ENETUNREACH);
            }
            // The routes are taken to be wrong, and the destination to be on the link.
            return onLink(q, device);
        }
        NextHop hop = device == null ? stack.output4.hop(route, q.from(), to) : route.hop(device);
        return way(q, route.type, route.type == RouteType.LOCAL ? stack.loopback() : hop.device(), route, hop);
    }

    /// A packet to no address goes to where it is from.
    private Way toNobody(Question q, Device device) throws IpException {
        int own = device == null ? 0 : stack.output4.source(stack.of(device), 0, InterfaceAddress.SCOPE_HOST);
        Ip4Address here = q.source.orElse(own == 0 ? Ip4Address.LOOPBACK : new Ip4Address(own));
        Way way = way(new Question(Optional.of(here), here, q.tos), RouteType.LOCAL, stack.loopback(), null, null);
        Optional<Ip4Address> given = q.source.isPresent() ? Optional.empty() : Optional.of(here);
        return new Way(way.type, way.out, way.found, way.followed, given, way.traits);
    }

    /// Refuses sources that packets made here can't have.
    ///
    /// @throws IpException EINVAL for what is nobody's address, ENETUNREACH for another's
    public void requireOwn(Ip4Address source) throws IpException {
        if (source.isMulticast() || source.isBroadcast() || source.isUnspecified()) {
            throw new IpException(GET, Errno.EINVAL, "Nothing can be from " + source + ".");
        }
        if (owner(source) == null) {
            throw new IpException(GET, Errno.ENETUNREACH, "Nothing from here is from " + source + ".");
        }
    }

    /// The device with an address of this host; null for another's.
    private Device owner(Ip4Address source) {
        for (IpInterface link : stack.interfaces()) {
            if (link.has(source)) {
                return link.device();
            }
        }
        Route route = stack.fib4.lookupOwner((long) source.bits() << 32, 0);
        return route == null || route.type != RouteType.LOCAL
                ? null
                : route.hop().device();
    }

    private Way onLink(Question q, Device device) throws IpException {
        return way(q, RouteType.UNICAST, device, null, null);
    }

    /// Linux's `__mkroute_output`.
    private Way way(Question q, RouteType found, Device out, Route route, NextHop hop) throws IpException {
        Optional<Ip4Address> source = q.source.isPresent() ? Optional.empty() : source(q, out, route, hop);
        boolean isFromLoopback =
                source.or(q::source).filter(Ip4Address::isLoopback).isPresent();
        if (!isOn(out) || (isFromLoopback && !out.equals(stack.loopback())) || q.destination.isUnspecified()) {
            throw new IpException(GET, Errno.EINVAL, "No such packet leaves by " + out.name() + ".");
        }
        RouteType type = q.destination.isBroadcast()
                ? RouteType.BROADCAST
                : q.destination.isMulticast() ? RouteType.MULTICAST : found;
        Set<Trait> traits = EnumSet.noneOf(Trait.class);
        boolean isFollowed = true;
        boolean staysHere = type == RouteType.LOCAL || out.equals(stack.loopback());
        if (type == RouteType.BROADCAST) {
            traits.add(Trait.BROADCAST);
            staysHere = true;
        } else if (type == RouteType.MULTICAST) {
            traits.add(Trait.MULTICAST);
            staysHere = isJoined(out, q.destination);
            isFollowed = route != null && route.length >= GROUP_BITS;
        }
        if (staysHere) {
            traits.add(Trait.LOCAL);
        }
        return new Way(
                type, out, Optional.ofNullable(route), Optional.ofNullable(isFollowed ? hop : null), source, traits);
    }

    private Optional<Ip4Address> source(Question q, Device out, Route route, NextHop hop) {
        int bits = route == null
                ? stack.output4.source(stack.of(out), 0, InterfaceAddress.SCOPE_LINK)
                : stack.output4.sourceOf(route, hop, q.destination.bits());
        return bits == 0 ? Optional.empty() : Optional.of(new Ip4Address(bits));
    }

    private boolean isJoined(Device device, Ip4Address group) {
        boolean isOfAll = group.bits() == ALL_HOSTS && device.isUp();
        return isOfAll || stack.sockets.isMember4(stack.of(device), group.bits());
    }

    /// Whether IPv4 works on a device.
    private static boolean isOn(Device device) {
        return device.mtu() >= Ip4Addresses.LEAST_MTU;
    }

    private static IpException refusal(Route route, int otherwise) {
        int errno = route == null ? otherwise : route.type.refusal();
        String why = route == null ? "There is no route." : "The route says " + route.type + ".";
        return new IpException(GET, errno, why);
    }

    // ---- Packets that come in

    /// The way of a packet that comes in by a link.
    ///
    /// @throws IpException EINVAL for addresses that can't be (a martian); EHOSTUNREACH where this host does
    ///     not forward; ENETUNREACH, EHOSTUNREACH, EINVAL or EACCES where the packet goes nowhere
    public Way inbound(Question q, IpInterface in) throws IpException {
        stack.table.lock().lock();
        try {
            return lockedInbound(q, in);
        } finally {
            stack.table.lock().unlock();
        }
    }

    private Way lockedInbound(Question q, IpInterface in) throws IpException {
        int from = q.from();
        int to = q.destination.bits();
        if (!isOn(in.device()) || Ip4Input.isMulticast(from) || from == -1) {
            throw martian(q);
        }
        if (q.destination.isMulticast()) {
            return group(q, in);
        }
        if (to == -1 || (from | to) == 0) {
            return broadcast(q, in, null);
        }
        boolean isOfLoopback = from >>> 24 == LOOPBACK_NETWORK || to >>> 24 == LOOPBACK_NETWORK;
        if (from == 0 || to == 0 || isOfLoopback) {
            throw martian(q);
        }
        Route route = stack.fib4.lookup((long) to << 32, 0, q.tos, null);
        if (route == null || route.type.rejects()) {
            throw stack.forwards4() ? refusal(route, Errno.ENETUNREACH) : notForwarded();
        }
        if (route.type == RouteType.BROADCAST) {
            return broadcast(q, in, route);
        }
        if (route.type == RouteType.LOCAL) {
            requireForeign(q, in, null);
            return here(route.type, route, EnumSet.of(Trait.LOCAL));
        }
        if (!stack.forwards4()) {
            throw notForwarded();
        }
        if (route.type != RouteType.UNICAST) {
            throw martian(q);
        }
        NextHop hop = Ip4Output.forwarding(route, from, to);
        Device out = hop.device();
        boolean isNear = requireForeign(q, in, out);
        Set<Trait> traits = EnumSet.noneOf(Trait.class);
        if (isNear && out.equals(in.device())) {
            traits.add(Trait.REDIRECT);
        }
        return new Way(route.type, out, Optional.of(route), Optional.of(hop), Optional.empty(), traits);
    }

    private Way group(Question q, IpInterface in) throws IpException {
        int from = q.from();
        boolean isOfLink = q.destination.bits() >>> 8 == 0xe0_0000;
        boolean fits = from >>> 24 != LOOPBACK_NETWORK && (from != 0 || isOfLink);
        if (!isJoined(in.device(), q.destination) || !fits) {
            throw martian(q);
        }
        if (from != 0) {
            requireForeign(q, in, null);
        }
        return here(RouteType.MULTICAST, null, EnumSet.of(Trait.LOCAL, Trait.MULTICAST));
    }

    private Way broadcast(Question q, IpInterface in, Route route) throws IpException {
        if (q.from() != 0) {
            requireForeign(q, in, null);
        }
        return here(RouteType.BROADCAST, route, EnumSet.of(Trait.LOCAL, Trait.BROADCAST));
    }

    private Way here(RouteType type, Route route, Set<Trait> traits) {
        return new Way(type, stack.loopback(), Optional.ofNullable(route), Optional.empty(), Optional.empty(), traits);
    }

    /// Refuses sources that are this host's own. Who would get packets back where they came from, and where
    /// somebody has named destinations of his own to be this host, is asked of the routes (Linux's
    /// `fib_validate_source`). Answers whether the source is a neighbour on the link then.
    private boolean requireForeign(Question q, IpInterface in, Device out) throws IpException {
        if (!stack.configuration().routes().ip4().hasForeignLocal()
                && !in.device().equals(out)) {
            for (IpInterface link : stack.interfaces()) {
                if (q.source.filter(link::has).isPresent()) {
                    throw martian(q);
                }
            }
            return false;
        }
        long from = (long) q.from() << 32;
        Route back = stack.fib4.lookup(from, 0, q.tos, null);
        if (back == null || back.type.rejects()) {
            return false;
        }
        if (back.type != RouteType.UNICAST) {
            throw martian(q);
        }
        if (back.hop(in.device()) != null) {
            return isNear(back.hop());
        }
        Route byLink = in.addresses4.length == 0 ? null : stack.fib4.lookup(from, 0, q.tos, in.device());
        return byLink != null && byLink.type == RouteType.UNICAST && isNear(byLink.hop(in.device()));
    }

    private static boolean isNear(NextHop hop) {
        return hop.scope() >= InterfaceAddress.SCOPE_HOST;
    }

    private static IpException martian(Question q) {
        return new IpException(
                GET, Errno.EINVAL, "No packet from " + q.source + " to " + q.destination + " comes in there.");
    }

    private static IpException notForwarded() {
        return new IpException(GET, Errno.EHOSTUNREACH, "This host does not forward packets.");
    }
}
