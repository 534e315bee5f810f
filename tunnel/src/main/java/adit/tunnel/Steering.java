package adit.tunnel;

/// Where the outer addresses, TTL, TOS and DF of a tunnel come from.
public enum Steering {
    /// From its [TunnelSpec].
    CONFIGURED,
    /// From the [adit.packet.TunnelMetadata] of each packet (external mode, collect_md). Such a tunnel receives
    /// from every peer that no other tunnel is for.
    EXTERNAL
}
