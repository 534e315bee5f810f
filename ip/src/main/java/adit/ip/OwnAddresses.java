package adit.ip;

import adit.device.DeviceFlags;

/// Which addresses are this host's own: those that the local table says so of, and the groups that it is in. For
/// any threads.
final class OwnAddresses {
    /// 224.0.0.1 (RFC 1112 section 4).
    private static final int ALL_HOSTS = 0xe000_0001;

    private final IpStack stack;

    OwnAddresses(IpStack stack) {
        this.stack = stack;
    }

    /// Whether an IPv4 address is one of this host.
    boolean isLocal4(int address) {
        Route route = stack.fib4.lookupOwner((long) address << 32, 0);
        return route != null && route.type == RouteType.LOCAL;
    }

    /// What an IPv4 address is by its form, and else by its route: UNICAST when it is not of this host. Where
    /// there is no such table yet, Linux has all addresses be broadcast ones (`inet_addr_type`).
    RouteType type4(int address) {
        if (address >>> 24 == 0 || address == -1) {
            return RouteType.BROADCAST;
        }
        if (address >>> 28 == 0xe) {
            return RouteType.MULTICAST;
        }
        Route route = stack.fib4.lookupOwner((long) address << 32, 0);
        if (route != null) {
            return route.type.rejects() ? RouteType.UNICAST : route.type;
        }
        boolean hasTable = stack.configuration().routes().hasTable(true, Route.TABLE_LOCAL);
        return hasTable ? RouteType.UNICAST : RouteType.BROADCAST;
    }

    /// Whether an IPv6 address is one of this host.
    boolean isLocal6(long high, long low) {
        Route route = stack.fib6.local6(high, low);
        return route != null && route.type == RouteType.LOCAL;
    }

    /// Whether an IPv6 address is one of this host, or one that it shares with others.
    boolean isLocalOrAnycast6(long high, long low) {
        Route route = stack.fib6.local6(high, low);
        return route != null && (route.type == RouteType.LOCAL || route.type == RouteType.ANYCAST);
    }

    /// Whether packets to an IPv4 group that come in here are for this host: all hosts, and what sockets have
    /// joined.
    boolean isJoined4(IpInterface in, int group) {
        return (group == ALL_HOSTS && (in.device().flags() & DeviceFlags.MULTICAST) != 0)
                || stack.sockets.isMember4(in, group);
    }

    /// The same for an IPv6 group: those of the interface, and what sockets have joined.
    boolean isJoined6(IpInterface in, long high, long low) {
        return in.isJoined6(high, low, stack.forwards6()) || stack.sockets.isMember6(in, high, low);
    }
}
