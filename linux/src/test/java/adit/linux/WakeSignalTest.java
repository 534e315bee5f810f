package adit.linux;

import static org.assertj.core.api.Assertions.assertThat;

import adit.linux.sys.Libc;
import adit.linux.sys.LibcSignal;
import adit.linux.sys.Signal;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Which signal is taken for ending calls, where others have handlers.
@Timeout(60)
class WakeSignalTest {
    private static final long SIG_IGN = 1;
    private static final int FREE = 41;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment action = arena.allocate(Signal.ACTION_SIZE, 8);
    private final List<Integer> taken = new ArrayList<>();

    private void takeAllSignals() {
        for (int number = Signal.LOWEST; number <= Signal.HIGHEST; number++) {
            if (number != Signal.OF_JDK && handler(number) == Signal.SIG_DFL) {
                install(number, SIG_IGN);
                taken.add(number);
            }
        }
    }

    @AfterEach
    void giveThemBack() {
        taken.forEach(number -> install(number, Signal.SIG_DFL));
        arena.close();
    }

    private long handler(int number) {
        assertThat(LibcSignal.sigaction(Libc.errnoState(), number, MemorySegment.NULL, action))
                .isZero();
        return Signal.handler(action);
    }

    private void install(int number, long handler) {
        Signal.action(action, handler);
        assertThat(LibcSignal.sigaction(Libc.errnoState(), number, action, MemorySegment.NULL))
                .isZero();
    }

    @Test
    void takesNoneThatSomebodyHas() {
        takeAllSignals();
        assertThat(WakeSignal.claim()).isEqualTo(WakeSignal.NONE);
        assertThat(taken).allSatisfy(number -> assertThat(handler(number)).isEqualTo(SIG_IGN));
    }

    @Test
    void takesOneThatNobodyHas() {
        takeAllSignals();
        install(FREE, Signal.SIG_DFL);
        assertThat(WakeSignal.claim()).isEqualTo(FREE);
        assertThat(handler(FREE)).isNotIn(Signal.SIG_DFL, SIG_IGN);
    }

    @Test
    void withoutASignalThereIsNoRest() {
        takeAllSignals();
        RestInRead rest = RestInRead.endedBy(WakeSignal::claim);
        assertThat(rest.offer()).isFalse();
        assertThat(rest.take()).isFalse();
        rest.interruptedInPoll();
        rest.close();
    }

    /// In a process of its own, which nobody else has made a handler in; the kernel says what it has.
    @Test
    void isTakenOnceSomebodyRestsInTheReadOfAPortAndNotBefore() throws Exception {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SignalsProgram.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor()).as(said).isZero();
        List<Long> caught =
                said.lines().map(line -> Long.parseUnsignedLong(line, 16)).toList();
        assertThat(caught).hasSize(3);
        long jdk = 1L << (Signal.OF_JDK - 1);
        long realTime = (-1L << (Signal.LOWEST - 1)) & ~jdk;
        assertThat(caught.get(0) & realTime).as("at the start").isZero();
        assertThat(caught.get(1) & realTime).as("after resting in poll").isZero();
        assertThat(Long.bitCount(caught.get(2) & realTime))
                .as("after resting in the read")
                .isOne();
    }
}
