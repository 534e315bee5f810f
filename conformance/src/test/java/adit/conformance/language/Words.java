package adit.conformance.language;

import adit.conformance.world.World;
import adit.device.Errno;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32;

/// Answers, octets and events in the transcript's words.
final class Words {
    private static final HexFormat HEX = HexFormat.of();
    private static final int SHOWN = 96;

    private Words() {}

    static String answer(int answer) {
        return answer < 0 ? Errno.name(-answer) : Integer.toString(answer);
    }

    /// The octets, or where there are many their start and checksum.
    static String octets(byte[] octets) {
        if (octets.length <= SHOWN) {
            return HEX.formatHex(octets);
        }
        CRC32 crc = new CRC32();
        crc.update(octets);
        return HEX.formatHex(octets, 0, SHOWN) + "... crc32 " + HEX.toHexDigits((int) crc.getValue());
    }

    static String events(int events) {
        String[] names = {"IN", "PRI", "OUT", "ERR", "HUP", "NVAL", "RDNORM", "RDBAND", "WRNORM", "WRBAND"};
        List<String> shown = new ArrayList<>();
        for (int bit = 0; bit < names.length; bit++) {
            if ((events >> bit & 1) != 0) {
                shown.add(names[bit]);
            }
        }
        return shown.isEmpty() ? "none" : String.join("+", shown);
    }

    static String seen(World.Seen packet) {
        return "%s %04x %s %s %d:%s"
                .formatted(
                        packet.device(),
                        packet.protocol(),
                        packet.cast(),
                        HEX.formatHex(packet.header().octets()),
                        packet.octets().length(),
                        octets(packet.octets().octets()));
    }

    /// Like neighbours are told once with their number.
    static String runs(List<String> all) {
        List<String> runs = new ArrayList<>();
        for (int i = 0; i < all.size(); ) {
            int end = i;
            while (end < all.size() && all.get(end).equals(all.get(i))) {
                end++;
            }
            runs.add((end - i > 1 ? end - i + " x " : "") + all.get(i));
            i = end;
        }
        return runs.isEmpty() ? "nothing" : String.join(", ", runs);
    }
}
