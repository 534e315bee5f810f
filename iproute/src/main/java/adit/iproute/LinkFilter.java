package adit.iproute;

import adit.netlink.IfAddr;
import adit.netlink.IfLink;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;

/// Which links and addresses are meant.
final class LinkFilter {
    private static final int SCOPE_NOWHERE = 255;

    int family;
    String device;
    int index;
    private Optional<InetPrefix> to = Optional.empty();
    private OptionalInt scope = OptionalInt.empty();
    private boolean up;
    private int flags;
    private int flagMask;
    private String label;
    private OptionalInt group = OptionalInt.empty();
    private int master;
    private String kind;
    private String slaveKind;

    private LinkFilter(int family) {
        this.family = family;
    }

    static LinkFilter parse(Session session, int family, Words words, String help) throws IpFailure {
        LinkFilter f = new LinkFilter(family);
        while (words.any()) {
            f.word(words.take(), words, session, help);
        }
        if (f.device != null) {
            f.index = session.links().index(f.device);
            if (f.index == 0) {
                throw IpFailure.deviceAbsent(f.device);
            }
        }
        return f;
    }

    private void word(String word, Words words, Session session, String help) throws IpFailure {
        switch (word) {
            case "to" -> {
                to = Optional.of(InetPrefix.prefix(words.value(), family));
                family = family == Names.AF_UNSPEC ? to.get().family() : family;
            }
            case "scope" -> scope = scope(words.value());
            case "up" -> up = true;
            case "label" -> label = words.value();
            case "group" -> {
                String text = words.value();
                group = Names.groups().number(text, Integer.MAX_VALUE);
                if (group.isEmpty()) {
                    throw IpFailure.wrong("Invalid \"group\" value\n", text);
                }
            }
            case "master" -> {
                String text = words.value();
                master = session.links().index(text);
                if (master == 0) {
                    throw IpFailure.wrong("Device does not exist\n", text);
                }
            }
            case "nomaster" -> master = -1;
            case "type" -> kind(words.value());
            default -> {
                if (!flag(word)) {
                    device(word, words, help);
                }
            }
        }
    }

    private static OptionalInt scope(String text) throws IpFailure {
        if (text.equals("all")) {
            return OptionalInt.empty();
        }
        OptionalInt number = Names.scopes().number(text, SCOPE_NOWHERE);
        if (number.isEmpty()) {
            throw IpFailure.wrong("invalid \"scope\"\n", text);
        }
        return number;
    }

    private void kind(String text) {
        if (text.endsWith("_slave")) {
            slaveKind = text.substring(0, text.length() - "_slave".length());
        } else {
            kind = text;
        }
    }

    /// Takes the name of a flag, with a minus in front for addresses that do not have it.
    private boolean flag(String word) {
        boolean without = word.startsWith("-");
        String name = without ? word.substring(1) : word;
        if (name.equals("dynamic")) {
            name = "permanent";
            without = !without;
        } else if (name.equals("primary")) {
            name = "secondary";
            without = !without;
        }
        Optional<AddressFlags.Flag> flag = AddressFlags.named(name);
        if (flag.isEmpty()) {
            return false;
        }
        int bit = flag.get().bit();
        flags = without ? flags & ~bit : flags | bit;
        flagMask |= bit;
        return true;
    }

    private void device(String word, Words words, String help) throws IpFailure {
        if (!word.equals("dev") && Words.begins(word, "help")) {
            throw IpFailure.senseless(help);
        }
        String name = word.equals("dev") ? words.value() : word;
        if (device != null) {
            throw IpFailure.duplicateOrGarbage("dev", name);
        }
        device = name;
    }

    Optional<String> kind() {
        return Optional.ofNullable(kind);
    }

    int master() {
        return master;
    }

    boolean hasGroup() {
        return group.isPresent();
    }

    boolean hasLabel() {
        return label != null;
    }

    boolean upOnly() {
        return up;
    }

    /// Whether primary addresses alone are meant.
    boolean primaryOnly() {
        return (flagMask & AddressFlags.SECONDARY) != 0 && (flags & AddressFlags.SECONDARY) == 0;
    }

    boolean matches(LinkRow link) {
        int above =
                link.attributes().has(IfLink.IFLA_MASTER) ? link.attributes().i32(IfLink.IFLA_MASTER) : 0;
        int itsGroup =
                link.attributes().has(IfLink.IFLA_GROUP) ? link.attributes().i32(IfLink.IFLA_GROUP) : 0;
        return (index == 0 || link.index() == index)
                && (!up || link.isUp())
                && (group.isEmpty() || group.getAsInt() == itsGroup)
                && (master <= 0 || master == above)
                && (kind == null || kind.equals(link.kind(IfLink.IFLA_INFO_KIND)))
                && (slaveKind == null || slaveKind.equals(link.kind(IfLink.IFLA_INFO_SLAVE_KIND)));
    }

    boolean matches(AddressRow address, LinkNames links) throws IpFailure {
        return (index == 0 || address.index() == index)
                && (family == Names.AF_UNSPEC || family == address.family())
                && (scope.isEmpty() || scope.getAsInt() == address.scope())
                && ((flags ^ address.flags()) & flagMask) == 0
                && matchesLabel(address, links)
                && matchesPrefix(address);
    }

    private boolean matchesLabel(AddressRow address, LinkNames links) throws IpFailure {
        if (label == null) {
            return true;
        }
        String itsLabel = address.attributes().has(IfAddr.IFA_LABEL)
                ? address.attributes().string(IfAddr.IFA_LABEL)
                : links.name(address.index());
        return FileNamePattern.matches(label, itsLabel);
    }

    private boolean matchesPrefix(AddressRow address) {
        if (to.isEmpty() || to.get().length() <= 0 || !address.hasAddress()) {
            return true;
        }
        byte[] local = address.local();
        return local.length == to.get().octets().length
                && InetPrefix.sameBits(
                        Arrays.copyOf(local, local.length),
                        to.get().octets(),
                        to.get().length());
    }
}
