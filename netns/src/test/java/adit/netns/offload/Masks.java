package adit.netns.offload;

import java.util.Arrays;
import java.util.HexFormat;

/// Hides what is by chance in what comes out of a router.
final class Masks {
    private static final HexFormat HEX = HexFormat.of();

    private Masks() {}

    /// A header and a packet. In timestamp options: the times. In packets that the router made itself: the IPv4
    /// identification and checksum, the
    /// IPv6 flow label; and the identification of IPv6 fragments.
    static String mask(String read, Layout.End end) {
        int space = read.indexOf(' ');
        if (space < 0) {
            return read;
        }
        int link = end.isTap() ? 14 : 0;
        byte[] p = HEX.parseHex(read.substring(space + 1));
        if (p.length >= link + 20 && p[link] >> 4 == 4) {
            hideTimes(p, link);
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

    /// Hides what timestamp options of an IPv4 header at `at`, and of one that it quotes, say of the time, and the
    /// checksums over that. Answers whether there was any.
    private static boolean hideTimes(byte[] p, int at) {
        if (p.length < at + 20 || p[at] >> 4 != 4) {
            return false;
        }
        int end = Math.min(at + 4 * (p[at] & 0xf), p.length);
        boolean hidden = false;
        for (int i = at + 20; i + 1 < end && p[i] != 0; i += p[i] == 1 ? 1 : Math.max(2, p[i + 1])) {
            if (p[i] == 68 && i + 4 <= end) {
                int step = (p[i + 3] & 0xf) == 0 ? 4 : 8;
                // The last slots are those that were filled here, wherever the first began.
                for (int slot = i + (p[i + 2] & 0xff) - 5; slot >= i + 4; slot -= step) {
                    if (slot + 4 <= end) {
                        Arrays.fill(p, slot, slot + 4, (byte) 0);
                        hidden = true;
                    }
                }
            }
        }
        boolean isError = p[at + 9] == 1 && end + 8 < p.length && (p[end] == 3 || p[end] == 11 || p[end] == 12);
        if (isError && hideTimes(p, end + 8)) {
            Arrays.fill(p, end + 2, end + 4, (byte) 0);
        }
        if (hidden) {
            Arrays.fill(p, at + 10, at + 12, (byte) 0);
        }
        return hidden;
    }

    /// The kernel's own router solicitations, neighbour questions and group reports.
    static boolean isChatter(String read, Layout.End end) {
        int space = read.indexOf(' ');
        String packet = read.substring(space + 1 + (end.isTap() ? 28 : 0));
        boolean ip6 = space >= 0 && packet.startsWith("6") && packet.length() >= 80;
        boolean toGroup = ip6 && packet.startsWith("ff", 48);
        boolean igmp =
                space >= 0 && packet.startsWith("4") && packet.startsWith("02", 18) && packet.startsWith("e0", 32);
        return toGroup || igmp || (space >= 0 && packet.isEmpty());
    }
}
