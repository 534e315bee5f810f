package adit.program.demo;

import adit.netlink.LinkMessage;
import adit.wire.Ip4Address;
import java.io.IOException;

/// Two hosts of the kernel, joined by a cable (veth) on which they have addresses.
record HostPair(KernelHost a, KernelHost b) implements AutoCloseable {
    static final Ip4Address UNDERLAY_A = Ip4Address.parse("192.0.2.1");
    static final Ip4Address UNDERLAY_B = Ip4Address.parse("192.0.2.2");
    static final Ip4Address OVERLAY_A = Ip4Address.parse("10.1.0.1");
    static final Ip4Address OVERLAY_B = Ip4Address.parse("10.1.0.2");

    private static final String CABLE = "eth0";

    static HostPair create() throws IOException {
        KernelHost a = KernelHost.create();
        KernelHost b = null;
        try {
            b = KernelHost.create();
            HostPair pair = new HostPair(a, b);
            pair.join();
            return pair;
        } catch (Throwable t) {
            if (b != null) {
                b.close();
            }
            a.close();
            throw t;
        }
    }

    private void join() throws IOException {
        LinkMessage peer = LinkMessage.builder()
                .name(CABLE)
                .namespace(new LinkMessage.Namespace.OfDescriptor(
                        b.namespace().fd().holdOrThrow()))
                .build();
        try {
            a.netlink().createVethPair(CABLE, peer);
        } finally {
            b.namespace().fd().leave();
        }
        a.plug(CABLE, UNDERLAY_A);
        b.plug(CABLE, UNDERLAY_B);
    }

    /// Removes the hosts and with them the cable.
    @Override
    public void close() {
        b.close();
        a.close();
    }
}
