package adit.program.demo;

import adit.linux.IdleStrategy;
import adit.linux.Netns;
import adit.linux.RtNetlink;
import adit.program.config.InterfaceAddress;
import adit.program.config.TunnelConfig;
import adit.program.up.TunnelHost;
import adit.program.up.TunnelHost.Wiring;
import adit.tunnel.PathMtu;
import adit.tunnel.Steering;
import adit.tunnel.Tos;
import adit.tunnel.Ttl;
import adit.tunnel.TunnelSpec;
import adit.wire.Ip4Address;
import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;

/// One host of the demonstration: a namespace, its end of the cable, and a tunnel end.
final class KernelHost implements AutoCloseable {
    private static final int UNDERLAY_BITS = 24;
    private static final int OVERLAY_BITS = 30;

    private final Netns namespace;
    private final RtNetlink netlink;
    private TunnelHost tunnels;

    private KernelHost(Netns namespace, RtNetlink netlink) {
        this.namespace = namespace;
        this.netlink = netlink;
    }

    static KernelHost create() throws IOException {
        Netns namespace = Netns.create();
        try {
            KernelHost host = new KernelHost(namespace, call(namespace, RtNetlink::open));
            host.netlink.setUp(host.netlink.link("lo").index());
            return host;
        } catch (Throwable t) {
            namespace.close();
            throw t;
        }
    }

    private static <T> T call(Netns namespace, java.util.concurrent.Callable<T> work) throws IOException {
        try {
            return namespace.call(work);
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    /// Does something in this host's namespace.
    <T> T call(java.util.concurrent.Callable<T> work) throws IOException {
        return call(namespace, work);
    }

    Netns namespace() {
        return namespace;
    }

    RtNetlink netlink() {
        return netlink;
    }

    /// Gives the end of the cable its address and switches it on.
    void plug(String device, Ip4Address address) throws IOException {
        int index = netlink.link(device).index();
        netlink.addAddress(index, address, UNDERLAY_BITS);
        netlink.setUp(index);
    }

    /// Brings the tunnel end up.
    void tunnel(DemoPlan plan, Ends ends, Wiring wiring) throws IOException {
        TunnelSpec spec = spec(plan, ends);
        TunnelConfig config = new TunnelConfig(
                spec,
                OptionalInt.empty(),
                List.of(new InterfaceAddress(ends.overlay(), OVERLAY_BITS)),
                List.of(),
                1,
                // A bad line shall lose single packets, not dozens at once.
                plan.loss() == 0 ? TunnelConfig.OffloadUse.AUTO : TunnelConfig.OffloadUse.OFF,
                IdleStrategy.POLL);
        tunnels = call(namespace, () -> TunnelHost.open(List.of(config), wiring));
    }

    /// The tunnel end that a demonstration asks for.
    static TunnelSpec spec(DemoPlan plan, Ends ends) {
        return new TunnelSpec(
                ends.name(),
                plan.mode(),
                ends.underlay(),
                ends.peerUnderlay(),
                plan.carrier(),
                Ttl.INHERIT,
                Tos.ZERO,
                PathMtu.DISCOVER,
                0,
                Steering.CONFIGURED,
                0);
    }

    /// The addresses of one end.
    record Ends(String name, Ip4Address underlay, Ip4Address peerUnderlay, Ip4Address overlay) {}

    TunnelHost tunnels() {
        return tunnels;
    }

    @Override
    public void close() {
        if (tunnels != null) {
            tunnels.close();
        }
        netlink.close();
        namespace.close();
    }
}
