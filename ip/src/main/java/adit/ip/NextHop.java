package adit.ip;

import adit.device.Device;
import adit.wire.Ip4Address;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import java.util.Optional;

/// Where packets of a route go next.
public final class NextHop {
    private final Device device;
    private final IpAddress gateway;
    private final int scope;
    private final int weight;
    private final boolean onLink;
    final int gateway4;
    final long gatewayHigh;
    final long gatewayLow;

    /// A next hop by `device`. `gateway` is null when destinations are on the link; `scope` says how far away
    /// the gateway is; of several hops each gets a share of packets by its `weight`, 1 to 256.
    NextHop(Device device, IpAddress gateway, int scope, int weight, boolean onLink) {
        this.device = device;
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

    boolean hasGateway() {
        return gateway != null;
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

    /// Whether both lead the same way.
    boolean leadsAs(NextHop other) {
        return device.equals(other.device)
                && (gateway == null ? other.gateway == null : gateway.equals(other.gateway))
                && weight == other.weight;
    }
}
