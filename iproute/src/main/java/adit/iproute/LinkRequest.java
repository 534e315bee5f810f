package adit.iproute;

import adit.netlink.IfLink;
import adit.netlink.LinkMessage;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Rtnetlink;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What `ip link add` and `ip link set` say of a link, read from the words and written as a message.
///
/// The peer of a veth pair is said in the same words, so it is a request of its own within this one.
final class LinkRequest implements MessageWriter.Body {
    private static final int IFF_ALLMULTI = 0x200;
    private static final int IFF_PROMISC = 0x100;
    private static final int IFF_NOTRAILERS = 0x20;
    private static final int IFF_DYNAMIC = 0x8000;
    private static final int MAX_ALIAS = 256;
    private static final int MAX_SEGMENTS = 65535;
    private static final int IFLA_LINKMODE_DORMANT = 1;

    /// Whether a link is to be made or one that is there is meant.
    enum Purpose {
        CREATE,
        CHANGE
    }

    private final Session session;
    private final Purpose purpose;
    private final List<MessageWriter.Body> attributes = new ArrayList<>();
    private int flags;
    private int change;
    private int index;
    private String name;
    private String device;
    private String link;
    private Optional<String> kind = Optional.empty();
    private boolean moves;
    private boolean grouped;
    private int addressLength;
    private final List<String> said = new ArrayList<>();

    private LinkRequest(Session session, Purpose purpose) {
        this.session = session;
        this.purpose = purpose;
    }

    /// Reads the words up to the kind's own, and these too.
    static LinkRequest parse(Session session, Purpose purpose, Words words) throws IpFailure {
        LinkRequest r = new LinkRequest(session, purpose);
        r.words(words);
        r.resolve(words);
        if (r.kind.isPresent()) {
            r.kindWords(words);
        } else if (purpose == Purpose.CREATE) {
            throw new IpFailure(IpFailure.ABSENT, "Not enough information: \"type\" argument is required");
        }
        return r;
    }

    int index() {
        return index;
    }

    @Override
    public void writeTo(MessageWriter w) {
        w.u8(0).u8(0).u16(0).i32(index).i32(flags).i32(change);
        attributes.forEach(a -> a.writeTo(w));
    }

    private void words(Words words) throws IpFailure {
        while (words.any()) {
            String word = words.take();
            if (Words.begins(word, "type") && word.length() > 1) {
                kind = Optional.of(words.value());
                return;
            }
            word(word, words);
        }
    }

    private void word(String word, Words words) throws IpFailure {
        switch (word) {
            case "up" -> flag(IfLink.IFF_UP, true);
            case "down" -> flag(IfLink.IFF_UP, false);
            case "name" -> name(words.value());
            case "index" -> newIndex(words.value());
            case "mtu" -> number("mtu", IfLink.IFLA_MTU, words.value());
            case "netns" -> namespace(words.value());
            case "multicast" -> flag(IfLink.IFF_MULTICAST, Words.onOff(word, words.value()));
            case "allmulticast" -> flag(IFF_ALLMULTI, Words.onOff(word, words.value()));
            case "promisc" -> flag(IFF_PROMISC, Words.onOff(word, words.value()));
            case "trailers" -> flag(IFF_NOTRAILERS, !Words.onOff(word, words.value()));
            case "arp" -> flag(IfLink.IFF_NOARP, !Words.onOff(word, words.value()));
            case "carrier" -> octet(IfLink.IFLA_CARRIER, Words.onOff(word, words.value()) ? 1 : 0);
            case "protodown" -> octet(IfLink.IFLA_PROTO_DOWN, Words.onOff(word, words.value()) ? 1 : 0);
            case "group" -> group(words.value());
            case "mode" -> mode(words.value());
            case "state" -> state(words.value());
            case "gso_max_size" -> size(IfLink.IFLA_GSO_MAX_SIZE, word, words.value(), Integer.MAX_VALUE);
            case "gso_max_segs" -> size(IfLink.IFLA_GSO_MAX_SEGS, word, words.value(), MAX_SEGMENTS);
            case "gro_max_size" -> size(IfLink.IFLA_GRO_MAX_SIZE, word, words.value(), Integer.MAX_VALUE);
            case "parentdev" -> text(IfLink.IFLA_PARENT_DEV_NAME, words.value());
            default -> prefixWord(word, words);
        }
    }

    /// Words that may be cut short, in the order in which iproute2 looks for them.
    private void prefixWord(String word, Words words) throws IpFailure {
        if (Words.begins(word, "link")) {
            link = words.value();
        } else if (Words.begins(word, "address")) {
            byte[] address = LinkAddress.parse(words.value());
            addressLength = address.length;
            attributes.add(w -> w.octets(IfLink.IFLA_ADDRESS, address));
        } else if (Words.begins(word, "broadcast") || word.equals("brd")) {
            byte[] address = LinkAddress.parse(words.value());
            attributes.add(w -> w.octets(IfLink.IFLA_BROADCAST, address));
        } else if (Words.begins(word, "txqueuelen", "txqlen") || word.equals("qlen")) {
            number("txqueuelen", IfLink.IFLA_TXQLEN, words.value());
        } else if (Words.begins(word, "master")) {
            String master = words.value();
            int i = session.links().index(master);
            if (i == 0) {
                throw IpFailure.wrong("Device does not exist\n", master);
            }
            attributes.add(w -> w.i32(IfLink.IFLA_MASTER, i));
        } else if (Words.begins(word, "nomaster")) {
            attributes.add(w -> w.i32(IfLink.IFLA_MASTER, 0));
        } else if (Words.begins(word, "dynamic")) {
            flag(IFF_DYNAMIC, Words.onOff("dynamic", words.value()));
        } else if (Words.begins(word, "alias")) {
            alias(words.value());
        } else if (Words.begins(word, "numtxqueues")) {
            number("numtxqueues", IfLink.IFLA_NUM_TX_QUEUES, words.value());
        } else if (Words.begins(word, "numrxqueues")) {
            number("numrxqueues", IfLink.IFLA_NUM_RX_QUEUES, words.value());
        } else if (Words.begins(word, "addrgenmode")) {
            generationMode(words.value());
        } else if (Words.begins(word, "link-netnsid")) {
            number("link-netns/link-netnsid", IfLink.IFLA_LINK_NETNSID, words.value());
        } else {
            device(word, words);
        }
    }

    private void device(String word, Words words) throws IpFailure {
        if (Words.begins(word, "help")) {
            throw IpFailure.senseless(Help.LINK);
        }
        String text = word.equals("dev") ? words.value() : word;
        if (device != null && !device.equals(name)) {
            throw IpFailure.duplicateOrGarbage("dev", text);
        }
        if (!LinkNames.isOtherName(text)) {
            throw IpFailure.wrong("\"dev\" not a valid ifname", text);
        }
        device = text;
    }

    private void flag(int bit, boolean on) {
        change |= bit;
        flags = on ? flags | bit : flags & ~bit;
    }

    private void name(String text) throws IpFailure {
        if (name != null) {
            throw IpFailure.duplicate("name", text);
        }
        if (!LinkNames.isName(text)) {
            throw IpFailure.wrong("\"name\" not a valid ifname", text);
        }
        name = text;
        if (device == null) {
            device = text;
        }
    }

    private void newIndex(String text) throws IpFailure {
        once("index", text);
        index = (int) Numbers.signed(text).orElse(0);
        if (index <= 0) {
            throw IpFailure.wrong("Invalid \"index\" value", text);
        }
    }

    private void once(String keyword, String second) throws IpFailure {
        if (said.contains(keyword)) {
            throw IpFailure.duplicate(keyword, second);
        }
        said.add(keyword);
    }

    private void number(String keyword, int attribute, String text) throws IpFailure {
        once(keyword, text);
        String shown = keyword.startsWith("link-netns") ? "link-netnsid" : keyword;
        int value = Numbers.signed(text, "Invalid \"" + shown + "\" value\n");
        attributes.add(w -> w.i32(attribute, value));
    }

    private void size(int attribute, String keyword, String text, long largest) throws IpFailure {
        String problem = "Invalid \"" + keyword + "\" value\n";
        long value = Numbers.unsigned(text, Integer.SIZE, problem);
        if (value > largest) {
            throw IpFailure.wrong(problem, text);
        }
        attributes.add(w -> w.i32(attribute, (int) value));
    }

    private void octet(int attribute, int value) {
        attributes.add(w -> w.u8(attribute, value));
    }

    private void text(int attribute, String value) {
        attributes.add(w -> w.string(attribute, value));
    }

    private void namespace(String text) throws IpFailure {
        once("netns", text);
        int descriptor;
        try {
            descriptor = session.host().namespaceDescriptor(text);
        } catch (IOException e) {
            throw new IpFailure(IpFailure.ABSENT, e.getMessage());
        }
        if (descriptor >= 0) {
            attributes.add(w -> w.i32(IfLink.IFLA_NET_NS_FD, descriptor));
        } else {
            int process = Numbers.signed(text, "Invalid \"netns\" value\n");
            attributes.add(w -> w.i32(IfLink.IFLA_NET_NS_PID, process));
        }
        moves = true;
    }

    private void group(String text) throws IpFailure {
        once("group", text);
        int group = Names.groups()
                .number(text, Integer.MAX_VALUE)
                .orElseThrow(() -> IpFailure.wrong("Invalid \"group\" value\n", text));
        grouped = true;
        attributes.add(w -> w.i32(IfLink.IFLA_GROUP, group));
    }

    private void mode(String text) throws IpFailure {
        octet(
                IfLink.IFLA_LINKMODE,
                switch (text.toLowerCase(Locale.ROOT)) {
                    case "default" -> 0;
                    case "dormant" -> IFLA_LINKMODE_DORMANT;
                    default -> throw IpFailure.wrong("Invalid link mode\n", text);
                });
    }

    private void state(String text) throws IpFailure {
        int state = LinkPage.stateNumber(text).orElseThrow(() -> IpFailure.wrong("Invalid operstate\n", text));
        octet(IfLink.IFLA_OPERSTATE, state);
    }

    private void alias(String text) throws IpFailure {
        byte[] octets = text.getBytes(StandardCharsets.UTF_8);
        if (octets.length >= MAX_ALIAS) {
            throw IpFailure.wrong("alias too long\n", text);
        }
        attributes.add(w -> w.octets(IfLink.IFLA_IFALIAS, octets));
    }

    private void generationMode(String text) throws IpFailure {
        int mode = LinkPage.generationModeNumber(text)
                .orElseThrow(() -> IpFailure.wrong("Invalid address generation mode\n", text));
        attributes.add(w -> w.nested(
                IfLink.IFLA_AF_SPEC, a -> a.nested(Names.AF_INET6, i -> i.u8(IfLink.IFLA_INET6_ADDR_GEN_MODE, mode))));
    }

    /// Finds out which link is meant, once all is said.
    private void resolve(Words words) throws IpFailure {
        if (name == null) {
            name = device;
        } else if (device == null) {
            device = name;
        }
        if (device != null && addressLength > 0 && purpose == Purpose.CHANGE) {
            checkAddressLength();
        }
        if (index != 0 && purpose == Purpose.CHANGE && !moves) {
            throw IpFailure.senseless(
                    "index can be used only when creating devices or when moving device to another netns.");
        }
        if (grouped && device == null) {
            if (words.any()) {
                throw IpFailure.senseless(
                        "Garbage instead of arguments \"" + words.peek() + " ...\". Try \"ip link help\".");
            }
            if (purpose == Purpose.CREATE) {
                throw IpFailure.senseless("group cannot be used when creating devices.");
            }
            kind = Optional.empty();
            return;
        }
        if (purpose == Purpose.CHANGE) {
            resolveExisting();
        } else {
            resolveNew();
        }
    }

    private void checkAddressLength() throws IpFailure {
        int existing = session.links().index(device);
        if (existing == 0) {
            return;
        }
        Optional<MessageReader> answer = session.netlink().look(Rtnetlink.RTM_GETLINK, LinkMessage.of(existing));
        Optional<LinkRow> row =
                answer.map(LinkRow::read).filter(r -> r.attributes().has(IfLink.IFLA_ADDRESS));
        if (row.isPresent() && row.get().attributes().length(IfLink.IFLA_ADDRESS) != addressLength) {
            throw new IpFailure(
                    IpFailure.ABSENT,
                    "Invalid address length " + addressLength + " - must be "
                            + row.get().attributes().length(IfLink.IFLA_ADDRESS) + " bytes");
        }
    }

    private void resolveExisting() throws IpFailure {
        if (device == null) {
            throw IpFailure.senseless("Not enough information: \"dev\" argument is required.");
        }
        int wanted = index;
        index = session.links().required(device);
        if (wanted != 0) {
            attributes.add(w -> w.i32(IfLink.IFLA_NEW_IFINDEX, wanted));
        }
        if (!name.equals(device)) {
            text(IfLink.IFLA_IFNAME, name);
        }
    }

    private void resolveNew() throws IpFailure {
        if (name != null && !name.equals(device)) {
            throw IpFailure.senseless("both \"name\" and \"dev\" cannot be used when creating devices.");
        }
        if (link != null) {
            int below = session.links().required(link);
            attributes.add(w -> w.i32(IfLink.IFLA_LINK, below));
        }
        if (name != null) {
            text(IfLink.IFLA_IFNAME, name);
        }
    }

    private void kindWords(Words words) throws IpFailure {
        String named = kind.get();
        byte[] octets = named.getBytes(StandardCharsets.UTF_8);
        MessageWriter.Body data = words.any() ? data(named, words) : null;
        int type = named.endsWith("_slave") ? IfLink.IFLA_INFO_SLAVE_DATA : IfLink.IFLA_INFO_DATA;
        attributes.add(w -> w.nested(IfLink.IFLA_LINKINFO, info -> {
            info.octets(IfLink.IFLA_INFO_KIND, octets);
            if (data != null) {
                info.nested(type, data);
            }
        }));
    }

    private MessageWriter.Body data(String named, Words words) throws IpFailure {
        Optional<Integer> existing = purpose == Purpose.CHANGE ? Optional.of(index) : Optional.empty();
        return switch (named) {
            case LinkKinds.IPIP, LinkKinds.SIT -> IpTunnelKind.parse(named, words, existing, session);
            case LinkKinds.VETH -> peer(words);
            default -> {
                if (Words.begins(words.peek(), "help")) {
                    throw IpFailure.senseless(Help.LINK);
                }
                throw new IpFailure(
                        IpFailure.ABSENT,
                        "Garbage instead of arguments \"" + words.peek() + " ...\". Try \"ip link help\".");
            }
        };
    }

    private MessageWriter.Body peer(Words words) throws IpFailure {
        if (!words.take().equals("peer")) {
            throw new IpFailure(IpFailure.ABSENT, Help.VETH);
        }
        LinkRequest peer = new LinkRequest(session, purpose);
        peer.words(words);
        if (peer.kind.isPresent()) {
            throw IpFailure.duplicate("type", peer.kind.get());
        }
        peer.resolve(words);
        return w -> w.nested(IfLink.VETH_INFO_PEER, peer);
    }
}
