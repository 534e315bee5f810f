package adit.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.packet.Refusal;
import adit.port.Port;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class CapturePortTest {
    private static final Refusal[] REFUSALS = Refusal.values();

    private final PacketPool pool = new PacketPool(512, 32, 2000);
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private long now = Samples.START;

    @TempDir
    Path directory;

    @AfterEach
    void everyPacketIsBack() {
        assertThat(pool.lent()).isZero();
        pool.close();
    }

    /// Refuses the packets whose first octet names a reason, releases the others, and has packets of its own to give.
    private final class PickyPort implements Port {
        private boolean closed;

        @Override
        public int receive(PacketBatch into) {
            into.add(packet(0x77, 40));
            into.add(packet(0x78, 41));
            return 2;
        }

        @Override
        public int send(PacketBatch batch) {
            int taken = 0;
            for (int i = 0; i < batch.size(); i++) {
                PacketBuffer p = batch.get(i);
                int reason = p.segment().get(ValueLayout.JAVA_BYTE, p.head());
                if (reason == 0) {
                    // As a real port may: the buffer is somebody else's before send returns.
                    p.segment().fill((byte) 0xee);
                    p.release();
                    taken++;
                } else {
                    p.refuse(REFUSALS[reason]);
                    batch.set(i - taken, p);
                }
            }
            batch.truncate(batch.size() - taken);
            return taken;
        }

        @Override
        public int mtu() {
            return 1234;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private PacketBuffer packet(int first, int length) {
        PacketBuffer p = pool.lend();
        int at = p.put(length);
        for (int i = 0; i < length; i++) {
            p.segment().set(ValueLayout.JAVA_BYTE, (long) at + i, (byte) 0x5a);
        }
        p.segment().set(ValueLayout.JAVA_BYTE, at, (byte) first);
        return p;
    }

    private CaptureFile file() throws IOException {
        return new CaptureFile(Channels.newChannel(out), 65536, () -> now);
    }

    private List<CapturedPacket> recorded() throws IOException {
        Samples.Contents contents = Samples.read(new ByteArrayInputStream(out.toByteArray()));
        assertThat(contents.fault()).isEmpty();
        return contents.packets();
    }

    @Test
    void recordsWhatIsSentAndWhyTheRestWasRefused() throws Exception {
        PacketBatch batch = new PacketBatch(16);
        try (CaptureFile file = file()) {
            Port port = new CapturePort(
                    new PickyPort(), file.add("wire", LinkType.RAW, ""), CapturePort.Side.UNDERLAY, () -> now);
            batch.add(packet(0, 60));
            batch.add(packet(Refusal.FULL.ordinal(), 61));
            batch.add(packet(0, 62));
            batch.add(packet(Refusal.TOO_BIG.ordinal(), 63));
            batch.add(packet(Refusal.TOO_BIG.ordinal(), 64));
            assertThat(port.send(batch)).isEqualTo(2);
            assertThat(batch.size()).isEqualTo(3);
            assertThat(batch.get(0).length()).isEqualTo(61);
            batch.releaseAll();
        }
        List<CapturedPacket> packets = recorded();
        assertThat(packets).extracting(p -> p.octets().byteSize()).containsExactly(60L, 61L, 62L, 63L, 64L);
        assertThat(packets)
                .extracting(CapturedPacket::comments)
                .containsExactly(
                        List.of(),
                        List.of("refused: full"),
                        List.of(),
                        List.of("refused: too big"),
                        List.of("refused: too big"));
        assertThat(packets).allSatisfy(p -> {
            assertThat(p.direction()).isEqualTo(Direction.OUTBOUND);
            assertThat(p.interfaceName()).isEqualTo("wire");
            assertThat(p.nanos()).hasValue(Samples.START);
            assertThat(p.octets().get(ValueLayout.JAVA_BYTE, p.octets().byteSize() - 1))
                    .as("written down before it was taken")
                    .isEqualTo((byte) 0x5a);
        });
    }

    @Test
    void recordsWhatIsReceivedBehindWhatTheBatchHeldBefore() throws Exception {
        PacketBatch batch = new PacketBatch(16);
        try (CaptureFile file = file()) {
            Port port = new CapturePort(
                    new PickyPort(), file.add("wire", LinkType.RAW, ""), CapturePort.Side.UNDERLAY, () -> now);
            batch.add(packet(1, 30));
            assertThat(port.receive(batch)).isEqualTo(2);
            assertThat(batch.size()).isEqualTo(3);
            batch.releaseAll();
        }
        assertThat(recorded())
                .extracting(p -> (int) p.octets().get(ValueLayout.JAVA_BYTE, 0))
                .containsExactly(0x77, 0x78);
        assertThat(recorded()).allMatch(p -> p.direction() == Direction.INBOUND);
    }

    @Test
    void directionsAreThoseOfTheTunnelWhereverThePortStands() throws Exception {
        PacketBatch batch = new PacketBatch(16);
        try (CaptureFile file = file()) {
            Port port = new CapturePort(
                    new PickyPort(), file.add("tun", LinkType.RAW, ""), CapturePort.Side.OVERLAY, () -> now);
            port.receive(batch);
            batch.releaseAll();
            batch.add(packet(0, 60));
            port.send(batch);
        }
        Map<Long, Direction> byLength = new TreeMap<>();
        recorded().forEach(p -> byLength.put(p.octets().byteSize(), p.direction()));
        assertThat(byLength)
                .isEqualTo(Map.of(40L, Direction.OUTBOUND, 41L, Direction.OUTBOUND, 60L, Direction.INBOUND));
    }

    @Test
    void givesTheMtuAndTheEndThrough() throws Exception {
        PickyPort inner = new PickyPort();
        try (CaptureFile file = file()) {
            Port port = new CapturePort(inner, file.add("t", LinkType.RAW, ""), CapturePort.Side.OVERLAY, () -> now);
            assertThat(port.mtu()).isEqualTo(1234);
            port.close();
            assertThat(inner.closed).isTrue();
        }
    }

    @Test
    void aCookedInterfaceTellsTheProtocolOfEachPacket() throws Exception {
        Path path = directory.resolve("cooked.pcapng");
        byte[] ip = Samples.ipv4(60, new SplittableRandom(2));
        try (CaptureFile file = CaptureFile.create(path)) {
            CaptureLane lane = file.add("any", LinkType.LINUX_SLL, "").lane();
            PacketBuffer p = pool.lend();
            MemorySegment.copy(ip, 0, p.segment(), ValueLayout.JAVA_BYTE, p.put(60), 60);
            p.protocol(0x0800);
            lane.record(p, Direction.OUTBOUND, Samples.START);
            p.push(4);
            p.segment().set(ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), p.head(), 0x0006_4140);
            p.protocol(0x8847);
            lane.record(p, Direction.INBOUND, Samples.START);
            p.release();
        }
        assertThat(Tools.tshark(path, "sll.pkttype", "sll.hatype", "sll.etype", "mpls.label", "ip.dst", "frame.len"))
                .containsExactly("4|65534|0x0800||10.1.0.2|76", "0|65534|0x8847|100|10.1.0.2|80");
    }

    @Test
    void keepsNoMoreOfAPacketThanTheSnapLength() throws Exception {
        try (CaptureFile file = new CaptureFile(Channels.newChannel(out), 20, () -> now)) {
            CaptureLane raw = file.add("raw", LinkType.RAW, "").lane();
            CaptureLane cooked = file.add("cooked", LinkType.LINUX_SLL, "").lane();
            PacketBuffer p = packet(9, 100);
            raw.record(p, Direction.OUTBOUND, 1);
            cooked.record(p, Direction.OUTBOUND, 2);
            p.release();
        }
        assertThat(recorded())
                .extracting(p -> p.octets().byteSize() + "/" + p.originalLength())
                .containsExactly("20/100", "20/116");
        assertThat(recorded().get(1).octets().get(ValueLayout.JAVA_BYTE, 16)).isEqualTo((byte) 9);
    }

    @Test
    void lanesAreMergedByTime() throws Exception {
        SplittableRandom dice = new SplittableRandom(12);
        try (CaptureFile file = file()) {
            CaptureLane[] lanes = new CaptureLane[4];
            for (int i = 0; i < lanes.length; i++) {
                lanes[i] = file.add("t" + i, LinkType.RAW, "").lane();
            }
            PacketBuffer p = packet(9, 50);
            for (int i = 0; i < 1000; i++) {
                lanes[dice.nextInt(4)].record(p, Direction.UNKNOWN, Samples.START + i);
            }
            p.release();
            assertThat(file.drain()).isEqualTo(1000);
            assertThat(file.drain()).isZero();
        }
        List<CapturedPacket> packets = recorded();
        for (int i = 0; i < 1000; i++) {
            assertThat(packets.get(i).nanos()).hasValue(Samples.START + i);
        }
    }

    @Test
    void aFullLaneMissesPacketsAndCountsThem() throws Exception {
        int fits;
        try (CaptureFile file = file()) {
            CaptureInterface t = file.add("t", LinkType.RAW, "");
            CaptureLane lane = t.lane();
            PacketBuffer p = packet(9, 2000);
            int recorded = 0;
            while (t.missed() == 0) {
                lane.record(p, Direction.INBOUND, Samples.START + recorded++);
            }
            fits = recorded - 1;
            lane.record(p, Direction.INBOUND, 0);
            assertThat(t.missed()).isEqualTo(2);
            assertThat(file.drain()).isEqualTo(fits);
            // Room again, also past the end of the ring.
            for (int i = 0; i < 3 * fits; i++) {
                lane.record(p, Direction.INBOUND, Samples.START + fits + i);
                assertThat(file.drain()).isEqualTo(1);
            }
            p.release();
        }
        assertThat(fits).isBetween(1900, 2097);
        List<CapturedPacket> packets = recorded();
        assertThat(packets).hasSize(4 * fits);
        for (int i = 0; i < packets.size(); i++) {
            assertThat(packets.get(i).nanos().getAsLong()).isEqualTo(Samples.START + i);
        }
        // The last block: interface statistics of 52 octets, with what was received and what is missing.
        byte[] file = out.toByteArray();
        ByteBuffer last = ByteBuffer.wrap(file, file.length - 52, 52).slice().order(ByteOrder.LITTLE_ENDIAN);
        assertThat(last.getInt(0)).isEqualTo(5);
        assertThat(last.getLong(24)).isEqualTo(4L * fits + 2);
        assertThat(last.getLong(36)).isEqualTo(2);
    }

    @Test
    void severalThreadsRecordWhileTheFileIsDrained() throws Exception {
        Path path = directory.resolve("busy.pcapng");
        int perThread = 40_000;
        int threads = 3;
        long missed = 0;
        try (CaptureFile file = CaptureFile.create(path)) {
            file.drainInBackground();
            CaptureInterface[] interfaces = new CaptureInterface[threads];
            Thread[] running = new Thread[threads];
            for (int t = 0; t < threads; t++) {
                CaptureInterface mine = file.add("t" + t, LinkType.RAW, "");
                interfaces[t] = mine;
                running[t] = Thread.ofPlatform().start(() -> {
                    try (PacketPool own = new PacketPool(1, 0, 1500)) {
                        CaptureLane lane = mine.lane();
                        PacketBuffer p = own.lend();
                        p.put(1500);
                        for (int i = 0; i < perThread; i++) {
                            p.segment().set(ValueLayout.JAVA_INT_UNALIGNED, 0, i);
                            lane.record(p, Direction.INBOUND, CaptureFile.WALL_CLOCK.getAsLong());
                        }
                        p.release();
                    }
                });
            }
            for (Thread thread : running) {
                thread.join();
            }
            for (CaptureInterface each : interfaces) {
                missed += each.missed();
            }
        }
        Samples.Contents contents = Samples.read(path);
        assertThat(contents.fault()).isEmpty();
        assertThat(contents.packets().size() + missed).isEqualTo((long) perThread * threads);
        Map<String, Integer> last = new TreeMap<>();
        for (CapturedPacket p : contents.packets()) {
            int number =
                    p.octets().asByteBuffer().order(ByteOrder.nativeOrder()).getInt();
            Integer before = last.put(p.interfaceName(), number);
            assertThat(before == null || before < number)
                    .as("a thread's packets are in its order")
                    .isTrue();
        }
        assertThat(Tools.run("capinfos", "-M", "-c", path.toString()))
                .anyMatch(l ->
                        l.matches("Number of packets: +" + contents.packets().size()));
    }

    @Test
    void recordingAllocatesNothing() throws Exception {
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        PacketBatch batch = new PacketBatch(16);
        try (CaptureFile file = file()) {
            Port port = new CapturePort(
                    new PickyPort(),
                    file.add("wire", LinkType.RAW, ""),
                    CapturePort.Side.UNDERLAY,
                    CaptureFile.WALL_CLOCK);
            long least = Long.MAX_VALUE;
            for (int round = 0; round < 20; round++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < 1000; i++) {
                    batch.add(packet(0, 60));
                    batch.add(packet(1, 61));
                    port.send(batch);
                    batch.releaseAll();
                    port.receive(batch);
                    batch.releaseAll();
                }
                least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
                file.drain();
            }
            assertThat(least).as("octets for 4000 packets").isLessThan(1000);
        }
    }

    @Test
    void aFileThatCantBeWrittenStopsNobodyAndIsReportedAtTheEnd() throws Exception {
        WritableByteChannel full = new WritableByteChannel() {
            private int writes;

            @Override
            public int write(ByteBuffer source) throws IOException {
                if (++writes > 2) {
                    throw new IOException("No space left on device");
                }
                int n = source.remaining();
                source.position(source.limit());
                return n;
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
        CaptureFile file = new CaptureFile(full, 1000, () -> now);
        CaptureInterface t = file.add("t", LinkType.RAW, "");
        CaptureLane lane = t.lane();
        PacketBuffer p = packet(9, 900);
        for (int i = 0; i < 20_000; i++) {
            lane.record(p, Direction.INBOUND, i);
            if (i % 100 == 99) {
                assertThat(file.drain()).isEqualTo(100);
            }
        }
        p.release();
        assertThat(t.missed()).as("lanes are emptied all the same").isZero();
        assertThat(file.failure()).isPresent();
        assertThatThrownBy(file::close).isInstanceOf(IOException.class).hasMessage("No space left on device");
        file.close();
    }
}
