package adit.fuzz;

import adit.wire.IpProtocol;
import adit.wire.LinkLayer;
import adit.wire.PacketPrinter;
import adit.wire.PrinterOptions;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.Set;

/// Any octets are one printable line. The printer goes through every codec, so this tries them all.
class PacketPrinterFuzzTest {
    private static final int MAX_LINE = 4_000;
    private static final LinkLayer[] LAYERS = LinkLayer.values();
    private static final PrinterOptions OPTIONS =
            new PrinterOptions(Map.of(5555, IpProtocol.IPIP), Set.of(5556), PrinterOptions.Checksums.VERIFY);

    /// The first octet chooses the link layer.
    @FuzzTest
    void printsAnyOctetsAsOneLine(byte[] octets) {
        if (octets.length == 0) {
            return;
        }
        LinkLayer layer = LAYERS[Byte.toUnsignedInt(octets[0]) % LAYERS.length];
        String line = PacketPrinter.line(MemorySegment.ofArray(octets), 1, octets.length - 1, layer, OPTIONS);
        if (line.isBlank() || line.length() > MAX_LINE || !line.chars().allMatch(c -> c >= ' ' && c <= '~')) {
            throw new AssertionError(layer + ": " + line);
        }
    }
}
