package adit.wire;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The printer goes through every codec, so it is the fuzz harness of them all.
class PacketPrinterFuzzTest {
    private static final int RUNS = 1_000_000;
    private static final int MAX_LINE = 4_000;
    private static final List<byte[]> CORPUS = Stream.of("captured-packets.tsv", "tunnel-packets.tsv")
            .flatMap(resource -> CapturedPackets.read(resource).stream())
            .map(packet -> Golden.bytes(packet.hex()))
            .toList();
    private static final LinkLayer[] LAYERS = LinkLayer.values();
    // Octets that mean something at many places: versions, header lengths, protocols, extension headers.
    private static final int[] INTERESTING = {0, 1, 2, 4, 6, 17, 20, 41, 43, 44, 51, 58, 60, 0x45, 0x4f, 0x60, 137, 255
    };

    private static final PrinterOptions OPTIONS =
            new PrinterOptions(Map.of(5555, IpProtocol.IPIP), Set.of(5556), PrinterOptions.Checksums.VERIFY);

    @Test
    void printsAnyOctetsAsOneLine() {
        Property.forAll(20_260_101, RUNS, dice -> {
            byte[] octets = dice.nextInt(8) == 0
                    ? Property.octets(dice, dice.nextInt(200))
                    : mutated(CORPUS.get(dice.nextInt(CORPUS.size())), dice);
            LinkLayer layer = dice.nextInt(3) == 0 ? LAYERS[dice.nextInt(LAYERS.length)] : LinkLayer.ETHERNET;
            String line = PacketPrinter.line(MemorySegment.ofArray(octets), 0, octets.length, layer, OPTIONS);
            if (line.isBlank() || line.length() > MAX_LINE || !isOnePrintableLine(line)) {
                throw new AssertionError(layer + ": " + line);
            }
        });
    }

    private static boolean isOnePrintableLine(String line) {
        for (int i = 0; i < line.length(); i++) {
            if (line.charAt(i) < ' ' || line.charAt(i) > '~') {
                return false;
            }
        }
        return true;
    }

    private static byte[] mutated(byte[] packet, SplittableRandom dice) {
        byte[] octets = packet.clone();
        for (int i = dice.nextInt(6); i > 0; i--) {
            int at = dice.nextInt(octets.length);
            switch (dice.nextInt(5)) {
                case 0 -> octets[at] = (byte) dice.nextInt();
                case 1 -> octets[at] ^= (byte) (1 << dice.nextInt(8));
                case 2 -> octets[at] = (byte) INTERESTING[dice.nextInt(INTERESTING.length)];
                case 3 -> octets = Arrays.copyOf(octets, 1 + at);
                default -> {
                    // A piece of the packet again, somewhere else: headers nest where they should not.
                    int from = dice.nextInt(octets.length);
                    int length = Math.min(octets.length - from, octets.length - at);
                    System.arraycopy(octets, from, octets, at, length);
                }
            }
        }
        return octets;
    }
}
