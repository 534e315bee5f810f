package adit.packet;

/// Why a port or an underlay left a packet in the batch.
public enum Refusal {
    /// It did not.
    NONE,
    /// No room now: a full queue, ENOBUFS, EAGAIN.
    FULL,
    /// Larger than the way allows, and not to be fragmented: EMSGSIZE.
    TOO_BIG,
    /// No way to the destination: ENETUNREACH, EHOSTUNREACH.
    UNREACHABLE,
    /// The device is down, detached or gone: ENETDOWN, EIO, EBADFD.
    DOWN,
    /// Not allowed: EPERM, EACCES.
    DENIED,
    /// The other side finds the octets malformed: EINVAL.
    MALFORMED
}
