package adit.linux;

/// Why a [TunPort] lost a packet that the stack had queued for it.
public enum TunDrop {
    /// The packet was larger than a buffer of the pool.
    TRUNCATED,
    /// It is a super-packet of a kind that this program doesn't know.
    UNKNOWN_OFFLOAD,
    /// The driver took it from the queue and could not hand it over.
    UNREADABLE
}
