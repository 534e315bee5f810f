package adit.bench.rig;

import adit.bench.peers.TunToTun;
import adit.bench.report.Page;
import java.io.IOException;
import java.nio.file.Path;

/// Two TUN devices of Adit's library, one at each host, and packets carried from each to the other by one process. No
/// underlay is involved.
///
/// @param threads `one` or `two`
record TunPair(String threads) implements Contender {
    @Override
    public String key() {
        return Page.PAIR + threads;
    }

    @Override
    public String title() {
        return "Adit, TUN to TUN, " + threads + (threads.equals("one") ? " thread" : " threads");
    }

    @Override
    public String settings() {
        return "TunToTun on the library: super-packets read at one TUN device and written to the other, "
                + (threads.equals("one") ? "both ways by one thread, idle poll" : "a thread each way, idle adaptive")
                + "; -Xmx256m -XX:+UseSerialGC, MTU of both as the underlay's";
    }

    @Override
    public String version() {
        return "this commit";
    }

    @Override
    public void raise(Tunnel tunnel) throws IOException, InterruptedException {
        Process relay = tunnel.start(
                Host.A,
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                TunToTun.class.getName(),
                Tunnel.DEVICE,
                Host.A.namespace(),
                Host.B.namespace(),
                threads);
        for (Host host : Host.values()) {
            tunnel.await(host, Tunnel.DEVICE, relay);
            host.configure(Tunnel.DEVICE, tunnel.mtuLess(0));
        }
    }
}
