package adit.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.tunnel.Drop;
import adit.tunnel.DropObserver;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The drops in a capture, as Wireshark and our own reader show them.
class DemoCaptureTest {
    /// A router solicitation without options.
    private static final String SOLICITATION = "6000000000083aff" + "fe800000000000000000000000000001"
            + "ff020000000000000000000000000002" + "8500000000000000";

    /// ipip from a stranger: outer and inner IPv4 header.
    private static final String STRANGER =
            "4500002800010000400400000a0900010a0900024500001400020000400100000a0a00010a0a0002";

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void record() throws Exception {
        file = folder.resolve("drops.pcapng");
        try (PacketPool pool = new PacketPool(2, 64, 200);
                DemoCapture capture = DemoCapture.open(file)) {
            DropObserver a = capture.drops("a", () -> 1_000_000_000L);
            DropObserver b = capture.drops("b", () -> 2_000_000_000L);
            PacketBuffer solicitation = buffer(pool, SOLICITATION);
            solicitation.protocol(0x86dd);
            a.dropped(solicitation, Drop.NOT_CARRIED);
            solicitation.release();
            PacketBuffer stray = buffer(pool, STRANGER);
            stray.pull(20);
            stray.protocol(0);
            stray.addressing().outerHeaderLength = 20;
            b.dropped(stray, Drop.UNKNOWN_PROTOCOL);
            assertThat(stray.length()).as("left as it was").isEqualTo(20);
            stray.release();
        }
    }

    private static PacketBuffer buffer(PacketPool pool, String hex) {
        byte[] octets = HexFormat.of().parseHex(hex);
        PacketBuffer p = pool.lend();
        MemorySegment.copy(octets, 0, p.segment(), ValueLayout.JAVA_BYTE, p.put(octets.length), octets.length);
        return p;
    }

    @Test
    void areReadByWiresharkWithInterfaceDirectionAndReason() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/tshark")), "needs tshark");
        Process tshark = new ProcessBuilder(
                        "tshark",
                        "-n",
                        "-r",
                        file.toString(),
                        "-T",
                        "fields",
                        "-E",
                        "separator=|",
                        "-E",
                        "occurrence=f",
                        "-e",
                        "frame.interface_name",
                        "-e",
                        "frame.packet_flags_direction",
                        "-e",
                        "frame.comment",
                        "-e",
                        "ipv6.dst",
                        "-e",
                        "ip.src")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<String> rows = new String(tshark.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        assertThat(tshark.waitFor()).isZero();
        assertThat(rows)
                .containsExactly(
                        "a/drops|0x00000002|dropped: not_carried|ff02::2|",
                        "b/drops|0x00000001|dropped: unknown_protocol||10.9.0.1");
    }

    @Test
    void arePrintedByDecode() {
        Run run = Run.adit("decode", file.toString());
        assertThat(run.code()).isZero();
        List<String> lines = run.out().lines().toList();
        assertThat(lines).hasSize(2);
        assertThat(lines.get(0)).contains("a/drops out", "IPv6", "dropped: not_carried");
        assertThat(lines.get(1)).contains("b/drops in", "IPv4 10.9.0.1 > 10.9.0.2", "dropped: unknown_protocol");
    }

    @Test
    void saysWhichFolderIsMissing() {
        Run run = Run.adit("demo", "--memory", "--pings", "1", "--size", "1", "--pcap", "/no/such/x.pcapng");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("there is no /no/such/x.pcapng, or no folder to put it into");
    }

    @Test
    void everyReasonFitsIntoTheRoomOfAComment() {
        for (Drop reason : Drop.values()) {
            assertThat("dropped: " + reason.name()).hasSizeLessThanOrEqualTo(64);
        }
    }
}
