package adit.ip;

/// Why the routes of a device go.
enum FlushReason {
    /// It went down: routes to this host itself stay.
    DOWN,
    /// It is gone.
    GONE,
    /// The protocol does not work on it any more: the last IPv4 address went, or IPv6 was switched off.
    OFF
}
