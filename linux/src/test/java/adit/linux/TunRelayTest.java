package adit.linux;

import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.Offload;
import adit.packet.PacketBatch;
import adit.packet.PacketPool;
import adit.port.Turn;
import adit.port.TurnThread;
import adit.tun.TunSpec;
import adit.tun.TunSpec.Option;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Two hosts whose TUN devices are joined in user space, one thread each way: the kernel's own TCP is the
/// judge.
@Timeout(120)
class TunRelayTest {
    private static final int OCTETS = 20_000_000;

    /// A turn that carries what one port has to the other, and lets go what the other refuses.
    private record Relay(TunPort from, TunPort to, PacketBatch batch, AtomicLong superPackets) implements Turn {
        @Override
        public int turn(long nowNanos) {
            int moved = from.receive(batch);
            for (int i = 0; i < batch.size(); i++) {
                if (batch.get(i).offload().segmentation != Offload.Segmentation.NONE) {
                    superPackets.lazySet(superPackets.get() + 1);
                }
            }
            to.send(batch);
            batch.releaseAll();
            return moved;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "TUN, '', POLL",
        "TUN, PACKET_INFORMATION, ADAPTIVE",
        "TUN, VNET_HEADER, POLL",
        "TUN, PACKET_INFORMATION VNET_HEADER, ADAPTIVE",
        "TAP, VNET_HEADER, ADAPTIVE",
        "TAP, PACKET_INFORMATION, BUSY",
    })
    void carriesATcpTransferUnharmed(TunSpec.Kind kind, String options, IdleStrategy strategy) throws Exception {
        TunSpec spec = kind == TunSpec.Kind.TUN ? TunSpec.tun("t0") : TunSpec.tap("t0");
        for (String option : options.isEmpty() ? new String[0] : options.split(" ")) {
            spec = spec.with(Option.valueOf(option));
        }
        AtomicLong superPackets = new AtomicLong();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        List<PacketPool> pools = new ArrayList<>();
        try (TestHost left = TestHost.create();
                TestHost right = TestHost.create();
                TunDevice a = left.open(spec);
                TunDevice b = right.open(spec)) {
            a.enableOffload();
            b.enableOffload();
            address(left, "10.99.0.1");
            address(right, "10.99.0.2");
            // A port is received from by one thread, sent to by the other; each thread has the pool that it lends from.
            pools.add(new PacketPool(64, 64, 65_600));
            pools.add(new PacketPool(64, 64, 65_600));
            TunPort portA = new TunPort(a.queue(0), pools.get(0));
            TunPort portB = new TunPort(b.queue(0), pools.get(1));
            Turn there = new Relay(portA, portB, new PacketBatch(32), superPackets);
            Turn back = new Relay(portB, portA, new PacketBatch(32), superPackets);
            try (TurnThread one = TurnThread.start(
                            "there", new PollIdle(strategy, portA.descriptors()), failure::set, there);
                    TurnThread two =
                            TurnThread.start("back", new PollIdle(strategy, portB.descriptors()), failure::set, back)) {
                assertThat(transfer(left, right)).isTrue();
                assertThat(one.running()).isTrue();
                assertThat(two.running()).isTrue();
            }
        }
        assertThat(failure.get()).isNull();
        assertThat(superPackets.get() > 0).isEqualTo(options.contains("VNET_HEADER"));
        for (PacketPool pool : pools) {
            assertThat(pool.lent()).isZero();
            pool.close();
        }
    }

    private static void address(TestHost host, String address) throws Exception {
        host.ip("address", "add", address + "/24", "dev", "t0");
        host.ip("link", "set", "t0", "up");
    }

    /// Sends random octets from left to right and answers whether their checksum came out the same.
    private static boolean transfer(TestHost left, TestHost right) throws Exception {
        byte[] octets = new byte[OCTETS];
        new Random(42).nextBytes(octets);
        CRC32 sent = new CRC32();
        sent.update(octets);
        try (ServerSocket server =
                right.netns.call(() -> new ServerSocket(5001, 1, InetAddress.getByName("10.99.0.2")))) {
            CompletableFuture<Long> received = CompletableFuture.supplyAsync(() -> receive(server));
            try (Socket socket = left.netns.call(() -> {
                Socket s = new Socket();
                s.connect(new InetSocketAddress("10.99.0.2", 5001), 10_000);
                return s;
            })) {
                OutputStream out = socket.getOutputStream();
                out.write(octets);
                socket.shutdownOutput();
                return received.get(60, TimeUnit.SECONDS) == sent.getValue();
            }
        }
    }

    private static long receive(ServerSocket server) {
        CRC32 sum = new CRC32();
        try (Socket socket = server.accept()) {
            InputStream in = socket.getInputStream();
            byte[] buffer = new byte[65536];
            for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
                sum.update(buffer, 0, n);
            }
            return sum.getValue();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
