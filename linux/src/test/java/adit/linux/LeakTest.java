package adit.linux;

import static adit.tun.TunSpec.Option.EXCLUSIVE;
import static adit.tun.TunSpec.Option.MULTI_QUEUE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adit.packet.PacketBatch;
import adit.packet.PacketPool;
import adit.tun.TunSpec;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A thousand openings and closings, failing ones too, leave nothing behind.
@Timeout(180)
class LeakTest {
    private static final int CYCLES = 1000;
    private static final long SLACK = 8;
    private static final Pattern OTHER = Pattern.compile("Other \\(reserved=(\\d+)KB");

    /// What each open descriptor points to; what the JVM opens for itself is left out.
    static Set<String> descriptors() throws Exception {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.map(LeakTest::target)
                    .filter(t -> t.matches(".*(tun|eventfd|socket|net:|null).*"))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static String target(Path file) {
        try {
            return file.getFileName() + " " + Files.readSymbolicLink(file);
        } catch (IOException e) {
            return "";
        }
    }

    /// Kilo-octets that foreign-memory code holds, by the JVM's own account; empty when it keeps none.
    static OptionalLong nativeKilos() throws Exception {
        System.gc();
        String report = (String) ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        "vmNativeMemory",
                        new Object[] {new String[] {"summary"}},
                        new String[] {String[].class.getName()});
        Matcher m = OTHER.matcher(report);
        return m.find() ? OptionalLong.of(Long.parseLong(m.group(1))) : OptionalLong.empty();
    }

    private static void cycle(TestHost host, TunDevice standing, int i) throws Exception {
        TunSpec spec = TunSpec.tun("many0").with(MULTI_QUEUE);
        try (TunDevice device = host.open(spec, 2);
                PacketPool pool = new PacketPool(2, 0, 2000);
                TunPort port = new TunPort(device.queue(0), pool);
                PollIdle idle = new PollIdle(IdleStrategy.POLL, port.descriptors())) {
            port.receive(new PacketBatch(2));
            idle.wake();
            idle.idle(0);
            device.queue(1).poll(Set.of(TunQueue.Readiness.READABLE), Duration.ZERO);
        }
        assertThatThrownBy(() -> host.open(TunSpec.tun("one0"))).isInstanceOf(LinuxException.class);
        assertThatThrownBy(() -> host.open(TunSpec.tap("one0"))).isInstanceOf(LinuxException.class);
        assertThatThrownBy(() -> host.open(TunSpec.tun("one0").with(EXCLUSIVE))).isInstanceOf(LinuxException.class);
        assertThatThrownBy(() -> host.open(TunSpec.tun("other0").withIndex(standing.index())))
                .isInstanceOf(LinuxException.class);
        assertThatThrownBy(() -> Netns.open("adit-no-such")).isInstanceOf(LinuxException.class);
        assertThatThrownBy(() -> Netns.around("none", EventFd.open().fd())).isInstanceOf(LinuxException.class);
        assertThatThrownBy(() -> TunDevice.adopt(EventFd.open().fd(), TunSpec.tun("x")))
                .isInstanceOf(LinuxException.class);
        if (i % 50 == 0) {
            // Fails half way, with 256 files open.
            assertThatThrownBy(() -> host.open(spec, 257)).isInstanceOf(LinuxException.class);
            Netns.create().close();
        }
    }

    @Test
    void leavesNeitherDescriptorsNorMemoryBehind() throws Exception {
        try (TestHost host = TestHost.create();
                TunDevice standing = host.open(TunSpec.tun("one0"));
                TunDevice kept = host.open(TunSpec.tun("many0").with(MULTI_QUEUE))) {
            // Attaching to devices that stay is quicker than making them.
            kept.control().persistent(true);
            for (int i = 0; i < 100; i++) {
                cycle(host, standing, i);
            }
            Set<String> before = descriptors();
            long native0 = nativeKilos().orElse(0);
            for (int i = 0; i < CYCLES; i++) {
                cycle(host, standing, i);
            }
            assertThat(descriptors()).isEqualTo(before);
            // Port memory goes with the collector, so it is given some time.
            long kilos = Long.MAX_VALUE;
            for (int i = 0; i < 50 && kilos > native0 + SLACK; i++) {
                Thread.sleep(100);
                kilos = nativeKilos().orElse(0);
            }
            // A thousand times the smallest thing that could be left behind, an errno state of 4 octets with the
            // allocator's 16, would be 20.
            assertThat(kilos).isLessThanOrEqualTo(native0 + SLACK);
        }
    }

    @Test
    void countsNativeMemoryAtAll() throws Exception {
        assertThat(nativeKilos()).isPresent();
    }
}
