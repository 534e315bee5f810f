package adit.netns.offload;

import java.util.HexFormat;
import java.util.SplittableRandom;

/// What stands around the packets of one flow: an IP header, or GRE in all its forms, twice now and then, most
/// often such as the last one's and sometimes different in one thing, drawn from a seed.
final class RandomEncapsulation {
    private static final HexFormat HEX = HexFormat.of();
    private static final String FROM4 = "0a010002";
    private static final String TO4 = "0a020002";
    private static final String FROM6 = "fd010000000000000000000000000002";
    private static final String TO6 = "fd020000000000000000000000000002";
    private static final String ETHERNET = "0a0b0c0d0e0f" + "0a0b0c0d0e10";
    private static final int CHECKSUM = 0x8000;
    private static final int KEY = 0x2000;
    private static final int SEQUENCE = 0x1000;

    private final SplittableRandom random;
    private final boolean six;
    private final boolean inner6;
    private final boolean gre;
    private final boolean frames;
    private final int greFlags;
    private final String key;
    private final boolean dontFragment;
    private final int step;
    /// Around that, another one.
    private final RandomEncapsulation around;
    private int identification;

    /// Around packets of IPv6 or IPv4.
    RandomEncapsulation(SplittableRandom random, boolean inner6) {
        this(random, inner6, random.nextInt(12) == 0);
    }

    private RandomEncapsulation(SplittableRandom random, boolean inner6, boolean twice) {
        this.random = random;
        this.inner6 = inner6;
        six = random.nextInt(3) == 0;
        gre = random.nextBoolean();
        frames = gre && random.nextInt(3) == 0;
        greFlags = !gre
                ? 0
                : (random.nextInt(3) == 0 ? CHECKSUM : 0)
                        | (random.nextBoolean() ? KEY : 0)
                        | (random.nextInt(12) == 0 ? SEQUENCE : 0);
        key = random.nextBoolean() ? "00000001" : "cafe0002";
        dontFragment = random.nextBoolean();
        step = random.nextInt(3) == 0 ? 0 : 1;
        identification = random.nextInt(65_536);
        around = twice ? new RandomEncapsulation(random, six, false) : null;
    }

    /// How many octets [#wrap] puts in front.
    int octets() {
        int own = (six ? 40 : 20) + greOctets() + (frames ? 14 : 0);
        return own + (around == null ? 0 : around.octets());
    }

    private int greOctets() {
        return gre ? 4 + 4 * Integer.bitCount(greFlags) : 0;
    }

    /// The packet with headers in front of it.
    String wrap(String inner) {
        int odd = random.nextInt(100);
        String payload = gre ? gre(inner, odd) : inner;
        int protocol = gre ? 47 : inner6 ? 41 : 4;
        if (odd == 1) {
            protocol = protocol == 4 ? 41 : 4;
        }
        String outer = six ? outer6(payload, protocol, odd) : outer4(payload, protocol, odd);
        if (odd == 2) {
            outer += "0000";
        }
        identification += odd == 3 ? 2 : odd == 4 ? 1 - step : step;
        return around == null ? outer : around.wrap(outer);
    }

    private String outer4(String payload, int protocol, int odd) {
        String fragment = switch (odd) {
            case 5 -> dontFragment ? "0000" : "4000";
            case 6 -> "2000";
            case 7 -> "8000";
            default -> dontFragment ? "4000" : "0000";
        };
        String packet = Packets.ip4(
                odd == 8 ? "01010100" : "",
                odd == 9 ? 4 : odd == 10 ? 3 : 0,
                odd == 11 ? 63 : 64,
                Packets.word(identification),
                fragment,
                protocol,
                odd == 12 ? "0a010003" : FROM4,
                TO4,
                payload);
        return odd == 13 ? packet.substring(0, 20) + "ffff" + packet.substring(24) : packet;
    }

    private String outer6(String payload, int protocol, int odd) {
        String rest = payload;
        int next = protocol;
        if (odd == 8) {
            rest = HEX.toHexDigits((byte) protocol) + "00010400000000" + payload;
            next = 60;
        }
        String packet = Packets.ip6(
                odd == 9 ? 4 : odd == 10 ? 3 : 0,
                odd == 11 ? 63 : 64,
                next,
                odd == 12 ? "fd010000000000000000000000000003" : FROM6,
                TO6,
                rest);
        if (odd == 5) {
            packet = packet.substring(0, 3) + "54321" + packet.substring(8);
        }
        return odd == 13 ? packet.substring(0, 8) + "0001" + packet.substring(12) : packet;
    }

    private String gre(String inner, int odd) {
        int flags = switch (odd) {
            case 14 -> greFlags | 1;
            case 15 -> greFlags | 0x4000;
            default -> greFlags;
        };
        int inside = inner6 == (odd != 16) ? 0x86dd : 0x0800;
        String type = Packets.word(frames ? 0x6558 : inside);
        String ethernet = frames ? (odd == 17 ? "02" + ETHERNET.substring(2) : ETHERNET) + Packets.word(inside) : "";
        String rest = ((flags & KEY) == 0 ? "" : odd == 18 ? "00000003" : key)
                + ((flags & SEQUENCE) == 0 ? "" : HEX.toHexDigits(identification))
                + ethernet
                + inner;
        String head = Packets.word(flags) + type;
        if ((flags & CHECKSUM) == 0) {
            return head + rest;
        }
        String padded = rest.length() % 4 == 0 ? rest : rest + "00".repeat(4 - rest.length() / 2 % 4);
        int sum = odd == 19 ? 0x1234 : ~Packets.sum(head + padded);
        return head + Packets.word(sum) + (odd == 20 ? "0001" : "0000") + rest;
    }
}
