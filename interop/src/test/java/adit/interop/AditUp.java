package adit.interop;

import adit.interop.host.LocalCommand;
import adit.interop.host.Namespace;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The program under test, running `up` in a namespace.
final class AditUp implements AutoCloseable {
    // Each takes a second or two; the limits are for machines that have other things to do.
    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final Duration STOP_LIMIT = Duration.ofMinutes(1);
    private static final Duration STATUS_LIMIT = Duration.ofMinutes(2);

    private final Namespace namespace;
    private final Process process;
    private final Path log;

    private AditUp(Namespace namespace, Process process, Path log) {
        this.namespace = namespace;
        this.process = process;
        this.log = log;
    }

    /// Starts it with this configuration and waits until the tunnel device [Tunnel#DEVICE] is up.
    static AditUp start(Namespace namespace, String configuration) {
        return start(namespace, configuration, Rights.ROOT);
    }

    /// The same with these rights; waits until the program says that the tunnel is up.
    static AditUp start(Namespace namespace, String configuration, Rights rights) {
        AditUp up = launch(namespace, configuration, rights);
        try {
            up.awaitDevice();
        } catch (Throwable t) {
            up.process.destroyForcibly();
            throw t;
        }
        return up;
    }

    /// Starts it with this configuration and these rights, and waits for nothing.
    static AditUp launch(Namespace namespace, String configuration, Rights rights) {
        try {
            Path file = Path.of(namespace.scratch(), "tunnels.yaml");
            Path log = Path.of(namespace.scratch(), "adit.log");
            Files.writeString(file, configuration);
            namespace.run("chown -R %1$d %2$s".formatted(rights == Rights.ROOT ? 0 : Rights.USER, namespace.scratch()));
            List<String> command = program(namespace, "up", file.toString());
            Process process = new ProcessBuilder(
                            namespace.command(rights.command(command).toArray(String[]::new)))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            return new AditUp(namespace, process, log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The program's command line, with the classes that this build has just compiled.
    private static List<String> program(Namespace namespace, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "env",
                "ADIT_RUNTIME_DIR=" + namespace.scratch(),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPath(namespace),
                "adit.program.Adit"));
        command.addAll(List.of(arguments));
        return command;
    }

    /// A copy of this JVM's class path, because what root has built other users may not be able to read.
    private static String classPath(Namespace namespace) throws IOException {
        Path copy = Path.of(namespace.scratch(), "classes");
        List<String> there = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path to = copy.resolve(there.size() + "-" + Path.of(entry).getFileName());
            there.add(to.toString());
            if (Files.exists(Path.of(entry)) && Files.notExists(to)) {
                Files.createDirectories(copy);
                LocalCommand.output("cp", "-rL", entry, to.toString());
            }
        }
        return String.join(File.pathSeparator, there);
    }

    /// Waits until the tunnel device is up and the program has said so.
    void awaitDevice() {
        long end = System.nanoTime() + START_LIMIT.toNanos();
        while (!deviceIsUp() || !log().contains(Tunnel.DEVICE + " is up")) {
            if (!process.isAlive() || System.nanoTime() > end) {
                throw new AssertionError("no device " + Tunnel.DEVICE + " has come up: " + log());
            }
            sleep();
        }
    }

    /// Whether the tunnel device is there and up.
    boolean deviceIsUp() {
        return namespace
                .exec("ip -o link show dev " + Tunnel.DEVICE + " up 2>/dev/null", Duration.ofMinutes(1))
                .output()
                .contains(Tunnel.DEVICE);
    }

    /// Whether the program still runs.
    boolean running() {
        return process.isAlive();
    }

    /// What the program has written so far.
    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// How many file descriptors the program has open.
    int descriptors() {
        String[] open = Path.of("/proc/" + process.pid() + "/fd").toFile().list();
        return open == null ? 0 : open.length;
    }

    /// What `adit status` says of it, as JSON.
    String status() {
        try {
            List<String> command = program(namespace, "status", "" + process.pid());
            return LocalCommand.run(STATUS_LIMIT, namespace.command(command.toArray(String[]::new)))
                    .output();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The first number of this name in the status; 0 when it is not there.
    static long number(String status, String name) {
        Matcher number =
                Pattern.compile('"' + Pattern.quote(name) + "\"\\s*:\\s*(\\d+)").matcher(status);
        return number.find() ? Long.parseLong(number.group(1)) : 0;
    }

    /// Waits until the program has ended by itself, and answers its exit code.
    int awaitEnd() {
        try {
            if (!process.waitFor(START_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("adit up goes on: " + log());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }

    /// Asks the program to end as a service manager would, and answers its exit code.
    int stop() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("adit up does not end on SIGTERM: " + log());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }

    private static void sleep() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stop();
    }
}
