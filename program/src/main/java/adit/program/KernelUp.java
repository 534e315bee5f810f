package adit.program;

import adit.program.config.UpConfig;
import adit.program.ip.KernelIpHost;
import adit.program.up.TunnelHost;
import adit.program.up.TunnelHost.Wiring;
import adit.program.up.TunnelStatus;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/// Keeps tunnels up in the network namespace of this process until it is told to end.
///
/// SIGINT, SIGTERM and, unless it was started with that ignored as by nohup(1), SIGHUP end it, SIGUSR1 prints the
/// status. A look twice a second at whether the devices are still
/// there.
final class KernelUp implements UpRunner {
    private static final long LOOK_MILLIS = 500;
    private static final String IP_NAME = "up-" + ProcessHandle.current().pid();

    /// The namespace that the tunnels are in, for `adit ip --on`.
    private static KernelIpHost ipHost(String name) throws IOException {
        return name.isEmpty() ? KernelIpHost.current() : KernelIpHost.named(name);
    }

    @Override
    public int run(UpConfig config, Terminal terminal) throws IOException {
        CountDownLatch end = new CountDownLatch(1);
        AtomicReference<Throwable> defect = new AtomicReference<>();
        Signals.on("INT", end::countDown);
        Signals.on("TERM", end::countDown);
        Signals.on("HUP", end::countDown);
        try (TunnelHost host = TunnelHost.open(config.tunnels(), Wiring.plain(terminal::complain, t -> {
                    defect.compareAndSet(null, t);
                    end.countDown();
                }));
                ControlSocket _ = ControlSocket.open(() -> Json.pretty(StatusReport.json(host)));
                HostSockets _ = HostSockets.open(IP_NAME, KernelUp::ipHost)) {
            Signals.on("USR1", () -> {
                terminal.err().println(Json.pretty(StatusReport.json(host)));
                terminal.flush();
            });
            announce(host, terminal);
            keep(host, end, terminal);
            terminal.out().println("adit: stopping");
            StatusReport.lines(host).forEach(terminal.out()::println);
            terminal.flush();
        }
        if (defect.get() != null) {
            throw new IllegalStateException("a worker ended", defect.get());
        }
        config.tunnels()
                .forEach(t -> terminal.out().println("adit: tunnel " + t.spec().name() + " is gone"));
        return ExitCode.OK;
    }

    private static void announce(TunnelHost host, Terminal terminal) {
        for (TunnelStatus t : host.status()) {
            terminal.out()
                    .println("adit: " + t.spec().name() + " is up: " + StatusReport.describe(t.spec()) + ", mtu "
                            + t.mtu());
        }
        terminal.out()
                .println("adit: process " + ProcessHandle.current().pid()
                        + "; Ctrl-C ends it, `adit status` tells how it goes");
        terminal.flush();
    }

    private static void keep(TunnelHost host, CountDownLatch end, Terminal terminal) {
        String lastComplaint = "";
        try {
            while (!end.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                try {
                    if (host.mend()) {
                        lastComplaint = "";
                        announce(host, terminal);
                    }
                } catch (IOException e) {
                    if (!lastComplaint.equals(e.getMessage())) {
                        lastComplaint = e.getMessage();
                        terminal.complain(lastComplaint + "; trying again");
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
