package adit.linux.sys;

/// Flags of unshare(2), setns(2), mount(2) and umount2(2), and the numbers of two calls that not every libc has.
public final class Sched {
    /// A network namespace.
    public static final int CLONE_NEWNET = 0x4000_0000;

    /// Bind a file or folder to another place.
    public static final long MS_BIND = 0x1000;
    /// With all mounts below.
    public static final long MS_REC = 0x4000;
    /// Mounts made later are seen by the namespaces that copied this one.
    public static final long MS_SHARED = 0x10_0000;
    /// Take the mount away now, even if it is in use.
    public static final int MNT_DETACH = 2;

    private static final boolean AMD64 = "amd64".equals(System.getProperty("os.arch"));

    private Sched() {}

    /// The number of sched_setattr(2): x86's own, or that of the architectures that share one table.
    static long setattrNumber() {
        return AMD64 ? 314 : 274;
    }

    /// The number of sched_getattr(2).
    static long getattrNumber() {
        return AMD64 ? 315 : 275;
    }
}
