package adit.tunnel;

/// Which Linux a [TunnelTable] looks tunnels up like.
public enum LookupProfile {
    /// Since 5.7 (March 2020): a tunnel with neither local nor remote address is found.
    CURRENT,
    /// Before: for tunnels without a key, which all of ours are, such a one is passed over, unless it is the
    /// external one or the fallback.
    BEFORE_LINUX_5_7
}
