package adit.bench.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/// One of the two hosts: a network namespace with the underlay device `v0`.
enum Host {
    /// Sends.
    A("a", "10.255.0.1", "10.9.0.1"),
    /// Receives.
    B("b", "10.255.0.2", "10.9.0.2");

    /// The underlay device of either host.
    static final String DEVICE = "v0";

    private final String namespace;
    private final String underlay;
    private final String overlay;

    Host(String namespace, String underlay, String overlay) {
        this.namespace = namespace;
        this.underlay = underlay;
        this.overlay = overlay;
    }

    /// The name of the namespace.
    String namespace() {
        return namespace;
    }

    /// The address on the underlay, a /30 with the peer.
    String underlay() {
        return underlay;
    }

    /// The address on the overlay, a /30 with the peer.
    String overlay() {
        return overlay;
    }

    /// The other one.
    Host peer() {
        return this == A ? B : A;
    }

    /// Runs a command here and answers what it says.
    String run(Duration limit, String... command) throws IOException, InterruptedException {
        return Shell.run(limit, inside(command));
    }

    /// The same for a command of a few seconds at most.
    String run(String... command) throws IOException, InterruptedException {
        return run(Duration.ofSeconds(10), command);
    }

    /// `ip` with this host's devices.
    void ip(String... arguments) throws IOException, InterruptedException {
        Shell.run(Stream.concat(Stream.of("ip", "-n", namespace), Stream.of(arguments))
                .toArray(String[]::new));
    }

    /// Gives an overlay device its address and MTU and takes it up.
    void configure(String device, int mtu) throws IOException, InterruptedException {
        ip("address", "add", overlay + "/30", "dev", device);
        ip("link", "set", device, "mtu", Integer.toString(mtu), "up");
    }

    /// Starts a program here that runs until it is ended; what it says goes to a file.
    Process start(Path log, String... command) throws IOException {
        return new ProcessBuilder(inside(command))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .start();
    }

    /// Whether there is such a device here.
    boolean hasDevice(String device) throws InterruptedException {
        try {
            ip("link", "show", "dev", device);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /// Waits until a TCP port is listened on in the namespace of `process`, which is this one.
    static void awaitListener(Process process, int port) throws IOException, InterruptedException {
        String wanted = ":%04X".formatted(port);
        for (long end = System.nanoTime() + Duration.ofSeconds(5).toNanos(); System.nanoTime() < end; ) {
            for (String family : List.of("tcp", "tcp6")) {
                Path table = Path.of("/proc", Long.toString(process.pid()), "net", family);
                List<String> rows = process.isAlive() ? Files.readAllLines(table) : List.of();
                if (rows.stream().map(r -> r.strip().split("\\s+")).anyMatch(f -> listens(f, wanted))) {
                    return;
                }
            }
            Thread.sleep(10);
        }
        throw new IOException("nobody listens on port " + port);
    }

    private static boolean listens(String[] row, String port) {
        return row.length > 3 && row[1].endsWith(port) && row[3].equals("0A");
    }

    private List<String> inside(String... command) {
        return Stream.concat(Stream.of("ip", "netns", "exec", namespace), Stream.of(command))
                .toList();
    }
}
