package adit.interop.rules;

import adit.tunnel.TunnelSpec;
import adit.wire.Ip4Address;

/// The tunnels that most rules are about.
final class Specs {
    private Specs() {}

    /// An ipip tunnel `t1` from the box to this peer.
    static TunnelSpec to(String peer) {
        return named("t1", TunnelBox.HERE, peer);
    }

    /// An ipip tunnel between these addresses, 0.0.0.0 for any.
    static TunnelSpec named(String name, String local, String remote) {
        return TunnelSpec.of(name, Ip4Address.parse(local), Ip4Address.parse(remote));
    }
}
