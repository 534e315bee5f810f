package adit.linux;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// Tells when another thread waits in ppoll(2) or readv(2), by what the kernel says of it. A test that only paused
/// instead would fail on a busy machine.
final class Sleeper {
    private static final int ATTEMPTS = 30_000;
    private static final boolean AARCH64 = System.getProperty("os.arch").equals("aarch64");
    /// The number of ppoll(2), as /proc has it in front of the arguments.
    static final String PPOLL = AARCH64 ? "73 " : "271 ";
    /// The number of readv(2).
    static final String READV = AARCH64 ? "65 " : "19 ";

    private Sleeper() {}

    /// Answers once a thread of this name, at most 15 characters, waits.
    static void await(String thread) throws IOException, InterruptedException {
        for (int i = 0; i < ATTEMPTS; i++) {
            if (waits(thread, PPOLL)) {
                return;
            }
            Thread.sleep(1);
        }
        throw new AssertionError("no thread " + thread + " waits in ppoll");
    }

    /// Whether a thread of this name waits in `call` just now.
    static boolean waits(String thread, String call) throws IOException {
        Path task = task(thread);
        return task != null && read(task.resolve("syscall")).startsWith(call);
    }

    /// How often a thread of this name has gone to sleep.
    static long sleeps(String thread) throws IOException {
        Path task = task(thread);
        return task == null
                ? -1
                : read(task.resolve("status"))
                        .lines()
                        .filter(line -> line.startsWith("voluntary_ctxt_switches:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .sum();
    }

    /// Null when there is none.
    private static Path task(String thread) throws IOException {
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (Path task : tasks) {
                if (read(task.resolve("comm")).equals(thread)) {
                    return task;
                }
            }
        }
        return null;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return ""; // the thread has ended
        }
    }
}
