package adit.bsdtun;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Device;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Many threads at one unit.
@Timeout(120)
class StressTest {
    private static final int LIVES = 2_000;

    /// Answers what the calls answered, errors by their names.
    private static Callable<Set<String>> until(AtomicBoolean done, java.util.function.IntSupplier call) {
        return () -> {
            Set<String> answers = new TreeSet<>();
            while (!done.get()) {
                int answer = call.getAsInt();
                answers.add(answer < 0 ? BsdErrno.name(-answer) : answer + "");
                Thread.onSpinWait();
            }
            return answers;
        };
    }

    @Test
    void noPacketIsLostTrackOfWhileTheInterfaceIsDestroyedAndMadeAnew() throws Exception {
        try (Rig rig = new Rig();
                ExecutorService threads = Executors.newCachedThreadPool()) {
            BsdTunFile file = rig.ready();
            rig.table.receiver(Device::send);
            MemorySegment packet = rig.octets(Rig.TO_PEER);
            List<MemorySegment> buffers = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                buffers.add(rig.junk(100));
            }
            AtomicBoolean done = new AtomicBoolean();
            Future<Set<String>> written = threads.submit(until(done, () -> file.write(packet)));
            List<Future<Set<String>>> read = new ArrayList<>();
            for (MemorySegment into : buffers) {
                read.add(threads.submit(until(done, () -> file.read(into))));
            }
            Future<Set<String>> polled = threads.submit(until(done, () -> file.poll(BsdPoll.POLLIN)));
            for (int life = 0; life < LIVES; life++) {
                assertThat(rig.driver.destroy(0)).isZero();
                assertThat(rig.driver.create(0)).isZero();
                rig.device(0).up();
            }
            done.set(true);
            assertThat(written.get(60, TimeUnit.SECONDS)).isSubsetOf("28", "ENXIO", "ENOBUFS");
            for (Future<Set<String>> answers : read) {
                assertThat(answers.get(60, TimeUnit.SECONDS)).isSubsetOf("28", "ENXIO", "EAGAIN", "EHOSTDOWN");
            }
            assertThat(polled.get(60, TimeUnit.SECONDS)).isSubsetOf("0", "1");
        }
    }

    @Test
    void everySleeperWakesWhenItsInterfaceGoes() throws Exception {
        try (Rig rig = new Rig();
                ExecutorService threads = Executors.newCachedThreadPool()) {
            BsdTunFile file = rig.ready();
            new BsdTunControl(file).blocking(true);
            for (int life = 0; life < 200; life++) {
                MemorySegment into = rig.junk(100);
                List<Future<Integer>> readers = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    readers.add(threads.submit(() -> file.read(into)));
                }
                rig.driver.destroy(0);
                for (Future<Integer> reader : readers) {
                    assertThat(reader.get(60, TimeUnit.SECONDS)).isEqualTo(-BsdErrno.ENXIO);
                }
                rig.driver.create(0);
            }
        }
    }
}
