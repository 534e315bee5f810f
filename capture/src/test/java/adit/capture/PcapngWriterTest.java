package adit.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PcapngWriterTest {
    @TempDir
    Path directory;

    private static byte[] octets(MemorySegment s, int from, int to) {
        return s.asSlice(from, to - from).toArray(ValueLayout.JAVA_BYTE);
    }

    private static byte[] junk(int length) {
        byte[] b = new byte[length];
        Arrays.fill(b, (byte) 0xa5);
        return b;
    }

    @Test
    void writesAnInterfaceDescriptionAsTheFormatHasIt() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = arena.allocate(64).fill((byte) 0xa5);
            int length = PcapngBlocks.interfaceDescription(s, 4, LinkType.RAW, 0x40000, "t0", "ab cd");
            assertThat(length).isEqualTo(52);
            assertThat(octets(s, 4, 56))
                    .isEqualTo(Samples.hex("01000000 34000000 6500 0000 00000400"
                            + "0200 0200 74300000" // if_name
                            + "0300 0500 6162206364 000000" // if_description
                            + "0900 0100 09 000000" // if_tsresol: nanoseconds
                            + "0000 0000 34000000"));
            assertThat(octets(s, 0, 4)).isEqualTo(junk(4));
            assertThat(octets(s, 56, 64)).isEqualTo(junk(8));
        }
    }

    @Test
    void writesAPacketWithFlagsAndCommentAsTheFormatHasIt() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = arena.allocate(128).fill((byte) 0xa5);
            PcapngBlocks.packet(s, 8, 3, 0x1122_3344_5566_7788L, 5, 9);
            MemorySegment.copy(
                    Samples.hex("0102030405"), 0, s, ValueLayout.JAVA_BYTE, 8 + PcapngBlocks.PACKET_HEADER, 5);
            int length = PcapngBlocks.finishPacket(s, 8, 5, Direction.OUTBOUND, PcapngBlocks.text("why"));
            assertThat(octets(s, 8, 8 + length))
                    .isEqualTo(Samples.hex("06000000 3c000000 03000000 44332211 88776655 05000000 09000000"
                            + "0102030405 000000"
                            + "0200 0400 02000000"
                            + "0100 0300 776879 00"
                            + "0000 0000 3c000000"));
            assertThat(octets(s, 8 + length, 128)).isEqualTo(junk(120 - length));
            assertThat(length).isLessThanOrEqualTo(PcapngBlocks.packetRoom(5, 3));
        }
    }

    @Test
    void leavesOptionsOutWhereThereIsNothingToSay() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = arena.allocate(64).fill((byte) 0xa5);
            PcapngBlocks.packet(s, 0, 0, 1, 4, 4);
            int length = PcapngBlocks.finishPacket(s, 0, 4, Direction.UNKNOWN, new byte[0]);
            assertThat(length).isEqualTo(36);
            assertThat(octets(s, 32, 36)).isEqualTo(Samples.hex("24000000"));
        }
    }

    @Test
    void writesStatisticsAsTheFormatHasIt() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = arena.allocate(64).fill((byte) 0xa5);
            int length = PcapngBlocks.statistics(s, 0, 1, 0x0102_0304_0506_0708L, 0x1a, 0x0b);
            assertThat(octets(s, 0, length))
                    .isEqualTo(Samples.hex("05000000 34000000 01000000 04030201 08070605"
                            + "0400 0800 1a00000000000000"
                            + "0500 0800 0b00000000000000"
                            + "0000 0000 34000000"));
        }
    }

    @Test
    void wiresharkReadsWhatWasWritten() throws Exception {
        Path file = directory.resolve("f.pcapng");
        SplittableRandom dice = new SplittableRandom(9);
        List<String> expected = new ArrayList<>();
        String[] names = {"site-b", "wire ä", "other"};
        try (PcapngWriter writer = writer(file, 1000)) {
            for (String name : names) {
                assertThat(writer.addInterface(name, LinkType.RAW, "the " + name))
                        .isEqualTo(Arrays.asList(names).indexOf(name));
            }
            long nanos = Samples.START;
            for (int i = 0; i < 3000; i++) {
                nanos += dice.nextLong(1, 1_000_000);
                int length = i < 600 ? 28 + i : dice.nextInt(28, 3000);
                int id = dice.nextInt(3);
                Direction direction = Direction.values()[dice.nextInt(3)];
                String comment = i % 3 == 0 ? "number " + i + " ö" : "";
                byte[] packet = Samples.ipv4(length, dice);
                writer.packet(id, nanos, direction, MemorySegment.ofArray(packet), 0, length, comment);
                expected.add("%d.%09d|%d|%d|%s|%s|%s|10.1.0.1"
                        .formatted(
                                nanos / 1_000_000_000,
                                nanos % 1_000_000_000,
                                length,
                                Math.min(1000, length),
                                names[id],
                                // Wireshark shows the direction in hexadecimal, and no field where there are no flags.
                                direction == Direction.UNKNOWN ? "" : "0x%08x".formatted(direction.ordinal()),
                                comment));
            }
        }
        assertThat(Tools.tshark(
                        file,
                        "frame.time_epoch",
                        "frame.len",
                        "frame.cap_len",
                        "frame.interface_name",
                        "frame.packet_flags_direction",
                        "frame.comment",
                        "ip.src"))
                .isEqualTo(expected);
        assertThat(Tools.run("capinfos", "-M", "-c", "-E", "-I", file.toString()))
                .anyMatch(l -> l.matches("Number of packets: +3000"))
                .anyMatch(l -> l.contains("Number of interfaces in file: 3"))
                .anyMatch(l -> l.contains("Time precision = nanoseconds (9)"))
                .anyMatch(l -> l.contains("Description = the wire ä"))
                .anyMatch(l -> l.contains("Capture length = 1000"));
    }

    @Test
    void tcpdumpReadsWhatWasWritten() throws Exception {
        Path file = directory.resolve("f.pcapng");
        try (PcapngWriter writer = writer(file, 65536)) {
            writer.addInterface("t", LinkType.RAW, "");
            byte[] packet = Samples.ipv4(100, new SplittableRandom(1));
            writer.packet(0, Samples.START, Direction.INBOUND, MemorySegment.ofArray(packet), 0, 100, "");
        }
        assertThat(Tools.run("tcpdump", "-n", "-tt", "--nano", "-r", file.toString()))
                .singleElement()
                .asString()
                .startsWith("1795305600.123456789 ")
                .contains("IP 10.1.0.1.4096 > 10.1.0.2.8192");
    }

    @Test
    void cutsLongCommentsBetweenCharacters() throws Exception {
        Path file = directory.resolve("f.pcapng");
        try (PcapngWriter writer = writer(file, 100)) {
            writer.addInterface("t", LinkType.RAW, "");
            writer.packet(0, 0, Direction.UNKNOWN, MemorySegment.ofArray(new byte[4]), 0, 4, "x" + "€".repeat(500));
        }
        assertThat(Samples.read(file).packets().getFirst().comments()).containsExactly("x" + "€".repeat(333));
    }

    @Test
    void refusesAnInterfaceThatIsNotThere() throws Exception {
        try (PcapngWriter writer = writer(directory.resolve("f"), 100)) {
            assertThatThrownBy(
                            () -> writer.packet(0, 0, Direction.UNKNOWN, MemorySegment.ofArray(new byte[4]), 0, 4, ""))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("interface 0 of 0");
        }
    }

    private static PcapngWriter writer(Path file, int snapLength) throws IOException {
        Files.deleteIfExists(file);
        return new PcapngWriter(
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE), "adit test", snapLength);
    }
}
