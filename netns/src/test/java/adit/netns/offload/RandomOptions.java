package adit.netns.offload;

import adit.netns.offload.Packets.Finish;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// IPv4 packets with options that record routes and times, some of them wrong, that are passed on, cut, delivered
/// or answered, drawn from a seed.
final class RandomOptions {
    private static final String FROM = "0a010002";
    private static final String ROUTER = "0a010001";
    private static final String TO = "0a020002";
    private static final String NOTHING = "00".repeat(10);
    private static final int MOST = 80;
    private static final int KINDS = 11;
    private static final String[] OTHERS = {
        "01",
        "0101",
        "94040000",
        "00",
        "8205010233",
        "860600000001",
        "8608000000010000",
        "44",
        "0707040000000000",
        "9402",
        "88040000",
        "ff02"
    };

    private final SplittableRandom random;

    RandomOptions(long seed) {
        random = new SplittableRandom(seed);
    }

    private int of(int... values) {
        return values[random.nextInt(values.length)];
    }

    private static String octet(int value) {
        return Packets.word(value).substring(2);
    }

    private String recording() {
        if (random.nextBoolean()) {
            int length = of(3, 4, 7, 8, 9, 10, 11, 15, 39);
            return "07" + octet(length) + octet(of(4, 5, 6, 7, 8, 9, 12, 16, 40)) + "11".repeat(length - 3);
        }
        int length = of(4, 5, 8, 11, 12, 16, 20, 36);
        String slots = (ROUTER + "00000000" + TO + "00000000").repeat(3).substring(0, 2 * (length - 4));
        return "44" + octet(length) + octet(of(4, 5, 9, 13, 17, 21, 40)) + octet(of(0, 1, 3, 2, 0xf0, 0xf3, 0x13))
                + slots;
    }

    private String options() {
        StringBuilder all = new StringBuilder(recording());
        while (all.length() < MOST - 20 && random.nextBoolean()) {
            all.append(random.nextInt(4) == 0 ? recording() : OTHERS[random.nextInt(OTHERS.length)]);
        }
        if (random.nextInt(3) == 0) {
            int at = 2 * random.nextInt(all.length() / 2);
            all.replace(at, at + 2, octet(random.nextBoolean() ? random.nextInt(256) : random.nextInt(12)));
        }
        while (all.length() % 8 != 0) {
            all.append("00");
        }
        return all.substring(0, Math.min(all.length(), MOST));
    }

    /// Without source routes, along which Linux sends its answers.
    String next() {
        String options = options();
        while (options.matches("(..)*8[39].*")) {
            options = options();
        }
        return packet(random.nextInt(KINDS), options);
    }

    /// All packets that there are with these options.
    static Stream<String> every(String options) {
        return IntStream.range(0, KINDS).mapToObj(kind -> packet(kind, options));
    }

    private static String packet(int kind, String options) {
        return switch (kind) {
            case 0 -> udp(options, 64, "4000", TO, 100);
            case 1 -> udp(options, 1, "4000", TO, 100);
            case 2 -> udp(options, 64, "4000", TO, 1600);
            case 3 -> udp(options, 64, "0000", TO, 1600);
            case 4 -> udp(options, 64, "4000", ROUTER, 100);
            case 5, 6 -> tcp(options, kind == 5 ? "0000" : "4000", 1000);
            case 7 -> tcp(options, "4000", 1448);
            case 8 -> {
                String syn = Packets.tcp(1, 0, 2, 500, 0, "", "");
                yield plain(options, 6, ROUTER, Packets.checked(FROM, ROUTER, 6, syn, 16, Finish.FINISHED));
            }
            case 9 -> {
                String rest = "00010001" + Packets.bytes(40, 3);
                yield plain(options, 1, ROUTER, "0800" + Packets.word(~Packets.sum("0800" + rest)) + rest);
            }
            default -> plain(options, 99, ROUTER, Packets.bytes(27, 5));
        };
    }

    private static String plain(String options, int protocol, String to, String payload) {
        return NOTHING + " " + Packets.ip4(options, 0, 64, "03e8", "4000", protocol, FROM, to, payload);
    }

    private static String udp(String options, int hops, String flags, String to, int octets) {
        String datagram = Packets.udp(1000, 2000, Packets.bytes(octets, 7));
        String checked = Packets.checked(FROM, to, 17, datagram, 6, Finish.FINISHED);
        return NOTHING + " " + Packets.ip4(options, 0, hops, "03e8", flags, 17, FROM, to, checked);
    }

    /// A super-packet.
    private static String tcp(String options, String flags, int size) {
        String segment = Packets.tcp(1000, 1, 0x10, 500, 0, "", Packets.bytes(3000, 9));
        String checked = Packets.checked(FROM, TO, 6, segment, 16, Finish.PARTIAL);
        return Packets.vnet(1, 1, 0, size, 20 + options.length() / 2, 16) + " "
                + Packets.ip4(options, 0, 64, "03e8", flags, 6, FROM, TO, checked);
    }
}
