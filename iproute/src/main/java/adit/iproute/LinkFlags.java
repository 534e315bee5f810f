package adit.iproute;

import adit.netlink.IfLink;
import java.util.ArrayList;
import java.util.List;

/// The flags of a link as words, in the order in which iproute2 has them.
final class LinkFlags {
    private static final List<Flag> FLAGS = List.of(
            new Flag("LOOPBACK", 0x8),
            new Flag("BROADCAST", 0x2),
            new Flag("POINTOPOINT", 0x10),
            new Flag("MULTICAST", 0x1000),
            new Flag("NOARP", 0x80),
            new Flag("ALLMULTI", 0x200),
            new Flag("PROMISC", 0x100),
            new Flag("MASTER", 0x400),
            new Flag("SLAVE", 0x800),
            new Flag("DEBUG", 0x4),
            new Flag("DYNAMIC", 0x8000),
            new Flag("AUTOMEDIA", 0x4000),
            new Flag("PORTSEL", 0x2000),
            new Flag("NOTRAILERS", 0x20),
            new Flag("UP", 0x1),
            new Flag("LOWER_UP", 0x1_0000),
            new Flag("DORMANT", 0x2_0000),
            new Flag("ECHO", 0x4_0000));

    private record Flag(String name, int bit) {}

    private LinkFlags() {}

    /// Writes `<A,B> `, or the array of flags.
    static void show(Page page, int flags, Parent parent) {
        List<String> words = new ArrayList<>();
        if ((flags & IfLink.IFF_UP) != 0 && (flags & IfLink.IFF_RUNNING) == 0) {
            words.add("NO-CARRIER");
        }
        int rest = flags & ~IfLink.IFF_RUNNING;
        for (Flag flag : FLAGS) {
            if ((rest & flag.bit()) != 0) {
                words.add(flag.name());
                rest &= ~flag.bit();
            }
        }
        if (rest != 0) {
            words.add(Integer.toHexString(rest));
        }
        if (parent == Parent.DOWN) {
            words.add("M-DOWN");
        }
        page.text("<" + String.join(",", words) + "> ");
        page.openArray("flags");
        if (page.isJson()) {
            words.forEach(w -> page.string(null, "%s", w));
        }
        page.closeArray();
    }

    /// How the link below is.
    enum Parent {
        UP_OR_NONE,
        DOWN
    }
}
