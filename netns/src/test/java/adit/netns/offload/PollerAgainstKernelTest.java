package adit.netns.offload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.device.Errno;
import adit.linux.KernelTunDriver;
import adit.linux.Netns;
import adit.netns.Namespace;
import adit.netns.Needs;
import adit.tun.PollEvents;
import adit.tun.ReadyFiles;
import adit.tun.TunFile;
import adit.tun.TunIoctl;
import adit.tun.TunOpener;
import adit.tun.TunPoller;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Files watched by pollers in every way that epoll(7) has, by steps drawn from a seed, of the running kernel and in
/// memory: the same is told, in the same order. `-Dpoller.seed=N` draws others.
class PollerAgainstKernelTest {
    private static final long SEED = Long.getLong("poller.seed", 1);
    private static final int ROUNDS = 40;
    private static final int STEPS = 150;
    private static final int SHOWN = 40;
    private static final int FILES = 3;
    private static final int POLLERS = 3;
    private static final int WAITING = 6;
    private static final long LONG_WAIT_NANOS = 1_500_000_000L;
    private static final long WAIT_NANOS = 50_000_000L;
    private static final long PATIENCE_NANOS = 1_000_000_000L;
    private static final int[] EVENTS = {0, 1, 4, 5, 0x41, 0x104, 0x145, 8, 2, 0x10, 0x2018, 0x1f};
    private static final int[] HOW = {
        0,
        0,
        PollEvents.EDGE,
        PollEvents.ONE_SHOT,
        PollEvents.EDGE | PollEvents.ONE_SHOT,
        PollEvents.EXCLUSIVE,
        PollEvents.EXCLUSIVE | PollEvents.EDGE,
        PollEvents.EXCLUSIVE | PollEvents.ONE_SHOT
    };

    @BeforeAll
    static void needsTheKernelThatIsFollowed() {
        Needs.tun();
        assumeTrue(
                System.getProperty("os.version").startsWith("6.18."),
                "needs Linux 6.18, which is what the driver in memory follows");
    }

    @Test
    void tellsWhatTheKernelTells() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            long seed = SEED * ROUNDS + round;
            try (Netns kernel = Netns.create()) {
                kernel.call(() -> {
                    walk(seed);
                    return null;
                });
            }
        }
    }

    /// How many of three pollers, in each of which a thread waits for the same file, are told of one packet.
    @ParameterizedTest
    @ValueSource(
            ints = {PollEvents.IN, PollEvents.IN | PollEvents.EXCLUSIVE, PollEvents.EXCLUSIVE | PollEvents.EDGE | 5})
    void tellsAsManyAsTheKernelDoes(int events) throws Exception {
        try (Netns kernel = Netns.create()) {
            kernel.call(() -> {
                int mine;
                int real;
                try (OurRouter router = new OurRouter(Layout.tuns(0))) {
                    mine = told(router, router.opener(), events);
                }
                try (KernelRouter router = new KernelRouter(Layout.tuns(0))) {
                    Files.writeString(Path.of("/proc/sys/net/ipv6/conf/all/disable_ipv6"), "1");
                    router.right();
                    real = told(router, new KernelTunDriver(), events);
                }
                assertThat(mine).isEqualTo(real);
                return null;
            });
        }
    }

    private static int told(Router router, TunOpener opener, int events) throws Exception {
        List<TunPoller> pollers = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        AtomicInteger told = new AtomicInteger();
        for (int i = 0; i < POLLERS; i++) {
            TunPoller poller = opener.poller();
            pollers.add(poller);
            assertThat(poller.add(router.right, events, i)).isZero();
            ReadyFiles ready = new ReadyFiles(1);
            // It is writable from the first.
            poller.await(ready, 0);
            threads.add(Thread.ofPlatform()
                    .name("poller " + i)
                    .start(() -> told.addAndGet(poller.await(ready, LONG_WAIT_NANOS))));
        }
        Resting.await(threads);
        router.write("00".repeat(10), Packets.ip4("0001", "0000", 1, "0a010002", "0a020002", "0000ffff00000000"));
        for (Thread thread : threads) {
            thread.join();
        }
        pollers.forEach(TunPoller::close);
        return told.get();
    }

    /// How many of those who wait in one poller are told of a file that stays ready.
    @Test
    void tellsAllWhoWaitInOnePoller() throws Exception {
        try (Netns kernel = Netns.create()) {
            kernel.call(() -> {
                int real;
                try (KernelRouter router = new KernelRouter(Layout.tuns(0))) {
                    Files.writeString(Path.of("/proc/sys/net/ipv6/conf/all/disable_ipv6"), "1");
                    router.right();
                    real = toldInOne(router, new KernelTunDriver());
                }
                for (int i = 0; i < ROUNDS; i++) {
                    try (OurRouter router = new OurRouter(Layout.tuns(0))) {
                        assertThat(toldInOne(router, router.opener())).isEqualTo(real);
                    }
                }
                return null;
            });
        }
    }

    private static int toldInOne(Router router, TunOpener opener) throws Exception {
        List<Thread> threads = new ArrayList<>();
        AtomicInteger told = new AtomicInteger();
        try (TunPoller poller = opener.poller()) {
            assertThat(poller.add(router.right, PollEvents.IN, null)).isZero();
            for (int i = 0; i < WAITING; i++) {
                threads.add(Thread.ofPlatform()
                        .name("waiting " + i)
                        .start(() -> told.addAndGet(poller.await(new ReadyFiles(1), LONG_WAIT_NANOS))));
            }
            Resting.await(threads);
            router.write("00".repeat(10), Packets.ip4("0001", "0000", 1, "0a010002", "0a020002", "0000ffff00000000"));
            for (Thread thread : threads) {
                thread.join();
            }
        }
        return told.get();
    }

    /// A wait takes its time, whatever waits there have been.
    @Test
    void waitsAgain() throws Exception {
        try (Netns kernel = Netns.create();
                Namespace memory = Namespace.open()) {
            kernel.call(() -> {
                for (TunOpener opener : List.of(new KernelTunDriver(), memory.tun())) {
                    try (TunPoller poller = opener.poller()) {
                        ReadyFiles ready = new ReadyFiles(1);
                        assertThat(poller.await(ready, 0)).isZero();
                        long start = System.nanoTime();
                        assertThat(poller.await(ready, WAIT_NANOS)).isZero();
                        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(WAIT_NANOS);
                    }
                }
                return null;
            });
        }
    }

    private static void walk(long seed) throws Exception {
        Layout layout = Layout.tuns(0);
        List<String> mine;
        List<String> real;
        try (OurRouter router = new OurRouter(layout);
                Watchers watchers = new Watchers(router, router.opener())) {
            mine = watchers.walk(new SplittableRandom(seed));
        }
        try (KernelRouter router = new KernelRouter(layout);
                Watchers watchers = new Watchers(router, new KernelTunDriver())) {
            // It has nothing to say by itself then.
            Files.writeString(Path.of("/proc/sys/net/ipv6/conf/all/disable_ipv6"), "1");
            router.right();
            router.left();
            real = watchers.walk(new SplittableRandom(seed));
        }
        int same = 0;
        while (same < STEPS && mine.get(same).equals(real.get(same))) {
            same++;
        }
        int shown = Math.min(same + 1, STEPS);
        assertThat(mine.get(shown - 1))
                .as("walk %d, after %s", seed, String.join("\n", mine.subList(Math.max(0, shown - SHOWN), shown - 1)))
                .isEqualTo(real.get(shown - 1));
    }

    /// The files of a router, one without a device, and two pollers.
    private static final class Watchers implements AutoCloseable {
        private final Router router;
        private final List<TunFile> files = new ArrayList<>();
        private final List<TunPoller> pollers = new ArrayList<>();
        private final Arena arena = Arena.ofShared();
        private final MemorySegment buffer = arena.allocate(2000, 8);
        private final String packet = Packets.ip4("0001", "0000", 1, "0a010002", "0a020002", "0000ffff00000000");
        private int waiting;

        Watchers(Router router, TunOpener opener) throws IOException {
            this.router = router;
            files.add(router.right);
            files.add(router.left);
            files.add(opener.open());
            pollers.add(opener.poller());
            pollers.add(opener.poller());
        }

        List<String> walk(SplittableRandom random) throws InterruptedException {
            List<String> told = new ArrayList<>();
            for (int i = 0; i < STEPS; i++) {
                told.add(i + " " + step(random));
            }
            return told;
        }

        private String step(SplittableRandom random) throws InterruptedException {
            int kind = random.nextInt(12);
            int p = random.nextInt(pollers.size());
            int f = random.nextInt(FILES);
            int events = EVENTS[random.nextInt(EVENTS.length)] | HOW[random.nextInt(HOW.length)];
            TunPoller poller = pollers.get(p);
            TunFile file = files.get(f);
            return switch (kind) {
                case 0 -> "add " + p + f + " " + Integer.toHexString(events) + ": " + poller.add(file, events, f);
                case 1 -> "change " + p + f + " " + Integer.toHexString(events) + ": " + poller.change(file, events);
                case 2 -> random.nextInt(3) > 0 ? "" : "remove " + p + f + ": " + poller.remove(file);
                case 3, 4 -> {
                    send();
                    yield "send";
                }
                case 5, 6 -> {
                    int n = router.right.read(buffer);
                    waiting -= n > 0 ? 1 : 0;
                    yield "read " + (n > 0 ? Integer.toString(n) : Errno.name(-n));
                }
                case 7 -> {
                    MemorySegment octets = arena.allocate(4, 4);
                    octets.set(ValueLayout.JAVA_INT, 0, random.nextBoolean() ? 1 : 1_000_000);
                    yield "sndbuf " + f + ": " + file.ioctl(TunIoctl.TUNSETSNDBUF, octets);
                }
                default -> await(p, 1 + random.nextInt(3));
            };
        }

        private void send() throws InterruptedException {
            router.write("00".repeat(10), packet);
            waiting++;
            long end = System.nanoTime() + PATIENCE_NANOS;
            while ((router.right.poll(PollEvents.IN) & PollEvents.IN) == 0 && System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            if (waiting > 1) {
                Thread.sleep(1);
            }
        }

        private String await(int p, int room) {
            ReadyFiles ready = new ReadyFiles(room);
            StringBuilder told =
                    new StringBuilder("await " + p + ": " + pollers.get(p).await(ready, 0));
            for (int i = 0; i < ready.count(); i++) {
                told.append(" ").append(ready.attachment(i)).append("=").append(Integer.toHexString(ready.events(i)));
            }
            return told.toString();
        }

        @Override
        public void close() {
            pollers.forEach(TunPoller::close);
            files.getLast().close();
            arena.close();
        }
    }
}
