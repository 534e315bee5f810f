package adit.netns.offload;

import java.util.Arrays;
import java.util.HexFormat;

/// Hides what is by chance in what comes out of a router.
final class Masks {
    private static final HexFormat HEX = HexFormat.of();

    private Masks() {}

    /// A header and a packet. In packets that the router made itself: the IPv4 identification and checksum, the
    /// IPv6 flow label; and the identification of IPv6 fragments.
    static String mask(String read, Layout.End end) {
        int space = read.indexOf(' ');
        if (space < 0) {
            return read;
        }
        int link = end.isTap() ? 14 : 0;
        byte[] p = HEX.parseHex(read.substring(space + 1));
        if (p.length >= link + 20 && p[link] >> 4 == 4) {
            boolean own = p[link + 12] == 10 && p[link + 14] == 0 && p[link + 15] == 1;
            if (own) {
                Arrays.fill(p, link + 4, link + 6, (byte) 0);
                Arrays.fill(p, link + 10, link + 12, (byte) 0);
            }
        } else if (p.length >= link + 48 && p[link] >> 4 == 6) {
            boolean own = p[link + 8] == (byte) 0xfd && p[link + 23] == 1;
            if (own) {
                p[link + 1] &= (byte) 0xf0;
                Arrays.fill(p, link + 2, link + 4, (byte) 0);
            }
            int next = p[link + 6];
            int at = link + 40;
            while ((next == 0 || next == 43 || next == 60) && at + 8 <= p.length) {
                next = p[at];
                at += 8 * (1 + (p[at + 1] & 0xff));
            }
            if (next == 44 && p.length >= at + 8) {
                Arrays.fill(p, at + 4, at + 8, (byte) 0);
            }
        }
        return read.substring(0, space + 1) + HEX.formatHex(p);
    }

    /// An answer of a router that carries IP options: ours never do.
    static boolean hasOptions(String read, Layout.End end) {
        int at = read.indexOf(' ') + 1 + (end.isTap() ? 28 : 0);
        return at > 0 && read.length() > at + 2 && read.charAt(at) == '4' && read.charAt(at + 1) > '5';
    }

    /// The kernel's own router solicitations, neighbour questions and group reports.
    static boolean isChatter(String read, Layout.End end) {
        int space = read.indexOf(' ');
        String packet = read.substring(space + 1 + (end.isTap() ? 28 : 0));
        boolean ip6 = space >= 0 && packet.startsWith("6") && packet.length() >= 80;
        boolean toGroup = ip6 && packet.startsWith("ff", 48);
        boolean igmp = space >= 0 && packet.startsWith("4") && packet.startsWith("02", 18);
        return toGroup || igmp || (space >= 0 && packet.isEmpty());
    }
}
