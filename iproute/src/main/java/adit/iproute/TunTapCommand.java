package adit.iproute;

import adit.netlink.AttributeTable;
import adit.netlink.IfLink;
import adit.netlink.Rtnetlink;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Function;

/// `ip tuntap`.
///
/// What it shows comes from netlink, which tells all but whether a device was made with `one_queue`, a word
/// that has had no effect for long.
final class TunTapCommand {
    private static final int IFF_TUN = 0x1;
    private static final int IFF_TAP = 0x2;
    private static final int IFF_MULTI_QUEUE = 0x100;
    private static final int IFF_NO_PI = 0x1000;
    private static final int IFF_ONE_QUEUE = 0x2000;
    private static final int IFF_VNET_HDR = 0x4000;
    private static final int TYPE_TAP = 2;

    private final Session session;

    TunTapCommand(Session session) {
        this.session = session;
    }

    void run(Words words) throws IpFailure {
        if (!words.any()) {
            show();
            return;
        }
        String command = words.take();
        if (Words.begins(command, "add")) {
            add(words);
        } else if (Words.begins(command, "delete")) {
            delete(words);
        } else if (Words.begins(command, "show", "lst", "list")) {
            show();
        } else if (Words.begins(command, "help")) {
            throw IpFailure.senseless(Help.TUNTAP);
        } else {
            throw IpFailure.unknownCommand("tuntap", command);
        }
    }

    // ---- Changes

    /// What is said of a device.
    private static final class Said {
        String name = "";
        int flags = IFF_NO_PI;
        OptionalInt owner = OptionalInt.empty();
        OptionalInt group = OptionalInt.empty();

        TunTapControl.Request request() {
            return new TunTapControl.Request(name, flags);
        }
    }

    /// Whether a device's owner may be said.
    private enum Owners {
        SAID,
        UNSAID
    }

    private void add(Words words) throws IpFailure {
        Said said = parse(words, Owners.SAID);
        try {
            session.host().tunTap().add(said.request(), said.owner, said.group);
        } catch (TunTapControl.Refused e) {
            throw refused(e);
        }
    }

    private void delete(Words words) throws IpFailure {
        Said said = parse(words, Owners.UNSAID);
        try {
            session.host().tunTap().delete(said.request());
        } catch (TunTapControl.Refused e) {
            throw refused(e);
        }
    }

    private static IpFailure refused(TunTapControl.Refused e) {
        return new IpFailure(IpFailure.ABSENT, e.getMessage() + ": " + ErrnoText.of(e.errno()));
    }

    private static Said parse(Words words, Owners owners) throws IpFailure {
        Said said = new Said();
        while (words.any()) {
            word(words.take(), words, said, owners);
        }
        if ((said.flags & (IFF_TUN | IFF_TAP)) == 0) {
            throw new IpFailure(IpFailure.ABSENT, "You failed to specify a tunnel mode");
        }
        return said;
    }

    private static void word(String word, Words words, Said said, Owners owners) throws IpFailure {
        boolean withOwner = owners == Owners.SAID;
        if (Words.begins(word, "mode")) {
            mode(words.value(), said);
        } else if (withOwner && Words.begins(word, "user")) {
            said.owner = identity("user", words.value(), Accounts::user);
        } else if (withOwner && Words.begins(word, "group")) {
            said.group = identity("group", words.value(), Accounts::group);
        } else if (Words.begins(word, "pi")) {
            said.flags &= ~IFF_NO_PI;
        } else if (Words.begins(word, "one_queue")) {
            said.flags |= IFF_ONE_QUEUE;
        } else if (Words.begins(word, "vnet_hdr")) {
            said.flags |= IFF_VNET_HDR;
        } else if (Words.begins(word, "multi_queue")) {
            said.flags |= IFF_MULTI_QUEUE;
        } else if (Words.begins(word, "dev")) {
            String name = words.value();
            checkName("dev", name);
            said.name = name;
        } else {
            name(Words.begins(word, "name") ? words.value() : word, said);
        }
    }

    private static void mode(String mode, Said said) throws IpFailure {
        int flag;
        if (Words.begins(mode, "tun")) {
            flag = IFF_TUN;
        } else if (Words.begins(mode, "tap")) {
            flag = IFF_TAP;
        } else {
            throw IpFailure.senseless("Unknown tunnel mode \"" + mode + "\"");
        }
        said.flags |= flag;
        if ((said.flags & (IFF_TUN | IFF_TAP)) == (IFF_TUN | IFF_TAP)) {
            throw IpFailure.senseless("You managed to ask for more than one tunnel mode.");
        }
    }

    /// A user's or a group's number, from digits or from a name.
    private static OptionalInt identity(String what, String text, Function<String, OptionalInt> byName)
            throws IpFailure {
        if (text.matches("[0-9]{1,9}")) {
            return OptionalInt.of(Integer.parseInt(text));
        }
        OptionalInt number = byName.apply(text);
        if (number.isEmpty()) {
            throw IpFailure.senseless("invalid " + what + " \"" + text + "\"");
        }
        return number;
    }

    private static void name(String text, Said said) throws IpFailure {
        if (Words.begins(text, "help")) {
            throw IpFailure.senseless(Help.TUNTAP);
        }
        if (!said.name.isEmpty()) {
            throw IpFailure.duplicateOrGarbage("name", text);
        }
        checkName("name", text);
        said.name = text;
    }

    private static void checkName(String keyword, String name) throws IpFailure {
        if (!LinkNames.isName(name)) {
            throw IpFailure.wrong("\"" + keyword + "\" not a valid ifname", name);
        }
    }

    // ---- The page

    private void show() throws IpFailure {
        List<LinkRow> links = new ArrayList<>();
        byte[] kind = LinkKinds.TUN.getBytes(StandardCharsets.UTF_8);
        try {
            session.netlink()
                    .dump(
                            Rtnetlink.RTM_GETLINK,
                            w -> w.i32(0)
                                    .i32(0)
                                    .i32(0)
                                    .i32(0)
                                    .nested(IfLink.IFLA_LINKINFO, info -> info.octets(IfLink.IFLA_INFO_KIND, kind)),
                            m -> links.add(LinkRow.read(m)));
        } catch (Conversation.Refusal e) {
            session.complain(e.getMessage());
            throw new IpFailure(IpFailure.ABSENT, "Dump terminated");
        }
        Page page = session.page();
        page.begin();
        for (LinkRow link : links) {
            if (link.kind(IfLink.IFLA_INFO_KIND).equals(LinkKinds.TUN)) {
                show(link, page);
            }
        }
        page.finish();
    }

    private void show(LinkRow link, Page page) {
        AttributeTable t = link.data();
        page.openObject();
        page.string("ifname", "%s:", link.name());
        page.openArray("flags");
        boolean tap = t.has(IfLink.IFLA_TUN_TYPE) && t.u8(IfLink.IFLA_TUN_TYPE) == TYPE_TAP;
        page.string(null, " %s", tap ? "tap" : "tun");
        boolean information = isSet(t, IfLink.IFLA_TUN_PI);
        flag(information, "pi", page);
        flag(isSet(t, IfLink.IFLA_TUN_MULTI_QUEUE), "multi_queue", page);
        flag(isSet(t, IfLink.IFLA_TUN_VNET_HDR), "vnet_hdr", page);
        flag(isSet(t, IfLink.IFLA_TUN_PERSIST), "persist", page);
        // iproute2 says so of devices with packet information: the two flags are the same bit.
        flag(information, "filter", page);
        page.closeArray();
        if (t.has(IfLink.IFLA_TUN_OWNER)) {
            page.number("user", " user %s", t.u32(IfLink.IFLA_TUN_OWNER));
        }
        if (t.has(IfLink.IFLA_TUN_GROUP)) {
            page.number("group", " group %s", t.u32(IfLink.IFLA_TUN_GROUP));
        }
        if (session.options().detailed()) {
            processes(link.name(), page);
        }
        page.closeObject();
        page.end();
    }

    private static boolean isSet(AttributeTable t, int type) {
        return t.has(type) && t.u8(type) != 0;
    }

    private static void flag(boolean set, String name, Page page) {
        if (set) {
            page.string(null, " %s", name);
        }
    }

    private void processes(String name, Page page) {
        page.line();
        page.text("\tAttached to processes:");
        page.openArray("processes");
        for (TunTapControl.Attached process : session.host().tunTap().attached(name)) {
            page.openObject();
            page.string("name", "%s", process.name());
            page.number("pid", "(%s)", process.process());
            page.closeObject();
        }
        page.closeArray();
    }
}
