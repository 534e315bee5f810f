package adit.tunnel;

import adit.wire.IpProtocol;

/// What the UDP payloads are that come to a port.
///
/// A kernel is told by `ip fou add`; here the tunnels say it. Once it is known what a payload is, any tunnel
/// may get it, whatever its own carrier, as in the kernel.
final class UdpReceivers {
    /// Nothing is known of the port.
    static final int NONE = 0;
    /// A GUE header says what follows.
    static final int GUE = 1;
    /// FOU, and the first four bits of the payload say whether it is IPv4 or IPv6.
    static final int FOU_BY_VERSION = 2;
    // Any other value: FOU, and the payload is always of that IP protocol number, 4 or 137.

    private final byte[] kinds = new byte[1 << 16];

    /// The ports that these tunnels receive on.
    ///
    /// @throws IllegalArgumentException when two of them expect different things on one port
    UdpReceivers(Iterable<Tunnel> tunnels) {
        Tunnel[] first = new Tunnel[kinds.length];
        for (Tunnel tunnel : tunnels) {
            int port = port(tunnel.spec().carrier());
            if (port == 0) {
                continue;
            }
            byte kind = (byte) kind(tunnel.spec());
            if (first[port] != null && kinds[port] != kind) {
                throw new IllegalArgumentException(
                        ("tunnels '%s' and '%s' expect different things on UDP port %s, and nothing in a packet tells "
                                        + "which it is; give one of them another port, or gue to both")
                                .formatted(first[port], tunnel, port));
            }
            first[port] = tunnel;
            kinds[port] = kind;
        }
    }

    /// What comes to `port`, 0 to 65535: one of the constants, or an IP protocol number.
    int at(int port) {
        return Byte.toUnsignedInt(kinds[port]);
    }

    private static int port(Carrier carrier) {
        return switch (carrier) {
            case Carrier.Direct() -> 0;
            case Carrier.Fou fou -> fou.port();
            case Carrier.Gue gue -> gue.port();
        };
    }

    private static int kind(TunnelSpec spec) {
        if (spec.carrier() instanceof Carrier.Gue) {
            return GUE;
        }
        return switch (spec.mode()) {
            case IPIP -> IpProtocol.IPIP;
            case MPLSIP -> IpProtocol.MPLS;
            case ANY -> FOU_BY_VERSION;
        };
    }
}
