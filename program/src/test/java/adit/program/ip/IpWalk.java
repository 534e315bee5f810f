package adit.program.ip;

import java.util.List;

/// A walk about links, addresses, routes and neighbours of IPv4.
final class IpWalk extends Walk {
    private IpWalk(long seed) {
        super(seed);
    }

    static List<String> lines(long seed, int commands) {
        return new IpWalk(seed).lines(commands);
    }

    @Override
    List<String> shows() {
        return List.of("-d link show", "-4 addr show", "-4 route show table all", "-4 neigh show nud all");
    }

    @Override
    String command() {
        int kind = random.nextInt(100);
        if (kind < 22) {
            return "link set " + device() + " " + setting();
        } else if (kind < 26) {
            return links();
        } else if (kind < 28) {
            return setting("net.ipv4.ip_forward");
        } else if (kind < 50) {
            return address();
        } else if (kind < 75) {
            return route();
        } else if (kind < 88) {
            return neighbour();
        } else if (kind < 96) {
            return "route get " + ip()
                    + one(
                            "",
                            "",
                            " from " + ip(),
                            " oif " + device(),
                            " iif " + device(),
                            " from " + ip() + " iif " + device(),
                            " mark 3",
                            " fibmatch",
                            " tos 0x10");
        }
        return "route "
                + one(
                        "flush " + network(),
                        "flush dev " + device(),
                        "flush scope link",
                        "flush table 100",
                        "show table 100",
                        "show table " + random.nextInt(100, 110),
                        "show proto 77",
                        "show type unreachable",
                        "show dev " + device(),
                        "show via " + ip(),
                        "show src " + ip(),
                        "show exact " + network(),
                        "show table local",
                        "show match " + ip(),
                        "show root " + network());
    }

    private String setting() {
        return one(
                "up",
                "up",
                "up",
                "up",
                "down",
                "mtu " + one("67", "68", "576", "1280", "1400", "1500", "9000", "65535", "65536", "70000"),
                "txqueuelen " + one("0", "1", "500", "1000"),
                "address " + one(mac(), mac(), "01:00:5e:00:00:01", "00:00:00:00:00:00", "02:11"),
                "alias " + one("hello", "x".repeat(30)),
                "group " + random.nextInt(3),
                "arp " + onOff(),
                "multicast " + onOff(),
                "promisc " + onOff(),
                "allmulticast " + onOff(),
                "dynamic " + onOff(),
                "trailers off",
                "carrier " + onOff(),
                "name n" + random.nextInt(3),
                "nomaster",
                "mtu 1500 txqueuelen 10 up",
                "type veth");
    }

    private String address() {
        String device = device();
        int kind = random.nextInt(23);
        if (kind == 0) {
            return "addr flush dev " + device + one("", " scope global");
        } else if (kind == 1) {
            return "addr del " + ip() + " dev " + device;
        }
        String more = one(
                "",
                "",
                "",
                "",
                " broadcast +",
                " brd -",
                " brd 10.0.0.99",
                " scope link",
                " scope host",
                " label " + device + ":a",
                " label foo",
                " peer " + ip(),
                " peer " + ip() + "/24",
                " metric 7",
                " noprefixroute",
                " valid_lft 1000 preferred_lft 500",
                " valid_lft 500 preferred_lft 1000",
                " home");
        String length = one("/" + one("24", "24", "24", "24", "16", "32", "25", "30", "31", "0", "8"), "/24", "");
        return "addr " + one("add", "add", "add", "add", "del", "replace", "change") + " " + ip() + length + " dev "
                + device + more;
    }

    private String route() {
        String type =
                one("", "", "", "", "", "unreachable ", "blackhole ", "prohibit ", "throw ", "local ", "broadcast ");
        String way = one(
                "",
                " via " + ip(),
                " dev " + device(),
                " dev " + device(),
                " via " + ip() + " dev " + device(),
                " via " + ip() + " dev " + device() + " onlink");
        if (random.nextInt(5) == 0) {
            type = sometimes(type);
            way = sometimes(way) + hops();
        }
        String options = sometimes(" metric " + random.nextInt(3))
                + sometimes(" src " + ip())
                + sometimes(" scope " + one("link", "global", "host"))
                + sometimes(one(" mtu 1300", " mtu lock 1200"))
                + sometimes(" tos 0x10")
                + sometimes(" proto " + one("static", "77", "kernel"))
                + sometimes(" table " + one("local", "main", "100", String.valueOf(random.nextInt(100, 110))))
                + sometimes(" advmss 1200")
                // What is put around packets that go nowhere is not kept here.
                + (type.isEmpty() ? sometimes(encapsulation()) : "");
        return "route " + one("add", "add", "add", "add", "del", "replace", "append", "change", "prepend") + " " + type
                + one(network(), network(), network(), "default", ip(), ip() + "/24") + options + way;
    }

    /// The next hops of a route that has one or several.
    private String hops() {
        StringBuilder hops = new StringBuilder();
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            hops.append(" nexthop")
                    .append(sometimes(encapsulation()))
                    .append(one(
                            " via " + ip(),
                            " via " + ip(),
                            " dev " + device(),
                            " via " + ip() + " dev " + device(),
                            " via " + ip() + " dev " + device() + " onlink"))
                    .append(sometimes(" weight " + one("1", "2", "7", "256")));
        }
        return hops.toString();
    }

    private String encapsulation() {
        return one(
                " encap ip id 7 dst 10.0.0.9",
                " encap ip id 8 src 10.0.0.1 dst 10.0.0.9",
                " encap ip dst 10.0.0.9 ttl 3 tos 0x10");
    }

    private String neighbour() {
        if (random.nextInt(5) == 0) {
            return "neigh "
                    + one("flush dev " + device(), "flush all", "show proxy", "get " + ip() + " dev " + device());
        }
        return "neigh " + one("add", "add", "del", "replace", "change") + " " + ip()
                + one("", " lladdr " + mac(), " lladdr " + mac(), " lladdr 02:01") + " dev " + device()
                + one(
                        "",
                        " nud permanent",
                        " nud stale",
                        " nud noarp",
                        " nud reachable",
                        " nud failed",
                        " nud incomplete",
                        " router");
    }

    private String network() {
        return one("10.%d.0.0/16", "10.0.%d.0/24", "192.168.%d.0/24", "172.16.%d.0/25")
                .formatted(random.nextInt(4));
    }

    private String ip() {
        String host = one("1", "2", "3", "4", "77", "254", "255", "0");
        return one("10.0.%d.", "192.168.%d.", "172.16.%d.").formatted(random.nextInt(4)) + host;
    }
}
