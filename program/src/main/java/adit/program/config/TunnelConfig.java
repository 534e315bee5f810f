package adit.program.config;

import adit.linux.IdleStrategy;
import adit.tunnel.Carrier;
import adit.tunnel.TunnelSpec;
import adit.wire.Ip4Address;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/// One tunnel of the file: the tunnel itself and the device in front of it.
///
/// @param spec the tunnel; its name is the device's
/// @param mtu the device's MTU in octets; nothing to compute it from the path
/// @param addresses the device's addresses
/// @param routes what is routed into the device
/// @param queues how many queues the device has, 1 to 256
/// @param offload whether super-packets are used
/// @param idle how its threads rest
public record TunnelConfig(
        TunnelSpec spec,
        OptionalInt mtu,
        List<InterfaceAddress> addresses,
        List<RouteConfig> routes,
        int queues,
        OffloadUse offload,
        IdleStrategy idle) {
    /// Whether packets larger than the MTU pass the device whole, to be cut as late as possible.
    public enum OffloadUse {
        /// As far as the kernel can.
        AUTO,
        /// Never.
        OFF
    }

    /// Copies the lists.
    public TunnelConfig {
        addresses = List.copyOf(addresses);
        routes = List.copyOf(routes);
    }

    /// One line for people, such as `site-b: ipip over fou 5555, 192.0.2.1 -> 198.51.100.7, mtu auto, 10.1.0.1/30, to
    /// 10.2.0.0/16`.
    @Override
    public String toString() {
        StringBuilder line = new StringBuilder(spec.name())
                .append(": ")
                .append(spec.mode().name().toLowerCase(Locale.ROOT))
                .append(" over ")
                .append(carrier(spec.carrier()))
                .append(", ")
                .append(any(spec.local()))
                .append(" -> ")
                .append(any(spec.remote()))
                .append(", mtu ")
                .append(mtu.isPresent() ? Integer.toString(mtu.getAsInt()) : "auto");
        addresses.forEach(a -> line.append(", ").append(a));
        routes.forEach(r -> line.append(", to ").append(r));
        return line.toString();
    }

    private static String carrier(Carrier carrier) {
        return switch (carrier) {
            case Carrier.Direct _ -> "direct IP";
            case Carrier.Fou fou -> "fou " + ports(fou.port(), fou.peerPort());
            case Carrier.Gue gue -> "gue " + ports(gue.port(), gue.peerPort());
        };
    }

    private static String ports(int port, int peerPort) {
        return port == peerPort ? Integer.toString(port) : port + "/" + peerPort;
    }

    private static String any(Ip4Address address) {
        return address.isUnspecified() ? "any" : address.toString();
    }
}
