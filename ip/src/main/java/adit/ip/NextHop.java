package adit.ip;

import adit.device.Device;
import adit.wire.Ip4Address;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import adit.wire.Mpls;
import java.util.Objects;
import java.util.Optional;

/// Where packets of a route go next.
public final class NextHop {
    private static final int[] NO_LABELS = {};

    private final Device device;
    private final boolean isFramed;
    private final IpAddress gateway;
    private final int scope;
    private final int weight;
    private final boolean onLink;
    private final RouteEncapsulation encapsulation;
    private final boolean dead;
    private final long place;
    private final int[] labels;
    final int gateway4;
    final long gatewayHigh;
    final long gatewayLow;

    /// Whether packets may take it.
    enum State {
        /// They may.
        ALIVE,
        /// Its device went down, or what it was there by is gone; others of its route carry the packets.
        DEAD
    }

    /// A next hop by `device`. `gateway` is null when destinations are on the link; `scope` says how far away
    /// the gateway is; of several hops each gets a share of packets by its `weight`, 1 to 256.
    NextHop(Device device, IpAddress gateway, int scope, int weight, boolean onLink) {
        this(device, gateway, scope, weight, onLink, null, State.ALIVE, 0);
    }

    private NextHop(
            Device device,
            IpAddress gateway,
            int scope,
            int weight,
            boolean onLink,
            RouteEncapsulation encapsulation,
            State state,
            long place) {
        this.place = place;
        this.encapsulation = encapsulation;
        this.dead = state == State.DEAD;
        this.labels = encapsulation instanceof RouteEncapsulation.Labels l
                ? l.labels().stream().mapToInt(Integer::intValue).toArray()
                : NO_LABELS;
        this.device = device;
        this.isFramed = device.headerLength() > 0;
        this.gateway = gateway;
        this.scope = scope;
        this.weight = weight;
        this.onLink = onLink;
        this.gateway4 = gateway instanceof Ip4Address ip4 ? ip4.bits() : 0;
        this.gatewayHigh = gateway instanceof Ip6Address ip6 ? ip6.high() : 0;
        this.gatewayLow = gateway instanceof Ip6Address ip6 ? ip6.low() : 0;
    }

    /// The device that packets leave by.
    public Device device() {
        return device;
    }

    /// The neighbour that they go to; empty when each destination is a neighbour itself.
    public Optional<IpAddress> gateway() {
        return Optional.ofNullable(gateway);
    }

    /// The same with something put around packets; null for nothing.
    NextHop encapsulating(RouteEncapsulation with) {
        return new NextHop(device, gateway, scope, weight, onLink, with, dead ? State.DEAD : State.ALIVE, place);
    }

    /// The same by another gateway.
    NextHop by(IpAddress other) {
        State state = dead ? State.DEAD : State.ALIVE;
        return new NextHop(device, other, scope, weight, onLink, encapsulation, state, place);
    }

    /// The same in this state.
    NextHop in(State state) {
        return dead == (state == State.DEAD)
                ? this
                : new NextHop(device, gateway, scope, weight, onLink, encapsulation, state, place);
    }

    /// The same in this place.
    NextHop at(long other) {
        State state = dead ? State.DEAD : State.ALIVE;
        return new NextHop(device, gateway, scope, weight, onLink, encapsulation, state, other);
    }

    /// Its place among all next hops of IPv6 to its prefix that have one priority, of which the smallest is the first;
    /// 0 in IPv4.
    long place() {
        return place;
    }

    /// Whether no packets take it: one of several whose device went down, and has not come back since.
    public boolean isDead() {
        return dead;
    }

    /// What is put around packets; empty for nothing.
    public Optional<RouteEncapsulation> encapsulation() {
        return Optional.ofNullable(encapsulation);
    }

    /// The same for the packet path: null for nothing.
    RouteEncapsulation around() {
        return encapsulation;
    }

    /// The MPLS labels put in front of packets, outermost first.
    int[] labels() {
        return labels;
    }

    /// Octets that what is put around packets takes of the device's MTU. The outer header of a tunnel is the
    /// tunnel device's own business.
    int encapsulationOctets() {
        return labels.length * Mpls.ENTRY_LENGTH;
    }

    /// Whether the device has link headers: what it says itself, without the call, which no compiler can
    /// foresee where there are devices of many kinds.
    boolean isFramed() {
        return isFramed;
    }

    /// Whether packets go to the gateway: not where that is an IPv4 address of this host.
    public boolean hasGateway() {
        return gateway != null && (scope <= InterfaceAddress.SCOPE_LINK || gateway instanceof Ip6Address);
    }

    int scope() {
        return scope;
    }

    /// The share of packets, against the weights of the other hops.
    public int weight() {
        return weight;
    }

    /// Whether the gateway is taken to be on the link, whatever its address.
    public boolean onLink() {
        return onLink;
    }

    /// Whether both lead by the same device and gateway.
    boolean isAs(NextHop other) {
        return device.equals(other.device)
                && Objects.equals(gateway, other.gateway)
                && Objects.equals(encapsulation, other.encapsulation);
    }

    /// Whether both lead the same way, dead or alive.
    boolean leadsAs(NextHop other) {
        return isAs(other) && weight == other.weight && scope == other.scope && onLink == other.onLink;
    }
}
