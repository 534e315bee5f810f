package adit.iproute;

import adit.netlink.AttributeTable;
import adit.netlink.IfLink;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netlink.Rtnetlink;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `ip tunnel`: ipip and sit tunnels in the older grammar.
///
/// iproute2 does this by ioctl; here it is netlink, in the words of [IpTunnelKind], so that it works wherever
/// `ip link` does. GRE and IPv6 tunnels are not for this command.
final class TunnelCommand {
    // Linux, include/uapi/asm-generic/errno.h
    private static final int EPERM = 1;
    private static final int ENOENT = 2;
    private static final int ENODEV = 19;
    private static final int EOPNOTSUPP = 95;

    private final Session session;

    TunnelCommand(Session session) {
        this.session = session;
    }

    void run(Words words) throws IpFailure {
        int family = session.family();
        if (family != Names.AF_UNSPEC && family != Names.AF_INET) {
            throw IpFailure.senseless("Unsupported protocol family: " + family);
        }
        String command = words.any() ? words.take() : "show";
        if (Words.begins(command, "add")) {
            make(words);
        } else if (Words.begins(command, "change")) {
            change(words);
        } else if (Words.begins(command, "delete")) {
            delete(words);
        } else if (Words.begins(command, "show", "lst", "list")) {
            show(words);
        } else if (Words.begins(command, "help")) {
            throw IpFailure.senseless(Help.TUNNEL);
        } else {
            throw IpFailure.senseless("Command \"" + command + "\" is unknown, try \"ip tunnel help\"");
        }
    }

    /// What is said of a tunnel: its name, its kind, and the rest in the words of `ip link`.
    private static final class Said {
        String name = "";
        String device;
        int timeToLive;
        boolean keyed;
        Optional<String> kind = Optional.empty();
        Optional<InetPrefix> remote = Optional.empty();
        Optional<InetPrefix> local = Optional.empty();
        final List<String> words = new ArrayList<>();
    }

    private Said parse(Words words) throws IpFailure {
        Said said = new Said();
        while (words.any()) {
            word(words.take(), words, said);
        }
        if (said.kind.isEmpty()) {
            said.kind = said.name.startsWith("ipip")
                    ? Optional.of(LinkKinds.IPIP)
                    : said.name.startsWith("sit") ? Optional.of(LinkKinds.SIT) : Optional.empty();
        }
        if (said.keyed && said.kind.isPresent()) {
            throw new IpFailure(IpFailure.ABSENT, "Keys are not allowed with ipip and sit tunnels");
        }
        if (said.device != null) {
            session.links().required(said.device);
            said.words.addAll(List.of("dev", said.device));
        }
        return said;
    }

    private static void word(String word, Words words, Said said) throws IpFailure {
        switch (word) {
            case "mode" -> mode(words.value(), said);
            case "remote" -> said.remote = Optional.of(address(word, words.value(), said));
            case "local" -> said.local = Optional.of(address(word, words.value(), said));
            case "pmtudisc", "nopmtudisc" -> said.words.add(word);
            case "dev" -> said.device = words.value();
            case "ttl", "hoplimit", "hlim" -> {
                String ttl = words.value();
                said.timeToLive = IpTunnelKind.timeToLive(ttl);
                said.words.addAll(List.of("ttl", ttl));
            }
            case "key", "ikey", "okey" -> {
                words.value();
                said.keyed = true;
            }
            case "tos", "tclass" -> {
                said.words.add(word);
                said.words.add(words.value());
            }
            default -> name(word.equals("name") ? words.value() : word, said);
        }
    }

    private static void mode(String mode, Said said) throws IpFailure {
        switch (mode) {
            case "ipip", "ip/ip" -> {
                said.kind = Optional.of(LinkKinds.IPIP);
                said.words.addAll(List.of("mode", "ipip"));
            }
            case "sit", "ipv6/ip" -> {
                said.kind = Optional.of(LinkKinds.SIT);
                said.words.addAll(List.of("mode", "ip6ip"));
            }
            case "isatap" -> {
                said.kind = Optional.of(LinkKinds.SIT);
                said.words.addAll(List.of("mode", "ip6ip", "isatap"));
            }
            default -> throw IpFailure.senseless("Unknown tunnel mode \"" + mode + "\"");
        }
    }

    private static InetPrefix address(String keyword, String text, Said said) throws IpFailure {
        InetPrefix address = InetPrefix.readAddress(text, Names.AF_INET)
                .orElseThrow(() -> new IpFailure(
                        IpFailure.ABSENT, "Error: an IP address is expected rather than \"" + text + "\""));
        said.words.add(keyword);
        said.words.add(text);
        return address;
    }

    private static void name(String text, Said said) throws IpFailure {
        if (Words.begins(text, "help")) {
            throw IpFailure.senseless(Help.TUNNEL);
        }
        if (!said.name.isEmpty()) {
            throw IpFailure.duplicateOrGarbage("name", text);
        }
        if (!LinkNames.isName(text)) {
            throw IpFailure.wrong("\"name\" not a valid ifname", text);
        }
        said.name = text;
    }

    // ---- Changes

    private void make(Words words) throws IpFailure {
        Said said = parse(words);
        if (said.timeToLive != 0 && said.words.contains("nopmtudisc")) {
            throw new IpFailure(IpFailure.ABSENT, IpTunnelKind.TTL_WITHOUT_DISCOVERY);
        }
        String kind = said.kind.orElseThrow(
                () -> new IpFailure(IpFailure.ABSENT, "cannot determine tunnel mode (ipip, gre, vti or sit)"));
        if (!said.words.contains("mode")) {
            said.words.addAll(List.of("mode", kind.equals(LinkKinds.SIT) ? "ip6ip" : "ipip"));
        }
        MessageWriter.Body data = IpTunnelKind.parse(kind, new Words(said.words), Optional.empty(), session);
        send("add", fallback(kind), Rtnetlink.RTM_NEWLINK, Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL, w -> {
            w.i32(0).i32(0).i32(0).i32(0);
            if (!said.name.isEmpty()) {
                w.string(IfLink.IFLA_IFNAME, said.name);
            }
            info(w, kind, data);
        });
    }

    private static String fallback(String kind) {
        return kind.equals(LinkKinds.SIT) ? "sit0" : "tunl0";
    }

    private void change(Words words) throws IpFailure {
        Said said = parse(words);
        String kind = said.kind.orElse(LinkKinds.IPIP);
        boolean named = !said.name.isEmpty();
        int index = named ? existing("get", said.name) : ofAddresses("add", said);
        MessageWriter.Body data = data(kind, said, named ? Optional.of(index) : Optional.empty());
        send("add", named ? said.name : fallback(kind), Rtnetlink.RTM_NEWLINK, 0, w -> {
            w.i32(0).i32(index).i32(0).i32(0);
            info(w, kind, data);
        });
    }

    private MessageWriter.Body data(String kind, Said said, Optional<Integer> index) throws IpFailure {
        try {
            return IpTunnelKind.parse(kind, new Words(said.words), index, session);
        } catch (IpFailure e) {
            if (IpTunnelKind.TTL_WITHOUT_DISCOVERY.equals(e.getMessage())) {
                throw new IpFailure(IpFailure.ABSENT, e.getMessage());
            }
            throw e;
        }
    }

    private static void info(MessageWriter w, String kind, MessageWriter.Body data) {
        w.nested(
                IfLink.IFLA_LINKINFO,
                info -> info.octets(IfLink.IFLA_INFO_KIND, kind.getBytes(StandardCharsets.UTF_8))
                        .nested(IfLink.IFLA_INFO_DATA, data));
    }

    private void delete(Words words) throws IpFailure {
        Said said = parse(words);
        if (said.name.isEmpty() && said.kind.isEmpty()) {
            throw failure("delete", "", ENODEV);
        }
        String name = said.name.isEmpty() ? fallback(said.kind.get()) : said.name;
        int index = said.name.isEmpty() ? ofAddresses("delete", said) : existing("delete", name);
        if (Words.is(session.links().name(index), fallback(LinkKinds.IPIP), fallback(LinkKinds.SIT))) {
            throw failure("delete", name, EPERM);
        }
        send(
                "delete",
                name,
                Rtnetlink.RTM_DELLINK,
                0,
                w -> w.i32(0).i32(index).i32(0).i32(0));
    }

    private int existing(String verb, String name) throws IpFailure {
        for (LinkRow link : links()) {
            if (link.name().equals(name)) {
                if (!isTunnel(link)) {
                    throw failure(verb, name, EOPNOTSUPP);
                }
                return link.index();
            }
        }
        throw failure(verb, name, ENODEV);
    }

    /// The tunnel of a kind that has these addresses and this device.
    private int ofAddresses(String verb, Said said) throws IpFailure {
        String kind = said.kind.orElse(LinkKinds.IPIP);
        int below = said.device == null ? 0 : session.links().index(said.device);
        for (LinkRow link : links()) {
            AttributeTable t = link.data();
            if (link.kind(IfLink.IFLA_INFO_KIND).equals(kind)
                    && bits(said.remote) == be32(t, IfLink.IFLA_IPTUN_REMOTE)
                    && bits(said.local) == be32(t, IfLink.IFLA_IPTUN_LOCAL)
                    && below == (t.has(IfLink.IFLA_IPTUN_LINK) ? t.i32(IfLink.IFLA_IPTUN_LINK) : 0)) {
                return link.index();
            }
        }
        throw failure(verb, fallback(kind), ENOENT);
    }

    private static int bits(Optional<InetPrefix> address) {
        return address.map(a -> a.isUnspecified() ? 0 : a.ip4().bits()).orElse(0);
    }

    private static int be32(AttributeTable t, int type) {
        return t.has(type) ? t.be32(type) : 0;
    }

    private static boolean isTunnel(LinkRow link) {
        return Words.is(link.kind(IfLink.IFLA_INFO_KIND), LinkKinds.IPIP, LinkKinds.SIT);
    }

    private static IpFailure failure(String verb, String name, int errno) {
        return new IpFailure(IpFailure.ABSENT, verb + " tunnel \"" + name + "\" failed: " + ErrnoText.of(errno));
    }

    private void send(String verb, String name, int type, int flags, MessageWriter.Body body) throws IpFailure {
        try {
            session.netlink().ask(Netlink.NETLINK_ROUTE, type, flags, body);
        } catch (Conversation.Refusal e) {
            throw failure(verb, name, e.errno());
        }
    }

    // ---- Which of them are shown

    private void show(Words words) throws IpFailure {
        Said said = parse(words);
        List<LinkRow> links = links();
        Page page = session.page();
        TunnelPage tunnels = new TunnelPage(session, page);
        page.begin();
        for (LinkRow link : links) {
            if (isMeant(link, said)) {
                tunnels.show(link);
            }
        }
        page.finish();
    }

    private List<LinkRow> links() throws IpFailure {
        List<LinkRow> links = new ArrayList<>();
        try {
            session.netlink()
                    .dump(Rtnetlink.RTM_GETLINK, w -> w.i32(0).i32(0).i32(0).i32(0), m -> links.add(LinkRow.read(m)));
        } catch (Conversation.Refusal e) {
            session.complain(e.getMessage());
            throw new IpFailure(IpFailure.ABSENT, "Dump terminated");
        }
        return links;
    }

    private static boolean isMeant(LinkRow link, Said said) {
        String kind = link.kind(IfLink.IFLA_INFO_KIND);
        AttributeTable t = link.data();
        return isTunnel(link)
                && (said.name.isEmpty() || said.name.equals(link.name()))
                && (said.kind.isEmpty() || said.kind.get().equals(kind))
                && isAddress(said.remote, t, IfLink.IFLA_IPTUN_REMOTE)
                && isAddress(said.local, t, IfLink.IFLA_IPTUN_LOCAL);
    }

    private static boolean isAddress(Optional<InetPrefix> said, AttributeTable t, int type) {
        return said.isEmpty()
                || said.get().isUnspecified()
                || (t.has(type) && said.get().ip4().bits() == t.be32(type));
    }
}
