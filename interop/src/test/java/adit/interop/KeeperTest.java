package adit.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adit.interop.host.Keeper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeeperTest {
    @TempDir
    Path directory;

    @Test
    void takesAwayWhatItMadeWhenItIsClosed() throws IOException {
        Path thing = directory.resolve("thing");
        try (Keeper keeper = Keeper.make("touch " + thing, "rm " + thing)) {
            assertThat(thing).exists();
            assertThat(keeper).isNotNull();
        }
        assertThat(thing).doesNotExist();
    }

    @Test
    void saysWhyMakingFailedAndTakesAwayTheHalfOfIt() {
        Path thing = directory.resolve("thing");
        assertThatThrownBy(() -> Keeper.make("touch " + thing + "\necho no luck\nfalse\ntouch " + thing, "rm " + thing))
                .isInstanceOf(IOException.class)
                .hasMessage("no luck");
        assertThat(thing).doesNotExist();
    }

    @Test
    void takesAwayWhatItMadeWhenTheJvmIsKilled() throws Exception {
        Path thing = directory.resolve("thing");
        Process jvm = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx32m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Victim.class.getName(),
                        thing.toString())
                .inheritIO()
                .start();
        await(() -> Files.exists(thing), "the thing is made");
        jvm.destroyForcibly().waitFor();
        await(() -> Files.notExists(thing), "the thing is taken away");
    }

    private static void await(java.util.function.BooleanSupplier condition, String what) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited too long until " + what).isLessThan(end);
            Thread.sleep(10);
        }
    }

    /// A program that makes something and never comes to take it away.
    static final class Victim {
        private Victim() {}

        public static void main(String[] args) throws Exception {
            // What is said at the end nobody hears any more, and that must not keep the rest from being done.
            Keeper.make("touch " + args[0], "echo going; rm " + args[0]);
            Thread.sleep(Long.MAX_VALUE);
        }
    }
}
