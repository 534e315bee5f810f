package adit.tun;

import java.io.IOException;

/// Where TUN files come from: a driver in memory, or the kernel. What a program needs to be told to run on
/// either.
public interface TunOpener {
    /// Opens `/dev/net/tun`: a file without a device, for [TunIoctl#TUNSETIFF] to attach.
    TunFile open() throws IOException;

    /// A new way to wait for many files of this opener at once.
    TunPoller poller() throws IOException;
}
