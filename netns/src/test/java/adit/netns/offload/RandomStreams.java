package adit.netns.offload;

import adit.netns.offload.Packets.Finish;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Short runs of packets of a few flows, most of which follow each other and some of which differ in one thing
/// from what would, drawn from a seed.
final class RandomStreams {
    private static final String NOTHING = "00".repeat(10);

    private final SplittableRandom random;
    private final int link;
    private final boolean encapsulated;
    private int least = 1;

    RandomStreams(long seed, boolean frames) {
        this(seed, frames, false);
    }

    private RandomStreams(long seed, boolean frames, boolean encapsulated) {
        random = new SplittableRandom(seed);
        link = frames ? 14 : 0;
        this.encapsulated = encapsulated;
    }

    /// Most of them in tunnels.
    static RandomStreams inTunnels(long seed, boolean frames) {
        return new RandomStreams(seed, frames, true);
    }

    /// With so many octets of payload at least, in what is not odd.
    RandomStreams ofAtLeast(int octets) {
        least = octets;
        return this;
    }

    List<List<String>> scripts(int count) {
        List<List<String>> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            List<Flow> flows = new ArrayList<>();
            for (int f = random.nextInt(random.nextInt(8) == 0 ? 12 : 3); f >= 0; f--) {
                flows.add(new Flow(f));
            }
            List<String> script = new ArrayList<>();
            for (int k = 2 + random.nextInt(8); k > 0; k--) {
                script.add(flows.get(random.nextInt(flows.size())).next());
            }
            all.add(script);
        }
        return all;
    }

    /// One flow, and what its next packet is if nothing is odd.
    private final class Flow {
        private final boolean six = random.nextBoolean();
        private final boolean tcp = random.nextInt(3) > 0;
        private final int port;
        private final int size = least + random.nextInt(300);
        private final int step = random.nextInt(4) == 0 ? 0 : 1;
        private final String options = random.nextInt(3) == 0 ? "0101080a0000000100000002" : "";
        private final boolean dontFragment = random.nextBoolean();
        private int identification = 1000 + random.nextInt(64_000);
        private long sequence = random.nextInt(6) == 0 ? 0xffff_ff80L : 5000;
        private final int flags;
        private final RandomEncapsulation around =
                encapsulated && random.nextInt(8) > 0 ? new RandomEncapsulation(random, six) : null;

        Flow(int number) {
            port = 1000 + number;
            flags = switch (random.nextInt(10)) {
                case 0, 1 -> 0x50;
                case 2 -> 0x90;
                default -> 0x10;
            };
        }

        String next() {
            int odd = random.nextInt(40);
            int length = switch (odd) {
                case 0 -> size / 2;
                case 1 -> size + 1;
                case 2 -> 0;
                default -> size;
            };
            int bits = switch (odd) {
                case 3 -> flags | 8;
                case 4 -> flags | 1;
                case 5 -> flags | 1 << random.nextInt(9);
                case 6 -> flags | 0x80;
                case 37 -> 2;
                default -> flags;
            };
            String data = Packets.bytes(length, random.nextInt(256));
            String body = tcp
                    ? Packets.tcp(
                            odd == 7 ? sequence + 1 : sequence,
                            odd == 8 ? 1 : 2,
                            bits,
                            odd == 9 ? 501 : 500,
                            0,
                            odd == 10 ? "01010101" : options,
                            data)
                    : Packets.udp(port, 2000, data);
            body = tcp ? Packets.word(port) + body.substring(4) : body;
            Finish finish = odd == 11 ? Finish.WRONG : odd == 12 || odd == 13 ? Finish.PARTIAL : Finish.FINISHED;
            int protocol = tcp ? 6 : 17;
            String from = six ? "fd010000000000000000000000000002" : "0a010002";
            String to = six ? "fd020000000000000000000000000002" : "0a020002";
            int field = tcp ? 16 : 6;
            String checked = Packets.checked(from, to, protocol, body, field, finish);
            if (odd == 14 && !tcp) {
                checked = checked.substring(0, 12) + "0000" + checked.substring(16);
            }
            if (odd == 15) {
                checked += "0000";
            }
            String packet;
            int network = (around == null ? 0 : around.octets()) + 20;
            int quality = odd == 16 ? 1 : odd == 36 ? 3 : 0;
            int hops = odd == 17 ? 63 : 64;
            if (six) {
                network += 20;
                if (odd == 18) {
                    checked = Packets.word(protocol).substring(2) + "00010400000000" + checked;
                    protocol = 60;
                    network += 8;
                }
                packet = Packets.ip6(quality, hops, protocol, from, to, checked);
                if (odd == 19) {
                    packet = packet.substring(0, 3) + "54321" + packet.substring(8);
                }
            } else {
                String some = odd == 20 ? "01010100" : "";
                network += some.length() / 2;
                String fragment = switch (odd) {
                    case 21 -> dontFragment ? "0000" : "4000";
                    case 22 -> "2000";
                    case 23 -> "8000";
                    default -> dontFragment ? "4000" : "0000";
                };
                packet = Packets.ip4(
                        some, quality, hops, Packets.word(identification), fragment, protocol, from, to, checked);
                if (odd == 24) {
                    packet = packet.substring(0, 20) + "ffff" + packet.substring(24);
                }
            }
            if (odd == 25) {
                packet += "000000";
            }
            if (around != null) {
                packet = around.wrap(packet);
            }
            identification += odd == 26 ? 2 : odd == 27 ? 1 - step : step;
            sequence += length;
            if (odd == 28) {
                // A super-packet by the writer's own word.
                return Packets.vnet(1, tcp ? (six ? 4 : 1) : 5, 0, Math.max(1, size / 3), link + network, field) + " "
                        + packet;
            }
            String header = finish == Finish.PARTIAL ? Packets.vnet(1, 0, 0, 0, link + network, field) : NOTHING;
            return header + " " + packet;
        }
    }
}
