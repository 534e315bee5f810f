package adit.netns;

import adit.wire.Icmp4;
import adit.wire.InternetChecksum;
import adit.wire.Ip6Address;
import adit.wire.Ipv4;
import adit.wire.Octets;
import adit.wire.TransportChecksum;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/// Packets by chance: many that are right, and many that are wrong in one or two ways. Each comes from another
/// source, so that no limit for one host is reached.
final class RandomPackets {
    private static final int[] DESTINATIONS_4 = {
        0x0a02_0007, 0x0a02_0007, 0x0a02_0007, 0x0a02_0008, 0x0a01_0001, 0x0a01_0001, 0x6363_6363, 0x0a01_ffff,
        0x7f00_0001, 0xe000_0001, 0xe000_0005, 0xefff_0001, 0x0000_0001, 0x0000_0000, 0xffff_ffff, 0xf000_0001,
        0x1400_0001, 0x1500_0001, 0x1600_0001, 0x0a02_0001, 0x0a02_ffff
    };
    private static final String[] DESTINATIONS_6 = {
        "fd02::7", "fd02::7", "fd02::7", "fd02::8", "fd01::1", "fd01::1", "2001:bad::1", "ff02::1", "ff02::2",
        "ff02::99", "ff0e::1", "ff01::1", "ff00::1", "::1", "fd02::1", "fd01::", "2001:20::1", "2001:21::1",
        "2001:22::1"
    };

    private final Random random;
    private int number;

    RandomPackets(long seed) {
        random = new Random(seed);
    }

    private boolean chance(int oneIn) {
        return random.nextInt(oneIn) == 0;
    }

    private int pick(int... of) {
        return of[random.nextInt(of.length)];
    }

    // ---- IPv4

    byte[] next4() {
        number++;
        byte[] options = chance(4) ? options() : new byte[0];
        int header = 20 + options.length;
        int payload = chance(8) ? 1400 + random.nextInt(300) : random.nextInt(80);
        byte[] octets = new byte[header + payload];
        random.nextBytes(octets);
        MemorySegment s = MemorySegment.ofArray(octets);
        int flags = chance(3) ? Ipv4.DONT_FRAGMENT : chance(12) ? Ipv4.MORE_FRAGMENTS : chance(30) ? 4 : 0;
        int offset = chance(15) ? random.nextInt(100) * 8 : 0;
        int protocol = pick(17, 17, 17, 6, 1, 1, 4, 47, 200);
        int source = chance(25)
                ? pick(0, -1, 0x7f00_0001, 0xe000_0001, 0x0a01_0001, 0x0a02_0001, 0x0000_0001, 0x0a01_ffff)
                : 0x0a01_0100 + number % 60_000;
        int destination = pick(DESTINATIONS_4);
        int ttl = pick(64, 64, 64, 2, 1, 0);
        Ipv4.emit(
                s,
                0,
                pick(0, 0, 0xb8, 0xff),
                header + payload,
                number & 0xffff,
                flags,
                offset,
                ttl,
                protocol,
                source,
                destination);
        octets[0] = (byte) (0x40 | header / 4);
        System.arraycopy(options, 0, octets, 20, options.length);
        Ipv4.fillChecksum(s, 0);
        transport4(s, header, payload, protocol);
        return mutate4(octets, s);
    }

    private void transport4(MemorySegment s, int header, int payload, int protocol) {
        if (protocol == 17 && payload >= 8) {
            Octets.put16(s, header + 4, chance(10) ? random.nextInt(100) : payload);
            Octets.put16(s, header + 2, 1 + random.nextInt(60_000));
        }
        if (protocol == 6 && payload >= 20) {
            Octets.put16(s, header + 12, (chance(8) ? random.nextInt(6) : 5) << 12 | random.nextInt(64));
        }
        if (protocol == 1 && payload >= 8) {
            Octets.put8(s, header, pick(8, 8, 8, 0, 3, 11, 12, 5, 15, 17, 18, 19, 40));
            if (chance(10)) {
                return;
            }
            Icmp4.fillChecksum(s, header, payload);
        }
        if (protocol != 1 && !chance(10)) {
            TransportChecksum.fill(s, 0);
        }
    }

    private byte[] options() {
        byte[] options = new byte[4 * (1 + random.nextInt(10))];
        int at = 0;
        while (at < options.length) {
            int left = options.length - at;
            int kind = pick(0, 1, 1, 7, 148, 130, 136, 131, 137, 94, 200);
            if (kind < 2) {
                options[at++] = (byte) kind;
                continue;
            }
            int length = Math.min(left, kind == 148 ? 4 : 3 + 4 * random.nextInt(3));
            options[at] = (byte) kind;
            if (left > 1) {
                options[at + 1] = (byte) (chance(10) ? random.nextInt(45) : length);
            }
            if (left > 2) {
                options[at + 2] = (byte) (kind == 7 || kind == 131 || kind == 137 ? pick(4, 4, 8, length + 1, 3) : 0);
            }
            at += Math.max(1, length);
        }
        return options;
    }

    private byte[] mutate4(byte[] octets, MemorySegment s) {
        if (chance(8)) {
            int at = random.nextInt(Math.min(octets.length, 20));
            octets[at] ^= (byte) (1 << random.nextInt(8));
            if (chance(2) && (octets[0] & 0xf) >= 5 && 4 * (octets[0] & 0xf) <= octets.length) {
                Ipv4.fillChecksum(s, 0);
            }
        }
        return resize(octets);
    }

    private byte[] resize(byte[] octets) {
        if (chance(15)) {
            return java.util.Arrays.copyOf(octets, 1 + random.nextInt(octets.length));
        }
        return chance(15) ? java.util.Arrays.copyOf(octets, octets.length + 1 + random.nextInt(30)) : octets;
    }

    // ---- IPv6

    byte[] next6() {
        number++;
        byte[] extensions = new byte[512];
        int length = 0;
        int first = -1;
        int previous = -1;
        int count = chance(2) ? 0 : 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            int kind = i == 0 && chance(2) ? 0 : pick(60, 60, 43, 44, 0);
            int octets = kind == 44 ? 8 : 8 * (1 + random.nextInt(3));
            extension(extensions, length, kind, octets);
            if (previous < 0) {
                first = kind;
            } else {
                extensions[previous] = (byte) kind;
            }
            previous = length;
            length += octets;
        }
        int protocol = pick(17, 17, 17, 6, 58, 58, 59, 47, 200);
        if (previous < 0) {
            first = protocol;
        } else {
            extensions[previous] = (byte) protocol;
        }
        int payload = chance(8) ? 1400 + random.nextInt(300) : random.nextInt(80);
        byte[] octets = new byte[40 + length + payload];
        random.nextBytes(octets);
        System.arraycopy(extensions, 0, octets, 40, length);
        MemorySegment s = MemorySegment.ofArray(octets);
        Octets.put32(s, 0, 6 << 28 | random.nextInt(1 << 28));
        Octets.put16(s, 4, length + payload);
        Octets.put8(s, 6, first);
        Octets.put8(s, 7, pick(64, 64, 64, 2, 1, 0));
        Ip6Address source = chance(25)
                ? Ip6Address.parse(new String[] {"::", "::1", "ff02::1", "fe80::77", "::ffff:1.2.3.4", "fd02::9"}
                        [random.nextInt(6)])
                : new Ip6Address(0xfd01L << 48, 0x1_0000L + number);
        source.emit(s, 8);
        Ip6Address.parse(DESTINATIONS_6[random.nextInt(DESTINATIONS_6.length)]).emit(s, 24);
        transport6(s, 40 + length, payload, protocol);
        if (chance(10)) {
            octets[random.nextInt(8)] ^= (byte) (1 << random.nextInt(8));
        }
        return resize(octets);
    }

    private void extension(byte[] into, int at, int kind, int octets) {
        into[at + 1] = (byte) (kind == 44 ? 0 : chance(20) ? random.nextInt(40) : octets / 8 - 1);
        switch (kind) {
            case 44 -> {
                boolean atomic = chance(2);
                Octets.put16(
                        MemorySegment.ofArray(into), at + 2, atomic ? 0 : random.nextInt(50) * 8 | random.nextInt(2));
                Octets.put32(MemorySegment.ofArray(into), at + 4, random.nextInt());
            }
            case 43 -> {
                into[at + 2] = (byte) pick(0, 2, 3, 4, 9);
                into[at + 3] = (byte) pick(0, 0, 1, 5);
            }
            default -> fill(into, at + 2, at + octets);
        }
    }

    /// Options, padded to the end.
    private void fill(byte[] into, int from, int end) {
        int at = from;
        while (at < end) {
            int left = end - at;
            if (left < 3 || chance(3)) {
                if (left == 1 || chance(4)) {
                    into[at++] = 0;
                } else {
                    int length = Math.min(left, chance(8) ? 9 : 2 + random.nextInt(5));
                    into[at] = 1;
                    into[at + 1] = (byte) (length - 2);
                    if (chance(12) && length > 2) {
                        into[at + 2] = 1;
                    }
                    at += length;
                }
            } else {
                int length = Math.min(left, 2 + random.nextInt(5));
                into[at] = (byte) pick(5, 0x1e, 0x5e, 0x9e, 0xde, 0xc2, 0x3e);
                into[at + 1] = (byte) (chance(15) ? random.nextInt(40) : length - 2);
                at += length;
            }
        }
    }

    private void transport6(MemorySegment s, int at, int payload, int protocol) {
        if (protocol == 17 && payload >= 8) {
            Octets.put16(s, at + 4, chance(10) ? random.nextInt(100) : payload);
            Octets.put16(s, at + 2, 1 + random.nextInt(60_000));
        }
        if (protocol == 6 && payload >= 20) {
            Octets.put16(s, at + 12, (chance(8) ? random.nextInt(6) : 5) << 12 | random.nextInt(64));
        }
        if (protocol == 58 && payload >= 8) {
            Octets.put8(s, at, pick(128, 128, 129, 1, 3, 2, 4, 200, 100));
        }
        int field = protocol == 17 ? 6 : protocol == 6 ? 16 : protocol == 58 ? 2 : -1;
        if (field < 0 || payload < field + 2 || chance(10)) {
            return;
        }
        Octets.put16(s, at + field, 0);
        int sum = InternetChecksum.fold(
                (long) InternetChecksum.sum(s, at, payload) + InternetChecksum.pseudoHeader6(s, 8, protocol, payload));
        int checksum = InternetChecksum.complement(sum);
        Octets.put16(s, at + field, checksum == 0 ? 0xffff : checksum);
    }

    static byte[] copy(MemorySegment s, int length) {
        return s.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    }
}
