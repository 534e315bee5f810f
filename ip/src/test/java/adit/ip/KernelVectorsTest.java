package adit.ip;

import static org.assertj.core.api.Assertions.assertThat;

import adit.offload.VnetHeader;
import adit.packet.PacketBuffer;
import adit.wire.EtherType;
import adit.wire.InternetChecksum;
import adit.wire.VirtioNet;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Packets that a Linux 6.18 forwarded from one TUN device to another, and what came out: the same must come
/// out here.
class KernelVectorsTest {
    private static final Pattern FIELD = Pattern.compile("\"(\\w+)\": \"([^\"]*+)\"");
    private static final Pattern NUMBER = Pattern.compile("\"mtu_out\": (\\d+)");
    private static final Pattern STRING = Pattern.compile("\"([0-9a-f]*+)\"");

    /// A row of a file.
    ///
    /// @param out packets that came out, with their virtio-net headers where those were recorded
    record Row(String name, int mtu, String header, String packet, List<String> out, List<String> back) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Row> rows(String file) throws IOException {
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(KernelVectorsTest.class.getResourceAsStream(file), StandardCharsets.UTF_8))) {
            return lines.lines().map(KernelVectorsTest::row).toList().stream();
        }
    }

    private static Row row(String line) {
        String name = "";
        String header = "";
        String packet = "";
        Matcher fields = FIELD.matcher(line);
        while (fields.find()) {
            switch (fields.group(1)) {
                case "case" -> name = fields.group(2);
                case "in_vnet_hdr" -> header = fields.group(2);
                case "in_packet" -> packet = fields.group(2);
                default -> {}
            }
        }
        Matcher number = NUMBER.matcher(line);
        return new Row(
                name,
                number.find() ? Integer.parseInt(number.group(1)) : 1500,
                header,
                packet,
                list(line, "\"out\": ["),
                list(line, "\"back\": ["));
    }

    private static List<String> list(String line, String start) {
        int from = line.indexOf(start) + start.length();
        int to = from;
        for (int depth = 1; depth > 0; to++) {
            depth += line.charAt(to) == '[' ? 1 : line.charAt(to) == ']' ? -1 : 0;
        }
        List<String> all = new ArrayList<>();
        Matcher strings = STRING.matcher(line.substring(from, to - 1));
        while (strings.find()) {
            all.add(strings.group(1));
        }
        return all;
    }

    static Stream<Row> fragmentsAndErrors() throws IOException {
        return rows("kernel_frag_icmp.jsonl");
    }

    static Stream<Row> segments() throws IOException {
        return rows("kernel_gso_segment.jsonl");
    }

    @ParameterizedTest
    @MethodSource("fragmentsAndErrors")
    void forwardsFragmentsAndComplainsAsLinuxDid(Row row) throws IpException {
        run(row, row.out);
    }

    @ParameterizedTest
    @MethodSource("segments")
    void cutsSuperPacketsAsLinuxDid(Row row) throws IpException {
        List<String> packets = new ArrayList<>();
        for (int i = 1; i < row.out.size(); i += 2) {
            packets.add(row.out.get(i));
        }
        run(row, packets);
    }

    private static void run(Row row, List<String> expected) throws IpException {
        try (TestHost host = new TestHost()) {
            TestLink a = host.link("a");
            TestLink b = host.link("b");
            host.address(a, "10.1.0.1/24").address(a, "fd01::1/64");
            host.address(b, "10.2.0.1/24").address(b, "fd02::1/64");
            host.stack.forwarding(true);
            b.mtu(row.mtu);
            byte[] packet = HexFormat.of().parseHex(row.packet);
            PacketBuffer p = host.table.buffers().lend(packet.length);
            MemorySegment.copy(packet, 0, p.segment(), ValueLayout.JAVA_BYTE, p.put(packet.length), packet.length);
            MemorySegment header = MemorySegment.ofArray(HexFormat.of().parseHex(row.header));
            assertThat(VnetHeader.take(
                            header, 0, VirtioNet.LENGTH, ByteOrder.LITTLE_ENDIAN, VnetHeader.Rules.LINUX_6_18, p))
                    .isTrue();
            boolean ip6 = (packet[0] & 0xf0) == 0x60;
            p.protocol(ip6 ? EtherType.IPV6 : EtherType.IPV4);
            a.deliverNow(p);
            assertThat(b.take().stream().map(KernelVectorsTest::masked))
                    .containsExactlyElementsOf(expected.stream()
                            .map(o -> masked(HexFormat.of().parseHex(o)))
                            .toList());
            if (row.name.equals("v4 no route")) {
                return; // Linux happened to say nothing that once.
            }
            assertThat(a.take().stream().map(KernelVectorsTest::maskedOwn))
                    .containsExactlyElementsOf(row.back.stream()
                            .map(o -> maskedOwn(HexFormat.of().parseHex(o)))
                            .toList());
        }
    }

    private static String masked(byte[] octets) {
        return HexFormat.of().formatHex(octets);
    }

    /// Without what differs from run to run in packets that a host makes: the IPv4 identification and the
    /// checksum that follows from it, the IPv6 flow label.
    private static String maskedOwn(byte[] octets) {
        MemorySegment s = MemorySegment.ofArray(octets);
        if ((octets[0] & 0xf0) == 0x60) {
            octets[1] &= (byte) 0xf0;
            octets[2] = 0;
            octets[3] = 0;
        } else {
            assertThat(InternetChecksum.sum(s, 0, 20)).isEqualTo(0xffff);
            s.asSlice(4, 2).fill((byte) 0);
            s.asSlice(10, 2).fill((byte) 0);
        }
        return HexFormat.of().formatHex(s.toArray(ValueLayout.JAVA_BYTE));
    }
}
