package adit.iproute;

import adit.netlink.IfLink;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netlink.Rtnetlink;
import java.util.ArrayList;
import java.util.List;

/// `ip link`.
final class LinkCommand {
    private final Session session;

    LinkCommand(Session session) {
        this.session = session;
    }

    void run(Words words) throws IpFailure {
        if (!words.any()) {
            LinkList.links(session, words);
            return;
        }
        String command = words.take();
        if (Words.begins(command, "add")) {
            change(Rtnetlink.RTM_NEWLINK, Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL, words);
        } else if (Words.begins(command, "set", "change")) {
            change(Rtnetlink.RTM_NEWLINK, 0, words);
        } else if (Words.begins(command, "replace")) {
            change(Rtnetlink.RTM_NEWLINK, Netlink.NLM_F_CREATE | Netlink.NLM_F_REPLACE, words);
        } else if (Words.begins(command, "delete")) {
            change(Rtnetlink.RTM_DELLINK, 0, words);
        } else if (Words.begins(command, "show", "lst", "list")) {
            LinkList.links(session, words);
        } else if (Words.begins(command, "property")) {
            property(words);
        } else if (Words.begins(command, "help")) {
            help(words);
        } else {
            throw IpFailure.unknownCommand("link", command);
        }
    }

    /// Help on a kind was asked for and is an answer.
    private void help(Words words) throws IpFailure {
        String kind = words.any() ? words.take() : "";
        switch (kind) {
            case LinkKinds.IPIP, LinkKinds.SIT -> session.out().println(Help.ipTunnelKind(kind));
            case LinkKinds.VETH -> session.out().println(Help.VETH);
            default -> throw IpFailure.senseless(Help.LINK);
        }
    }

    private void change(int type, int flags, Words words) throws IpFailure {
        LinkRequest.Purpose purpose =
                (flags & Netlink.NLM_F_CREATE) != 0 ? LinkRequest.Purpose.CREATE : LinkRequest.Purpose.CHANGE;
        LinkRequest request = LinkRequest.parse(session, purpose, words);
        session.netlink().change(type, flags, request);
        session.links().forget(request.index());
    }

    private void property(Words words) throws IpFailure {
        if (!words.any()) {
            throw IpFailure.senseless(Help.LINK);
        }
        String operator = words.take();
        if (Words.begins(operator, "add")) {
            property(
                    Rtnetlink.RTM_NEWLINKPROP, Netlink.NLM_F_EXCL | Netlink.NLM_F_CREATE | Netlink.NLM_F_APPEND, words);
        } else if (Words.begins(operator, "del")) {
            property(Rtnetlink.RTM_DELLINKPROP, 0, words);
        } else {
            throw IpFailure.senseless(Words.begins(operator, "help") ? Help.LINK : "Operator required");
        }
    }

    private void property(int type, int flags, Words words) throws IpFailure {
        List<String> names = new ArrayList<>();
        String device = null;
        while (words.any()) {
            String word = words.take();
            if (Words.begins(word, "altname")) {
                String name = words.value();
                if (!LinkNames.isOtherName(name)) {
                    throw IpFailure.wrong("not a valid altname", name);
                }
                names.add(name);
            } else if (Words.begins(word, "help")) {
                throw IpFailure.senseless(Help.LINK);
            } else {
                String name = word.equals("dev") ? words.value() : word;
                if (device != null) {
                    throw IpFailure.duplicateOrGarbage("dev", name);
                }
                if (!LinkNames.isOtherName(name)) {
                    throw IpFailure.wrong("\"dev\" not a valid ifname", name);
                }
                device = name;
            }
        }
        if (device == null) {
            throw IpFailure.senseless("Not enough of information: \"dev\" argument is required.");
        }
        int index = session.links().required(device);
        MessageWriter.Body body = w -> w.u8(0).u8(0).u16(0).i32(index).i32(0).i32(0);
        session.netlink().change(type, flags, w -> {
            body.writeTo(w);
            w.nested(
                    IfLink.IFLA_PROP_LIST | Netlink.NLA_F_NESTED,
                    list -> names.forEach(n -> list.string(IfLink.IFLA_ALT_IFNAME, n)));
        });
    }
}
