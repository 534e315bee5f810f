package adit.program.ip;

import java.util.List;

/// A walk about what is shown, and how: filters, brief and detailed pages, JSON, further names of links, and commands
/// that are wrong.
final class ShowWalk extends Walk {
    private static final List<String> NAMES = List.of("a0", "a1", "a2", "another-name-of-more-than-15-characters");

    private ShowWalk(long seed) {
        super(seed);
    }

    static List<String> lines(long seed, int commands) {
        return new ShowWalk(seed).lines(commands);
    }

    @Override
    List<String> shows() {
        return List.of("-d link show", "-4 addr show", "-j -d -4 addr show", "-j -4 route show table all");
    }

    @Override
    String command() {
        int kind = random.nextInt(20);
        if (kind < 4) {
            return "link property " + one("add", "add", "del") + " dev " + device() + " altname " + name()
                    + sometimes(" altname " + name());
        } else if (kind < 7) {
            return "link set " + any() + " "
                    + one("up", "down", "up", "mtu 1400", "name n1", "name v1", "alias x", "group 3");
        } else if (kind == 7) {
            return links();
        } else if (kind < 10) {
            return "addr " + one("add", "add", "del") + " 10.0." + random.nextInt(4) + "." + one("1", "2") + "/24 dev "
                    + any() + sometimes(" label " + device() + ":x");
        } else if (kind < 12) {
            return "route " + one("add", "append", "del", "replace") + " 10." + random.nextInt(1, 5) + ".0.0/16"
                    + one(" dev " + any(), " via 10.0." + random.nextInt(4) + ".9", " dev " + any() + " table 100");
        } else if (kind == 12) {
            return "neigh " + one("add", "replace", "del") + " 10.0." + random.nextInt(4) + ".7 lladdr " + mac()
                    + " dev " + any() + sometimes(" nud permanent");
        }
        // Neighbours stand in a hash table of the kernel's, and only lines can be put in an order.
        return random.nextInt(6) == 0
                ? one(neighbour(), neighbour(), wrong())
                : options() + one(link(), address(), route());
    }

    private String name() {
        return one(NAMES.get(random.nextInt(NAMES.size())), one("a0", "a1", "lo", "v1"));
    }

    /// A link by its name or a further one.
    private String any() {
        return one(device(), device(), name());
    }

    private String options() {
        return one("", "", "-j ", "-br ", "-o ", "-d ", "-j -d ", "-br -j ", "-4 ", "-j -p ", "-o -d ", "-4 -br ");
    }

    private String link() {
        return "link show"
                + one(
                        "",
                        " " + any(),
                        " dev " + any(),
                        " up",
                        " type veth",
                        " type tun",
                        " type nonsense",
                        " master lo",
                        " nomaster",
                        " group 3",
                        " up type veth",
                        " " + any() + " up");
    }

    private String address() {
        return "addr show"
                + one(
                        "",
                        " " + any(),
                        " dev " + any(),
                        " up",
                        " to 10.0.0.0/16",
                        " to 10.0.1.0/24",
                        " scope global",
                        " scope host",
                        " label v0*",
                        " permanent",
                        " dynamic",
                        " deprecated",
                        " -deprecated",
                        " secondary",
                        " primary",
                        " type veth",
                        " master v0",
                        " " + any() + " scope link");
    }

    private String route() {
        return "route show"
                + one(
                        "",
                        " table all",
                        " table 100",
                        " table local",
                        " table 4711",
                        " dev " + any(),
                        " via 10.0.1.9",
                        " proto kernel",
                        " proto boot",
                        " type local",
                        " type unicast table all",
                        " scope link",
                        " scope host table local",
                        " src 10.0.0.1",
                        " root 10.0.0.0/8",
                        " match 10.1.2.3",
                        " exact 10.1.0.0/16",
                        " table all dev " + any(),
                        " cached",
                        " cloned",
                        " default",
                        " 10.1.0.0/16",
                        " table all type broadcast",
                        " table all proto boot");
    }

    /// What is wrong with words, or with the world.
    private String wrong() {
        return one(
                "link set v0 foo",
                "link set dev",
                "link set v0 mtu",
                "link set v0 mtu x",
                "link set v0 name " + "n".repeat(16),
                "link set v0 name a/b",
                "link add v9 type nonsense",
                "link property add dev v0",
                "link property add dev nobody altname a1",
                "link property add altname a1",
                "link property foo dev v0 altname a1",
                "link property add dev v0 altname a/b",
                "link show type",
                "link show dev",
                "link show nobody",
                "link del nobody",
                "link foo",
                "addr add 10.0.0.1/33 dev v0",
                "addr add 10.0.0.300/24 dev v0",
                "addr add 10.0.0.1/24",
                "addr add 10.0.0.1/24 dev nobody",
                "addr add 10.0.0.1/24 dev v0 foo",
                "addr del dev v0",
                "addr show dev nobody",
                "addr show foo bar",
                "route add 10.1.0.0/33 dev v0",
                "route add 10.1.0.0/16 dev nobody",
                "route add 10.1.0.1/16 dev v0",
                "route add 10.1.0.0/16 via 10.0.0",
                "route add 10.1.0.0/16 via 10.0.0.9 table x",
                "route add default dev v0 metric x",
                "route show foo",
                "route show dev nobody",
                "route show table x",
                "route get",
                "route get 10.0.0",
                "route del 10.77.0.0/16",
                "neigh add 10.0.0.1 lladdr 02 dev v0",
                "neigh add 10.0.0.1",
                "neigh add 10.0.0.1 lladdr 02:00:00:00:00:01 dev nobody",
                "neigh del 10.0.0.99 dev v0",
                "neigh show dev nobody",
                "neigh show nud x",
                "-x",
                "foo");
    }

    private String neighbour() {
        return "neigh show"
                + one(
                        "",
                        " dev " + any(),
                        " nud permanent",
                        " nud all",
                        " to 10.0.1.0/24",
                        " proxy",
                        " unused",
                        " nomaster",
                        " dev " + any() + " nud all");
    }
}
