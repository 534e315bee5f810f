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
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Addresses of interfaces, neighbours, and what becomes of both as devices come and go. As Linux does it, so
/// that a configuration reads the same here and there.
///
/// What users call takes the control lock. How addresses come and go differs by family ([Ip4Addresses],
/// [Ip6Addresses]). Routes are in [Routes].
public final class IpConfiguration {
    private final IpStack stack;
    private final Routes routes;
    private final Ip4Ways ways4;
    private final Ip4Addresses addresses4;
    private final Ip6Addresses addresses6;
    private final Ip6Links links6;
    private final Lifetimes lifetimes;

    IpConfiguration(IpStack stack) {
        this.stack = stack;
        this.ways4 = new Ip4Ways(stack);
        this.routes = new Routes(stack);
        this.addresses4 = new Ip4Addresses(stack, routes);
        Ip6AddressRoutes brought = new Ip6AddressRoutes(stack, routes.ip6());
        this.addresses6 = new Ip6Addresses(stack, brought);
        this.links6 = new Ip6Links(stack, routes, addresses6, brought);
        this.lifetimes = new Lifetimes(stack, addresses4, addresses6);
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
            if (address.local() instanceof Ip6Address) {
                links6.find(link);
                lifetimes.began(addresses6.add(link, address, existing));
            } else if (!address.local().isUnspecified()) {
                lifetimes.began(addresses4.add(link, address, existing));
            }
        });
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
                    if (local instanceof Ip4Address) {
                        addresses4.delete(link, a, IpListener.Origin.USER);
                    } else {
                        addresses6.delete(link, a, IpListener.Origin.USER);
                    }
                    return;
                }
            }
            throw new IpException("RTM_DELADDR", Errno.EADDRNOTAVAIL, "Address not found.");
        });
    }

    /// Takes the first address of IPv4 away that is meant.
    ///
    /// @throws IpException EADDRNOTAVAIL when there is none, ENODEV when the link is too narrow for IPv4
    public void delete4(IpInterface link, Predicate<InterfaceAddress> isMeant) throws IpException {
        locked(() -> {
            if (link.device().mtu() < Ip4Addresses.LEAST_MTU) {
                throw new IpException("RTM_DELADDR", Errno.ENODEV, "The link is too narrow for IPv4.");
            }
            for (InterfaceAddress a : link.addresses4) {
                if (isMeant.test(a)) {
                    addresses4.delete(link, a, IpListener.Origin.USER);
                    return;
                }
            }
            throw new IpException("RTM_DELADDR", Errno.EADDRNOTAVAIL, "Address not found.");
        });
    }

    /// The next hop of packets made here that take `route`, which does not reject them, from an address (any:
    /// `0.0.0.0` or `::`) to another, by `device` if one is given.
    public NextHop hop(Route route, IpAddress from, IpAddress to, Optional<Device> device) {
        NextHop bound = device.map(route::hop).orElse(null);
        if (bound != null) {
            return bound;
        }
        return to instanceof Ip6Address ip6
                ? stack.output6.hop(route, (Ip6Address) from, ip6)
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

    /// The nearer gateway that the one of `hop` has named for packets made here to a destination.
    public Optional<LearnedGateway> learnedGateway(Ip4Address destination, NextHop hop) {
        return stack.redirects.learned(destination.bits(), hop);
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
        addresses4.up(link);
        links6.up(link);
    }

    void renamed(IpInterface link) {
        addresses4.renamed(link);
    }

    void down(IpInterface link) {
        routes.flush4(link.device(), FlushReason.DOWN);
        links6.clear(link, FlushReason.DOWN);
        links6.lookAtCarrier(link);
    }

    void gone(IpInterface link) {
        links6.clear(link, FlushReason.GONE);
        addresses4.clear(link);
        routes.flush4(link.device(), FlushReason.GONE);
    }

    void mtu(IpInterface link) {
        if (link != null) {
            addresses4.mtu(link);
            links6.mtu(link);
        }
    }

    void forwarding6(boolean on, Runnable set) {
        stack.table.lock().lock();
        try {
            boolean changes = stack.forwards6() != on;
            set.run();
            if (changes) {
                addresses6.forwarding(on);
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
