package adit.packet;

/// What a UDP port takes out of the datagrams that come to it, as far as who joins packets on their way to it has
/// to know.
public enum UdpTunnel {
    /// Nothing: they are for a socket, or for nobody.
    NONE,
    /// IPv4 packets (FOU).
    IPV4,
    /// IPv6 packets (FOU).
    IPV6,
    /// Something else (FOU).
    OTHER,
    /// What a GUE header says, with checksums left open where the peer has left them so.
    GUE,
    /// What a GUE header says, with all checksums finished at once.
    GUE_FINISHED
}
