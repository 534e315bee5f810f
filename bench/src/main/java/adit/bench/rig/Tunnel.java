package adit.bench.rig;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// What a contender has raised between the two hosts: its processes, and how to take it all down again.
final class Tunnel {
    /// The overlay device, where a contender leaves the choice to the rig.
    static final String DEVICE = "t0";

    private final Path scratch;
    private final int underlayMtu;
    private final List<Process> processes = new ArrayList<>();
    private final List<Host> hosts = new ArrayList<>();
    private final List<Path> logs = new ArrayList<>();
    private final Deque<Undo> undo = new ArrayDeque<>();
    private boolean overlay = true;
    private Host client = Host.A;

    /// A tunnel over an underlay of that MTU, with a folder for configuration files and logs.
    Tunnel(Path scratch, int underlayMtu) {
        this.scratch = scratch;
        this.underlayMtu = underlayMtu;
    }

    /// Where a contender may write files.
    Path scratch() {
        return scratch;
    }

    /// The underlay's MTU less `overhead` octets.
    int mtuLess(int overhead) {
        return underlayMtu - overhead;
    }

    /// Starts one of the tunnel's programs.
    Process start(Host host, String... command) throws IOException {
        Path log = log(host);
        Process process = host.start(log, command);
        processes.add(process);
        hosts.add(host);
        logs.add(log);
        return process;
    }

    /// Starts a program that makes its overlay device, waits for the device and gives it address and MTU.
    void startAndConfigure(Host host, String device, int mtu, String... command)
            throws IOException, InterruptedException {
        await(host, device, start(host, command));
        host.configure(device, mtu);
    }

    /// Waits until a host has a device that one of the tunnel's programs makes.
    void await(Host host, String device, Process program) throws IOException, InterruptedException {
        for (long end = System.nanoTime() + Duration.ofSeconds(15).toNanos(); !host.hasDevice(device); ) {
            if (!program.isAlive() || System.nanoTime() > end) {
                throw new IOException(
                        "made no device " + device + Shell.lastLine(logs.get(processes.indexOf(program))));
            }
            Thread.sleep(20);
        }
    }

    private Path log(Host host) {
        return scratch.resolve("log-" + host.namespace() + "-" + processes.size());
    }

    /// What to do when the tunnel comes down, last first.
    void undo(Undo step) {
        undo.push(step);
    }

    /// Says that there is no overlay: what is measured are the underlay's own addresses.
    void noOverlay() {
        overlay = false;
    }

    /// Says that both ends are at [Host#B], and traffic goes over its loopback device.
    void loopback() {
        client = Host.B;
    }

    /// Where traffic to [Host#B] comes from.
    Host client() {
        return client;
    }

    /// The address that traffic to a host goes to.
    String address(Host host) {
        return overlay ? host.overlay() : host.underlay();
    }

    /// The device that traffic passes at a host.
    String device(Host host) throws IOException, InterruptedException {
        if (client == host) {
            return "lo";
        }
        // "10.9.0.2 dev t0 src 10.9.0.1 uid 0"
        String[] words =
                host.run("ip", "route", "get", address(host.peer())).strip().split("\\s+");
        return words[List.of(words).indexOf("dev") + 1];
    }

    /// The processes that carry the tunnel, none for the kernel's own.
    List<Process> processes() {
        return processes;
    }

    /// Ends the programs at a host.
    void end(Host host) throws InterruptedException {
        for (int i = 0; i < processes.size(); i++) {
            if (hosts.get(i) == host) {
                Shell.kill(processes.get(i));
            }
        }
    }

    /// Throws with the last line of its log when one of the programs has ended.
    void requireAlive() throws IOException {
        for (int i = 0; i < processes.size(); i++) {
            if (!processes.get(i).isAlive()) {
                throw new IOException("the program ended" + Shell.lastLine(logs.get(i)));
            }
        }
    }

    /// Ends the programs and undoes what else was made.
    void takeDown() throws IOException, InterruptedException {
        for (Process process : processes) {
            Shell.kill(process);
        }
        while (!undo.isEmpty()) {
            undo.pop().run();
        }
    }

    /// One step of the way back.
    @FunctionalInterface
    interface Undo {
        /// Does it.
        void run() throws IOException, InterruptedException;
    }
}
