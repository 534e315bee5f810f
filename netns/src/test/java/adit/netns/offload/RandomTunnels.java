package adit.netns.offload;

import adit.netns.offload.Packets.Finish;
import java.util.SplittableRandom;

/// Super-packets inside UDP tunnels, as VXLAN's and GENEVE's, with the long header that describes them, drawn
/// from a seed.
final class RandomTunnels {
    private static final String FROM4 = "0a010002";
    private static final String TO4 = "0a020002";
    private static final String FROM6 = "fd010000000000000000000000000002";
    private static final String TO6 = "fd020000000000000000000000000002";
    private static final String INNER_FROM4 = "c0a80101";
    private static final String INNER_TO4 = "c0a80102";
    private static final String INNER_FROM6 = "20010db8000000000000000000000001";
    private static final String INNER_TO6 = "20010db8000000000000000000000002";
    private static final String VXLAN = "0800000000002a00";
    private static final String INNER_ETHERNET = "0a0b0c0d0e0f" + "0a0b0c0d0e10";
    private static final int[] PAYLOADS = {0, 1, 99, 100, 101, 500, 1000, 2501, 4000, 9001, 30_000};
    private static final int[] SIZES = {1, 7, 100, 536, 1000, 1300, 1370, 1390, 1398, 1400, 1450, 9000};

    private final SplittableRandom random;
    private int link = 14;

    RandomTunnels(long seed) {
        random = new SplittableRandom(seed);
    }

    /// Without a link header in front. Linux then has the outer UDP header said to be where it would be behind
    /// one, or refuses.
    RandomTunnels without() {
        link = 0;
        return this;
    }

    private int of(int[] values) {
        return values[random.nextInt(values.length)];
    }

    String sound() {
        return draw(false);
    }

    String lying() {
        return draw(true);
    }

    private String draw(boolean lies) {
        boolean outer6 = random.nextBoolean();
        boolean inner6 = random.nextBoolean();
        boolean tcp = random.nextInt(3) > 0;
        boolean checksum = random.nextBoolean();
        int size = of(SIZES);
        int payload = Math.min(of(PAYLOADS), size * 128);
        String data = Packets.bytes(payload, random.nextInt(256));
        String options = random.nextBoolean() ? "0101080a0000000100000002" : "";
        String body = tcp
                ? Packets.tcp(5000, 77, random.nextBoolean() ? 0x10 : random.nextInt(256), 500, 0, options, data)
                : Packets.udp(7, 9, data);
        int protocol = tcp ? 6 : 17;
        int field = tcp ? 16 : 6;
        String from = inner6 ? INNER_FROM6 : INNER_FROM4;
        String to = inner6 ? INNER_TO6 : INNER_TO4;
        Finish finish = lies && random.nextInt(6) == 0 ? Finish.WRONG : Finish.PARTIAL;
        String checked = Packets.checked(from, to, protocol, body, field, finish);
        String inner = inner6
                ? Packets.ip6(0, 33, protocol, from, to, checked)
                : Packets.ip4("", 0, 33, "7000", random.nextBoolean() ? "4000" : "0000", protocol, from, to, checked);
        String front = random.nextInt(3) == 0 ? VXLAN : VXLAN + INNER_ETHERNET + (inner6 ? "86dd" : "0800");
        String datagram = Packets.udp(0xc000, 4789, front + inner);
        String outerFrom = outer6 ? FROM6 : FROM4;
        String outerTo = outer6 ? TO6 : TO4;
        if (checksum) {
            datagram = Packets.checked(outerFrom, outerTo, 17, datagram, 6, Finish.PARTIAL);
        }
        String outer = outer6
                ? Packets.ip6(0, 64, 17, outerFrom, outerTo, datagram)
                : Packets.ip4(
                        "",
                        random.nextInt(4),
                        64,
                        "1111",
                        random.nextBoolean() ? "4000" : "0000",
                        17,
                        outerFrom,
                        outerTo,
                        datagram);
        int outerTransport = link + (outer6 ? 40 : 20);
        int innerNetwork = outerTransport + 8 + front.length() / 2;
        int start = innerNetwork + (inner6 ? 40 : 20);
        int type = (tcp ? (inner6 ? 4 : 1) : 5) | (outer6 ? 0x40 : 0x20);
        if (tcp && random.nextInt(6) == 0) {
            type |= 0x80;
        }
        int flags = checksum ? 9 : 1;
        if (link == 0 && random.nextInt(4) > 0) {
            outerTransport = 14 + (outer6 ? 40 : 20);
        }
        int length = random.nextBoolean() ? start + 20 : 0;
        if (lies) {
            switch (random.nextInt(9)) {
                case 0 -> outerTransport += random.nextInt(9) - 4;
                case 1 -> innerNetwork += random.nextInt(41) - 20;
                case 2 -> start += random.nextInt(41) - 20;
                case 3 -> type = random.nextInt(256);
                case 4 -> flags = random.nextInt(16);
                case 5 -> type ^= 0x60;
                case 6 -> field = random.nextInt(20);
                case 7 -> size = random.nextBoolean() ? 0 : 65535;
                default -> {
                    // Anywhere but in the outer addresses: asking for a neighbour who isn't there takes its time.
                    int addresses = outer6 ? 8 : 12;
                    int at = random.nextInt(Math.min(outer.length() / 2, 100));
                    at = at >= addresses && at < addresses + (outer6 ? 32 : 8) ? addresses - 1 : at;
                    outer = RandomSupers.mended(outer.substring(0, 2 * at)
                            + Packets.word(random.nextInt(256)).substring(2)
                            + outer.substring(2 * at + 2));
                }
            }
        }
        String ten = Packets.vnet(flags, type, length, size, Math.max(0, start), field);
        return Packets.vnet24(ten, Math.max(0, outerTransport), Math.max(0, innerNetwork)) + " " + outer;
    }
}
