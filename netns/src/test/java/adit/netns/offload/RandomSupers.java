package adit.netns.offload;

import adit.netns.offload.Packets.Finish;
import java.util.SplittableRandom;

/// Super-packets and packets with checksums to finish, each with the header that describes it, drawn from a
/// seed.
final class RandomSupers {
    private static final String FROM4 = "0a010002";
    private static final String TO4 = "0a020002";
    private static final String FROM6 = "fd010000000000000000000000000002";
    private static final String TO6 = "fd020000000000000000000000000002";
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int[] PAYLOADS = {
        0, 1, 2, 99, 100, 101, 1000, 1447, 1448, 1460, 1461, 2501, 4000, 9001, 30_000, 64_000
    };
    private static final int[] SIZES = {
        1, 2, 7, 8, 100, 536, 1000, 1400, 1428, 1440, 1448, 1452, 1460, 1461, 1472, 1473, 9000, 65_535
    };
    private static final String[] TCP_OPTIONS = {
        "",
        "",
        "0101080a0000000100000002",
        "0204058c",
        "01010101",
        "0101050a0000000100000002",
        "0101080a0000000100000002" + "0101051a" + "00000001".repeat(6)
    };
    private static final String[] IP_OPTIONS = {
        "", "", "", "01010100", "94040000", "0703040000000000", "0707040000000000"
    };
    private static final String[] EXTENSIONS = {
        "",
        "",
        "",
        "",
        "3c|TT00010400000000",
        "00|TT00010400000000",
        "3c|TT01010c" + "00".repeat(12),
        "2b|TT00040000000000"
    };

    private final SplittableRandom random;

    RandomSupers(long seed) {
        random = new SplittableRandom(seed);
    }

    private int of(int[] values) {
        return values[random.nextInt(values.length)];
    }

    private String of(String[] values) {
        return values[random.nextInt(values.length)];
    }

    /// A header and a packet that agree.
    String sound() {
        return sound(0);
    }

    /// The same behind a link header of this length.
    String sound(int link) {
        boolean six = random.nextBoolean();
        int kind = random.nextInt(8);
        boolean tcp = kind < 4;
        int size = of(SIZES);
        int payload = Math.min(of(PAYLOADS), kind == 5 ? size * 130 : size * 300);
        Draft d = new Draft(six, tcp, payload, Finish.PARTIAL);
        int start = link + d.network;
        int type = tcp ? (six ? 4 : 1) : kind == 7 ? 3 : 5;
        if (kind == 3 || kind == 6) {
            // A checksum to finish and nothing to cut.
            return Packets.vnet(1, 0, 0, 0, start, tcp ? 16 : 6) + " "
                    + new Draft(six, tcp, payload % 1400, Finish.PARTIAL).packet;
        }
        boolean unpartial = tcp && random.nextInt(8) == 0;
        if (tcp && random.nextInt(5) == 0) {
            type |= 0x80;
        }
        int length = random.nextBoolean() ? start + d.transport : 0;
        String header = unpartial
                ? Packets.vnet(0, type, length, size, 0, 0)
                : Packets.vnet(1, type, length, size, start, tcp ? 16 : 6);
        return header + " " + d.packet;
    }

    /// A header and a packet of which one may say what the other does not.
    String lying() {
        boolean six = random.nextBoolean();
        boolean tcp = random.nextBoolean();
        int size = of(SIZES);
        Finish finish = Finish.values()[random.nextInt(3)];
        Draft d = new Draft(six, tcp, of(PAYLOADS) % 9000, finish);
        int flags = random.nextInt(4) == 0 ? random.nextInt(256) : 1;
        int[] types = {0, 1, 3, 4, 5, 0x81, 0x84, 0x83, 0x85, 2, 0x20, 0x80};
        int truth = tcp ? (six ? 4 : 1) : 5;
        int type = random.nextBoolean() ? truth : of(types);
        int start = random.nextInt(3) > 0 ? d.network : d.network + random.nextInt(9) - 4;
        int offset = random.nextInt(3) > 0 ? (tcp ? 16 : 6) : random.nextInt(20);
        int length = random.nextInt(4) == 0 ? random.nextInt(200) : 0;
        String packet = d.packet;
        if (random.nextInt(4) == 0) {
            // Another octet within the headers, and the checksum of an IPv4 header made right again.
            int at = random.nextInt(Math.min(d.network + 20, packet.length() / 2));
            // Not in the addresses: whether there is a way to them is another matter.
            int addresses = six ? 8 : 12;
            at = at >= addresses && at < addresses + (six ? 32 : 8) ? addresses - 1 : at;
            packet = packet.substring(0, 2 * at)
                    + Packets.word(random.nextInt(256)).substring(2)
                    + packet.substring(2 * at + 2);
            packet = mended(packet);
        }
        return Packets.vnet(flags, type, length, size, start, offset) + " " + packet;
    }

    /// With the header checksum right, if it is IPv4.
    static String mended(String packet) {
        if (packet.charAt(0) != '4') {
            return packet;
        }
        int header = Math.min(8 * Character.digit(packet.charAt(1), 16), packet.length());
        if (header < 40) {
            return packet;
        }
        String without = packet.substring(0, 20) + "0000" + packet.substring(24, header);
        return packet.substring(0, 20) + Packets.word(~Packets.sum(without)) + packet.substring(24);
    }

    /// A packet, and how long its headers are.
    private final class Draft {
        final String packet;
        final int network;
        final int transport;

        Draft(boolean six, boolean tcp, int payload, Finish finish) {
            String data = Packets.bytes(payload, random.nextInt(256));
            String options = tcp ? of(TCP_OPTIONS) : "";
            transport = tcp ? 20 + options.length() / 2 : 8;
            String body = tcp
                    ? Packets.tcp(
                            random.nextInt(4) == 0 ? 0xffff_fff0L : 1000,
                            random.nextInt(),
                            random.nextInt(3) == 0 ? random.nextInt(512) : 0x10,
                            500,
                            random.nextInt(4) == 0 ? 9 : 0,
                            options,
                            data)
                    : Packets.udp(1000, 2000, data);
            int at = tcp ? 16 : 6;
            int protocol = tcp ? TCP : UDP;
            if (six) {
                String checked = Packets.checked(FROM6, TO6, protocol, body, at, finish);
                String extension = of(EXTENSIONS);
                int next = protocol;
                if (!extension.isEmpty()) {
                    next = Integer.parseInt(extension.substring(0, 2), 16);
                    checked = extension
                                    .substring(3)
                                    .replace("TT", Packets.word(protocol).substring(2))
                            + checked;
                }
                network = 40 + (extension.isEmpty() ? 0 : (extension.length() - 3) / 2);
                packet = Packets.ip6(random.nextInt(4), 64, next, FROM6, TO6, checked);
            } else {
                String ipOptions = of(IP_OPTIONS);
                network = 20 + ipOptions.length() / 2;
                String flags = random.nextBoolean() ? "4000" : "0000";
                String id = random.nextInt(4) == 0 ? "fffe" : "03e8";
                String checked = Packets.checked(FROM4, TO4, protocol, body, at, finish);
                packet = Packets.ip4(ipOptions, random.nextInt(4), 64, id, flags, protocol, FROM4, TO4, checked);
            }
        }
    }
}
