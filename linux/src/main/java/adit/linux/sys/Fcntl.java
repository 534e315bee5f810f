package adit.linux.sys;

/// Flags and commands of `fcntl.h` and `sys/eventfd.h`, those that are the same on x86-64 and aarch64.
public final class Fcntl {
    /// Read only.
    public static final int O_RDONLY = 0;
    /// Read and write.
    public static final int O_RDWR = 2;
    /// Answer EAGAIN where a call would block.
    public static final int O_NONBLOCK = 0x800;
    /// Close on execve(2).
    public static final int O_CLOEXEC = 0x8_0000;

    /// Copy the descriptor to the lowest number from the argument on, with close-on-exec.
    public static final int F_DUPFD_CLOEXEC = 1030;
    /// Read the descriptor's flags.
    public static final int F_GETFD = 1;
    /// Set the descriptor's flags.
    public static final int F_SETFD = 2;
    /// Read the open file's flags.
    public static final int F_GETFL = 3;
    /// Set the open file's flags.
    public static final int F_SETFL = 4;
    /// The one flag of a descriptor.
    public static final int FD_CLOEXEC = 1;

    private Fcntl() {}
}
