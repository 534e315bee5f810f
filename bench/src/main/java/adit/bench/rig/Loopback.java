package adit.bench.rig;

import adit.bench.report.Page;
import java.io.IOException;

/// The own address of a TUN device, which the kernel reaches over its loopback device: what two ends on one machine can
/// do at best.
record Loopback() implements Contender {
    @Override
    public String key() {
        return Page.LOOPBACK;
    }

    @Override
    public String title() {
        return "loopback";
    }

    @Override
    public String settings() {
        return "both ends at one host, the address that of a TUN device; by way of lo, MTU 65536";
    }

    @Override
    public void raise(Tunnel tunnel) throws IOException, InterruptedException {
        Host.B.ip("tuntap", "add", "dev", Tunnel.DEVICE, "mode", "tun");
        tunnel.undo(() -> Host.B.ip("link", "delete", Tunnel.DEVICE));
        Host.B.configure(Tunnel.DEVICE, tunnel.mtuLess(0));
        tunnel.loopback();
    }
}
