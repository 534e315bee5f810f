package adit.capture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class CaptureReaderTest {
    /// Two packets, `01 02 03` and `11 12 13 14 15` of 9, as each side of the format writes them.
    private static final String PCAP_BIG_MICROS = "a1b2c3d4 0002 0004 00000000 00000000 0000ffff 00000065"
            + "00000001 00000002 00000003 00000003 010203"
            + "00000003 000f423f 00000005 00000009 1112131415";
    private static final String PCAP_LITTLE_NANOS = "4d3cb2a1 0200 0400 00000000 00000000 ffff0000 65000000"
            + "01000000 02000000 03000000 03000000 010203"
            + "03000000 ffc99a3b 05000000 09000000 1112131415";
    private static final String PCAPNG_BIG = "0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c"
            + "00000001 00000024 0065 0000 00000000 0002 0003 61626300 0009 0001 09000000 00000024"
            + "00000006 00000024 00000000 00000000 3b9aca02 00000003 00000003 01020300 00000024"
            + "00000bad 00000010 deadbeef 00000010" // a private block
            + "00000006 00000044 00000000 00000000 b2d05dff 00000005 00000009 1112131415 000000"
            + "0001 0003 68656c00 0002 0004 00000001 0001 0001 32000000 0000 0000 00000044";

    @TempDir
    Path directory;

    private static Samples.Contents read(String hex) throws IOException {
        return Samples.read(new ByteArrayInputStream(Samples.hex(hex)));
    }

    private static byte[] array(CapturedPacket p) {
        return p.octets().toArray(ValueLayout.JAVA_BYTE);
    }

    private static void assertTwoPackets(Samples.Contents contents, long firstNanos, long secondNanos) {
        assertThat(contents.fault()).isEmpty();
        assertThat(contents.packets()).hasSize(2);
        CapturedPacket first = contents.packets().get(0);
        assertThat(first.number()).isEqualTo(1);
        assertThat(first.linkType()).isEqualTo(LinkType.RAW);
        assertThat(first.nanos()).hasValue(firstNanos);
        assertThat(array(first)).isEqualTo(Samples.hex("010203"));
        assertThat(first.originalLength()).isEqualTo(3);
        CapturedPacket second = contents.packets().get(1);
        assertThat(second.number()).isEqualTo(2);
        assertThat(second.nanos()).hasValue(secondNanos);
        assertThat(array(second)).isEqualTo(Samples.hex("1112131415"));
        assertThat(second.originalLength()).isEqualTo(9);
    }

    @Test
    void readsPcapOfBothByteOrdersAndTimeUnits() throws Exception {
        assertTwoPackets(read(PCAP_BIG_MICROS), 1_000_002_000L, 3_999_999_000L);
        assertTwoPackets(read(PCAP_LITTLE_NANOS), 1_000_000_002L, 3_999_999_999L);
    }

    @Test
    void readsBigEndianPcapngWithItsOptions() throws Exception {
        Samples.Contents contents = read(PCAPNG_BIG);
        assertTwoPackets(contents, 1_000_000_002L, 2_999_999_999L);
        assertThat(contents.packets().get(0).direction()).isEqualTo(Direction.UNKNOWN);
        assertThat(contents.packets().get(0).interfaceName()).isEqualTo("abc");
        assertThat(contents.packets().get(1).direction()).isEqualTo(Direction.INBOUND);
        assertThat(contents.packets().get(1).comments()).containsExactly("hel", "2");
    }

    @Test
    void theHandMadeFilesAreWhatWiresharkTakesThemFor() throws Exception {
        for (String hex : List.of(PCAP_BIG_MICROS, PCAP_LITTLE_NANOS, PCAPNG_BIG)) {
            Path file = Files.write(directory.resolve("f"), Samples.hex(hex));
            Samples.Contents ours = Samples.read(file);
            List<String> expected = ours.packets().stream()
                    .map(p -> "%d.%09d|%d|%d"
                            .formatted(
                                    p.nanos().getAsLong() / 1_000_000_000,
                                    p.nanos().getAsLong() % 1_000_000_000,
                                    p.octets().byteSize(),
                                    p.originalLength()))
                    .toList();
            List<String> theirs = Tools.tshark(file, "frame.time_epoch", "frame.cap_len", "frame.len").stream()
                    .filter(row -> !row.equals("|0|0")) // the private block
                    .toList();
            assertThat(theirs).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @CsvSource({"pcap,1000", "nsecpcap,1", "pcapng,1", "modpcap,1000"})
    void readsWhatEditcapWrites(String format, long unit) throws Exception {
        SplittableRandom dice = new SplittableRandom(4);
        Path ours = directory.resolve("ours.pcapng");
        List<byte[]> packets = new ArrayList<>();
        try (PcapngWriter writer = new PcapngWriter(
                FileChannel.open(ours, StandardOpenOption.CREATE, StandardOpenOption.WRITE), "test", 100_000)) {
            writer.addInterface("eth7", LinkType.ETHERNET, "");
            for (int i = 0; i < 200; i++) {
                byte[] packet = new byte[dice.nextInt(14, 2000)];
                dice.nextBytes(packet);
                packets.add(packet);
                writer.packet(
                        0,
                        Samples.START + i * 1001L,
                        Direction.INBOUND,
                        MemorySegment.ofArray(packet),
                        0,
                        packet.length,
                        "c" + i);
            }
        }
        Path theirs = directory.resolve("theirs");
        Tools.run("editcap", "-F", format, ours.toString(), theirs.toString());
        if (format.equals("modpcap")) {
            assertThat(CaptureReader.open(Files.newInputStream(theirs)))
                    .as("a format that is not known")
                    .isEmpty();
            return;
        }
        Samples.Contents contents = Samples.read(theirs);
        assertThat(contents.fault()).isEmpty();
        assertThat(contents.packets()).hasSize(200);
        for (int i = 0; i < 200; i++) {
            CapturedPacket p = contents.packets().get(i);
            assertThat(array(p)).isEqualTo(packets.get(i));
            assertThat(p.nanos()).hasValue((Samples.START + i * 1001L) / unit * unit);
            assertThat(p.linkType()).isEqualTo(LinkType.ETHERNET);
            if (format.equals("pcapng")) {
                assertThat(p.comments()).containsExactly("c" + i);
                assertThat(p.interfaceName()).isEqualTo("eth7");
                assertThat(p.direction()).isEqualTo(Direction.INBOUND);
            }
        }
    }

    @Test
    void readsWhatTcpdumpWrites() throws Exception {
        Path ours = directory.resolve("ours.pcap");
        byte[] packet = Samples.ipv4(500, new SplittableRandom(6));
        try (PcapWriter writer = new PcapWriter(
                FileChannel.open(ours, StandardOpenOption.CREATE, StandardOpenOption.WRITE), LinkType.RAW, 1000)) {
            for (int i = 0; i < 10; i++) {
                writer.packet(Samples.START + i, MemorySegment.ofArray(packet), 0, 500);
            }
        }
        Path theirs = directory.resolve("theirs.pcap");
        // As an unprivileged user would have it: without dropping privileges into another user's directory.
        Tools.run("tcpdump", "-Z", System.getProperty("user.name"), "-r", ours.toString(), "-w", theirs.toString());
        Samples.Contents contents = Samples.read(theirs);
        assertThat(contents.packets()).hasSize(10).allMatch(p -> Arrays.equals(array(p), packet));
        assertThat(contents.packets().getFirst().linkType()).isEqualTo(LinkType.RAW);
    }

    @Test
    void readsSeveralSectionsOfDifferentByteOrders() throws Exception {
        String little = "0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000"
                + "01000000 14000000 0100 0000 02000000 14000000"
                + "03000000 14000000 05000000 aabb0000 14000000" // a simple packet of 5, cut to the snap length of 2
                + "02000000 24000000 0000 ffff 00000000 40420f00 01000000 01000000 cc000000 24000000"; // the obsolete
        // block
        Samples.Contents contents = read(PCAPNG_BIG + little);
        assertThat(contents.fault()).isEmpty();
        assertThat(contents.packets()).hasSize(4);
        CapturedPacket simple = contents.packets().get(2);
        assertThat(array(simple)).isEqualTo(Samples.hex("aabb"));
        assertThat(simple.originalLength()).isEqualTo(5);
        assertThat(simple.nanos()).isEmpty();
        CapturedPacket obsolete = contents.packets().get(3);
        assertThat(obsolete.linkType()).isEqualTo(LinkType.ETHERNET);
        assertThat(obsolete.nanos()).as("microseconds are the default").isEqualTo(OptionalLong.of(1_000_000_000L));
    }

    @ParameterizedTest
    @CsvSource({
        // resolution option, count, nanoseconds
        "00, 0000000000000007, 7000000000",
        "03, 0000000000000007, 7000000",
        "09, 0000000000000007, 7",
        "0c, 00000000000007d0, 2",
        "12, 0de0b6b3a7640000, 1000000000",
        "8a, 0000000000000600, 1500000000",
        "be, 6000000000000000, 1500000000",
        "00, 7fffffffffffffff, none",
        "7f, 0000000000000007, none",
        "ff, 0000000000000007, none",
    })
    void countsTimeInTheUnitOfTheInterface(String resolution, String count, String nanos) throws Exception {
        Samples.Contents contents = read("0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c"
                + "00000001 0000001c 0065 0000 00000000 0009 0001 " + resolution + "000000 0000001c"
                + "00000006 00000020 00000000 " + count + "00000000 00000000 00000020");
        assertThat(contents.packets().getFirst().nanos())
                .isEqualTo(nanos.equals("none") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(nanos)));
    }

    @Test
    void addsTheTimeOffsetOfTheInterface() throws Exception {
        Samples.Contents contents = read("0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c"
                + "00000001 00000020 0065 0000 00000000 000e 0008 0000000000000064 00000020"
                + "00000006 00000020 00000000 0000000000000007 00000000 00000000 00000020");
        assertThat(contents.packets().getFirst().nanos()).hasValue(100_000_007_000L);
    }

    @Test
    void aFileThatIsCutOffGivesTheWholePacketsBeforeAndSaysSo() throws Exception {
        for (String hex : List.of(PCAP_BIG_MICROS, PCAP_LITTLE_NANOS, PCAPNG_BIG)) {
            byte[] whole = Samples.hex(hex);
            boolean ng = hex.equals(PCAPNG_BIG);
            // Where a cut leaves a file that is whole in itself, and how many packets are before it.
            List<Integer> ends = ng ? List.of(28, 64, 100, 116, 184) : List.of(24, 43, 64);
            for (int length = 4; length <= whole.length; length++) {
                Samples.Contents contents = Samples.read(new ByteArrayInputStream(whole, 0, length));
                int packets = ng
                        ? (length >= 100 ? 1 : 0) + (length >= 184 ? 1 : 0)
                        : (length >= 43 ? 1 : 0) + (length >= 64 ? 1 : 0);
                assertThat(contents.packets())
                        .as("%d of %d", length, whole.length)
                        .hasSize(packets);
                assertThat(contents.fault().isEmpty())
                        .as("%d of %d", length, whole.length)
                        .isEqualTo(ends.contains(length));
            }
        }
        assertThat(read(PCAP_LITTLE_NANOS.substring(0, PCAP_LITTLE_NANOS.length() - 4))
                        .fault())
                .contains("the file ends within a packet: 3 of 5 octets, at octet 43");
    }

    @ParameterizedTest
    @CsvSource({
        "a1b2c3d4 0002 0004 0000000000000000 0000ffff 00000065 0000000100000002 ffffffff 00000003 01, 'a packet of 4294967295 octets is none, at octet 24'",
        "a1b2c3d4 0001 0004 0000000000000000 0000ffff 00000065, 'version 1 of pcap is not known, at octet 4'",
        "0a0d0d0a 0000001c 00000000 0001 0000 ffffffffffffffff 0000001c, 'a section header without a byte order, at octet 0'",
        "0a0d0d0a 0000001c 1a2b3c4d 0002 0000 ffffffffffffffff 0000001c, 'version 2 of pcapng is not known, at octet 0'",
        "0a0d0d0a 0000000c 1a2b3c4d 0000000c, 'a block can''t have 12 octets, at octet 0'",
        "0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001d, 'a block''s two lengths differ, at octet 0'",
        "0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c 00000006 fffffffc, 'a block can''t have 4294967292 octets, at octet 28'",
        "0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c 00000006 00000020 00000000 0000000000000000 00000000 00000000 00000020, 'a packet of interface 0, which is not described, at octet 28'",
        "0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c 00000001 00000014 0065 0000 00000000 00000014 00000006 00000020 00000000 0000000000000000 00000001 00000000 00000020, 'a packet of 1 octets in a block of 0, at octet 48'",
        "0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c 00000003 00000010 00000000 00000010, 'a simple packet block without a length or an interface, at octet 28'",
    })
    void saysWhatAFileLiesAbout(String hex, String fault) throws Exception {
        assertThat(read(hex).fault()).contains(fault);
    }

    @Test
    void aLengthThatIsALieCostsNoMemory() throws Exception {
        byte[] lie = Samples.hex(
                "a1b2c3d4 0002 0004 0000000000000000 0000ffff 00000065 0000000100000002 00ffffff 00000003 01");
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        Samples.read(new ByteArrayInputStream(lie));
        long before = threads.getCurrentThreadAllocatedBytes();
        assertThat(Samples.read(new ByteArrayInputStream(lie)).fault()).isPresent();
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(200_000);
    }

    @Test
    void otherFilesAreRecognisedAsSuchAndLeftUnread() throws Exception {
        for (byte[] octets : List.of("0000 45 00".getBytes(UTF_8), new byte[0], new byte[] {1, 2, 3}, new byte[100])) {
            ByteArrayInputStream in = new ByteArrayInputStream(octets);
            assertThat(CaptureReader.open(in)).isEmpty();
            assertThat(in.available()).isEqualTo(octets.length);
        }
    }

    @Test
    void anyOctetsAreReadWithoutAnException() throws Exception {
        SplittableRandom dice = new SplittableRandom(8);
        for (String hex : List.of(PCAP_BIG_MICROS, PCAP_LITTLE_NANOS, PCAPNG_BIG)) {
            byte[] whole = Samples.hex(hex);
            for (int i = 0; i < 20_000; i++) {
                byte[] mutant = whole.clone();
                for (int edits = 1 + dice.nextInt(5); edits > 0; edits--) {
                    mutant[4 + dice.nextInt(mutant.length - 4)] = (byte) dice.nextInt();
                }
                Samples.Contents contents = Samples.read(new ByteArrayInputStream(mutant));
                assertThat(contents.packets()).hasSizeLessThanOrEqualTo(20);
                Optional<CapturedPacket> liar = contents.packets().stream()
                        .filter(p -> p.octets().byteSize() > whole.length)
                        .findAny();
                assertThat(liar).isEmpty();
            }
        }
    }
}
