package adit.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PcapWriterTest {
    @TempDir
    Path directory;

    @Test
    void writesTheFormatOctetForOctet() throws Exception {
        Path file = directory.resolve("f.pcap");
        try (PcapWriter writer = open(file, LinkType.ETHERNET, 3)) {
            writer.packet(
                    0x0102_0304L * 1_000_000_000L + 0x0a0b0c, MemorySegment.ofArray(Samples.hex("ff1122334455")), 1, 5);
        }
        assertThat(Files.readAllBytes(file))
                .isEqualTo(Samples.hex("4d3cb2a1 0200 0400 00000000 00000000 03000000 01000000"
                        + "04030201 0c0b0a00 03000000 05000000 112233"));
    }

    @Test
    void tcpdumpAndWiresharkReadWhatWasWritten() throws Exception {
        Path file = directory.resolve("f.pcap");
        SplittableRandom dice = new SplittableRandom(3);
        List<String> expected = new ArrayList<>();
        try (PcapWriter writer = open(file, LinkType.RAW, CaptureFile.MAX_SNAP_LENGTH)) {
            long nanos = Samples.START;
            for (int i = 0; i < 500; i++) {
                nanos += dice.nextLong(1, 2_000_000_000L);
                int length = dice.nextInt(28, 9000);
                writer.packet(nanos, MemorySegment.ofArray(Samples.ipv4(length, dice)), 0, length);
                expected.add("%d.%09d|%d".formatted(nanos / 1_000_000_000, nanos % 1_000_000_000, length));
            }
        }
        assertThat(Tools.tshark(file, "frame.time_epoch", "frame.cap_len")).isEqualTo(expected);
        assertThat(Tools.run("tcpdump", "-n", "-tt", "--nano", "-r", file.toString()))
                .hasSize(500)
                .last()
                .asString()
                .startsWith(expected.getLast().substring(0, 20) + " ");
    }

    private static PcapWriter open(Path file, LinkType type, int snapLength) throws Exception {
        return new PcapWriter(
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE), type, snapLength);
    }
}
