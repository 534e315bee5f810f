package adit.iproute;

import adit.netlink.AttributeTable;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netlink.Rtnetlink;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a route puts around its packets: MPLS labels, or the outer header of an external tunnel device. Other
/// kinds show their name alone.
final class RouteEncap {
    private static final int MPLS_IPTUNNEL_TTL = 2;
    private static final int LWTUNNEL_ENCAP_IP6 = 4;
    private static final List<String> TYPES =
            List.of("none", "mpls", "ip", "ila", "ip6", "seg6", "bpf", "seg6local", "rpl", "ioam6", "xfrm");

    // The attributes of `ip` and of `ip6` have the same numbers.
    private static final int IP_ID = 1;
    private static final int IP_DST = 2;
    private static final int IP_SRC = 3;
    private static final int IP_TTL = 4;
    private static final int IP_TOS = 5;
    private static final int IP_FLAGS = 6;

    private static final int TUNNEL_CSUM = 0x0100;
    private static final int TUNNEL_KEY = 0x0400;
    private static final int TUNNEL_SEQ = 0x0800;

    private RouteEncap() {}

    // ---- The page

    static void show(AttributeTable route, Page page) {
        if (!route.has(Rtnetlink.RTA_ENCAP_TYPE)) {
            return;
        }
        int type = route.u16(Rtnetlink.RTA_ENCAP_TYPE);
        page.string("encap", " encap %s ", type > 0 && type < TYPES.size() ? TYPES.get(type) : "unknown");
        AttributeTable t = route.nested(Rtnetlink.RTA_ENCAP);
        switch (type) {
            case Rtnetlink.LWTUNNEL_ENCAP_MPLS -> showMpls(t, page);
            case Rtnetlink.LWTUNNEL_ENCAP_IP -> showIp(t, page, Names.AF_INET);
            case LWTUNNEL_ENCAP_IP6 -> showIp(t, page, Names.AF_INET6);
            default -> {}
        }
    }

    private static void showMpls(AttributeTable t, Page page) {
        if (t.has(Rtnetlink.MPLS_IPTUNNEL_DST)) {
            page.string("dst", " %s ", InetPrefix.text(Names.AF_MPLS, t, Rtnetlink.MPLS_IPTUNNEL_DST));
        }
        if (t.has(MPLS_IPTUNNEL_TTL)) {
            page.number("ttl", "ttl %s ", t.u8(MPLS_IPTUNNEL_TTL));
        }
    }

    private static void showIp(AttributeTable t, Page page, int family) {
        if (t.has(IP_ID)) {
            page.jsonUnsigned("id", t.be64(IP_ID));
            page.text("id " + Long.toUnsignedString(t.be64(IP_ID)) + " ");
        }
        if (t.has(IP_SRC)) {
            page.string("src", "src %s ", InetPrefix.text(family, t, IP_SRC));
        }
        if (t.has(IP_DST)) {
            page.string("dst", "dst %s ", InetPrefix.text(family, t, IP_DST));
        }
        boolean ip4 = family == Names.AF_INET;
        if (t.has(IP_TTL)) {
            page.number(ip4 ? "ttl" : "hoplimit", ip4 ? "ttl %s " : "hoplimit %s ", t.u8(IP_TTL));
        }
        if (t.has(IP_TOS)) {
            page.number(ip4 ? "tos" : "tc", ip4 ? "tos %s " : "tc %s ", t.u8(IP_TOS));
        }
        int flags = t.has(IP_FLAGS) ? t.u16(IP_FLAGS) : 0;
        flag("key", flags & TUNNEL_KEY, page);
        flag("csum", flags & TUNNEL_CSUM, page);
        flag("seq", flags & TUNNEL_SEQ, page);
    }

    private static void flag(String key, int bit, Page page) {
        if (bit != 0) {
            page.truth(key, key + " ");
        }
    }

    // ---- The command line

    /// Reads the words behind `encap`.
    static MessageWriter.Body parse(Words words) throws IpFailure {
        String name = words.value();
        int type = TYPES.indexOf(name);
        if (type <= 0) {
            throw name.equals("help")
                    ? IpFailure.senseless(Help.ROUTE)
                    : IpFailure.wrong("\"encap type\" value is invalid\n", name);
        }
        if (!words.any()) {
            throw IpFailure.incomplete();
        }
        if (!words.anyBehindNext()) {
            throw IpFailure.senseless("Error: unexpected end of line after \"encap\"");
        }
        List<MessageWriter.Body> attributes = switch (type) {
            case Rtnetlink.LWTUNNEL_ENCAP_MPLS -> parseMpls(words);
            case Rtnetlink.LWTUNNEL_ENCAP_IP -> new IpWords(Names.AF_INET).parse(words);
            case LWTUNNEL_ENCAP_IP6 -> new IpWords(Names.AF_INET6).parse(words);
            default -> throw IpFailure.senseless("Error: unsupported encap type");
        };
        return w -> {
            w.nested(Rtnetlink.RTA_ENCAP | Netlink.NLA_F_NESTED, e -> attributes.forEach(a -> a.writeTo(e)));
            w.u16(Rtnetlink.RTA_ENCAP_TYPE, type);
        };
    }

    private static List<MessageWriter.Body> parseMpls(Words words) throws IpFailure {
        List<MessageWriter.Body> attributes = new ArrayList<>();
        InetPrefix labels = InetPrefix.address(words.take(), Names.AF_MPLS);
        attributes.add(w -> w.octets(Rtnetlink.MPLS_IPTUNNEL_DST, labels.octets()));
        boolean said = false;
        while (words.takeIf("ttl")) {
            String text = words.value();
            if (said) {
                throw IpFailure.duplicateOrGarbage("ttl", text);
            }
            said = true;
            int ttl = (int) Numbers.unsigned(text, Byte.SIZE, "\"ttl\" value is invalid\n");
            attributes.add(w -> w.u8(MPLS_IPTUNNEL_TTL, ttl));
        }
        return attributes;
    }

    /// The words of an outer IP header.
    private static final class IpWords {
        private final int family;
        private final List<MessageWriter.Body> attributes = new ArrayList<>();
        private final List<String> said = new ArrayList<>();
        private int flags;

        IpWords(int family) {
            this.family = family;
        }

        List<MessageWriter.Body> parse(Words words) throws IpFailure {
            while (words.any()) {
                Optional<MessageWriter.Body> attribute = attribute(words.take(), words);
                if (attribute.isEmpty()) {
                    words.putBack();
                    break;
                }
                attributes.add(attribute.get());
            }
            if (flags != 0) {
                attributes.add(w -> w.u16(IP_FLAGS, flags));
            }
            return attributes;
        }

        private Optional<MessageWriter.Body> attribute(String word, Words words) throws IpFailure {
            boolean ip4 = family == Names.AF_INET;
            return switch (word) {
                case "id" -> {
                    long id = Numbers.unsigned(once(word, words), Long.SIZE, "\"id\" value is invalid\n");
                    yield Optional.of(w -> w.nested(IP_ID, n -> n.octets(bigEndian(id))));
                }
                case "dst" -> address(IP_DST, once(word, words));
                case "src" -> address(IP_SRC, once(word, words));
                case "key" -> flag(word, TUNNEL_KEY);
                case "csum" -> flag(word, TUNNEL_CSUM);
                case "seq" -> flag(word, TUNNEL_SEQ);
                case "tos", "tc" -> ip4 == word.equals("tos") ? tos(once(word, words), word) : Optional.empty();
                case "ttl", "hoplimit" -> ip4 == word.equals("ttl") ? ttl(once(word, words), word) : Optional.empty();
                default -> Optional.empty();
            };
        }

        private String once(String keyword, Words words) throws IpFailure {
            String text = words.value();
            if (said.contains(keyword)) {
                throw IpFailure.duplicateOrGarbage(keyword, text);
            }
            said.add(keyword);
            return text;
        }

        private Optional<MessageWriter.Body> address(int attribute, String text) throws IpFailure {
            byte[] octets = InetPrefix.address(text, family).octets();
            return Optional.of(w -> w.octets(attribute, octets));
        }

        private static Optional<MessageWriter.Body> tos(String text, String keyword) throws IpFailure {
            int tos = Names.serviceNumber(text)
                    .orElseThrow(() -> IpFailure.wrong("\"" + keyword + "\" value is invalid\n", text));
            return Optional.of(w -> w.u8(IP_TOS, tos));
        }

        private static Optional<MessageWriter.Body> ttl(String text, String keyword) throws IpFailure {
            int ttl = (int) Numbers.unsigned(text, Byte.SIZE, "\"" + keyword + "\" value is invalid\n");
            return Optional.of(w -> w.u8(IP_TTL, ttl));
        }

        private Optional<MessageWriter.Body> flag(String keyword, int bit) throws IpFailure {
            if ((flags & bit) != 0) {
                throw IpFailure.duplicateOrGarbage(keyword, keyword);
            }
            flags |= bit;
            return Optional.of(w -> {});
        }

        private static byte[] bigEndian(long value) {
            byte[] octets = new byte[Long.BYTES];
            for (int i = 0; i < Long.BYTES; i++) {
                octets[i] = (byte) (value >>> (Long.SIZE - Byte.SIZE * (i + 1)));
            }
            return octets;
        }
    }
}
