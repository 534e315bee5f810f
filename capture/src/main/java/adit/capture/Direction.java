package adit.capture;

/// Which way a packet passed an interface, as pcapng's epb_flags have it.
public enum Direction {
    /// The file does not say.
    UNKNOWN,
    /// It came in.
    INBOUND,
    /// It went out.
    OUTBOUND
}
