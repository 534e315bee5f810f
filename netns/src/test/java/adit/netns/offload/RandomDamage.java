package adit.netns.offload;

import java.util.SplittableRandom;
import java.util.function.Supplier;

/// Packets with virtio-net headers of which something was made wrong: fields of the header, octets of the packet's
/// headers, its end. Drawn from a seed.
final class RandomDamage {
    private static final int[] EDGES = {
        0, 1, 2, 7, 8, 13, 14, 19, 20, 21, 39, 40, 53, 54, 127, 128, 0x7fff, 0xfffe, 0xffff
    };
    private static final int[] TYPES = {0, 1, 3, 4, 5, 0x81, 0x84, 0x83, 0x21, 0x41, 0x44, 0x25, 0x45, 0x80, 0xff};
    private static final int ADDRESSES4 = 12;
    private static final int ADDRESSES4_END = 20;
    private static final int ADDRESSES6 = 8;
    private static final int ADDRESSES6_END = 40;
    private static final int PROTOCOL4 = 9;
    private static final int IGMP = 2;
    private static final int NEAR = 48;
    private static final int LONGEST = 9000;

    private final SplittableRandom random;
    private final Supplier<String> sound;

    /// Damages what `sound` supplies.
    RandomDamage(long seed, Supplier<String> sound) {
        random = new SplittableRandom(seed);
        this.sound = sound;
    }

    String next() {
        String[] parts = sound.get().split(" ");
        String header = parts[0];
        String packet = parts[1];
        if (random.nextBoolean()) {
            for (int i = random.nextInt(3); i >= 0; i--) {
                header = field(header);
            }
        }
        if (random.nextBoolean()) {
            for (int i = random.nextInt(3); i >= 0; i--) {
                packet = octet(packet);
            }
        }
        if (random.nextInt(4) == 0) {
            int octets = packet.length() / 2;
            int most = random.nextBoolean() ? Math.min(octets, 80) : octets;
            packet = packet.substring(0, 2 * (1 + random.nextInt(Math.max(1, most - 1))));
        }
        // What becomes tens of thousands of packets tells nothing more than what becomes thousands.
        packet = packet.substring(0, Math.min(packet.length(), 2 * LONGEST));
        return header + " " + RandomSupers.mended(packet);
    }

    private String field(String header) {
        int which = random.nextInt(6);
        return switch (which) {
            case 0 -> Packets.word(random.nextInt(16)).substring(2) + header.substring(2);
            case 1 ->
                header.substring(0, 2)
                        + Packets.word(TYPES[random.nextInt(TYPES.length)]).substring(2)
                        + header.substring(4);
            default -> {
                int at = 4 + 4 * (which - 2);
                yield header.substring(0, at)
                        + Packets.little(EDGES[random.nextInt(EDGES.length)])
                        + header.substring(at + 4);
            }
        };
    }

    /// Another octet near the front, but not in the addresses: whether there is a way to them is another matter.
    private String octet(String packet) {
        int octets = packet.length() / 2;
        int at = random.nextInt(Math.min(octets, NEAR));
        boolean six = packet.charAt(0) == '6';
        int first = six ? ADDRESSES6 : ADDRESSES4;
        int behind = six ? ADDRESSES6_END : ADDRESSES4_END;
        if (at == 0 || (at >= first && at < behind)) {
            at = first - 1;
        }
        int bit = 1 << random.nextInt(8);
        int to = 2 * at;
        int was = Integer.parseInt(packet.substring(to, to + 2), 16);
        int is = random.nextBoolean() ? was ^ bit : random.nextInt(256);
        if (!six && at == PROTOCOL4 && is == IGMP) {
            // Taken for a report of the kernel's own.
            return packet;
        }
        return packet.substring(0, to) + Packets.word(is).substring(2) + packet.substring(to + 2);
    }
}
