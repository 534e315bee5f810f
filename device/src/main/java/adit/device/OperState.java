package adit.device;

/// The operational state of an interface, RFC 2863 section 3.1.14, with Linux's numbers (the ordinals).
public enum OperState {
    /// Nobody has said.
    UNKNOWN,
    /// The interface or a part of it is missing.
    NOT_PRESENT,
    /// It can't carry packets.
    DOWN,
    /// A device below can't.
    LOWER_LAYER_DOWN,
    /// It carries test packets only.
    TESTING,
    /// It waits for something outside, such as authentication.
    DORMANT,
    /// It carries packets.
    UP
}
