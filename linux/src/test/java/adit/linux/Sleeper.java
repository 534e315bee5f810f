package adit.linux;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// Tells when another thread waits in ppoll(2), by what the kernel says of it. A test that only paused instead would
/// fail on a busy machine.
final class Sleeper {
    private static final int ATTEMPTS = 30_000;
    /// The number of ppoll(2), as /proc has it in front of the arguments.
    private static final String PPOLL = System.getProperty("os.arch").equals("aarch64") ? "73 " : "271 ";

    private Sleeper() {}

    /// Answers once a thread of this name, at most 15 characters, waits.
    static void await(String thread) throws IOException, InterruptedException {
        for (int i = 0; i < ATTEMPTS; i++) {
            if (waits(thread)) {
                return;
            }
            Thread.sleep(1);
        }
        throw new AssertionError("no thread " + thread + " waits in ppoll");
    }

    private static boolean waits(String thread) throws IOException {
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (Path task : tasks) {
                if (read(task.resolve("comm")).equals(thread)
                        && read(task.resolve("syscall")).startsWith(PPOLL)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return ""; // the thread has ended
        }
    }
}
