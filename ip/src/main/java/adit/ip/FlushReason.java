package adit.ip;

/// Why the routes of a device go.
enum FlushReason {
    /// It went down: routes to this host itself stay.
    DOWN,
    /// It is gone.
    GONE,
    /// The last IPv4 address went.
    IP4,
    /// IPv6 is off.
    IP6
}
