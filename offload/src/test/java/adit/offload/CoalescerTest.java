package adit.offload;

import static org.assertj.core.api.Assertions.assertThat;

import adit.offload.Coalescer.Transports;
import adit.packet.Offload;
import adit.packet.Offload.Checksum;
import adit.packet.Offload.Segmentation;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class CoalescerTest {
    private static final int CAPACITY = 128;
    // Linux hands a packet with a bad checksum up at once, past those of its flow that it holds. Here packets of a flow
    // never overtake each other, so these rows are compared without their order.
    private static final Set<String> OVERTAKEN_BY_A_BAD_CHECKSUM = Set.of("udp4 bad csum", "tcp6 bad csum second");

    private final PacketPool pool = new PacketPool(CAPACITY + 1, 64, 66_000);
    private final Coalescer coalescer = new Coalescer(CAPACITY, Transports.TCP_AND_UDP);

    @AfterEach
    void allPacketsAreHome() {
        assertThat(pool.lent()).isZero();
        pool.close();
    }

    private PacketBatch batch(List<String> packets) {
        PacketBatch batch = new PacketBatch(CAPACITY);
        for (String hex : packets) {
            PacketBuffer p = pool.lend();
            p.segment().fill((byte) 0xa5);
            Vectors.fill(p, hex);
            batch.add(p);
        }
        return batch;
    }

    /// What a reader without offloads would see: a lone packet that the kernel handed over with a partial
    /// checksum is the same packet with the checksum finished.
    private String plain(String headerAndPacket) {
        String[] parts = headerAndPacket.split(":");
        PacketBuffer p = pool.lend();
        Vectors.fill(p, parts[1]);
        Vectors.describe(p, parts[0]);
        if (p.offload().segmentation == Segmentation.NONE) {
            Checksums.finish(p);
        }
        String described = describe(p);
        p.release();
        return described;
    }

    private static String describe(PacketBuffer p) {
        Offload o = p.offload();
        String how = o.segmentation == Segmentation.NONE
                ? ""
                : o.segmentation + " " + o.segmentSize + " " + o.checksumStart + "+" + o.checksumOffset + " ";
        return how + Vectors.hex(p);
    }

    @TestFactory
    Stream<DynamicTest> coalescesAsLinuxDoes() {
        return Vectors.rows("coalescing.txt").stream()
                .map(row -> DynamicTest.dynamicTest(row[0], () -> {
                    PacketBatch batch = batch(List.of(row[1].split(",")));
                    coalescer.coalesce(batch);
                    List<String> out = new ArrayList<>();
                    for (int i = 0; i < batch.size(); i++) {
                        Vectors.hop(batch.get(i));
                        out.add(describe(batch.get(i)));
                    }
                    batch.releaseAll();
                    List<String> expected =
                            Stream.of(row[2].split(",")).map(this::plain).toList();
                    if (OVERTAKEN_BY_A_BAD_CHECKSUM.contains(row[0])) {
                        assertThat(out).containsExactlyInAnyOrderElementsOf(expected);
                    } else {
                        assertThat(out).containsExactlyElementsOf(expected);
                    }
                }));
    }

    @Test
    void segmentingWhatWasCoalescedGivesTheOriginals() {
        // Two independent halves against each other, on random stretches of all recorded packets.
        SplittableRandom dice = new SplittableRandom(6040);
        List<String> all = new ArrayList<>();
        Vectors.rows("coalescing.txt").forEach(row -> all.addAll(List.of(row[1].split(","))));
        for (int round = 0; round < 50; round++) {
            int from = dice.nextInt(all.size() - 64);
            List<String> packets = new ArrayList<>(all.subList(from, from + 64));
            PacketBatch batch = batch(packets);
            coalescer.coalesce(batch);
            List<String> out = new ArrayList<>();
            Segmenter segmenter = new Segmenter();
            for (int i = 0; i < batch.size(); i++) {
                int n = segmenter.begin(batch.get(i));
                assertThat(n).isPositive();
                for (int k = 0; k < n; k++) {
                    PacketBuffer p = pool.lend();
                    segmenter.next(p);
                    out.add(Vectors.hex(p));
                    p.release();
                }
            }
            batch.releaseAll();
            // Identifications of UDP need not have been consecutive, so those rows are compared by count alone.
            assertThat(out).hasSize(packets.size());
            List<String> tcp =
                    packets.stream().filter(CoalescerTest::isTcp).sorted().toList();
            List<String> tcpOut =
                    out.stream().filter(CoalescerTest::isTcp).sorted().toList();
            assertThat(tcpOut).isEqualTo(tcp);
        }
    }

    private static boolean isTcp(String hex) {
        return hex.startsWith("4") ? hex.startsWith("06", 18) : hex.startsWith("06", 12);
    }

    @Test
    void leavesUdpAloneWhenTheReaderTakesOnlyTcp() {
        String[] row = Vectors.rows("coalescing.txt").stream()
                .filter(r -> r[0].equals("udp4 same"))
                .findFirst()
                .orElseThrow();
        List<String> packets = List.of(row[1].split(","));
        PacketBatch batch = batch(packets);
        new Coalescer(CAPACITY, Transports.TCP).coalesce(batch);
        assertThat(batch.size()).isEqualTo(packets.size());
        assertThat(batch.get(0).offload().segmentation).isEqualTo(Segmentation.NONE);
        batch.releaseAll();
    }

    @Test
    void throwsForNoOctets() {
        SplittableRandom dice = new SplittableRandom(64);
        List<String[]> rows = Vectors.rows("coalescing.txt");
        for (int round = 0; round < 20_000; round++) {
            String[] packets = rows.get(dice.nextInt(rows.size()))[1].split(",");
            PacketBatch batch = new PacketBatch(CAPACITY);
            for (int i = 0; i < 4; i++) {
                PacketBuffer p = pool.lend();
                Vectors.fill(p, packets[dice.nextInt(packets.length)]);
                for (int k = dice.nextInt(4); k > 0; k--) {
                    int at = p.head() + dice.nextInt(p.length());
                    p.segment().set(java.lang.foreign.ValueLayout.JAVA_BYTE, at, (byte) dice.nextInt());
                }
                p.trim(dice.nextInt(4) == 0 ? dice.nextInt(p.length()) : p.length());
                batch.add(p);
            }
            coalescer.coalesce(batch);
            for (int i = 0; i < batch.size(); i++) {
                assertThat(batch.get(i).offload().checksum).isNotNull();
                assertThat(batch.get(i).offload().checksum == Checksum.PARTIAL)
                        .isEqualTo(batch.get(i).offload().segmentation != Segmentation.NONE);
            }
            batch.releaseAll();
        }
    }
}
