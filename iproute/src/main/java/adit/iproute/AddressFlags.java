package adit.iproute;

import java.util.List;
import java.util.Optional;

/// The flags of addresses by their names, in the order in which iproute2 shows them.
final class AddressFlags {
    static final int SECONDARY = 0x1;
    static final int DEPRECATED = 0x20;
    static final int PERMANENT = 0x80;
    static final int AUTOJOIN = 0x400;

    private static final List<Flag> FLAGS = List.of(
            new Flag("secondary", SECONDARY, Setting.SHOWN_ONLY),
            new Flag("temporary", SECONDARY, Setting.SHOWN_ONLY),
            new Flag("nodad", 0x2, Setting.IP6),
            new Flag("optimistic", 0x4, Setting.IP6),
            new Flag("dadfailed", 0x8, Setting.SHOWN_ONLY),
            new Flag("home", 0x10, Setting.IP6),
            new Flag("deprecated", DEPRECATED, Setting.SHOWN_ONLY),
            new Flag("tentative", 0x40, Setting.SHOWN_ONLY),
            new Flag("permanent", PERMANENT, Setting.SHOWN_ONLY),
            new Flag("mngtmpaddr", 0x100, Setting.IP6),
            new Flag("noprefixroute", 0x200, Setting.ANY),
            new Flag("autojoin", AUTOJOIN, Setting.ANY),
            new Flag("stable-privacy", 0x800, Setting.SHOWN_ONLY));

    /// Who may set a flag.
    enum Setting {
        /// Only the kernel.
        SHOWN_ONLY,
        /// A command, for IPv6 addresses.
        IP6,
        /// A command, for any address.
        ANY
    }

    /// A flag.
    ///
    /// @param name its name
    /// @param bit its IFA flag
    /// @param setting who may set it
    record Flag(String name, int bit, Setting setting) {}

    private AddressFlags() {}

    static Optional<Flag> named(String name) {
        return FLAGS.stream().filter(f -> f.name().equals(name)).findFirst();
    }

    static void show(Page page, AddressRow address) {
        int rest = address.flags();
        for (Flag flag : FLAGS) {
            boolean set = (rest & flag.bit()) != 0;
            if (flag.bit() == PERMANENT) {
                if (!set) {
                    page.truth("dynamic", "dynamic ");
                }
            } else if (set) {
                String name = flag.bit() == SECONDARY && address.family() == Names.AF_INET6 ? "temporary" : flag.name();
                page.truth(name, name + " ");
            }
            rest &= ~flag.bit();
        }
        if (rest != 0) {
            page.string("ifa_flags", "flags %s ", "%02x".formatted(rest));
        }
    }
}
