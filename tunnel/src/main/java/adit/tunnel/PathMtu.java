package adit.tunnel;

/// What a tunnel does about the MTU of the path that carries it.
public enum PathMtu {
    /// Outer packets carry DF; inner senders are told when a packet is too large (pmtudisc).
    DISCOVER,
    /// Outer packets carry DF only if the inner packet does; others may be fragmented on the way (nopmtudisc).
    IGNORE
}
