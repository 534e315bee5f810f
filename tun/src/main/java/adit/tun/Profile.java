package adit.tun;

/// Whose behaviour the driver has, where versions of Linux differ. `docs/tun-profiles.md` says where that is.
public enum Profile {
    /// Linux 4.1: no NAPI, no carrier call, no USO, fewer checks, UFO.
    LINUX_4_1,
    /// Linux 6.18.
    LINUX_6_18
}
