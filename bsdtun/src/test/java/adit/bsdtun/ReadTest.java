package adit.bsdtun;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Counter;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// From the send queue to a reader.
@Timeout(60)
class ReadTest {
    /// A read on a thread of its own, which has come to its wait when this returns.
    private static final class Sleeper {
        final CompletableFuture<String> answer = new CompletableFuture<>();
        final Thread thread;

        Sleeper(Supplier<String> read) {
            thread = Thread.ofPlatform().start(() -> {
                try {
                    answer.complete(read.get());
                } catch (Throwable t) {
                    answer.completeExceptionally(t);
                }
            });
            while (thread.getState() != Thread.State.WAITING && thread.isAlive()) {
                Thread.onSpinWait();
            }
        }

        String answer() throws Exception {
            return answer.get(50, TimeUnit.SECONDS);
        }
    }

    private static BsdTunFile sleepy(Rig rig) throws BsdTunException {
        BsdTunFile file = rig.ready();
        new BsdTunControl(file).blocking(true);
        return file;
    }

    @Test
    @Fact("6.1")
    void afterADestructionThereIsNoDevice() throws Exception {
        try (Rig rig = new Rig()) {
            BsdTunFile file = rig.ready();
            rig.driver.destroy(0);
            assertThat(rig.read(file)).isEqualTo("ENXIO");
        }
    }

    @ParameterizedTest
    @EnumSource(BsdProfile.class)
    @Fact("6.2")
    void beforeThereIsAnAddressTheHostIsDown(BsdProfile profile) throws Exception {
        try (Rig rig = new Rig(profile);
                BsdTunFile file = rig.open(0)) {
            assertThat(rig.read(file)).isEqualTo("EHOSTDOWN");
        }
    }

    @Test
    @Fact("6.3")
    void aReaderThatDoesNotWaitWouldBlock() throws Exception {
        try (Rig rig = new Rig()) {
            BsdTunFile file = rig.ready();
            assertThat(file.read(rig.junk(10))).isEqualTo(-35);
        }
    }

    @Test
    @Fact({"6.4", "4.8"})
    void aReaderSleepsUntilThereIsAPacket() throws Exception {
        try (Rig rig = new Rig()) {
            BsdTunFile file = sleepy(rig);
            Sleeper sleeper = new Sleeper(() -> rig.read(file));
            rig.output(0, Rig.TO_PEER);
            assertThat(sleeper.answer()).isEqualTo(Rig.compact(Rig.TO_PEER));
        }
    }

    @Test
    @Fact("6.4")
    void aReaderThatIsInterruptedSaysSo() throws Exception {
        try (Rig rig = new Rig()) {
            BsdTunFile file = sleepy(rig);
            Sleeper sleeper = new Sleeper(
                    () -> rig.read(file) + " " + Thread.currentThread().isInterrupted());
            sleeper.thread.interrupt();
            assertThat(sleeper.answer()).isEqualTo("EINTR true");
        }
    }

    @ParameterizedTest
    @EnumSource(BsdProfile.class)
    @Fact({"6.5", "1.6"})
    void aReaderWhoseInterfaceIsDestroyedWakes(BsdProfile profile) throws Exception {
        try (Rig rig = new Rig(profile)) {
            BsdTunFile file = sleepy(rig);
            Sleeper sleeper = new Sleeper(() -> rig.read(file));
            rig.driver.destroy(0);
            assertThat(sleeper.answer()).isEqualTo("ENXIO");
        }
    }

    /// The new interface has a packet before the sleeper gets to look: it is not for whoever read the old one.
    @ParameterizedTest
    @EnumSource(BsdProfile.class)
    @Fact("6.5")
    void aReaderAsleepOverDestructionAndCreationGetsNoPacketOfTheNewInterface(BsdProfile profile) throws Exception {
        try (Rig rig = new Rig(profile)) {
            BsdTunFile file = sleepy(rig);
            Sleeper sleeper = new Sleeper(() -> rig.read(file));
            rig.driver.lock().lock();
            try {
                rig.driver.destroy(0);
                rig.driver.create(0);
                rig.ifconfig.address("tun0", "10.0.0.1", "10.0.0.2");
                rig.output(0, Rig.TO_PEER);
            } finally {
                rig.driver.lock().unlock();
            }
            assertThat(sleeper.answer()).isEqualTo("ENXIO");
            assertThat(rig.read(file)).as("the file works again").isEqualTo(Rig.compact(Rig.TO_PEER));
        }
    }

    @Test
    void closingWakesAReader() throws Exception {
        try (Rig rig = new Rig()) {
            BsdTunFile file = sleepy(rig);
            Sleeper sleeper = new Sleeper(() -> rig.read(file));
            file.close();
            assertThat(sleeper.answer()).isEqualTo("EBADF");
        }
    }

    @Test
    @Fact("6.6")
    void oneReadIsOnePacketAndTheRestOfItIsLost() throws Exception {
        try (Rig rig = new Rig()) {
            BsdTunFile file = rig.ready();
            rig.output(0, Rig.TO_PEER);
            rig.output(0, Rig.TO_PEER.replace("0001 0000", "0002 0000"));
            MemorySegment into = rig.junk(24);
            assertThat(file.read(into, 2, 20)).isEqualTo(20);
            assertThat(Rig.compact(
                            java.util.HexFormat.of().formatHex(into.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE))))
                    .isEqualTo("a5a5" + Rig.compact(Rig.TO_PEER).substring(0, 40) + "a5a5");
            assertThat(file.read(into, 0, 0)).as("nothing asked, nothing lost").isZero();
            assertThat(rig.read(file)).isEqualTo(Rig.compact(Rig.TO_PEER.replace("0001 0000", "0002 0000")));
            assertThat(rig.read(file)).isEqualTo("EAGAIN");
        }
    }

    @Test
    @Fact("6.7")
    void memoryThatIsNotThereLosesThePacketAndCountsAsAnInputError() throws Exception {
        try (Rig rig = new Rig()) {
            BsdTunFile file = rig.ready();
            rig.output(0, Rig.TO_PEER);
            assertThat(file.read(rig.junk(20), 0, 100)).isEqualTo(-BsdErrno.EFAULT);
            assertThat(rig.device(0).statistics().get(Counter.RX_ERRORS)).isEqualTo(1);
            assertThat(rig.read(file)).isEqualTo("EAGAIN");
            rig.output(0, Rig.TO_PEER);
            assertThat(file.read(rig.junk(30), 0, 100)).as("the packet fits").isEqualTo(28);
        }
    }
}
