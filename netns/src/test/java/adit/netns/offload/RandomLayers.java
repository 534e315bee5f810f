package adit.netns.offload;

import adit.netns.offload.Packets.Finish;
import java.util.HexFormat;
import java.util.SplittableRandom;

/// Super-packets and packets with checksums to finish behind whatever may stand in front of a transport header: VLAN
/// tags, labels, extension headers, options, IP headers and GRE. Some lie in one field of the virtio-net header.
/// Drawn from a seed.
final class RandomLayers {
    private static final HexFormat HEX = HexFormat.of();
    private static final String FROM4 = "0a010002";
    private static final String TO4 = "0a020002";
    private static final String ROUTER4 = "0a010001";
    private static final String FROM6 = "fd010000000000000000000000000002";
    private static final String TO6 = "fd020000000000000000000000000002";
    private static final String ROUTER6 = "fd010000000000000000000000000001";
    private static final String INNER_FROM4 = "c0a80101";
    private static final String INNER_TO4 = "c0a80102";
    private static final String INNER_FROM6 = "20010db8000000000000000000000001";
    private static final String INNER_TO6 = "20010db8000000000000000000000002";
    private static final int[] PAYLOADS = {0, 1, 2, 3, 7, 8, 9, 40, 99, 500, 1000, 1448, 2501, 5000, 9001};
    private static final int[] SIZES = {1, 2, 3, 7, 8, 9, 13, 100, 536, 1000, 1300, 1428, 1448, 1460, 1472, 9000};
    private static final int[] EDGES = {0, 1, 8, 14, 19, 20, 28, 39, 40, 54, 66, 100, 0x7fff, 0xfffe, 0xffff};
    private static final String[] TAGS = {
        "",
        "",
        "",
        "81000000",
        "8100e000",
        "88a80000",
        "8100000081000000",
        "88a8000081000000",
        "81000005",
        "88a80007",
        "8100000088a80000",
        "8100100081000000",
        "81000fff",
        "88a8e001",
        "8100000088a80003",
        "8100000181000002",
        "88a8000081000000810000008100000088a80000",
        "88a800008100000081000001"
    };
    /// Stacks of labels: the last one ends it, or none does; one ends it early; explicit nulls of both families and
    /// what is reserved; times to live of 0 and 1.
    private static final String[] LABELS = {
        "00064140",
        "0006404000065140",
        "00000140",
        "00002140",
        "00064040",
        "0006414000065140",
        "000640400006504000066140",
        "00064100",
        "00064101",
        "00001140",
        "00003140",
        "0000e040000641ff"
    };
    private static final String[] TCP_OPTIONS = {
        "",
        "",
        "01010100",
        "0101080a0000000100000002",
        "03030700",
        "02030000",
        "1e05aabbcc010101",
        "fd08f98903030303",
        "0500000000000000",
        "ff000000",
        "1303aa0101010101"
    };
    private static final String[] IP_OPTIONS = {
        "", "", "", "01010100", "94040000", "0703040000000000", "8603000000000000", "00000000", "88040001"
    };
    private static final int MOST = 100;
    private static final int MOST_FOR_THE_ROUTER = 4;

    private final SplittableRandom random;
    private final boolean frames;
    private final int longHeader;

    RandomLayers(long seed, boolean frames, int header) {
        random = new SplittableRandom(seed);
        this.frames = frames;
        longHeader = header;
    }

    private int of(int... values) {
        return values[random.nextInt(values.length)];
    }

    private String of(String[] values) {
        return values[random.nextInt(values.length)];
    }

    private boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    private static String octet(int value) {
        return HEX.toHexDigits((byte) value);
    }

    /// A header and a packet, and of a frame what stands between its addresses and the packet.
    String next() {
        boolean tcp = random.nextInt(5) > 1;
        boolean six = random.nextBoolean();
        boolean wrapped = oneIn(3);
        boolean forRouter = oneIn(8);
        int size = of(SIZES);
        int payload = Math.min(of(PAYLOADS), size * (forRouter ? MOST_FOR_THE_ROUTER : MOST));
        String from = wrapped ? (six ? INNER_FROM6 : INNER_FROM4) : (six ? FROM6 : FROM4);
        String to = wrapped ? (six ? INNER_TO6 : INNER_TO4) : forRouter ? (six ? ROUTER6 : ROUTER4) : (six ? TO6 : TO4);
        Finish finish = oneIn(12) ? Finish.values()[random.nextInt(3)] : Finish.PARTIAL;
        int protocol = tcp ? 6 : 17;
        int field = tcp ? 16 : 6;
        String options = tcp ? of(TCP_OPTIONS) : "";
        String body = tcp ? segment(options, Packets.bytes(payload, random.nextInt(256))) : datagram(payload);
        String packet = network(six, protocol, from, to, Packets.checked(from, to, protocol, body, field, finish));
        boolean outer6 = six;
        if (wrapped) {
            outer6 = random.nextBoolean();
            packet = wrapped(packet, six, outer6, forRouter);
        }
        String tags = frames ? of(TAGS) : "";
        String ethernet = tags + (outer6 ? "86dd" : "0800");
        if (frames && oneIn(12)) {
            String labels = of(LABELS);
            // To many: to one it would be for whoever knows labels, which a kernel without the module does not.
            ethernet = tags + "8848" + labels;
        }
        int link = frames ? 12 + ethernet.length() / 2 : 0;
        int network = packet.length() / 2 - body.length() / 2;
        int type = tcp ? (six ? 4 : 1) : oneIn(4) ? 3 : 5;
        if (oneIn(6)) {
            type = of(0, 0, 0, 1, 3, 4, 5, 2);
        }
        if (oneIn(tcp ? 4 : 20)) {
            type |= 0x80;
        }
        int flags = oneIn(10) ? of(0, 0, 2, 3, 4, 5) : 1;
        int start = link + network;
        int length = random.nextBoolean() ? start + (tcp ? 20 + options.length() / 2 : 8) : 0;
        if (oneIn(5)) {
            switch (random.nextInt(4)) {
                case 0 -> start = oneIn(3) ? of(EDGES) : Math.max(0, start + random.nextInt(17) - 8);
                case 1 -> field = oneIn(3) ? of(EDGES) : random.nextInt(24);
                case 2 -> length = oneIn(2) ? of(EDGES) : random.nextInt(200);
                default -> size = of(EDGES);
            }
        }
        String ten = Packets.vnet(flags, type, length, size, start, field);
        String header = longHeader == 10 ? ten : Packets.vnet24(ten, random.nextInt(60), random.nextInt(100));
        return header + " " + packet + " " + ethernet;
    }

    private String segment(String options, String data) {
        int bits = oneIn(3) ? random.nextInt(512) : 0x10 | of(0, 8, 1, 0x80, 0x40, 0x20, 0xc9);
        return Packets.tcp(
                oneIn(4) ? 0xffff_fff0L : 1000,
                random.nextInt(),
                bits,
                random.nextInt(65_536),
                (bits & 0x20) == 0 && !oneIn(9) ? 0 : random.nextInt(3000),
                options,
                data);
    }

    private String datagram(int payload) {
        String datagram = Packets.udp(1000, of(2000, 53, 4789), Packets.bytes(payload, random.nextInt(256)));
        if (oneIn(6)) {
            int lie = oneIn(3) ? of(0, 7, 8, 0xffff) : Math.max(0, 8 + payload + random.nextInt(9) - 4);
            datagram = datagram.substring(0, 8) + Packets.word(lie) + datagram.substring(12);
        }
        return datagram;
    }

    private String network(boolean six, int protocol, String from, String to, String payload) {
        int tos = oneIn(3) ? random.nextInt(256) : random.nextInt(4);
        if (!six) {
            return Packets.ip4(
                    of(IP_OPTIONS),
                    tos,
                    64,
                    oneIn(4) ? "fffe" : "03e8",
                    of(new String[] {"4000", "0000", "4000", "0000", "c000", "8000"}),
                    protocol,
                    from,
                    to,
                    payload);
        }
        int next = protocol;
        String behind = payload;
        for (int i = oneIn(2) ? 0 : 1 + random.nextInt(3); i > 0; i--) {
            int kind = i == 1 && oneIn(3) ? 0 : of(60, 60, 43, 44, 0, 51);
            behind = extension(kind, next) + behind;
            next = kind;
        }
        return Packets.ip6(tos, 64, next, from, to, behind);
    }

    private String extension(int kind, int next) {
        int units = random.nextInt(3);
        String lead = octet(next) + octet(units);
        return switch (kind) {
            case 44 ->
                octet(next) + "00" + (oneIn(4) ? of(new String[] {"0001", "0008", "0009"}) : "0000") + "12345678";
            case 43 -> lead + octet(of(0, 2, 3, 4, 99)) + octet(oneIn(6) ? 1 : 0) + "00".repeat(4 + 8 * units);
            case 51 -> octet(next) + "04" + "0000" + "00000001" + "00000001" + "aa".repeat(12);
            default -> {
                int padding = 8 * units + 6;
                String option = oneIn(6) ? of(new String[] {"05020000", "1e00", "c200", "8000", "3e0100"}) : "";
                int left = padding - option.length() / 2;
                yield lead
                        + option
                        + (left == 1 ? "00" : left < 2 ? "" : "01" + octet(left - 2) + "00".repeat(left - 2));
            }
        };
    }

    /// An IP header in front, or GRE.
    private String wrapped(String packet, boolean inner6, boolean outer6, boolean forRouter) {
        String from = outer6 ? FROM6 : FROM4;
        String to = forRouter ? (outer6 ? ROUTER6 : ROUTER4) : outer6 ? TO6 : TO4;
        if (oneIn(2)) {
            return network(outer6, inner6 ? 41 : 4, from, to, packet);
        }
        int bits = of(0, 0x2000, 0x1000, 0x8000, 0xb000);
        String rest = ((bits & 0x2000) == 0 ? "" : "0000002a") + ((bits & 0x1000) == 0 ? "" : "00000001");
        String sum = (bits & 0x8000) == 0 ? "" : "12340000";
        String inner = oneIn(4) ? "0a0b0c0d0e0f0a0b0c0d0e10" + (inner6 ? "86dd" : "0800") + packet : packet;
        String type = inner.equals(packet) ? (inner6 ? "86dd" : "0800") : "6558";
        if (oneIn(6)) {
            type = "8847";
            inner = of(LABELS) + packet;
        }
        return network(outer6, 47, from, to, Packets.word(bits) + type + sum + rest + inner);
    }
}
