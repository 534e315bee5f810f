package adit.tunnel;

/// Which Linux a tunnel holds its packets against the path MTU like.
public enum PathMtuProfile {
    /// Since 5.10 (November 2020): the path MTU counts for an inner packet with DF, whatever the tunnel's setting.
    CURRENT,
    /// Before: only the tunnel's own setting counts. Without path MTU discovery an inner packet with DF becomes an
    /// outer one with DF, and is lost where that does not fit; its sender hears nothing.
    BEFORE_LINUX_5_10
}
