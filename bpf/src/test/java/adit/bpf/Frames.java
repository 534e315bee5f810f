package adit.bpf;

import java.util.Arrays;
import java.util.SplittableRandom;

/// Makes up Ethernet frames: headers on headers, some of them damaged.
final class Frames {
    private static final int[] TYPES = {
        0x0800, 0x0800, 0x0800, 0x0800, 0x86dd, 0x86dd, 0x86dd, 0x86dd, 0x0806, 0x8100, 0x8100, 0x88a8, 0x88a8, 0x8847,
        0x8035, 0x8864, 0x8864, 0x88fb, 0x892f, 0x4305, 0x88ca, 0x88f7, 0x8906, 0x8902
    };
    private static final int[] PPP = {0x0021, 0x0057, 0x0281, 0x0283, 0xc021, 0x2145, 0x5760, 0x8021, 0x0100};
    private static final int[] PROTOCOLS = {
        0, 1, 2, 4, 6, 6, 17, 17, 33, 41, 43, 44, 47, 50, 51, 58, 59, 60, 89, 132, 136, 137, 255
    };
    private static final int HEADER = 14;
    private static final int LONGEST = 250;

    private final SplittableRandom dice;
    private final byte[] octets;
    private int length;

    private Frames(SplittableRandom dice) {
        this.dice = dice;
        this.octets = new byte[4 * LONGEST];
    }

    static boolean isTag(int type) {
        return type == 0x8100 || type == 0x88a8;
    }

    /// The two octets at `at`.
    static int type(byte[] frame, int at) {
        return Byte.toUnsignedInt(frame[at]) << 8 | Byte.toUnsignedInt(frame[at + 1]);
    }

    /// Random octets behind a header that may mean something.
    static byte[] random(SplittableRandom dice) {
        if (dice.nextBoolean()) {
            return layered(dice);
        }
        byte[] frame = new byte[HEADER + 6 + dice.nextInt(128)];
        dice.nextBytes(frame);
        put16(frame, 12, 0x0800);
        return frame;
    }

    /// Headers on headers, cut somewhere in one of four, with an octet damaged in one of eight.
    static byte[] layered(SplittableRandom dice) {
        Frames frame = new Frames(dice);
        dice.nextBytes(frame.octets);
        frame.length = HEADER;
        frame.ethernet(12);
        int length = Math.min(frame.length + dice.nextInt(40), LONGEST);
        if (dice.nextInt(4) == 0) {
            length = HEADER + 6 + dice.nextInt(Math.max(1, length - HEADER - 6));
        }
        byte[] octets = Arrays.copyOf(frame.octets, Math.max(length, HEADER + 6));
        if (dice.nextInt(8) == 0 && octets.length > HEADER + 1) {
            octets[HEADER + dice.nextInt(octets.length - HEADER)] = (byte) dice.nextInt();
        }
        return octets;
    }

    private static void put16(byte[] octets, int at, int value) {
        octets[at] = (byte) (value >> 8);
        octets[at + 1] = (byte) value;
    }

    private void ethernet(int typeAt) {
        int type = TYPES[dice.nextInt(TYPES.length)];
        put16(octets, typeAt, type);
        network(type);
    }

    private void network(int type) {
        if (length > LONGEST) {
            return;
        }
        int at = length;
        switch (type) {
            case 0x8100, 0x88a8 -> {
                length += 4;
                ethernet(at + 2);
            }
            case 0x0800 -> {
                int words = dice.nextInt(5) == 0 ? 5 + dice.nextInt(11) : 5;
                octets[at] = (byte) (0x40 | words);
                put16(octets, at + 6, fragment() >>> 3);
                length += 4 * words;
                octets[at + 9] = (byte) upper(type);
            }
            case 0x86dd -> {
                octets[at] = 0x60;
                length += 40;
                octets[at + 6] = (byte) upper(type);
            }
            case 0x8864 -> {
                put16(octets, at, dice.nextInt(8) == 0 ? dice.nextInt() : 0x1100);
                int protocol = PPP[dice.nextInt(PPP.length)];
                put16(octets, at + 6, protocol);
                length += (protocol & 0x0100) != 0 ? 7 : 8;
                int ppp = (protocol & 0x0100) != 0 ? protocol >> 8 : protocol;
                network(ppp == 0x21 ? 0x0800 : ppp == 0x57 ? 0x86dd : 0);
            }
            case 0x88fb, 0x892f -> {
                length += 6;
                ethernet(at + 4);
            }
            case 0x4305 -> {
                put16(octets, at, dice.nextInt(8) == 0 ? dice.nextInt() : 0x400f);
                length += 24;
                ethernet(at + 22);
            }
            default -> length += dice.nextInt(44);
        }
    }

    // In the form of IPv6: the offset in octets, and one flag.
    private int fragment() {
        return switch (dice.nextInt(8)) {
            case 0 -> 8;
            case 1 -> 8 * 100;
            default -> 0;
        };
    }

    // Writes what stands above IP, and answers its number.
    private int upper(int family) {
        int protocol = PROTOCOLS[dice.nextInt(PROTOCOLS.length)];
        int at = length;
        switch (protocol) {
            case 0, 43, 60 -> {
                int units = dice.nextInt(3);
                octets[at + 1] = (byte) units;
                length += 8 * (units + 1);
                octets[at] = (byte) (length < LONGEST ? upper(family) : 59);
            }
            case 44 -> {
                put16(octets, at + 2, fragment());
                length += 8;
                octets[at] = (byte) (length < LONGEST ? upper(family) : 59);
            }
            case 4 -> network(0x0800);
            case 41 -> network(0x86dd);
            case 47 -> gre();
            default -> length += dice.nextInt(24);
        }
        return protocol;
    }

    private void gre() {
        int at = length;
        int flags = dice.nextInt(16) << 12 | (dice.nextInt(3) == 0 ? 1 : 0) | (dice.nextInt(3) == 0 ? 0x80 : 0);
        if (dice.nextInt(4) > 0) {
            flags &= ~0x4000;
        }
        put16(octets, at, flags);
        length += 4 + 4 * Integer.bitCount(flags & 0xb000);
        if ((flags & 7) == 1) {
            put16(octets, at + 2, 0x880b);
            length += (flags & 0x80) != 0 ? 4 : 0;
            put16(octets, length + 2, dice.nextBoolean() ? 0x0021 : 0x0057);
            int inner = octets[length + 3] == 0x21 ? 0x0800 : 0x86dd;
            length += 4;
            network(inner);
        } else if (dice.nextInt(3) == 0) {
            put16(octets, at + 2, 0x6558);
            length += 14;
            ethernet(length - 2);
        } else {
            ethernet(at + 2);
        }
    }
}
