package adit.program.ip;

import java.util.List;

/// A walk about links, addresses, routes and neighbours of IPv6.
final class Ip6Walk extends Walk {
    private static final int ONE_IN_TWENTY = 20;

    private Ip6Walk(long seed) {
        super(seed);
    }

    static List<String> lines(long seed, int commands) {
        return new Ip6Walk(seed).lines(commands);
    }

    @Override
    List<String> shows() {
        return List.of("-d link show", "-6 addr show", "-6 route show table all", "-6 neigh show nud all");
    }

    @Override
    String command() {
        int kind = random.nextInt(100);
        if (kind < 18) {
            return "link set " + link() + " " + setting();
        } else if (kind < 22) {
            return links();
        } else if (kind < 24) {
            return setting("net.ipv6.conf.all.forwarding");
        } else if (kind < 48) {
            return "-6 addr " + address();
        } else if (kind < 75) {
            return "-6 route " + route();
        } else if (kind < 86) {
            return "-6 neigh " + neighbour();
        } else if (kind < 95) {
            return lookup();
        }
        return "-6 route "
                + one(
                        "flush " + network(),
                        "flush dev " + link(),
                        "flush proto 77",
                        "flush table 100",
                        "show",
                        "show table local",
                        "show table 100",
                        "show table " + random.nextInt(100, 110),
                        "show dev " + link(),
                        "show default",
                        "show type unicast",
                        "show match " + ip(),
                        "show exact " + network(),
                        "show root " + network());
    }

    private String setting() {
        return one(
                "up",
                "up",
                "up",
                "up",
                "up",
                "up",
                "down",
                "down",
                "mtu " + one("68", "576", "1279", "1280", "1400", "1500", "9000", "65535", "65536"),
                "mtu " + one("1279", "1280", "1500"),
                "address " + one(mac(), mac(), "00:00:00:00:00:00"),
                "arp " + onOff(),
                "multicast " + onOff(),
                "promisc " + onOff(),
                "carrier " + onOff(),
                "name n" + random.nextInt(3),
                "mtu 1500 up");
    }

    /// Nobody asks whether another has the address: time would show.
    private String address() {
        String device = link();
        int kind = random.nextInt(16);
        if (kind == 0) {
            return "flush dev " + device + one("", " scope global", " scope link");
        } else if (kind == 1) {
            return one("del " + ip() + " dev " + device, "show to " + network(), "show scope link", "show permanent");
        }
        String more = one(
                "",
                "",
                "",
                "",
                " scope link",
                " scope host",
                " peer " + ip(),
                " peer " + ip() + "/64",
                " peer " + ip() + "/127",
                " metric 7",
                " metric 256",
                " noprefixroute",
                " valid_lft 1000 preferred_lft 500",
                " valid_lft 1000 preferred_lft 0",
                " valid_lft 500 preferred_lft 1000",
                " home",
                " mngtmpaddr",
                " autojoin");
        String length = one("/64", "/64", "/64", "/128", "/127", "/126", "/65", "/56", "/48", "/32", "/8", "/0", "");
        return one("add", "add", "add", "add", "del", "replace", "change") + " " + any() + length + " dev " + device
                + more + " nodad";
    }

    private String route() {
        String type = one(
                "",
                "",
                "",
                "",
                "",
                "unreachable ",
                "blackhole ",
                "prohibit ",
                "throw ",
                "local ",
                "multicast ",
                "anycast ",
                "broadcast ");
        String way = one(
                "",
                " via " + ip(),
                " dev " + link(),
                " dev " + link(),
                " via " + ip() + " dev " + link(),
                " via " + ip() + " dev " + link(),
                " via " + ip() + " dev " + link() + " onlink");
        if (random.nextInt(4) == 0) {
            type = sometimes(type);
            way = sometimes(way) + hops();
        }
        String options = sometimes(" metric " + one("0", "1", "256", "1024", "1025"))
                + sometimes(" src " + any())
                + sometimes(one(" mtu 1300", " mtu lock 1400", " hoplimit 9", " advmss 1200"))
                + sometimes(" proto " + one("static", "77", "ra"))
                + sometimes(" table " + one("local", "main", "100", String.valueOf(random.nextInt(100, 110))))
                + sometimes(" pref " + one("high", "low", "medium"))
                + sometimes(one(" tos 0x10", " expires 1000", " expires 5000", " scope link"));
        String verb = one("add", "add", "add", "add", "del", "del", "replace", "append", "change", "prepend");
        String to = one(network(), network(), network(), "default", ip(), ip() + "/64", "fe80::/64", "ff00::/8");
        // Which of those that each link has came first is up to when it got its carrier.
        boolean isOfEachLink = to.startsWith("fe80::/") || to.startsWith("ff00::/");
        if (verb.equals("del") && isOfEachLink && !way.contains("dev") && !way.contains("nexthop")) {
            way += " dev " + link();
        }
        return verb + " " + type + to + options + way;
    }

    /// The next hops of a route that has one or several.
    private String hops() {
        StringBuilder hops = new StringBuilder();
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            hops.append(" nexthop")
                    .append(one(
                            " via " + ip(),
                            " via " + ip() + " dev " + link(),
                            " via " + ip() + " dev " + link(),
                            " via " + ip() + " dev " + link() + " onlink",
                            " dev " + link()))
                    .append(sometimes(" weight " + one("1", "2", "7", "256")));
        }
        return hops.toString();
    }

    private String neighbour() {
        if (random.nextInt(5) == 0) {
            return one("flush dev " + link(), "flush all", "get " + ip() + " dev " + link(), "show dev " + link());
        }
        return one("add", "add", "del", "replace", "change") + " " + any()
                + one("", " lladdr " + mac(), " lladdr " + mac(), " lladdr 02:01") + " dev " + link()
                + one(
                        "",
                        " nud permanent",
                        " nud stale",
                        " nud noarp",
                        " nud reachable",
                        " nud failed",
                        " nud incomplete",
                        " router",
                        " nud permanent router");
    }

    /// Which of several links an address means that each of them has is decided by when they got a carrier.
    private String lookup() {
        String to = any();
        if (to.startsWith("f")) {
            return "-6 route get " + to + " oif " + link();
        }
        return "-6 route get " + one("", "", "fibmatch ") + to
                + one(
                        "",
                        "",
                        " from " + any(),
                        " oif " + link(),
                        " iif " + link(),
                        " from " + ip() + " iif " + link(),
                        " mark 3",
                        " tos 0x10",
                        " from " + ip() + " oif " + link());
    }

    private String link() {
        return one(device(), device(), device(), "v0", "v1");
    }

    private String network() {
        return one(
                        "2001:db8:%d::/64",
                        "2001:db8:%d::/64",
                        "2001:db8:%d::/48",
                        "fd00:%d::/32",
                        "2001:db8:0:%d::/65",
                        "2001:db8:%d::10/124")
                .formatted(random.nextInt(4));
    }

    private String ip() {
        String host = one("1", "2", "3", "4", "77", "ff", "0");
        return one("2001:db8:%d::", "2001:db8:%d::", "fd00:%d::", "fe80::%d:", "2001:db8:%d:8000::")
                        .formatted(random.nextInt(4))
                + host;
    }

    /// An address, now and then one of the strange ones.
    private String any() {
        boolean isOdd = random.nextInt(ONE_IN_TWENTY) == 0;
        return isOdd
                ? one("ff02::1", "ff05::2", "ff0e::5", "::", "::1", "::ffff:10.0.0.1", "2002:a00:1::1", "::10.0.0.1")
                : ip();
    }
}
