package adit.program;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import adit.capture.Direction;
import adit.capture.LinkType;
import adit.capture.PcapngWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DecodeCommandTest {
    // IPv4 10.1.0.1 > 10.1.0.2, ICMP echo request; checksums by an independent sum.
    private static final String PING = "4500001c 00004000 400126dd 0a010001 0a010002 0800f7fd 00010001";
    // The same in UDP port 5555 from 192.0.2.1 to 198.51.100.7.
    private static final String FOU = "45000038 00004000 40114e79 c0000201 c6336407 800015b3 00240000" + PING;

    @TempDir
    Path directory;

    private static byte[] octets(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private static byte[] capture(int packets) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (PcapngWriter writer = new PcapngWriter(Channels.newChannel(out), "test", 65536)) {
            writer.addInterface("site-b", LinkType.RAW, "");
            writer.addInterface("wire", LinkType.ETHERNET, "");
            long time = 1_795_305_600_123_456_789L;
            for (int i = 0; i < packets; i++) {
                byte[] ip = octets(PING);
                writer.packet(0, time + i * 1_500_000_000L, Direction.OUTBOUND, MemorySegment.ofArray(ip), 0, 28, "");
                byte[] frame = octets("020000000002 020000000001 0800" + PING);
                writer.packet(
                        1,
                        time + i * 1_500_000_000L + 1,
                        Direction.INBOUND,
                        MemorySegment.ofArray(frame),
                        0,
                        42,
                        "why\u001b[2J");
            }
        }
        return out.toByteArray();
    }

    @Test
    void printsOneLineForEachPacketOfACapture() throws IOException {
        Path file = Files.write(directory.resolve("c"), capture(2));
        Run r = Run.adit("decode", file.toString());
        assertThat(r.code()).isZero();
        assertThat(r.err()).isEmpty();
        String[] lines = r.out().split("\n");
        assertThat(lines).hasSize(4);
        assertThat(lines[0])
                .startsWith("    1    0.000000000 site-b out IPv4 10.1.0.1 > 10.1.0.2")
                .contains("ICMP echo request");
        assertThat(lines[1])
                .startsWith("    2    0.000000001 wire in  ")
                .contains("10.1.0.1 > 10.1.0.2")
                .endsWith("  # why [2J");
        assertThat(lines[2]).startsWith("    3    1.500000000 site-b out IPv4");
    }

    @Test
    void printsJsonObjectsOneALine() throws IOException {
        Run r = Run.adit(capture(1), "decode", "--json", "-");
        assertThat(r.code()).isZero();
        String[] lines = r.out().split("\n");
        assertThat(lines).hasSize(2);
        assertThat(lines[1])
                .startsWith("{\"number\":2,\"time\":\"2026-11-22T00:00:00.123456790Z\",\"interface\":\"wire\","
                        + "\"direction\":\"inbound\",\"link\":\"EN10MB\",\"length\":42,\"captured\":42,\"packet\":\"")
                .endsWith("\",\"comments\":[\"why\\u001b[2J\"]}");
    }

    @Test
    void looksIntoTunnelsOnThePortsThatItIsTold() {
        byte[] text = FOU.getBytes(UTF_8);
        assertThat(Run.adit(text, "decode", "-").out()).doesNotContain("10.1.0.1");
        assertThat(Run.adit(text, "decode", "--fou", "5555", "-").out())
                .contains("10.1.0.1 > 10.1.0.2", "echo request");
        assertThat(Run.adit(text, "decode", "--fou", "5555:4", "-").out()).contains("10.1.0.1 > 10.1.0.2");
        assertThat(Run.adit(text, "decode", "--gue", "5555", "-").out()).contains("GUE");
    }

    @Test
    void refusesPortsThatAreNone() {
        for (String[] args : new String[][] {
            {"decode", "--fou", "x", "-"},
            {"decode", "--fou", "0", "-"},
            {"decode", "--fou", "5555:999", "-"},
            {"decode", "--gue", "70000", "-"},
            {"decode", "--fou", "1", "--gue", "1", "-"},
            {"decode", "--link", "token-ring", "-"},
        }) {
            Run r = Run.adit(args);
            assertThat(r.code()).as("%s", String.join(" ", args)).isEqualTo(1);
            assertThat(r.out()).isEmpty();
            assertThat(r.err()).startsWith("adit: ").doesNotContain("\tat ");
        }
    }

    @Test
    void readsGzippedFilesAndStandardInput() throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
            gzip.write(capture(1));
        }
        assertThat(Run.adit(zipped.toByteArray(), "decode", "-").out())
                .isEqualTo(Run.adit(capture(1), "decode", "-").out());
        Run cut = Run.adit(java.util.Arrays.copyOf(zipped.toByteArray(), zipped.size() - 30), "decode", "-");
        assertThat(cut.code()).isEqualTo(2);
        assertThat(cut.err()).doesNotContain("\tat ");
    }

    @Test
    void aFileThatIsCutOffIsPrintedAsFarAsItGoes() throws IOException {
        byte[] whole = capture(1);
        Run r = Run.adit(java.util.Arrays.copyOf(whole, whole.length - 10), "decode", "-");
        assertThat(r.code()).isEqualTo(2);
        assertThat(r.out().lines()).hasSize(1);
        assertThat(r.err()).matches("adit: stdin: the file ends within a block: \\d+ of \\d+ octets, at octet \\d+\n");
    }

    @Test
    void aGzippedFileThatIsCutOffIsCalledByItsName() throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
            gzip.write(capture(1));
        }
        byte[] cut = Arrays.copyOf(zipped.toByteArray(), zipped.size() - 12);
        Run r = Run.adit(cut, "decode", "-");
        assertThat(r.code()).isEqualTo(2);
        assertThat(r.err()).startsWith("adit: stdin: the gzipped file is cut or damaged: ");
    }

    @Test
    void guessesWhatTextBeginsWith() {
        String frame = "020000000002 020000000001 0800" + PING;
        assertThat(Run.adit(frame.getBytes(UTF_8), "decode", "-").out()).contains("10.1.0.1 > 10.1.0.2");
        assertThat(Run.adit(PING.getBytes(UTF_8), "decode", "-").out()).contains("10.1.0.1 > 10.1.0.2");
        assertThat(Run.adit(PING.getBytes(UTF_8), "decode", "--link", "ethernet", "-")
                        .out())
                .doesNotContain("10.1.0.1 >");
    }

    @Test
    void saysWhenThereIsNoPacketAtAll() {
        for (byte[] nothing : new byte[][] {new byte[0], "Dear reader\n".getBytes(UTF_8), {0, 1, 2, 3}}) {
            Run r = Run.adit(nothing, "decode", "-");
            assertThat(r.code()).isEqualTo(2);
            assertThat(r.err()).isEqualTo("adit: stdin: no packet: neither pcap, pcapng nor hexadecimal digits\n");
        }
        Run faulty = Run.adit("45 zz\n".getBytes(UTF_8), "decode", "-");
        assertThat(faulty.code()).isEqualTo(2);
        assertThat(faulty.err()).isEqualTo("adit: stdin:1:4: 'z' is no hexadecimal digit\n");
    }

    @Test
    void anyOctetsAreDecodedWithoutAnException() throws IOException {
        SplittableRandom dice = new SplittableRandom(2);
        byte[] whole = capture(3);
        for (int i = 0; i < 400; i++) {
            byte[] mutant = whole.clone();
            for (int edits = 1 + dice.nextInt(20); edits > 0; edits--) {
                mutant[dice.nextInt(mutant.length)] = (byte) dice.nextInt();
            }
            Run r = Run.adit(
                    mutant, "decode", "--fou", "5555", "--gue", "6080", i % 2 == 0 ? "--json" : "--no-checksums", "-");
            assertThat(r.code()).isIn(0, 2);
            assertThat(r.err()).doesNotContain("\tat ");
        }
    }
}
