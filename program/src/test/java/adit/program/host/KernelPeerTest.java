package adit.program.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.linux.Netns;
import adit.linux.TunDevice;
import adit.linux.TunPort;
import adit.packet.PacketPool;
import adit.port.Cable;
import adit.port.Faults;
import adit.port.FaultyPort;
import adit.port.Patch;
import adit.port.Port;
import adit.port.Turn;
import adit.tun.TunSpec;
import adit.wire.Ip4Address;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The host in memory against Linux's own stack, over a TUN device in a namespace of its own: the kernel checks
/// every header and checksum and speaks the other half of TCP.
@Timeout(600) // far beyond what any of these takes: each says itself when nothing goes on any more
class KernelPeerTest {
    private static final Ip4Address KERNEL = Ip4Address.of(10, 91, 0, 1);
    private static final Ip4Address MEMORY = Ip4Address.of(10, 91, 0, 2);
    private static final Ip4Address BEHIND = Ip4Address.of(10, 92, 0, 2);
    private static final long SECOND = 1_000_000_000L;

    @TempDir
    Path folder;

    private final PacketPool pool = new PacketPool(1_500, 64, 9_000);
    private final List<Turn> turns = new ArrayList<>();
    private final List<AutoCloseable> open = new ArrayList<>();
    private Netns namespace;

    @BeforeEach
    void makeNamespace() throws Exception {
        assumeTrue(Files.isWritable(Path.of("/dev/net/tun")), "needs /dev/net/tun, and the right to use it");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/socat")), "needs socat");
        try {
            namespace = Netns.create();
        } catch (IOException e) {
            assumeTrue(false, "needs root: " + e.getMessage());
        }
        open.add(namespace);
    }

    @AfterEach
    void everyBufferCameHome() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
        assertThat(pool.lent()).isZero();
        pool.close();
    }

    // ---- helpers ----

    private void ip(String command) throws Exception {
        String[] words = ("ip " + command).split(" ");
        Process ip = namespace.exec(words);
        assertThat(ip.waitFor())
                .as("%s: %s", command, text(ip.getErrorStream()))
                .isZero();
    }

    private static String text(InputStream in) throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    /// A TUN device with an address of the kernel's, and its queue.
    private Port tun(String name, Ip4Address address, int mtu) throws Exception {
        TunDevice device = namespace.call(() -> TunDevice.open(TunSpec.tun(name)));
        open.add(device);
        ip("link set " + name + " mtu " + mtu + " up");
        ip("addr add " + address + "/24 dev " + name);
        return new TunPort(device.queue(0), pool);
    }

    private MemoryHost host(Ip4Address address, Port port, long seed) {
        MemoryHost host = new MemoryHost(address, port, pool, new SplittableRandom(seed));
        open.add(host);
        turns.add(host);
        return host;
    }

    private MemoryHost hostBehindTun(int mtu) throws Exception {
        return host(MEMORY, tun("tun0", KERNEL, mtu), 1);
    }

    private void runUntil(BooleanSupplier done) {
        runUntil(done, () -> 0);
    }

    /// Runs until `done`, and fails when `progress` stands still for a minute. How fast it goes does not matter.
    private void runUntil(BooleanSupplier done, LongSupplier progress) {
        long last = progress.getAsLong();
        long since = System.nanoTime();
        while (!done.getAsBoolean()) {
            step();
            long now = System.nanoTime();
            if (progress.getAsLong() != last) {
                last = progress.getAsLong();
                since = now;
            }
            assertThat(now - since).as("nothing went on, at %d", last).isLessThan(60 * SECOND);
        }
        for (int i = 0; i < 100; i++) {
            step(); // the last acknowledgments
        }
    }

    private void step() {
        int moved = 0;
        for (Turn turn : turns) {
            moved += turn.turn(System.nanoTime());
        }
        if (moved == 0) {
            LockSupport.parkNanos(20_000);
        }
    }

    private Process start(String... command) throws IOException {
        Process process = namespace.exec(new ProcessBuilder(command).redirectErrorStream(true));
        open.add(() -> {
            process.destroyForcibly();
            process.waitFor();
        });
        return process;
    }

    /// What `socat | sha256sum` says when it has read all.
    private static String digestOf(Process process) {
        try {
            return text(process.getInputStream()).strip().replaceAll(" .*", "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Process startReceiver(int port) throws Exception {
        return startReceiver(port, "socat -u TCP-LISTEN:" + port + ",reuseaddr - | sha256sum");
    }

    /// Runs `script` and waits until it listens on `port`.
    private Process startReceiver(int port, String script) throws Exception {
        Process process = start("sh", "-c", script);
        String listening = ":%04X 00000000:0000 0A".formatted(port);
        for (int i = 0; i < 3_000; i++) {
            Process cat = namespace.exec("cat", "/proc/thread-self/net/tcp");
            if (text(cat.getInputStream()).contains(listening)) {
                return process;
            }
            Thread.sleep(10);
        }
        throw new AssertionError("socat does not listen");
    }

    /// Neither the host nor the kernel found anything malformed or damaged.
    private void assertNothingWasWrong(MemoryHost host) throws Exception {
        for (HostDrop reason : HostDrop.values()) {
            assertThat(host.dropped(reason)).as("%s", reason).isZero();
        }
        Map<String, Long> counters = counters("snmp");
        assertThat(counters.get("Ip.InReceives")).isPositive();
        for (String name : List.of(
                "Ip.InHdrErrors",
                "Ip.InAddrErrors",
                "Ip.ReasmFails",
                "Icmp.InErrors",
                "Icmp.InCsumErrors",
                "Tcp.InErrs",
                "Tcp.InCsumErrors")) {
            assertThat(counters.get(name)).as("%s", name).isZero();
        }
    }

    /// What the kernel counts in the file: pairs of lines, names and then values, each after the protocol's name.
    private Map<String, Long> counters(String file) throws Exception {
        Process cat = namespace.exec("cat", "/proc/thread-self/net/" + file);
        Map<String, Long> counters = new HashMap<>();
        String[] lines = text(cat.getInputStream()).split("\n");
        for (int i = 0; i + 1 < lines.length; i += 2) {
            String[] names = lines[i].split(" ");
            String[] values = lines[i + 1].split(" ");
            for (int k = 1; k < names.length; k++) {
                counters.put(names[0].replace(":", ".") + names[k], Long.parseLong(values[k]));
            }
        }
        return counters;
    }

    // ---- pings ----

    @ParameterizedTest
    @ValueSource(ints = {0, 56, 1_472, 1_473, 4_000, 8_900})
    void answersTheKernelsPings(int size) throws Exception {
        MemoryHost host = hostBehindTun(1_500);
        Process ping = start("ping", "-c", "5", "-i", "0.05", "-W", "2", "-s", "" + size, MEMORY.toString());
        runUntil(() -> !ping.isAlive());
        String said = text(ping.getInputStream());
        assertThat(said)
                .contains("5 packets transmitted, 5 received, 0% packet loss")
                .doesNotContain("wrong");
        assertThat(host.answered()).isEqualTo(5);
        assertNothingWasWrong(host);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 56, 1_472, 1_473, 4_000, 8_900})
    void isAnsweredByTheKernel(int size) throws Exception {
        MemoryHost host = hostBehindTun(1_500);
        step();
        Pings pings = host.ping(KERNEL, new Pings.Plan(5, SECOND / 50, size, 2 * SECOND));
        runUntil(() -> pings.isOver());
        assertThat(pings.received()).isEqualTo(5);
        assertThat(pings.duplicates()).isZero();
        assertNothingWasWrong(host);
    }

    // ---- TCP ----

    @Test
    void sendsToTheKernelByTcp() throws Exception {
        MemoryHost host = hostBehindTun(1_500);
        Process receiver = startReceiver(5001);
        TestData data = new TestData(10_000_001, 1);
        BulkSender sender = host.send(KERNEL, 5001, data);
        runUntil(() -> sender.state() == BulkSender.State.FINISHED, sender::acknowledged);
        assertThat(digestOf(receiver)).isEqualTo(HexFormat.of().formatHex(data.digest()));
        assertNothingWasWrong(host);
    }

    @Test
    void receivesFromTheKernelByTcp() throws Exception {
        MemoryHost host = hostBehindTun(1_500);
        byte[] octets = new byte[10_000_001];
        new TestData(octets.length, 2).write(0, MemorySegment.ofArray(octets), 0, octets.length);
        Path file = Files.write(folder.resolve("data"), octets);
        BulkReceiver receiver = host.listen(5002);
        start("socat", "-u", "FILE:" + file, "TCP:" + MEMORY + ":5002");
        runUntil(() -> receiver.state() == BulkReceiver.State.FINISHED, receiver::received);
        assertThat(receiver.received()).isEqualTo(octets.length);
        assertThat(receiver.digest())
                .isEqualTo(MessageDigest.getInstance("SHA-256").digest(octets));
        assertNothingWasWrong(host);
    }

    @Test
    void waitsForAKernelThatDoesNotRead() throws Exception {
        MemoryHost host = hostBehindTun(1_500);
        // Closes its window, opens it two seconds later.
        Process receiver =
                startReceiver(5001, "socat -u TCP-LISTEN:5001,reuseaddr,rcvbuf=8192 - | (sleep 2; sha256sum)");
        TestData data = new TestData(3_000_000, 4);
        BulkSender sender = host.send(KERNEL, 5001, data);
        runUntil(() -> sender.state() == BulkSender.State.FINISHED, sender::acknowledged);
        assertThat(digestOf(receiver)).isEqualTo(HexFormat.of().formatHex(data.digest()));
    }

    /// The kernel on one side, a line that loses, damages, duplicates and reorders both ways in between.
    /// One packet in ten does not arrive, each way, in the worse case: every loss of something sent again costs a
    /// timeout of 200 ms or more, so less is moved there.
    @ParameterizedTest
    @CsvSource({"0.01, 1000001", "0.05, 300001"})
    void movesDataBothWaysOverABadLine(double each, int length) throws Exception {
        Port tun = tun("tun0", KERNEL, 1_500);
        Cable cable = new Cable(1_500, 500);
        open.add(cable);
        SplittableRandom dice = new SplittableRandom(6);
        Faults faults = new Faults(each, each, each, each);
        Port fromKernel = new FaultyPort(tun, faults, dice.split(), pool, System::nanoTime);
        Port fromMemory = new FaultyPort(cable.left(), faults, dice.split(), pool, System::nanoTime);
        open.add(fromKernel);
        open.add(fromMemory);
        turns.add(new Patch(fromKernel, fromMemory));
        MemoryHost host = host(MEMORY, cable.right(), 5);

        Process atKernel = startReceiver(5001);
        TestData data = new TestData(length, 7);
        BulkSender sender = host.send(KERNEL, 5001, data);
        BulkReceiver receiver = host.listen(5002);
        byte[] octets = new byte[length];
        new TestData(octets.length, 8).write(0, MemorySegment.ofArray(octets), 0, octets.length);
        Path file = Files.write(folder.resolve("data"), octets);
        start("socat", "-u", "FILE:" + file, "TCP:" + MEMORY + ":5002");
        runUntil(
                () -> sender.state() == BulkSender.State.FINISHED && receiver.state() == BulkReceiver.State.FINISHED,
                () -> sender.acknowledged() + receiver.received());
        assertThat(digestOf(atKernel)).isEqualTo(HexFormat.of().formatHex(data.digest()));
        assertThat(receiver.digest())
                .isEqualTo(MessageDigest.getInstance("SHA-256").digest(octets));
        assertThat(sender.retransmissions()).isPositive();
        Map<String, Long> counters = counters("netstat");
        assertThat(counters.get("TcpExt.TCPSackRecovery"))
                .as("the kernel was shown its holes")
                .isPositive();
        assertThat(counters.get("TcpExt.TCPSACKReneging")).isZero();
        assertThat(counters.get("TcpExt.TCPSACKDiscard")).isZero();
    }

    @Test
    void isRefusedByAKernelPortWhereNobodyListens() throws Exception {
        MemoryHost host = hostBehindTun(1_500);
        BulkSender sender = host.send(KERNEL, 5009, new TestData(10, 1));
        runUntil(() -> sender.state() == BulkSender.State.FAILED);
        assertNothingWasWrong(host);
    }

    @Test
    void refusesTheKernelWhereNobodyListens() throws Exception {
        MemoryHost host = hostBehindTun(1_500);
        Process socat = start("socat", "-u", "/dev/null", "TCP:" + MEMORY + ":5009");
        runUntil(() -> !socat.isAlive());
        assertThat(text(socat.getInputStream())).contains("Connection refused");
        assertThat(host.dropped(HostDrop.NO_CONNECTION)).isEqualTo(1);
    }

    // ---- the kernel as a router with a narrow link behind it ----

    @Test
    void heedsTheIcmpOfAKernelRouterAboutANarrowLink() throws Exception {
        MemoryHost near = hostBehindTun(1_500);
        MemoryHost far = host(BEHIND, tun("tun1", Ip4Address.of(10, 92, 0, 1), 1_300), 9);
        start("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward").waitFor(); // of the writer's namespace
        TestData data = new TestData(5_000_000, 10);
        BulkReceiver receiver = far.listen(5003);
        BulkSender sender = near.send(BEHIND, 5003, data);
        runUntil(() -> sender.state() == BulkSender.State.FINISHED, sender::acknowledged);
        assertThat(receiver.digest()).isEqualTo(data.digest());
        assertThat(sender.maximumSegmentSize()).isEqualTo(1_260);
        Pings pings = near.ping(BEHIND, new Pings.Plan(5, SECOND / 50, 5_000, 2 * SECOND));
        runUntil(() -> pings.isOver());
        assertThat(pings.received())
                .as("large pings, fragmented here or by the router")
                .isEqualTo(5);
    }
}
