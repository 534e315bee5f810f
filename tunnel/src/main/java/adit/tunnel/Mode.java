package adit.tunnel;

import adit.wire.IpProtocol;

/// What a tunnel carries inside.
public enum Mode {
    /// IPv4 alone.
    IPIP,
    /// MPLS label stacks alone.
    MPLSIP,
    /// IPv4, MPLS and IPv6. Linux's ipip driver leaves IPv6 to another driver, sit; a peer with sit understands
    /// it.
    ANY;

    /// Whether packets of this IP protocol number go through: 4, 41 or 137, see [IpProtocol].
    public boolean carries(int protocol) {
        return switch (protocol) {
            case IpProtocol.IPIP -> this != MPLSIP;
            case IpProtocol.MPLS -> this != IPIP;
            case IpProtocol.IPV6 -> this == ANY;
            default -> false;
        };
    }
}
