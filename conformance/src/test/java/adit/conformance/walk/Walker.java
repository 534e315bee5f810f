package adit.conformance.walk;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// Makes up scripts. The same seed makes the same script.
///
/// A script is a list of moves, each of one or more steps that belong together. Nobody knows here how a step
/// turns out; there are few files, devices and kinds, so that a good part of them turns out well.
final class Walker {
    private static final String[] FILES = {"a", "b", "c", "d", "e"};
    private static final String[] DEVICES = {"t0", "t1", "t2"};
    private static final String WAY = "udp4(10.0.0.1:5,10.0.0.2:6,20)";
    private static final String BACK = "udp4(10.0.0.2:6,10.0.0.1:5,20)";
    private static final String PARTIAL = "udp4(10.0.0.2:6,10.0.0.1:5,20,partial)";
    private static final String SEGMENTS = "tcp4(10.0.0.1:5,10.0.0.2:6,4500,partial)";
    private static final String ETHERNET = "eth(020000000001,020000000002,0800)";

    private final RandomGenerator dice;
    private final List<List<String>> moves = new ArrayList<>();
    private final List<String> open = new ArrayList<>();

    private Walker(RandomGenerator dice) {
        this.dice = dice;
    }

    /// A script of at least `steps` steps.
    static List<List<String>> script(RandomGenerator dice, int steps) {
        Walker walker = new Walker(dice);
        walker.add("listen");
        walker.open("a");
        walker.open("b");
        walker.add("ioctl a TUNSETIFF name=t0 flags=" + walker.flags("t0"));
        walker.add("up t0");
        while (walker.moves.stream().mapToInt(List::size).sum() < steps) {
            walker.move();
        }
        return walker.moves;
    }

    private void add(String... steps) {
        moves.add(List.of(steps));
    }

    private String pick(String... from) {
        return from[dice.nextInt(from.length)];
    }

    private void open(String file) {
        if (!open.contains(file)) {
            open.add(file);
        }
        add(file + " = open");
    }

    private void close() {
        if (open.size() > 1) {
            String file = file();
            open.remove(file);
            add("close " + file);
        }
    }

    /// One that is open.
    private String file() {
        return open.get(dice.nextInt(open.size()));
    }

    private String device() {
        return pick(DEVICES);
    }

    /// Mostly a kind that goes with the device's name, so that files find devices that they can share.
    private String flags(String device) {
        StringBuilder flags = new StringBuilder();
        boolean usual = dice.nextInt(6) > 0;
        boolean frames = usual ? device.equals("t1") : dice.nextBoolean();
        boolean queues = usual ? !device.equals("t2") : dice.nextBoolean();
        flags.append(dice.nextInt(30) == 0 ? pick("0", "TUN+TAP") : frames ? "TAP" : "TUN");
        flags.append(queues ? "+MQ" : "").append(dice.nextInt(3) > 0 ? "+NO_PI" : "");
        for (String flag : new String[] {"VNET_HDR", "NO_CARRIER", "EXCL", "ONE_QUEUE", "NAPI", "NAPI_FRAGS"}) {
            if (dice.nextInt(flag.equals("VNET_HDR") ? 4 : 15) == 0) {
                flags.append('+').append(flag);
            }
        }
        return flags.toString();
    }

    private void move() {
        switch (dice.nextInt(38)) {
            case 0 -> close();
            case 1, 2 -> add("up " + device());
            case 3, 4, 5 -> attach();
            case 6, 7 -> add("ioctl " + file() + " TUNSETQUEUE flags=" + pick("ATTACH", "DETACH", "DETACH", "0"));
            case 8, 9, 10 -> setting();
            case 11, 12 -> question();
            case 13, 14 -> administration();
            case 15, 16, 17, 18 -> add("write " + file() + " " + packet());
            case 29 -> add("write " + file() + " there=" + dice.nextInt(70) + " " + packet());
            case 30 -> add("write " + file() + " " + parts());
            case 31 -> add("read " + file() + " 2000 there=" + dice.nextInt(70));
            case 32 -> add("signals " + file() + " " + pick("0", "1", "1"));
            case 33 -> add("signalled " + file());
            case 34, 35 -> add("told");
            case 36 -> add(pick("dump", "dump tun", "make t0 tun", "make t3 tun"));
            case 19, 20 ->
                add("read " + file() + " " + pick("2000", "2000", "2000", "0", "3", "4", "9", "14", "30", "4/2000"));
            case 21, 22, 23 -> traffic();
            case 24 -> add("poll " + file());
            case 25 -> add("drain " + file());
            case 26 -> add("stats " + device());
            case 27 -> add("link " + device());
            case 28 -> add("seen");
            default -> caller();
        }
    }

    private void attach() {
        String device = device();
        String name = dice.nextInt(12) == 0 ? pick("name=t%d ", "", "name=lo ", "name=a/b ") : "name=" + device + " ";
        String ioctl = " TUNSETIFF " + name + "flags=" + flags(device);
        String file = dice.nextInt(2) == 0 ? pick(FILES) : file();
        if (!open.contains(file)) {
            open(file);
        }
        if (dice.nextInt(4) == 0) {
            add(
                    "user " + pick("1000", "1000 2000", "1001 net_admin", "1001 net_admin"),
                    "ioctl " + file + ioctl,
                    "user root");
        } else {
            add("ioctl " + file + ioctl);
        }
    }

    private void setting() {
        String call = switch (dice.nextInt(17)) {
            case 0 -> "TUNSETPERSIST " + pick("0", "0", "1");
            case 1 -> "TUNSETOWNER " + pick("0", "1000", "1001", "-1");
            case 2 -> "TUNSETGROUP " + pick("0", "1000", "2000", "-1");
            case 3 -> "TUNSETLINK " + pick("1", "65534", "768", "0");
            case 4 -> "TUNSETOFFLOAD " + dice.nextInt(512);
            case 5 -> "TUNSETSNDBUF " + pick("1", "5000", "0", "-1", "2147483647");
            case 6 -> "TUNSETVNETHDRSZ " + pick("10", "10", "12", "24", "9", "64");
            case 7 -> "TUNSETVNETLE " + pick("0", "1");
            case 8 -> "TUNSETCARRIER " + pick("0", "1", "1");
            case 9 ->
                "TUNSETTXFILTER "
                        + pick(
                                "count=0",
                                "addresses=020000000001",
                                "flags=1 addresses=020000000003",
                                "addresses=010000000001,020000000003");
            case 10 ->
                "TUNATTACHFILTER program="
                        + pick(
                                "6.0.0.ffff",
                                "6.0.0.14",
                                "6.0.0.0",
                                "0.0.0.0",
                                "28.0.0.c,15.0.1.800,6.0.0.ffff,6.0.0.0");
            case 11 -> "TUNDETACHFILTER";
            case 12 ->
                "SIOCSIFHWADDR address=" + pick("020000000002", "020000000005", "010000000000")
                        + pick("", " family=65534");
            case 13 -> "TUNSETIFINDEX " + pick("0", "50", "51", "-1", "1");
            case 14 -> "TUNSETNOCSUM 1";
            case 15 -> "TUNSETVNETBE 0";
            default -> "TUNSETDEBUG 0";
        };
        add("ioctl " + file() + " " + call + memory());
    }

    /// How much of a call's argument is there, and whether the call is made by an address as a number.
    private String memory() {
        return switch (dice.nextInt(12)) {
            case 0 -> " there=" + dice.nextInt(42);
            case 1 -> " raw";
            case 2 -> " there=" + dice.nextInt(42) + " raw";
            default -> "";
        };
    }

    private void question() {
        add(
                switch (dice.nextInt(10)) {
                    case 0 -> "ioctl " + file() + " TUNGETFEATURES" + memory();
                    case 1 -> "ioctl " + file() + " TUNGETSNDBUF" + memory();
                    case 2 -> "ioctl " + file() + " TUNGETVNETHDRSZ" + memory();
                    case 3 -> "ioctl " + file() + " TUNGETVNETLE" + memory();
                    case 4 -> "ioctl " + file() + " TUNGETFILTER" + memory();
                    case 5 -> "ioctl " + file() + " SIOCGIFHWADDR" + memory();
                    case 6 -> "fdinfo " + file();
                    case 7 -> "devices";
                    default -> "ioctl " + file() + " TUNGETIFF" + memory();
                });
    }

    private void administration() {
        String device = device();
        add(
                switch (dice.nextInt(14)) {
                    case 0 -> "down " + device;
                    case 1, 2, 3, 4 -> "up " + device;
                    case 5 -> "mtu " + device + " " + pick("1500", "68", "9000", "65535", "67");
                    case 6, 7 -> "txqueuelen " + device + " " + pick("0", "1", "3", "10", "500");
                    case 8 -> "mac " + device + " " + pick("020000000002", "020000000006", "030000000000");
                    case 9 -> "rename " + device + " " + pick(DEVICES);
                    case 10 -> dice.nextInt(3) == 0 ? "delete " + device : "up " + device;
                    case 11 ->
                        "flag " + device + " " + pick("MULTICAST", "ALLMULTI", "PROMISC", "NOARP") + " "
                                + pick("0", "1");
                    case 12 -> "group " + device + " " + pick("0", "7");
                    default -> "carrier " + device + " " + pick("0", "1", "1");
                });
    }

    /// What goes in: framing by chance, mostly a packet of its own kind.
    private String packet() {
        String framing = pick("", "", "", "", "pi(0800) ", "vnet() ", "pi(0800) vnet() ", "pi(86dd) ");
        return framing
                + switch (dice.nextInt(9)) {
                    case 0 -> "zeros(" + dice.nextInt(30) + ")";
                    case 1 -> "60 zeros(39)";
                    case 2 -> "vnet(flags=1,start=20,offset=6) " + WAY;
                    case 3 -> "vnet(flags=1,gso=1,len=40,size=2000,start=20,offset=16) " + SEGMENTS;
                    case 4 -> ETHERNET + " " + WAY;
                    case 5 -> "eth(ffffffffffff,020000000009,0806) zeros(28)";
                    default -> WAY;
                };
    }

    /// A gathering write, of which the driver may make fragments.
    private String parts() {
        return ETHERNET + " zeros(" + dice.nextInt(30) + ") / "
                + pick("zeros(26)", "zeros(0) / 00", "zeros(4097)", "udp4(10.0.0.1:5,10.0.0.2:6,20)");
    }

    /// Out of the stack, where there is one queue: which of several it takes is each world's secret.
    private void traffic() {
        String inject = "inject " + device() + " 0800 single ";
        switch (dice.nextInt(5)) {
            case 0 -> add(inject + "gso vnet(flags=1,start=20,offset=6) " + PARTIAL);
            case 1 -> add(inject + "gso vnet(flags=1,gso=1,len=40,size=2000,start=20,offset=16) " + SEGMENTS);
            case 2, 3 -> add(inject + ETHERNET + " " + BACK);
            default -> add(inject + BACK);
        }
    }

    /// Somebody else, for one call.
    private void caller() {
        setting();
        String call = moves.removeLast().getFirst();
        add("user " + pick("1000", "1000 2000", "1001 net_admin"), call, "user root");
    }
}
