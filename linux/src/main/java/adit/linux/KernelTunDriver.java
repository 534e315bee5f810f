package adit.linux;

import adit.linux.sys.Fcntl;
import adit.tun.TunOpener;
import java.io.IOException;

/// The kernel's TUN/TAP driver behind the interface of the one in memory: a program written against
/// [adit.tun.TunFile] runs on either.
///
/// Files belong to the network namespace of the thread that opens them ([Netns#call]).
public final class KernelTunDriver implements TunOpener {
    private static final String CLONE = "/dev/net/tun";

    /// The driver of the running kernel. Opening a file is what can fail.
    public KernelTunDriver() {}

    /// Opens `/dev/net/tun`. The failure is a [LinuxException].
    @Override
    public KernelTunFile open() throws IOException {
        return new KernelTunFile(Fd.open(CLONE, Fcntl.O_RDWR | Fcntl.O_NONBLOCK));
    }

    /// An epoll(7) for files that this opened.
    @Override
    public KernelTunPoller poller() throws IOException {
        return KernelTunPoller.create();
    }
}
