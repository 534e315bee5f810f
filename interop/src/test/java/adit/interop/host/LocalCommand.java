package adit.interop.host;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Programs of this machine.
public final class LocalCommand {
    private static final int KILLED = 137;

    private LocalCommand() {}

    /// Whether a program of this name is on the search path.
    public static boolean exists(String program) {
        return find(program) != null;
    }

    /// Where the program of this name is, or null. Looks where system programs are too, which a user's PATH may
    /// leave out.
    public static Path find(String program) {
        String places = System.getenv().getOrDefault("PATH", "") + ":/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin";
        for (String place : places.split(File.pathSeparator)) {
            Path candidate = Path.of(place, program);
            if (Files.isExecutable(candidate) && !Files.isDirectory(candidate)) {
                return candidate;
            }
        }
        return null;
    }

    /// Runs a program to its end, with nothing to read. Kills it, and what it started, when `limit` is over.
    public static Outcome run(Duration limit, List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectInput(new File("/dev/null"))
                    .redirectErrorStream(true)
                    .start();
            ByteArrayOutputStream output = new ByteArrayOutputStream();
            Thread reader = Thread.ofVirtual().start(() -> drain(process.getInputStream(), output));
            boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
            if (!ended) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor();
            }
            // A program left behind in the background may hold the pipe open; what it says is no concern of ours.
            reader.join(1000);
            return new Outcome(ended ? process.exitValue() : KILLED, text(output));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + command, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + command, e);
        }
    }

    /// Runs a program to its end and answers what it wrote. Throws when it fails or takes longer than a minute.
    public static String output(String... command) throws IOException {
        Outcome outcome = run(Duration.ofMinutes(1), List.of(command));
        if (!outcome.ok()) {
            throw new IOException(String.join(" ", command) + " failed with exit code " + outcome.code() + ": "
                    + outcome.output().strip());
        }
        return outcome.output();
    }

    /// Runs a program that turns `input` into the octets that this answers. Throws when it fails.
    public static byte[] filter(byte[] input, String... command) throws IOException {
        Path from = Files.createTempFile("adit-filter", "");
        try {
            Files.write(from, input);
            Process process = new ProcessBuilder(command)
                    .redirectInput(from.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            byte[] output = process.getInputStream().readAllBytes();
            int code = process.waitFor();
            if (code != 0) {
                throw new IOException(String.join(" ", command) + " failed with exit code " + code);
            }
            return output;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            Files.delete(from);
        }
    }

    private static void drain(InputStream from, ByteArrayOutputStream to) {
        byte[] piece = new byte[8192];
        try (from) {
            for (int n = from.read(piece); n >= 0; n = from.read(piece)) {
                synchronized (to) {
                    to.write(piece, 0, n);
                }
            }
        } catch (IOException e) {
            // The pipe broke because the program was killed; its exit code tells.
        }
    }

    private static String text(ByteArrayOutputStream output) {
        synchronized (output) {
            return output.toString(StandardCharsets.UTF_8);
        }
    }
}
