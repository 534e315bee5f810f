package adit.iproute;

import adit.netlink.AttributeTable;
import adit.netlink.IfLink;
import adit.netlink.LinkMessage;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Rtnetlink;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Which index has which name, asked for when it is needed and remembered for the rest of the command.
final class LinkNames {
    private static final int MAX_NAME = 15;
    private static final int UNKNOWN = -1;
    /// Leave virtual functions, and statistics, out of the answer.
    private static final int EXT_FILTER = 0x1 | 0x8;

    private final Conversation netlink;
    private final Map<Integer, Known> known = new HashMap<>();

    /// What is remembered of a link.
    private record Known(String name, int flags, int linkType, int queueLength) {}

    LinkNames(Conversation netlink) {
        this.netlink = netlink;
    }

    /// Whether the kernel takes a text for an interface's name.
    static boolean isName(String text) {
        return isOtherName(text) && text.length() <= MAX_NAME;
    }

    /// Whether the kernel takes a text for a further name of an interface.
    static boolean isOtherName(String text) {
        return !text.isEmpty() && text.chars().noneMatch(c -> c == '/' || Character.isWhitespace(c));
    }

    /// Remembers a link.
    void remember(MessageReader m) {
        AttributeTable t = AttributeTable.read(m.attributes(LinkRow.FIXED_LENGTH));
        if (t.has(IfLink.IFLA_IFNAME)) {
            known.put(
                    m.i32(4),
                    new Known(
                            t.string(IfLink.IFLA_IFNAME),
                            m.i32(8),
                            m.u16(2),
                            t.has(IfLink.IFLA_TXQLEN) ? t.i32(IfLink.IFLA_TXQLEN) : UNKNOWN));
        }
    }

    /// Forgets a link that may have changed.
    void forget(int index) {
        known.remove(index);
    }

    /// The index of a name, or 0 when there is no such link.
    int index(String name) throws IpFailure {
        for (Map.Entry<Integer, Known> e : known.entrySet()) {
            if (e.getValue().name().equals(name)) {
                return e.getKey();
            }
        }
        if (!isOtherName(name)) {
            return 0;
        }
        int attribute = isName(name) ? IfLink.IFLA_IFNAME : IfLink.IFLA_ALT_IFNAME;
        Optional<MessageReader> link = netlink.look(Rtnetlink.RTM_GETLINK, w -> {
            LinkMessage.of(0).writeTo(w);
            w.string(attribute, name).i32(IfLink.IFLA_EXT_MASK, EXT_FILTER);
        });
        if (link.isPresent()) {
            remember(link.get());
            return link.get().i32(4);
        }
        return name.matches("if[1-9][0-9]{0,8}") ? Integer.parseInt(name.substring(2)) : 0;
    }

    /// The index of a name.
    int required(String name) throws IpFailure {
        int index = index(name);
        if (index == 0) {
            throw IpFailure.noDevice(name);
        }
        return index;
    }

    /// The name of an index, `if7` when there is no such link.
    String name(int index) throws IpFailure {
        if (index == 0) {
            return "*";
        }
        Known link = link(index);
        return link == null ? "if" + index : link.name();
    }

    /// The flags of a link; all of them when there is none, so that nothing is said of it.
    int flags(int index) throws IpFailure {
        Known link = index == 0 ? null : link(index);
        return link == null ? -1 : link.flags();
    }

    /// How many packets a link's transmit queue holds, 0 when there is no such link.
    int queueLength(int index) throws IpFailure {
        Known link = link(index);
        if (link != null && link.queueLength() == UNKNOWN) {
            forget(index);
            link = link(index);
        }
        return link == null ? 0 : link.queueLength();
    }

    /// The link type of a link that is known already, 0 when it is not.
    int linkType(int index) {
        Known link = known.get(index);
        return link == null ? 0 : link.linkType();
    }

    private Known link(int index) throws IpFailure {
        if (!known.containsKey(index)) {
            MessageWriter.Body body = w -> {
                LinkMessage.of(index).writeTo(w);
                w.i32(IfLink.IFLA_EXT_MASK, EXT_FILTER);
            };
            Optional<MessageReader> link = netlink.look(Rtnetlink.RTM_GETLINK, body);
            link.ifPresent(this::remember);
        }
        return known.get(index);
    }
}
