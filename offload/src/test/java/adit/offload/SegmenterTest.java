package adit.offload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adit.packet.Offload.Segmentation;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class SegmenterTest {
    // The kernel answered these with an ICMP error, because a segment exceeded the next device's MTU; that is the IP
    // layer's part. What segmentation alone makes of them is not in the record.
    private static final Set<String> TOO_BIG_FOR_THE_NEXT_DEVICE = Set.of("tcp4 mss 1461 > mtu", "uso4 2945/1473");

    private final PacketPool pool = new PacketPool(4, 64, 66_000);
    private final Segmenter segmenter = new Segmenter();

    @AfterEach
    void allPacketsAreHome() {
        assertThat(pool.lent()).isZero();
        pool.close();
    }

    private List<String> segment(PacketBuffer p) {
        int n = segmenter.begin(p);
        List<String> out = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            PacketBuffer segment = pool.lend();
            segment.segment().fill((byte) 0xa5);
            segmenter.next(segment);
            Vectors.hop(segment);
            out.add(Vectors.hex(segment));
            segment.release();
        }
        return out;
    }

    @TestFactory
    Stream<DynamicTest> cutsAsLinuxDoes() {
        return Vectors.rows("segmentation.txt").stream()
                .filter(row -> !TOO_BIG_FOR_THE_NEXT_DEVICE.contains(row[0]))
                .map(row -> DynamicTest.dynamicTest(row[0], () -> {
                    PacketBuffer p = pool.lend();
                    try {
                        Vectors.fill(p, row[2]);
                        Vectors.describe(p, row[1]);
                        assertThat(segment(p)).containsExactly(row[3].split(","));
                    } finally {
                        p.release();
                    }
                }));
    }

    @Test
    void leavesTheSuperPacketAsItWas() {
        String[] row = Vectors.rows("segmentation.txt").getFirst();
        PacketBuffer p = pool.lend();
        Vectors.fill(p, row[2]);
        Vectors.describe(p, row[1]);
        segment(p);
        assertThat(Vectors.hex(p)).isEqualTo(row[2]);
        p.release();
    }

    @Test
    void refusesWhatTheDescriptionContradicts() {
        for (String[] row : Vectors.rows("segmentation.txt")) {
            for (Segmentation kind : Segmentation.values()) {
                PacketBuffer p = pool.lend();
                Vectors.fill(p, row[2]);
                Vectors.describe(p, row[1]);
                Segmentation truth = p.offload().segmentation;
                p.offload().segmentation = kind;
                boolean sameTransport =
                        truth.name().startsWith("UDP") && kind.name().startsWith("UDP");
                if (kind != truth && kind != Segmentation.NONE && !sameTransport) {
                    assertThat(segmenter.begin(p)).as("%s as %s", row[0], kind).isZero();
                }
                p.release();
            }
        }
    }

    @Test
    void refusesEveryTruncationOfTheHeadersAndThrowsForNone() {
        for (String[] row : Vectors.rows("segmentation.txt")) {
            PacketBuffer p = pool.lend();
            Vectors.fill(p, row[2].substring(0, Math.min(row[2].length(), 2 * 100)));
            Vectors.describe(p, row[1]);
            int headers = p.offload().headerLength;
            for (int length = Math.min(p.length(), headers) - 1; length >= 0; length--) {
                p.trim(length);
                assertThat(segmenter.begin(p))
                        .as("%s cut to %d", row[0], length)
                        .isZero();
            }
            p.release();
        }
    }

    @Test
    void refusesASegmentSizeOfZero() {
        String[] row = Vectors.rows("segmentation.txt").getFirst();
        PacketBuffer p = pool.lend();
        Vectors.fill(p, row[2]);
        Vectors.describe(p, row[1]);
        p.offload().segmentSize = 0;
        assertThat(segmenter.begin(p)).isZero();
        PacketBuffer into = pool.lend();
        assertThatThrownBy(() -> segmenter.next(into)).isInstanceOf(IllegalStateException.class);
        into.release();
        p.release();
    }
}
