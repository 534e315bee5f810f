package adit.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// tcpdump's programs, run here, choose the packets that tcpdump chooses; and its text is ours.
@Timeout(60)
class TcpdumpTest {
    private static final int MADE_UP = 2_000;
    private static final int PCAP_MAGIC = 0xa1b2c3d4;
    private static final int ETHERNET = 1;
    private static final int RECORD_HEADER = 16;

    @TempDir
    static Path folder;

    private static List<byte[]> frames;
    private static Path capture;

    /// Frames that kernels sent, and made-up ones with headers on headers.
    @BeforeAll
    static void writeCapture() throws IOException {
        assumeTrue(runs("tcpdump", "--version"), "needs tcpdump");
        frames = new ArrayList<>(captured());
        assertThat(frames).hasSizeGreaterThan(20);
        for (int seed = 0; seed < MADE_UP; seed++) {
            frames.add(Frames.layered(new SplittableRandom(seed)));
        }
        int room = 24 + frames.stream().mapToInt(f -> f.length + RECORD_HEADER).sum();
        ByteBuffer pcap = ByteBuffer.allocate(room).order(ByteOrder.LITTLE_ENDIAN);
        pcap.putInt(PCAP_MAGIC)
                .putShort((short) 2)
                .putShort((short) 4)
                .putLong(0)
                .putInt(65535)
                .putInt(ETHERNET);
        for (int i = 0; i < frames.size(); i++) {
            // The time is the frame's number.
            int length = frames.get(i).length;
            pcap.putInt(i).putInt(0).putInt(length).putInt(length).put(frames.get(i));
        }
        capture = folder.resolve("frames.pcap");
        Files.write(capture, pcap.array());
    }

    private static List<byte[]> captured() throws IOException {
        try (var resource = TcpdumpTest.class.getResourceAsStream("captured-frames.hex")) {
            return new String(resource.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(HexFormat.of()::parseHex)
                    .toList();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ip",
                "ip6",
                "arp",
                "tcp",
                "udp",
                "icmp",
                "icmp6",
                "sctp",
                "igmp",
                "vlan",
                "vlan and ip",
                "vlan 5 or vlan 6 and udp",
                "mpls",
                "pppoes",
                "host 10.0.0.1",
                "src net 10.0.0.0/8",
                "net 192.168.0.0/16 or net 172.16.0.0/12",
                "ip6 host fe80::1",
                "dst net ff02::/16",
                "port 53",
                "tcp port 80 or tcp port 443",
                "portrange 1000-40000",
                "src portrange 32768-60999 and not dst port 22",
                "greater 100",
                "less 60",
                "len > 64 and len <= 128",
                "broadcast",
                "multicast",
                "ether multicast and not broadcast",
                "ether host 02:00:00:00:00:01",
                "ether[0] & 1 = 0 and ip[0] & 0xf != 5",
                "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
                "tcp[13] = 2 and tcp[2:2] > 1023",
                "ip[2:2] - ((ip[0] & 0xf) << 2) > 40",
                "ip[6:2] & 0x1fff = 0 and udp[4:2] % 4 = 0",
                "udp[0:2] / 256 > 100 and ip[8] * 2 > 200",
                "ip proto 47 or ip proto 4",
                "tcp[12] >> 4 > 5",
                "ip[0] = 0x45 and ip[4:2] + ip[10:2] < 0x8000",
                "icmp[icmptype] = icmp-echo or icmp6[0] = 128",
                "ip6[6] = 58 and ip6[40] > 130",
                "not (tcp or udp) and ip",
                "ip[12:4] ^ ip[16:4] > 0x7fffffff",
                "ether proto 0x8035 or llc",
                "ip and (ip[1] | ip[8]) & 0x40 = 0x40 and len - 14 >= ip[2:2]"
            })
    void choosesWhatTcpdumpChooses(String expression) throws Exception {
        List<Instruction> instructions = Assembler.numbers(run("tcpdump", "-y", "EN10MB", "-ddd", expression));
        Program program = Program.of(instructions).orThrow();
        assertThat(Disassembler.numbers(instructions).lines().toList())
                .isEqualTo(run("tcpdump", "-y", "EN10MB", "-ddd", expression)
                        .lines()
                        .toList());

        String text = run("tcpdump", "-y", "EN10MB", "-d", expression);
        assertThat(program.toString().lines().map(String::stripTrailing))
                .isEqualTo(text.lines().map(String::stripTrailing).toList());
        assertThat(Assembler.assemble(text)).isEqualTo(shown(instructions));

        BitSet chosen = chosenByTcpdump(expression);
        Filter interpreted = program.interpreter();
        Filter compiled = program.compile();
        for (int i = 0; i < frames.size(); i++) {
            MemorySegment frame = MemorySegment.ofArray(frames.get(i));
            int length = frames.get(i).length;
            int answer = interpreted.run(frame, 0, length);
            assertThat(answer != 0)
                    .as("%s on %s", expression, HexFormat.of().formatHex(frames.get(i)))
                    .isEqualTo(chosen.get(i));
            assertThat(compiled.run(frame, 0, length)).isEqualTo(answer);
        }
    }

    // libpcap leaves numbers where an instruction has no use for one, and does not print them.
    private static List<Instruction> shown(List<Instruction> program) {
        int tax = 0x07;
        int txa = 0x87;
        return program.stream()
                .map(i -> i.code() == tax || i.code() == txa || (i.code() & 0x0c) == 0x0c
                        ? new Instruction(i.code(), i.jumpTrue(), i.jumpFalse(), 0)
                        : i)
                .toList();
    }

    // libpcap runs such programs itself; Linux refuses them.
    @ParameterizedTest
    @ValueSource(strings = {"ip6 protochain 17", "ip protochain 6"})
    void aLoopIsRefused(String expression) throws Exception {
        Verdict verdict = Program.of(Assembler.numbers(run("tcpdump", "-y", "EN10MB", "-ddd", expression)));
        assertThat(verdict)
                .isInstanceOfSatisfying(
                        ProgramFault.class,
                        f -> assertThat(f.reason()).isEqualTo(ProgramFault.Reason.JUMP_OUT_OF_PROGRAM));
    }

    @Test
    void theExpressionsChooseSomeAndNotAll() throws Exception {
        assertThat(chosenByTcpdump("").cardinality()).isEqualTo(frames.size());
        assertThat(chosenByTcpdump("tcp").cardinality()).isBetween(20, frames.size() - 20);
        assertThat(chosenByTcpdump("vlan and ip").cardinality()).isBetween(20, frames.size() - 20);
    }

    // Reading a file, libpcap runs the program itself: with code that shares nothing with the kernel's or ours.
    private static BitSet chosenByTcpdump(String expression) throws Exception {
        Path output = folder.resolve("chosen.pcap");
        run("tcpdump", "-r", capture.toString(), "-w", output.toString(), expression);
        ByteBuffer pcap = ByteBuffer.wrap(Files.readAllBytes(output)).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(pcap.getInt(0)).isEqualTo(PCAP_MAGIC);
        BitSet chosen = new BitSet();
        for (int at = 24; at < pcap.limit(); at += RECORD_HEADER + pcap.getInt(at + 8)) {
            chosen.set(pcap.getInt(at));
        }
        return chosen;
    }

    private static boolean runs(String... command) {
        try {
            run(command);
            return true;
        } catch (IOException | UncheckedIOException | InterruptedException e) {
            return false;
        }
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Path errors = folder.resolve("errors");
        Process process =
                new ProcessBuilder(command).redirectError(errors.toFile()).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue())
                .as("%s: %s", List.of(command), Files.readString(errors))
                .isZero();
        return output;
    }
}
