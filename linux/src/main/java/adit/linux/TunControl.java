package adit.linux;

import adit.tun.Ifreq;
import adit.tun.TunIoctl;
import java.io.IOException;

/// Every control call of the kernel's TUN driver, on one open TUN file. A failure is a [LinuxException] named
/// after the ioctl.
///
/// All methods may be called from any thread.
public final class TunControl extends adit.tun.TunControl {
    TunControl(Fd fd) {
        super(new KernelTunFile(fd));
    }

    @Override
    protected IOException failure(String call, String subject, int errno) {
        return new LinuxException(call, subject, errno);
    }

    /// The namespace that the device is in now, as a descriptor of the caller's (TUNGETDEVNETNS). Needs
    /// CAP_NET_ADMIN there.
    public Fd deviceNamespace() throws IOException {
        return descriptor(TunIoctl.TUNGETDEVNETNS, "TUNGETDEVNETNS");
    }

    /// The namespace that the file was opened in, as a descriptor of the caller's (SIOCGSKNS). Needs
    /// CAP_NET_ADMIN there.
    public Fd fileNamespace() throws IOException {
        return descriptor(Ifreq.SIOCGSKNS, "SIOCGSKNS");
    }

    private Fd descriptor(int command, String call) throws IOException {
        return Fd.own(ioctl(command, 0), call, "");
    }
}
