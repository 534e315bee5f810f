package adit.netns.offload;

import static org.assertj.core.api.Assertions.assertThat;

import adit.offload.Coalescer.Transports;
import adit.tun.ReceiveOffload;
import adit.tun.TunIoctl;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What a Linux 6.18 forwarded from one TUN file to another, with what it wrote in front of each packet: the
/// same comes out of a file here.
class OffloadVectorsTest {
    private static final int ALL_OFFLOADS = 0x6f;

    /// A row: packets in, each with its header; what came out on the right, and on the left.
    record Row(String name, int mtu, List<String> in, List<String> right, List<String> left) {
        @Override
        public String toString() {
            return name;
        }
    }

    /// Reads rows of `name; mtu; in; right; left`, where each packet is `header:octets` and they are separated
    /// by commas.
    private static Stream<Row> rows(String resource) throws IOException {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                OffloadVectorsTest.class.getResourceAsStream(resource), StandardCharsets.UTF_8))) {
            List<Row> rows = new ArrayList<>();
            for (String line : lines.lines().filter(l -> !l.startsWith("#")).toList()) {
                String[] f = line.split("; ?", -1);
                rows.add(new Row(f[0], Integer.parseInt(f[1]), packets(f[2]), packets(f[3]), packets(f[4])));
            }
            return rows.stream();
        }
    }

    private static List<String> packets(String text) {
        return text.isEmpty() ? List.of() : List.of(text.replace(':', ' ').split(","));
    }

    static Stream<Row> segments() throws IOException {
        return rows("segments.txt");
    }

    static Stream<Row> coalesced() throws IOException {
        return rows("coalesced.txt");
    }

    @ParameterizedTest
    @MethodSource("segments")
    void cutsFragmentsAndComplainsAsLinuxDid(Row row) throws Exception {
        run(row, Layout.tuns(0).withMtu(row.mtu));
    }

    @ParameterizedTest
    @MethodSource("coalesced")
    void holdsAndCoalescesAsLinuxDid(Row row) throws Exception {
        Layout layout = Layout.tuns(ALL_OFFLOADS)
                .withLeft(Layout.TUN | TunIoctl.IFF_NAPI, 10)
                .between("31")
                .receiving(new ReceiveOffload(Transports.TCP_AND_UDP, 20_000_000, 0));
        run(row, layout);
    }

    private static void run(Row row, Layout layout) throws Exception {
        try (Router router = new OurRouter(layout)) {
            for (String packet : row.in) {
                String[] parts = packet.split(" ");
                router.write(parts[0], parts[1]);
            }
            assertThat(router.right().stream().map(r -> Masks.mask(r, layout.right())))
                    .containsExactlyElementsOf(row.right.stream()
                            .map(r -> Masks.mask(r, layout.right()))
                            .toList());
            assertThat(router.left().stream().map(r -> Masks.mask(r, layout.left())))
                    .containsExactlyElementsOf(row.left.stream()
                            .map(r -> Masks.mask(r, layout.left()))
                            .toList());
        }
    }
}
