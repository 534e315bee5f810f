package adit.program.decode;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
class HexTextTest {
    @TempDir
    Path directory;

    record Read(List<String> packets, List<Integer> lines, List<String> faults) {}

    private static Read read(byte[] text) throws IOException {
        Read read = new Read(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        HexText hex = new HexText(new ByteArrayInputStream(text), read.faults::add);
        for (Optional<HexText.Packet> p = hex.next(); p.isPresent(); p = hex.next()) {
            read.packets.add(HexFormat.of().formatHex(p.get().octets().toArray(ValueLayout.JAVA_BYTE)));
            read.lines.add(p.get().line());
        }
        return read;
    }

    private static List<String> packets(String text) throws IOException {
        Read read = read(text.getBytes(UTF_8));
        assertThat(read.faults).isEmpty();
        return read.packets;
    }

    /// Commands that dump a file as text.
    static Stream<List<String>> dumpers() {
        return Stream.of(
                List.of("hexdump", "-C"),
                List.of("hexdump", "-C", "-v"),
                List.of("xxd"),
                List.of("xxd", "-g1"),
                List.of("xxd", "-c", "20"),
                List.of("xxd", "-p"),
                List.of("xxd", "-i"),
                List.of("od", "-An", "-tx1", "-v"),
                List.of("od", "-Ax", "-tx1", "-v"),
                List.of("od", "-Ax", "-tx1"),
                List.of("od", "-Ad", "-tx1"),
                List.of("od", "-tx1"),
                List.of("od", "-Ax", "-tx1z", "-v"));
    }

    @ParameterizedTest
    @MethodSource("dumpers")
    void readsWhatDumpersPrint(List<String> dumper) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/" + dumper.getFirst())), "needs " + dumper.getFirst());
        SplittableRandom dice = new SplittableRandom(3);
        for (int length : new int[] {1, 2, 7, 8, 9, 15, 16, 17, 20, 31, 32, 33, 64, 255, 256, 257, 1500, 9000}) {
            byte[] packet = new byte[length];
            dice.nextBytes(packet);
            if (length > 60) {
                // Runs of equal lines, which dumpers squeeze, and text that looks like digits.
                java.util.Arrays.fill(packet, 16, length - 8, (byte) 0);
                System.arraycopy("ab cd 12  ef|".getBytes(UTF_8), 0, packet, 16, 13);
            }
            Path file = Files.write(directory.resolve("packet"), packet);
            List<String> command = new ArrayList<>(dumper);
            command.add(file.toString());
            Process p = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            byte[] text = p.getInputStream().readAllBytes();
            assertThat(p.waitFor(20, TimeUnit.SECONDS)).isTrue();
            if (dumper.contains("-i")) {
                // Lines of C around the digits.
                text = new String(text, UTF_8)
                        .replaceAll("(?m)^(unsigned|\\};).*$", "")
                        .getBytes(UTF_8);
            }
            Read read = read(text);
            assertThat(read.faults).as("%s of %d octets", dumper, length).isEmpty();
            assertThat(read.packets)
                    .as("%s of %d octets", dumper, length)
                    .containsExactly(HexFormat.of().formatHex(packet));
        }
    }

    @Test
    void readsWhatTcpdumpPrints() throws IOException {
        assertThat(packets("""
                        12:00:00.000000 IP 10.1.0.1 > 10.1.0.2: ICMP echo request, id 1, seq 1, length 8
                        \t0x0000:  4500 001c 0000 4000 4001 0000 0a01 0001  E.....@.@.......
                        \t0x0010:  0a01 0002 0800 f7fd 0001 0001            ............
                        12:00:01.000000 IP6 fd00::1 > fd00::2: no next header
                        \t0x0000:  6000 0000 0000 3b40 fd00 0000 0000 0000
                        \t0x0010:  0000 0000 0000 0001 fd00 0000 0000 0000
                        \t0x0020:  0000 0000 0000 00
                        """))
                .containsExactly(
                        "4500001c00004000400100000a0100010a0100020800f7fd00010001",
                        "6000000000003b40fd000000000000000000000000000001fd0000000000000000000000000000");
    }

    @Test
    void readsWhatWiresharkCopies() throws IOException {
        assertThat(packets("""
                        0000   45 00 00 1c 00 00 40 00 40 01 00 00 0a 01 00 01   E.....@.@.......
                        0010   0a 01 00 02 08 00 f7 fd 00 01 00 01               ............
                        0000  ff ff ff ff ff ff 00 11  22 33 44 55 08 06 00 01   ........"3DU....
                        """))
                .containsExactly(
                        "4500001c00004000400100000a0100010a0100020800f7fd00010001", "ffffffffffff00112233445508060001");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "4500001c",
                "45 00 00 1c",
                "  4500 001c",
                "45:00:00:1c",
                "45-00-00-1C",
                "0x45, 0x00, 0x00, 0x1c",
                "{ 0x45 0x00 0x00 0x1c };",
                "`\\x45\\x00\\x00\\x1c`",
                "`\"\\x45\\x00\\x00\\x1c\"`",
                "0x4500001c",
                "`45 00\n00 1c\n`",
                "`# a comment\n45 00\n// another\n00 1c`",
                "`Here it is\n45 00 00 1c\nand that was it`",
                "`45 00\r\n00 1c\r\n`",
            })
    void readsPlainDigits(String text) throws IOException {
        assertThat(packets(text)).containsExactly("4500001c");
    }

    @Test
    void emptyLinesWordsAndNewOffsetsEndAPacket() throws IOException {
        Read read = read("\n\n4500\n\n6000\n6001\nIP again\n4600\n00000000: 4700\n00000000: 4800\n".getBytes(UTF_8));
        assertThat(read.packets).containsExactly("4500", "60006001", "4600", "4700", "4800");
        assertThat(read.lines).containsExactly(3, 5, 8, 9, 10);
        assertThat(read.faults).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "45 00 zz 00        | 1:7: 'z' is no hexadecimal digit",
                "45 0 00            | 1:4: an odd number of digits: 0",
                "450                | 1:1: an odd number of digits: 450",
                "0000: 4500 0x      | 1:14: no digit behind 0x",
                "0010: 4500         | 1:1: offset 0010, but there are 0 octets before it",
                "`0000: 4500 001c\n0010: 4500` | 2:1: offset 0010, but there are 4 octets before it",
                "0000000 0045 1c00  | 1:1: 16-bit words in the byte order of a host; dump with xxd, or with hexdump -C",
            })
    void saysWhatIsNoOctetAndWhere(String text, String fault) throws IOException {
        Read read = read(text.getBytes(UTF_8));
        assertThat(read.packets).isEmpty();
        assertThat(read.faults).containsExactly(fault);
    }

    @Test
    void aPacketWithAFaultIsLeftOutAndTheOthersAreNot() throws IOException {
        Read read = read("4500\n\n45 zz\n4501\n\n4600\n0000: 4700 0q\n0002: 4701\n0000: 4800\n".getBytes(UTF_8));
        assertThat(read.packets).containsExactly("4500", "4800");
        assertThat(read.faults).containsExactly("3:4: 'z' is no hexadecimal digit", "7:12: an odd number of digits: 0");
    }

    @Test
    void boundsLinesAndPackets() throws IOException {
        Read line = read("4".repeat(HexText.MAX_LINE + 1).getBytes(UTF_8));
        assertThat(line.packets).isEmpty();
        assertThat(line.faults).containsExactly("1:1: a line of more than 1048576 characters");
        Read packet = read("4500\n".repeat(HexText.MAX_PACKET).getBytes(UTF_8));
        assertThat(packet.packets).isEmpty();
        assertThat(packet.faults).containsExactly("131073:1: a packet of more than 262144 octets");
        Read repeated = read("0000: 4500\n*\nffffff00: 4500\n".getBytes(UTF_8));
        assertThat(repeated.packets).isEmpty();
        assertThat(repeated.faults).hasSize(1);
        assertThat(packets("45".repeat(HexText.MAX_PACKET))).hasSize(1);
        assertThat(read(" 4500".repeat(200_000).getBytes(UTF_8)).faults).hasSize(1);
        assertThat(read("\\x45".repeat(200_000).getBytes(UTF_8)).packets).hasSize(1);
    }

    @Test
    void anyOctetsAreReadWithoutAnException() throws IOException {
        byte[] letters = "0123456789abcdefx:| \n\t\r*#\\\"-,{}ghIP\u00e9\u0000".getBytes(ISO_8859_1);
        SplittableRandom dice = new SplittableRandom(23);
        int some = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] text = new byte[dice.nextInt(1, 120)];
            for (int j = 0; j < text.length; j++) {
                text[j] = dice.nextInt(20) == 0 ? (byte) dice.nextInt() : letters[dice.nextInt(letters.length)];
            }
            Read read = read(text);
            some += read.packets.size();
            assertThat(read.faults).allMatch(f -> f.matches("\\d+:\\d+: .+"));
        }
        assertThat(some).isPositive();
    }
}
