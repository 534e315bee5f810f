package adit.bsdtun;

/// What stands in front of each packet, on the way in and on the way out. For the whole unit, and beyond a
/// close.
public enum Framing {
    /// Nothing. What is written is IPv4.
    PLAIN,
    /// A `sockaddr`: the destination on the way out, and on the way in whatever the writer likes, of which the
    /// family counts (TUNSLMODE).
    ADDRESS,
    /// The address family in four octets, big-endian (TUNSIFHEAD). NetBSD 10 only, and its only way to read
    /// IPv6.
    FAMILY
}
