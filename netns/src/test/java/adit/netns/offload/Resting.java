package adit.netns.offload;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Tells when threads wait: in memory by what the JVM says of them, in a call of the kernel by what the kernel does. A
/// pause instead is too short on a busy machine now and then.
final class Resting {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);
    /// The number of futex(2), as /proc has it in front of the arguments: that is how the JVM itself waits.
    private static final String FUTEX = System.getProperty("os.arch").equals("aarch64") ? "98 " : "202 ";

    private Resting() {}

    /// Answers once all of them wait. Their names differ, and have at most 15 characters.
    static void await(List<Thread> threads) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        for (Thread thread : threads) {
            while (!rests(thread)) {
                if (System.nanoTime() - end > 0) {
                    throw new AssertionError(thread + " does not come to rest");
                }
                Thread.sleep(1);
            }
        }
    }

    private static boolean rests(Thread thread) throws IOException {
        // One that has ended has been told something, and is waited for no longer.
        return thread.getState() == Thread.State.TIMED_WAITING || !thread.isAlive() || isInCall(thread.getName());
    }

    private static boolean isInCall(String name) throws IOException {
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (Path task : tasks) {
                if (read(task.resolve("comm")).equals(name)) {
                    String call = read(task.resolve("syscall"));
                    return !call.isEmpty() && !call.startsWith("running") && !call.startsWith(FUTEX);
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
