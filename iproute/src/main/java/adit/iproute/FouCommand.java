package adit.iproute;

import adit.netlink.AttributeTable;
import adit.netlink.FamilyMessage;
import adit.netlink.Genl;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import java.util.List;
import java.util.OptionalInt;

/// `ip fou`: UDP ports whose payload is a tunnelled packet.
final class FouCommand {
    private static final int VERSION = 1;
    private static final int FIXED_LENGTH = 4;

    private final Session session;

    FouCommand(Session session) {
        this.session = session;
    }

    void run(Words words) throws IpFailure {
        if (!words.any() || Words.begins(words.peek(), "help")) {
            throw IpFailure.senseless(Help.FOU);
        }
        int family = family();
        String command = words.take();
        if (Words.begins(command, "add")) {
            change(family, Genl.FOU_CMD_ADD, words);
        } else if (Words.begins(command, "delete")) {
            change(family, Genl.FOU_CMD_DEL, words);
        } else if (Words.begins(command, "show")) {
            show(family, words);
        } else {
            throw IpFailure.unknownCommand("fou", command);
        }
    }

    /// The number that the family has this time.
    private int family() throws IpFailure {
        List<byte[]> answers;
        try {
            answers = session.netlink().ask(Netlink.NETLINK_GENERIC, Genl.GENL_ID_CTRL, 0, FamilyMessage.get("fou"));
        } catch (Conversation.Refusal e) {
            session.complain(e.getMessage());
            throw new IpFailure(IpFailure.ABSENT, "Error talking to the kernel");
        }
        OptionalInt id = answers.isEmpty()
                ? OptionalInt.empty()
                : FamilyMessage.read(Conversation.reader(answers.getFirst())).id();
        return id.orElseThrow(() -> new IpFailure(IpFailure.ABSENT, "Error talking to the kernel"));
    }

    // ---- Changes

    /// What is said of a port.
    private static final class Said {
        int family;
        int port;
        int protocol;
        boolean gue;
        String local;
        String peer;
        int peerPort;
        int index;
    }

    private void change(int family, int command, Words words) throws IpFailure {
        Said said = new Said();
        said.family = session.family() == Names.AF_UNSPEC ? Names.AF_INET : session.family();
        while (words.any()) {
            word(words.take(), words, said);
        }
        String problem = problem(said, command);
        if (!problem.isEmpty()) {
            // iproute2 complains, and asks all the same, of nothing.
            session.complain(problem);
        }
        MessageWriter.Body body = problem.isEmpty()
                ? body(said, command)
                : w -> w.u8(command).u8(VERSION).u16(0);
        try {
            session.netlink().ask(Netlink.NETLINK_GENERIC, family, 0, body);
        } catch (Conversation.Refusal e) {
            throw e.failure();
        }
    }

    private void word(String word, Words words, Said said) throws IpFailure {
        if (Words.begins(word, "port")) {
            said.port = port(words.value(), "invalid port");
        } else if (Words.begins(word, "ipproto")) {
            said.protocol = protocol(words.value());
        } else if (Words.begins(word, "gue")) {
            said.gue = true;
        } else if (word.equals("-6")) {
            said.family = Names.AF_INET6;
        } else if (Words.begins(word, "local")) {
            said.local = words.value();
        } else if (Words.begins(word, "peer")) {
            said.peer = words.value();
        } else if (Words.begins(word, "peer_port")) {
            said.peerPort = port(words.value(), "invalid peer port");
        } else if (Words.begins(word, "dev")) {
            String name = words.value();
            said.index = LinkNames.isName(name) ? session.links().index(name) : 0;
            if (said.index == 0) {
                throw new IpFailure(
                        IpFailure.ABSENT,
                        LinkNames.isName(name) ? "fou: unknown device name" : "fou: invalid device name");
            }
        } else {
            throw IpFailure.senseless("fou: unknown command \"" + word + "\"?\n" + Help.FOU);
        }
    }

    private static int port(String text, String problem) throws IpFailure {
        int port = (int) Numbers.unsigned(text, Short.SIZE, problem);
        if (port == 0) {
            throw IpFailure.wrong(problem, text);
        }
        return port;
    }

    private static int protocol(String text) throws IpFailure {
        int named = switch (text) {
            case "ipencap", "IP-ENCAP", "ipip" -> 4;
            case "ipv6", "IPv6" -> 41;
            case "gre", "GRE" -> 47;
            case "mpls-in-ip", "MPLS-in-IP" -> 137;
            default -> (int) Numbers.unsigned(text, Byte.SIZE, "invalid ipproto");
        };
        if (named == 0) {
            throw IpFailure.wrong("invalid ipproto", text);
        }
        return named;
    }

    /// What is wrong with it; empty for nothing.
    private static String problem(Said said, int command) {
        if (said.port == 0) {
            return "fou: missing port";
        }
        if (said.protocol == 0 && !said.gue && command == Genl.FOU_CMD_ADD) {
            return "fou: must set ipproto or gue";
        }
        if (said.protocol != 0 && said.gue) {
            return "fou: cannot set ipproto and gue";
        }
        return (said.peerPort == 0) != (said.peer == null) ? "fou: both peer and peer port must be set" : "";
    }

    private static MessageWriter.Body body(Said said, int command) throws IpFailure {
        InetPrefix local = said.local == null ? null : InetPrefix.address(said.local, said.family);
        InetPrefix peer = said.peer == null ? null : InetPrefix.address(said.peer, said.family);
        boolean ip4 = said.family == Names.AF_INET;
        return w -> {
            w.u8(command).u8(VERSION).u16(0);
            w.be16(Genl.FOU_ATTR_PORT, said.port)
                    .u8(Genl.FOU_ATTR_TYPE, said.gue ? Genl.FOU_ENCAP_GUE : Genl.FOU_ENCAP_DIRECT)
                    .u8(Genl.FOU_ATTR_AF, said.family);
            if (said.protocol != 0) {
                w.u8(Genl.FOU_ATTR_IPPROTO, said.protocol);
            }
            if (local != null) {
                w.octets(ip4 ? Genl.FOU_ATTR_LOCAL_V4 : Genl.FOU_ATTR_LOCAL_V6, local.octets());
            }
            if (peer != null) {
                w.octets(ip4 ? Genl.FOU_ATTR_PEER_V4 : Genl.FOU_ATTR_PEER_V6, peer.octets());
                w.be16(Genl.FOU_ATTR_PEER_PORT, said.peerPort);
            }
            if (said.index != 0) {
                w.i32(Genl.FOU_ATTR_IFINDEX, said.index);
            }
        };
    }

    // ---- The page

    private void show(int family, Words words) throws IpFailure {
        if (words.any()) {
            throw new IpFailure(IpFailure.ABSENT, "\"ip fou show\" does not take any arguments.");
        }
        List<byte[]> rows;
        try {
            rows = session.netlink()
                    .dump(
                            Netlink.NETLINK_GENERIC,
                            family,
                            w -> w.u8(Genl.FOU_CMD_GET).u8(VERSION).u16(0));
        } catch (Conversation.Refusal e) {
            session.complain(e.getMessage());
            throw IpFailure.senseless("Dump terminated");
        }
        Page page = session.page();
        page.begin();
        for (byte[] row : rows) {
            show(AttributeTable.read(Conversation.reader(row).attributes(FIXED_LENGTH)), page);
        }
        page.finish();
    }

    private void show(AttributeTable t, Page page) throws IpFailure {
        page.openObject();
        if (t.has(Genl.FOU_ATTR_PORT)) {
            page.number("port", "port %s", t.be16(Genl.FOU_ATTR_PORT));
        }
        if (t.has(Genl.FOU_ATTR_TYPE) && t.u8(Genl.FOU_ATTR_TYPE) == Genl.FOU_ENCAP_GUE) {
            page.jsonNull("gue");
            page.text(" gue");
        } else if (t.has(Genl.FOU_ATTR_IPPROTO)) {
            page.number("ipproto", " ipproto %s", t.u8(Genl.FOU_ATTR_IPPROTO));
        }
        int family = Names.AF_INET;
        if (t.has(Genl.FOU_ATTR_AF)) {
            family = t.u8(Genl.FOU_ATTR_AF);
            page.jsonString("family", InetPrefix.familyName(family));
            page.text(family == Names.AF_INET6 ? " -6" : "");
        }
        boolean ip4 = family == Names.AF_INET;
        address("local", family, t, ip4 ? Genl.FOU_ATTR_LOCAL_V4 : Genl.FOU_ATTR_LOCAL_V6, page);
        address("peer", family, t, ip4 ? Genl.FOU_ATTR_PEER_V4 : Genl.FOU_ATTR_PEER_V6, page);
        if (t.has(Genl.FOU_ATTR_PEER_PORT) && t.be16(Genl.FOU_ATTR_PEER_PORT) != 0) {
            page.number("peer_port", " peer_port %s", t.be16(Genl.FOU_ATTR_PEER_PORT));
        }
        if (t.has(Genl.FOU_ATTR_IFINDEX) && t.i32(Genl.FOU_ATTR_IFINDEX) != 0) {
            page.string("dev", " dev %s", session.links().name(t.i32(Genl.FOU_ATTR_IFINDEX)));
        }
        page.end();
        page.closeObject();
    }

    private static void address(String key, int family, AttributeTable t, int type, Page page) {
        if (!t.has(type)) {
            return;
        }
        InetPrefix address = new InetPrefix(family, t.octets(type), InetPrefix.bits(family), InetPrefix.Given.IMPLIED);
        if (!address.isUnspecified()) {
            page.string(key, " " + key + " %s", InetPrefix.text(family, t, type));
        }
    }
}
