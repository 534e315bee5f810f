package adit.program.up;

import adit.linux.LinuxException;
import adit.linux.RtNetlink;
import adit.linux.TunDevice;
import adit.netlink.AddressMessage;
import adit.netlink.LinkMessage;
import adit.netlink.Netlink;
import adit.netlink.RouteMessage;
import adit.offload.Coalescer.Transports;
import adit.program.config.InterfaceAddress;
import adit.program.config.RouteConfig;
import adit.program.config.TunnelConfig;
import adit.tun.TunOffload;
import adit.tun.TunSpec;
import adit.tunnel.Carrier;
import adit.tunnel.Mode;
import adit.tunnel.NextHopTable;
import adit.tunnel.NextHops;
import adit.tunnel.Tunnel;
import adit.tunnel.TunnelSpec;
import adit.wire.Ip4Address;
import adit.wire.Ip4Prefix;
import adit.wire.Ip6Prefix;
import adit.wire.IpAddress;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// A tunnel's device in the kernel, set up as the configuration says.
///
/// A device that is there already is taken as it is, and only what is missing on it is added; so a user without
/// privilege can run a tunnel on a device that somebody made and configured for him. What was added is taken
/// away again, and a device that was made goes with its last queue.
final class Overlay implements AutoCloseable {
    private static final int ETHERNET_MTU = 1500;
    private static final int LEAST_MTU = 68;

    private final TunnelConfig config;
    private final TunDevice device;
    private final Tunnel tunnel;
    private final Undo undo;
    private final int mtu;

    private Overlay(TunnelConfig config, TunDevice device, int mtu, Undo undo) {
        this.config = config;
        this.device = device;
        this.mtu = mtu;
        this.tunnel = new Tunnel(config.spec(), device.index());
        this.undo = undo;
    }

    /// Opens and configures the device in the namespace of the calling thread. Nothing is left behind on
    /// failure.
    static Overlay open(TunnelConfig config, RtNetlink netlink, Consumer<String> news) throws IOException {
        Undo undo = new Undo(news);
        int mtu = config.mtu().isPresent() ? config.mtu().getAsInt() : mtuOfPath(config.spec(), netlink);
        try {
            TunDevice device = TunDevice.open(spec(config), config.queues());
            undo.later("close " + config.spec().name(), device::close);
            Overlay overlay = new Overlay(config, device, mtu, undo);
            device.enableOffload();
            overlay.configure(netlink);
            return overlay;
        } catch (LinuxException e) {
            undo.close();
            throw e.errnoName().equals("EPERM") ? notPermitted(e, config, mtu) : e;
        } catch (Throwable t) {
            undo.close();
            throw t;
        }
    }

    private static TunSpec spec(TunnelConfig config) {
        TunSpec spec = TunSpec.tun(config.spec().name());
        if (config.offload() == TunnelConfig.OffloadUse.AUTO) {
            spec = spec.with(TunSpec.Option.VNET_HEADER);
        }
        if (config.spec().mode() != Mode.IPIP) {
            // Without it a TUN file can't say that a packet has labels.
            spec = spec.with(TunSpec.Option.PACKET_INFORMATION);
        }
        return config.queues() > 1 ? spec.with(TunSpec.Option.MULTI_QUEUE) : spec;
    }

    private void configure(RtNetlink netlink) throws IOException {
        LinkMessage link = netlink.link(device.index());
        if (link.mtu().orElse(0) != mtu) {
            netlink.setMtu(device.index(), mtu);
        }
        addAddresses(netlink);
        if (!link.isUp()) {
            netlink.setUp(device.index());
        }
        addRoutes(netlink);
    }

    /// Says how to make the device for a user without privilege.
    private static IOException notPermitted(LinuxException refused, TunnelConfig config, int mtu) {
        String name = config.spec().name();
        StringBuilder commands = new StringBuilder("ip tuntap add dev " + name + " mode tun user $USER");
        commands.append(config.queues() > 1 ? " multi_queue" : "");
        commands.append("; ip link set " + name + " mtu " + mtu + " up");
        config.addresses().forEach(a -> commands.append("; ip addr add " + a + " dev " + name));
        config.routes().forEach(r -> commands.append("; ip route add " + r.to() + " dev " + name));
        String raw = config.spec().carrier() instanceof Carrier.Direct
                ? " (and the direct carrier needs CAP_NET_RAW all the same; fou and gue do not)"
                : "";
        return new IOException(
                refused.getMessage() + "; without it, let an administrator do this: " + commands + raw, refused);
    }

    private static int mtuOfPath(TunnelSpec spec, RtNetlink netlink) throws IOException {
        int path = ETHERNET_MTU;
        if (!spec.remote().isUnspecified()) {
            Optional<IpAddress> source = spec.local().isUnspecified() ? Optional.empty() : Optional.of(spec.local());
            try {
                RouteMessage route = netlink.routeTo(spec.remote(), source);
                if (route.device().isPresent()) {
                    path = netlink.link(route.device().getAsInt()).mtu().orElse(ETHERNET_MTU);
                }
            } catch (LinuxException e) {
                // No way there yet. The size of an Ethernet is what the kernel's drivers take then too.
                path = ETHERNET_MTU;
            }
        }
        return Math.max(LEAST_MTU, Math.min(path, 0xffff) - spec.carrier().overhead());
    }

    private void addAddresses(RtNetlink netlink) throws IOException {
        List<AddressMessage> there = netlink.addresses();
        for (InterfaceAddress a : config.addresses()) {
            boolean has = there.stream()
                    .anyMatch(m -> m.index() == device.index()
                            && m.prefixLength() == a.prefixLength()
                            && m.local().equals(Optional.of(a.address())));
            if (!has) {
                netlink.addAddress(device.index(), a.address(), a.prefixLength());
                undo.later(
                        "remove address " + a,
                        () -> ifThere(() -> netlink.deleteAddress(device.index(), a.address(), a.prefixLength())));
            }
        }
    }

    private void addRoutes(RtNetlink netlink) throws IOException {
        for (RouteConfig r : config.routes()) {
            // Looked for first: whoever may not add routes is told that, and not that this one is there.
            if (!leadsHere(netlink, r)) {
                RouteMessage route = route(r);
                netlink.addRoute(route);
                undo.later("remove route " + r.to(), () -> ifThere(() -> netlink.deleteRoute(route)));
            }
        }
    }

    private boolean leadsHere(RtNetlink netlink, RouteConfig r) throws IOException {
        return netlink.routes(family(r)).stream()
                .anyMatch(m -> m.device().orElse(0) == device.index()
                        && m.destinationLength() == r.to().length()
                        // That of the default route goes without saying.
                        && m.destination().map(r.to().address()::equals).orElse(r.to().length() == 0));
    }

    private RouteMessage route(RouteConfig r) {
        return RouteMessage.builder(family(r))
                .destination(r.to().address(), r.to().length())
                .device(device.index())
                .build();
    }

    private static int family(RouteConfig r) {
        return switch (r.to()) {
            case Ip4Prefix _ -> Netlink.AF_INET;
            case Ip6Prefix _ -> Netlink.AF_INET6;
        };
    }

    /// What hangs on a device that is gone is gone as well.
    private static void ifThere(Undo.Step step) throws Exception {
        try {
            step.run();
        } catch (LinuxException e) {
            if (!List.of("ENODEV", "ESRCH", "EADDRNOTAVAIL", "ENOENT").contains(e.errnoName())) {
                throw e;
            }
        }
    }

    TunnelConfig config() {
        return config;
    }

    TunDevice device() {
        return device;
    }

    Tunnel tunnel() {
        return tunnel;
    }

    /// What the device hands over unfinished.
    Set<TunOffload> offloads() {
        return device.offloads();
    }

    /// Why that is not all; empty when it is.
    String offloadReason() {
        return device.offloadReason();
    }

    /// Which super-packets the device takes.
    Transports takes() {
        Set<TunOffload> offloads = offloads();
        if (!offloads.contains(TunOffload.TCP4)) {
            return Transports.NONE;
        }
        return offloads.contains(TunOffload.UDP4) ? Transports.TCP_AND_UDP : Transports.TCP;
    }

    /// The MTU that was set, in octets.
    int mtu() {
        return mtu;
    }

    /// Where inner packets go whose tunnel has no remote address: the next hop that their route names.
    NextHops nextHops() {
        return new NextHopTable(config.routes().stream()
                .filter(r -> r.to() instanceof Ip4Prefix)
                .map(r -> new NextHopTable.Route((Ip4Prefix) r.to(), r.via().orElse(Ip4Address.ANY)))
                .toList());
    }

    @Override
    public void close() {
        undo.close();
    }

    @Override
    public String toString() {
        return config.spec().name();
    }
}
