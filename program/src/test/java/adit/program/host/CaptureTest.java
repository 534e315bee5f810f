package adit.program.host;

import static adit.program.host.TwoHosts.SECOND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.port.Faults;
import adit.port.Port;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the hosts put on the line, as tcpdump and tshark see it.
class CaptureTest {
    @TempDir
    Path folder;

    private PcapTap tap;
    private LongSupplier clock;

    /// A transfer, and large pings beside it, over a line that loses packets, as captured at host A.
    private Path capture(long seed) throws IOException {
        try (TwoHosts net = new TwoHosts(1500, Faults.NONE.withLoss(0.02), seed, this::tap)) {
            clock = net.time;
            BulkReceiver receiver = net.b.listen(5001);
            net.a.send(TwoHosts.B, 5001, new TestData(500_000, 1));
            net.a.ping(TwoHosts.B, new Pings.Plan(5, SECOND / 10, 3_000, SECOND));
            net.stepper.run(1_000 * SECOND);
            assertThat(receiver.state()).isEqualTo(BulkReceiver.State.FINISHED);
        }
        return Files.write(folder.resolve("line.pcap"), tap.octets());
    }

    private Port tap(Port port) {
        tap = new PcapTap(port, () -> clock.getAsLong());
        return tap;
    }

    private static List<String> run(String... command) throws IOException, InterruptedException {
        assumeTrue(
                Stream.of("/usr/bin/", "/usr/sbin/").anyMatch(bin -> Files.isExecutable(Path.of(bin + command[0]))),
                "needs " + command[0]);
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        assertThat(process.waitFor()).isZero();
        return lines;
    }

    @Test
    void tcpdumpFindsEveryChecksumRight() throws IOException, InterruptedException {
        Path file = capture(1);
        List<String> lines = run("tcpdump", "-nn", "-vvv", "-r", file.toString());
        assertThat(lines).hasSizeGreaterThan(1_000);
        assertThat(lines)
                .filteredOn(line -> line.contains("cksum") && line.contains("(correct)"))
                .hasSizeGreaterThan(500);
        assertThat(lines)
                .noneMatch(line -> line.contains("incorrect")
                        || line.contains("wrong")
                        || line.contains("bad")
                        || line.contains("truncated"));
    }

    @Test
    void tsharkFindsNothingMalformedAndTheLossesAlone() throws IOException, InterruptedException {
        Path file = capture(2);
        String[] checks = {"-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE"};
        assertThat(tshark(file, checks, "tcp.checksum.status == 1")).isNotEmpty();
        assertThat(tshark(
                        file,
                        checks,
                        "ip.checksum.status == 0 || tcp.checksum.status == 0 || icmp.checksum.status == 0"))
                .isEmpty();
        assertThat(tshark(file, checks, "_ws.malformed")).isEmpty();
        assertThat(tshark(file, checks, "tcp.analysis.retransmission")).isNotEmpty();
        assertThat(tshark(
                        file,
                        checks,
                        "tcp.analysis.ack_lost_segment || tcp.analysis.window_full "
                                + "|| tcp.analysis.zero_window || tcp.analysis.reused_ports || tcp.flags.reset == 1"))
                .isEmpty();
        assertThat(tshark(file, checks, "icmp.type == 0 && !icmp.resp_to")).isEmpty();
    }

    private static List<String> tshark(Path file, String[] options, String filter)
            throws IOException, InterruptedException {
        Stream<String> command = Stream.of(
                        Stream.of("tshark", "-n", "-r", file.toString()), Stream.of(options), Stream.of("-Y", filter))
                .flatMap(part -> part);
        return run(command.toArray(String[]::new));
    }
}
