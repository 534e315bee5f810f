package adit.iproute;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/// The names that iproute2 has for numbers: scopes, tables, protocols, families, link types.
final class Names {
    static final int AF_UNSPEC = 0;
    static final int AF_INET = 2;
    static final int AF_BRIDGE = 7;
    static final int AF_INET6 = 10;
    static final int AF_PACKET = 17;
    static final int AF_MPLS = 28;

    private static final Names SCOPES =
            new Names(Map.of("global", 0, "nowhere", 255, "host", 254, "link", 253, "site", 200));
    private static final Names TABLES = new Names(Map.of("unspec", 0, "default", 253, "main", 254, "local", 255));
    private static final Names GROUPS = new Names(Map.of("default", 0));
    private static final Names REALMS = new Names(Map.of("cosmos", 0));
    private static final Names FAMILIES = new Names(
            Map.of("inet", AF_INET, "inet6", AF_INET6, "link", AF_PACKET, "mpls", AF_MPLS, "bridge", AF_BRIDGE));
    private static final Names PROTOCOLS = new Names(Map.ofEntries(
            Map.entry("unspec", 0),
            Map.entry("redirect", 1),
            Map.entry("kernel", 2),
            Map.entry("boot", 3),
            Map.entry("static", 4),
            Map.entry("gated", 8),
            Map.entry("ra", 9),
            Map.entry("mrt", 10),
            Map.entry("zebra", 11),
            Map.entry("bird", 12),
            Map.entry("dnrouted", 13),
            Map.entry("xorp", 14),
            Map.entry("ntk", 15),
            Map.entry("dhcp", 16),
            Map.entry("keepalived", 18),
            Map.entry("babel", 42),
            Map.entry("openr", 99),
            Map.entry("bgp", 186),
            Map.entry("isis", 187),
            Map.entry("ospf", 188),
            Map.entry("rip", 189),
            Map.entry("eigrp", 192)));
    private static final Names ROUTE_TYPES = new Names(Map.ofEntries(
            Map.entry("none", 0),
            Map.entry("unicast", 1),
            Map.entry("local", 2),
            Map.entry("broadcast", 3),
            Map.entry("anycast", 4),
            Map.entry("multicast", 5),
            Map.entry("blackhole", 6),
            Map.entry("unreachable", 7),
            Map.entry("prohibit", 8),
            Map.entry("throw", 9),
            Map.entry("nat", 10),
            Map.entry("xresolve", 11)));
    /// Differentiated services code points by RFC 2474, 2597, 3246 and 5865, as values of the whole octet.
    private static final Names SERVICES = new Names(Map.ofEntries(
            Map.entry("default", 0x00),
            Map.entry("CS1", 0x20),
            Map.entry("CS2", 0x40),
            Map.entry("CS3", 0x60),
            Map.entry("CS4", 0x80),
            Map.entry("CS5", 0xa0),
            Map.entry("CS6", 0xc0),
            Map.entry("CS7", 0xe0),
            Map.entry("AF11", 0x28),
            Map.entry("AF12", 0x30),
            Map.entry("AF13", 0x38),
            Map.entry("AF21", 0x48),
            Map.entry("AF22", 0x50),
            Map.entry("AF23", 0x58),
            Map.entry("AF31", 0x68),
            Map.entry("AF32", 0x70),
            Map.entry("AF33", 0x78),
            Map.entry("AF41", 0x88),
            Map.entry("AF42", 0x90),
            Map.entry("AF43", 0x98),
            Map.entry("EF", 0xb8)));
    private static final Map<Integer, String> LINK_TYPES = Map.ofEntries(
            Map.entry(0, "netrom"),
            Map.entry(1, "ether"),
            Map.entry(32, "infiniband"),
            Map.entry(256, "slip"),
            Map.entry(280, "can"),
            Map.entry(512, "ppp"),
            Map.entry(768, "ipip"),
            Map.entry(769, "tunnel6"),
            Map.entry(772, "loopback"),
            Map.entry(774, "fddi"),
            Map.entry(776, "sit"),
            Map.entry(778, "gre"),
            Map.entry(779, "pimreg"),
            Map.entry(801, "ieee802.11"),
            Map.entry(803, "ieee802.11/radiotap"),
            Map.entry(804, "ieee802.15.4"),
            Map.entry(823, "gre6"),
            Map.entry(824, "netlink"),
            Map.entry(825, "6lowpan"),
            Map.entry(0xfffe, "none"),
            Map.entry(0xffff, "void"));

    private final Map<String, Integer> numbers;
    private final Map<Integer, String> names = new LinkedHashMap<>();

    private Names(Map<String, Integer> numbers) {
        this.numbers = numbers;
        numbers.forEach((name, number) -> names.put(number, name));
    }

    static Names scopes() {
        return SCOPES;
    }

    static Names tables() {
        return TABLES;
    }

    static Names protocols() {
        return PROTOCOLS;
    }

    static Names groups() {
        return GROUPS;
    }

    static Names realms() {
        return REALMS;
    }

    static Names routeTypes() {
        return ROUTE_TYPES;
    }

    static Names services() {
        return SERVICES;
    }

    static Names families() {
        return FAMILIES;
    }

    /// The name of a link type (ARPHRD), `[n]` when it has none.
    static String linkType(int type) {
        return LINK_TYPES.getOrDefault(type, "[" + type + "]");
    }

    /// A service as text: its name, else its number in hexadecimal.
    static String service(int octet) {
        return SERVICES.has(octet) ? SERVICES.text(octet) : "0x%02x".formatted(octet);
    }

    /// The number of a service: its name, or a number, which is hexadecimal whatever it looks like.
    static OptionalInt serviceNumber(String text) {
        if (SERVICES.numbers.containsKey(text)) {
            return OptionalInt.of(SERVICES.numbers.get(text));
        }
        String digits = text.startsWith("0x") ? text.substring(2) : text;
        return digits.matches("[0-9a-fA-F]{1,2}") ? OptionalInt.of(Integer.parseInt(digits, 16)) : OptionalInt.empty();
    }

    boolean has(int number) {
        return names.containsKey(number);
    }

    /// The name of a number, or its digits.
    String text(int number) {
        String name = names.get(number);
        return name == null ? Integer.toUnsignedString(number) : name;
    }

    /// The number of a name.
    OptionalInt byName(String name) {
        Integer number = numbers.get(name);
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }

    /// The number of a name, or of digits for a number up to `largest`.
    OptionalInt number(String text, long largest) {
        Integer number = numbers.get(text);
        if (number != null) {
            return OptionalInt.of(number);
        }
        var digits = Numbers.unsigned(text, Integer.SIZE);
        return digits.isPresent() && digits.getAsLong() <= largest
                ? OptionalInt.of((int) digits.getAsLong())
                : OptionalInt.empty();
    }
}
