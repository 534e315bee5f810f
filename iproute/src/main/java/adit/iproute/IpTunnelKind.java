package adit.iproute;

import adit.netlink.AttributeTable;
import adit.netlink.IfLink;
import adit.netlink.LinkMessage;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Rtnetlink;
import java.util.Optional;

/// IPv4 tunnels, `ipip` and `sit`: what is said of them on a command line, and how they show themselves.
///
/// A change says everything anew: what it leaves unsaid is asked for first and said again.
final class IpTunnelKind {
    private static final int IPPROTO_IPIP = 4;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPPROTO_MPLS = 137;
    private static final int ENCAP_NONE = 0;
    private static final int ENCAP_FOU = 1;
    private static final int ENCAP_GUE = 2;
    private static final int FLAG_CSUM = 1;
    private static final int FLAG_CSUM6 = 2;
    private static final int FLAG_REMCSUM = 4;
    private static final int SIT_ISATAP = 1;
    private static final int INHERIT_TOS = 1;

    /// Said of a tunnel with a fixed TTL that is not to discover path MTUs.
    static final String TTL_WITHOUT_DISCOVERY = "ttl != 0 and nopmtudisc are incompatible";

    private final String kind;
    private InetPrefix local = unspecified();
    private InetPrefix remote = unspecified();
    private int protocol;
    private int link;
    private int timeToLive;
    private int tos;
    private int pathMtuDiscovery = 1;
    private int flags;
    private long mark;
    private int encapType;
    private int encapFlags;
    private int encapSourcePort;
    private int encapDestinationPort;
    private boolean external;
    private Optional<InetPrefix> sixRdPrefix = Optional.empty();
    private Optional<InetPrefix> sixRdRelay = Optional.empty();

    private IpTunnelKind(String kind) {
        this.kind = kind;
    }

    private static InetPrefix unspecified() {
        return new InetPrefix(Names.AF_INET, new byte[4], 0, InetPrefix.Given.IMPLIED);
    }

    // ---- The command line

    /// Reads what is said of a new tunnel, or of the tunnel `index` that is there.
    static MessageWriter.Body parse(String kind, Words words, Optional<Integer> index, Session session)
            throws IpFailure {
        IpTunnelKind t = new IpTunnelKind(kind);
        if (index.isPresent()) {
            t.readExisting(index.get(), session);
        }
        while (words.any()) {
            t.word(words.take(), words, session);
        }
        if (t.timeToLive != 0 && t.pathMtuDiscovery == 0) {
            throw IpFailure.senseless(TTL_WITHOUT_DISCOVERY);
        }
        return t::write;
    }

    private void readExisting(int index, Session session) throws IpFailure {
        Optional<MessageReader> answer = session.netlink().look(Rtnetlink.RTM_GETLINK, LinkMessage.of(index));
        AttributeTable t = answer.map(LinkRow::read)
                .map(row -> row.attributes().nested(IfLink.IFLA_LINKINFO))
                .filter(info -> info.has(IfLink.IFLA_INFO_DATA))
                .map(info -> info.nested(IfLink.IFLA_INFO_DATA))
                .orElseThrow(() -> new IpFailure(IpFailure.ABSENT, "Failed to get existing tunnel info."));
        local = address(t, IfLink.IFLA_IPTUN_LOCAL);
        remote = address(t, IfLink.IFLA_IPTUN_REMOTE);
        timeToLive = u8(t, IfLink.IFLA_IPTUN_TTL, 0);
        pathMtuDiscovery = u8(t, IfLink.IFLA_IPTUN_PMTUDISC, 1);
        tos = u8(t, IfLink.IFLA_IPTUN_TOS, 0);
        flags = u16(t, IfLink.IFLA_IPTUN_FLAGS);
        link = t.has(IfLink.IFLA_IPTUN_LINK) ? t.i32(IfLink.IFLA_IPTUN_LINK) : 0;
        protocol = u8(t, IfLink.IFLA_IPTUN_PROTO, 0);
        encapType = u16(t, IfLink.IFLA_IPTUN_ENCAP_TYPE);
        encapFlags = u16(t, IfLink.IFLA_IPTUN_ENCAP_FLAGS);
        encapSourcePort = be16(t, IfLink.IFLA_IPTUN_ENCAP_SPORT);
        encapDestinationPort = be16(t, IfLink.IFLA_IPTUN_ENCAP_DPORT);
        external = t.has(IfLink.IFLA_IPTUN_COLLECT_METADATA);
        mark = t.has(IfLink.IFLA_IPTUN_FWMARK) ? t.u32(IfLink.IFLA_IPTUN_FWMARK) : 0;
        sixRdPrefix = prefix(t, Names.AF_INET6, IfLink.IFLA_IPTUN_6RD_PREFIX, IfLink.IFLA_IPTUN_6RD_PREFIXLEN);
        sixRdRelay =
                prefix(t, Names.AF_INET, IfLink.IFLA_IPTUN_6RD_RELAY_PREFIX, IfLink.IFLA_IPTUN_6RD_RELAY_PREFIXLEN);
    }

    private static InetPrefix address(AttributeTable t, int type) {
        return t.has(type)
                ? new InetPrefix(Names.AF_INET, t.octets(type), Integer.SIZE, InetPrefix.Given.IMPLIED)
                : unspecified();
    }

    private static Optional<InetPrefix> prefix(AttributeTable t, int family, int type, int lengthType) {
        return t.has(type)
                ? Optional.of(new InetPrefix(family, t.octets(type), u16(t, lengthType), InetPrefix.Given.WRITTEN))
                : Optional.empty();
    }

    private static int u8(AttributeTable t, int type, int otherwise) {
        return t.has(type) ? t.u8(type) : otherwise;
    }

    private static int u16(AttributeTable t, int type) {
        return t.has(type) ? t.u16(type) : 0;
    }

    private static int be16(AttributeTable t, int type) {
        return t.has(type) ? t.be16(type) : 0;
    }

    private void word(String word, Words words, Session session) throws IpFailure {
        switch (word) {
            case "mode" -> protocol = mode(words.value());
            case "remote" -> remote = InetPrefix.address(words.value(), Names.AF_INET);
            case "local" -> local = InetPrefix.address(words.value(), Names.AF_INET);
            case "ttl", "hoplimit", "hlim" -> timeToLive = timeToLive(words.value());
            case "tos", "tclass", "tc" -> tos = tos(words.value());
            case "nopmtudisc" -> pathMtuDiscovery = 0;
            case "pmtudisc" -> pathMtuDiscovery = 1;
            case "noencap" -> encapType = ENCAP_NONE;
            case "encap" -> encapType = encapType(words.value());
            case "encap-sport" -> encapSourcePort = sourcePort(words.value());
            case "encap-dport" ->
                encapDestinationPort = (int) Numbers.unsigned(words.value(), Short.SIZE, "Invalid destination port.");
            case "encap-csum" -> encapFlags |= FLAG_CSUM;
            case "noencap-csum" -> encapFlags &= ~FLAG_CSUM;
            case "encap-udp6-csum" -> encapFlags |= FLAG_CSUM6;
            case "noencap-udp6-csum" -> encapFlags &= ~FLAG_CSUM6;
            case "encap-remcsum" -> encapFlags |= FLAG_REMCSUM;
            case "noencap-remcsum" -> encapFlags &= ~FLAG_REMCSUM;
            case "external" -> external = true;
            case "6rd-prefix" -> sixRdPrefix = Optional.of(InetPrefix.prefix(words.value(), Names.AF_INET6));
            case "6rd-relay_prefix" -> sixRdRelay = Optional.of(InetPrefix.prefix(words.value(), Names.AF_INET));
            case "6rd-reset" -> {
                sixRdPrefix = Optional.of(InetPrefix.prefix("2002::/16", Names.AF_INET6));
                sixRdRelay = Optional.empty();
            }
            case "fwmark" -> mark = Numbers.unsigned(words.value(), Integer.SIZE, "invalid fwmark\n");
            default -> otherWord(word, words, session);
        }
    }

    private void otherWord(String word, Words words, Session session) throws IpFailure {
        if (Words.begins(word, "dev")) {
            String name = words.value();
            link = session.links().index(name);
            if (link == 0) {
                throw IpFailure.senseless("Cannot find device \"" + name + "\"");
            }
        } else if (Words.begins(word, "dsfield")) {
            tos = tos(words.value());
        } else if (word.equals("isatap") && kind.equals(LinkKinds.SIT)) {
            flags |= SIT_ISATAP;
        } else {
            throw new IpFailure(IpFailure.ABSENT, Help.ipTunnelKind(kind));
        }
    }

    private int mode(String word) throws IpFailure {
        return switch (word) {
            case "ipv4/ipv4", "ipip", "ip4ip4" -> IPPROTO_IPIP;
            case "mpls/ipv4", "mplsip" -> IPPROTO_MPLS;
            case "any/ipv4", "any" -> 0;
            case "ipv6/ipv4", "ip6ip" -> {
                if (!kind.equals(LinkKinds.SIT)) {
                    throw IpFailure.wrong("Cannot guess tunnel mode.", word);
                }
                yield IPPROTO_IPV6;
            }
            default -> throw IpFailure.wrong("Cannot guess tunnel mode.", word);
        };
    }

    static int timeToLive(String word) throws IpFailure {
        return word.equals("inherit") ? 0 : (int) Numbers.unsigned(word, Byte.SIZE, "invalid TTL\n");
    }

    static int tos(String word) throws IpFailure {
        return word.equals("inherit")
                ? INHERIT_TOS
                : Names.serviceNumber(word).orElseThrow(() -> IpFailure.wrong("bad TOS value", word));
    }

    private static int encapType(String word) throws IpFailure {
        return switch (word) {
            case "fou" -> ENCAP_FOU;
            case "gue" -> ENCAP_GUE;
            case "none" -> ENCAP_NONE;
            default -> throw IpFailure.wrong("Invalid encap type.", word);
        };
    }

    private static int sourcePort(String word) throws IpFailure {
        return word.equals("auto") ? 0 : (int) Numbers.unsigned(word, Short.SIZE, "Invalid source port.");
    }

    private void write(MessageWriter w) {
        w.u8(IfLink.IFLA_IPTUN_PROTO, protocol);
        if (external) {
            w.flag(IfLink.IFLA_IPTUN_COLLECT_METADATA);
            return;
        }
        if (!local.isUnspecified()) {
            w.octets(IfLink.IFLA_IPTUN_LOCAL, local.octets());
        }
        if (!remote.isUnspecified()) {
            w.octets(IfLink.IFLA_IPTUN_REMOTE, remote.octets());
        }
        w.u8(IfLink.IFLA_IPTUN_PMTUDISC, pathMtuDiscovery)
                .u8(IfLink.IFLA_IPTUN_TOS, tos)
                .u8(IfLink.IFLA_IPTUN_TTL, timeToLive)
                .i32(IfLink.IFLA_IPTUN_LINK, link)
                .i32(IfLink.IFLA_IPTUN_FWMARK, (int) mark)
                .u16(IfLink.IFLA_IPTUN_ENCAP_TYPE, encapType)
                .u16(IfLink.IFLA_IPTUN_ENCAP_FLAGS, encapFlags)
                .be16(IfLink.IFLA_IPTUN_ENCAP_SPORT, encapSourcePort)
                .be16(IfLink.IFLA_IPTUN_ENCAP_DPORT, encapDestinationPort);
        if (kind.equals(LinkKinds.SIT)) {
            w.u16(IfLink.IFLA_IPTUN_FLAGS, flags);
            sixRdPrefix.ifPresent(p -> w.octets(IfLink.IFLA_IPTUN_6RD_PREFIX, p.octets())
                    .u16(IfLink.IFLA_IPTUN_6RD_PREFIXLEN, p.length()));
            sixRdRelay.ifPresent(p -> w.octets(IfLink.IFLA_IPTUN_6RD_RELAY_PREFIX, p.octets())
                    .u16(IfLink.IFLA_IPTUN_6RD_RELAY_PREFIXLEN, p.length()));
        }
    }

    // ---- The page

    static void show(AttributeTable t, Page page, Session session) throws IpFailure {
        if (t.has(IfLink.IFLA_IPTUN_COLLECT_METADATA)) {
            page.truth("external", "external ");
        }
        if (t.has(IfLink.IFLA_IPTUN_PROTO)) {
            switch (t.u8(IfLink.IFLA_IPTUN_PROTO)) {
                case IPPROTO_IPIP -> page.string("proto", "%s ", "ipip");
                case IPPROTO_IPV6 -> page.string("proto", "%s ", "ip6ip");
                case IPPROTO_MPLS -> page.string("proto", "%s ", "mplsip");
                case 0 -> page.string("proto", "%s ", "any");
                default -> {}
            }
        }
        endpoint("remote", t, IfLink.IFLA_IPTUN_REMOTE, page);
        endpoint("local", t, IfLink.IFLA_IPTUN_LOCAL, page);
        if (t.has(IfLink.IFLA_IPTUN_LINK) && t.i32(IfLink.IFLA_IPTUN_LINK) != 0) {
            page.string("link", "dev %s ", session.links().name(t.i32(IfLink.IFLA_IPTUN_LINK)));
        }
        int ttl = u8(t, IfLink.IFLA_IPTUN_TTL, 0);
        page.jsonNumber("ttl", ttl);
        page.text(ttl == 0 ? "ttl inherit " : "ttl " + ttl + " ");
        int tos = u8(t, IfLink.IFLA_IPTUN_TOS, 0);
        if (tos == INHERIT_TOS && !page.isJson()) {
            page.text("tos inherit ");
        } else if (tos != 0) {
            page.hex("tos", "tos %s ", tos);
        }
        boolean discovers = u8(t, IfLink.IFLA_IPTUN_PMTUDISC, 0) != 0;
        page.truth("pmtudisc", discovers ? "pmtudisc " : "nopmtudisc ", discovers);
        if ((u16(t, IfLink.IFLA_IPTUN_FLAGS) & SIT_ISATAP) != 0) {
            page.truth("isatap", "isatap ");
        }
        sixRd(t, page);
        if (t.has(IfLink.IFLA_IPTUN_FWMARK) && t.i32(IfLink.IFLA_IPTUN_FWMARK) != 0) {
            page.hex("fwmark", "fwmark %s ", t.u32(IfLink.IFLA_IPTUN_FWMARK));
        }
        encap(t, page);
    }

    private static void endpoint(String key, AttributeTable t, int type, Page page) {
        boolean any = !t.has(type) || t.be32(type) == 0;
        page.named(key, any ? "any" : InetPrefix.text(Names.AF_INET, t, type));
        page.text(" ");
    }

    private static void sixRd(AttributeTable t, Page page) {
        int length = u16(t, IfLink.IFLA_IPTUN_6RD_PREFIXLEN);
        if (length == 0) {
            return;
        }
        String prefix = InetPrefix.text(Names.AF_INET6, t, IfLink.IFLA_IPTUN_6RD_PREFIX);
        page.jsonString("prefix", prefix);
        page.jsonNumber("prefixlen", length);
        page.text("6rd-prefix " + prefix + "/" + length + " ");
        if (t.has(IfLink.IFLA_IPTUN_6RD_RELAY_PREFIX) && t.be32(IfLink.IFLA_IPTUN_6RD_RELAY_PREFIX) != 0) {
            String relay = InetPrefix.text(Names.AF_INET, t, IfLink.IFLA_IPTUN_6RD_RELAY_PREFIX);
            int relayLength = u16(t, IfLink.IFLA_IPTUN_6RD_RELAY_PREFIXLEN);
            page.jsonString("relay_prefix", relay);
            page.jsonNumber("relay_prefixlen", relayLength);
            page.text("6rd-relay_prefix " + relay + "/" + relayLength + " ");
        }
    }

    private static void encap(AttributeTable t, Page page) {
        int type = u16(t, IfLink.IFLA_IPTUN_ENCAP_TYPE);
        if (type == ENCAP_NONE) {
            return;
        }
        int encapFlags = u16(t, IfLink.IFLA_IPTUN_ENCAP_FLAGS);
        int sourcePort = be16(t, IfLink.IFLA_IPTUN_ENCAP_SPORT);
        int destinationPort = be16(t, IfLink.IFLA_IPTUN_ENCAP_DPORT);
        page.openObject("encap");
        page.text("encap ");
        switch (type) {
            case ENCAP_FOU -> page.string("type", "%s ", "fou");
            case ENCAP_GUE -> page.string("type", "%s ", "gue");
            default -> {
                page.jsonNull("type");
                page.text("unknown ");
            }
        }
        page.jsonNumber("sport", sourcePort);
        page.jsonNumber("dport", destinationPort);
        page.text("encap-sport " + (sourcePort == 0 ? "auto" : Integer.toString(sourcePort)) + " ");
        page.text("encap-dport " + destinationPort + " ");
        flag("csum", encapFlags & FLAG_CSUM, page);
        flag("csum6", encapFlags & FLAG_CSUM6, page);
        flag("remcsum", encapFlags & FLAG_REMCSUM, page);
        page.closeObject();
    }

    private static void flag(String key, int bit, Page page) {
        page.truth(key, (bit == 0 ? "noencap-" : "encap-") + key + " ", bit != 0);
    }
}
