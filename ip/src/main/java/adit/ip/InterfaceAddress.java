package adit.ip;

import adit.wire.Ip4Address;
import adit.wire.Ip4Prefix;
import adit.wire.Ip6Address;
import adit.wire.Ip6Prefix;
import adit.wire.IpAddress;
import adit.wire.IpPrefix;
import java.util.Optional;

/// An address of an interface.
///
/// @param local the interface's own address
/// @param peer the other end's address on a link of two; the same as `local` elsewhere. Its first bits name the
///     link of IPv4
/// @param prefixLength how many bits name the link
/// @param broadcast the link's broadcast address, of IPv4 only
/// @param scope how far the address is known, an RT_SCOPE number
/// @param flags IFA flags
/// @param label the name that an IPv4 address goes by
/// @param priority of the route to the link, 0 for the usual
/// @param lifetime how long it is good for
public record InterfaceAddress(
        IpAddress local,
        IpAddress peer,
        int prefixLength,
        Optional<Ip4Address> broadcast,
        int scope,
        int flags,
        String label,
        int priority,
        Lifetime lifetime) {
    /// The address shares its link with an older one, and is not taken as a source by itself (IFA_F_SECONDARY).
    public static final int SECONDARY = 0x01;
    /// The address does not expire (IFA_F_PERMANENT).
    public static final int PERMANENT = 0x80;
    /// No route to the link comes with the address (IFA_F_NOPREFIXROUTE).
    public static final int NO_PREFIX_ROUTE = 0x200;
    /// Nobody asks whether another has it already (IFA_F_NODAD).
    public static final int NO_DETECTION = 0x02;
    /// A mobile host's address at home (IFA_F_HOMEADDRESS).
    public static final int HOME = 0x10;
    /// The stack makes temporary addresses beside it (IFA_F_MANAGETEMPADDR).
    public static final int TEMPLATE = 0x100;
    /// A group that the interface joins (IFA_F_MCAUTOJOIN).
    public static final int JOINED = 0x400;
    /// The address is old, and new conversations take another (IFA_F_DEPRECATED).
    public static final int DEPRECATED = 0x20;

    /// Scope: anywhere.
    public static final int SCOPE_UNIVERSE = 0;
    /// Scope: this site.
    public static final int SCOPE_SITE = 200;
    /// Scope: the link.
    public static final int SCOPE_LINK = 253;
    /// Scope: this host.
    public static final int SCOPE_HOST = 254;
    /// Scope: nowhere.
    public static final int SCOPE_NOWHERE = 255;

    /// An address that is good for ever and brings a route of the usual priority.
    public InterfaceAddress(
            IpAddress local,
            IpAddress peer,
            int prefixLength,
            Optional<Ip4Address> broadcast,
            int scope,
            int flags,
            String label) {
        this(local, peer, prefixLength, broadcast, scope, flags, label, 0, Lifetime.FOREVER);
    }

    /// The addresses of the link: for IPv4 those beside the peer, for IPv6 those beside the interface itself.
    public IpPrefix link() {
        return switch (peer) {
            case Ip4Address ip4 -> Ip4Prefix.of(ip4, prefixLength);
            case Ip6Address _ -> Ip6Prefix.of((Ip6Address) local, prefixLength);
        };
    }

    boolean hasPeer() {
        return !peer.equals(local);
    }

    boolean bringsPrefixRoute() {
        return !has(NO_PREFIX_ROUTE);
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    int bits() {
        return ((Ip4Address) local).bits();
    }

    InterfaceAddress with(int newFlags) {
        return new InterfaceAddress(local, peer, prefixLength, broadcast, scope, newFlags, label, priority, lifetime);
    }

    InterfaceAddress labelled(String newLabel) {
        return new InterfaceAddress(local, peer, prefixLength, broadcast, scope, flags, newLabel, priority, lifetime);
    }

    /// The same with what Linux takes from a request for an IPv4 address that is there already.
    InterfaceAddress renewed(InterfaceAddress wanted) {
        int renewed = PERMANENT | DEPRECATED;
        int newFlags = (flags & ~renewed) | (wanted.flags & renewed);
        return new InterfaceAddress(
                local, peer, prefixLength, broadcast, scope, newFlags, label, wanted.priority, wanted.lifetime);
    }

    /// The same with what Linux takes from a request for an IPv6 address that is there already.
    InterfaceAddress renewed6(InterfaceAddress wanted) {
        int renewed = PERMANENT | DEPRECATED | NO_DETECTION | HOME | TEMPLATE | NO_PREFIX_ROUTE;
        int newFlags = (flags & ~renewed) | wanted.flags;
        return new InterfaceAddress(
                local,
                wanted.hasPeer() ? wanted.peer : peer,
                prefixLength,
                broadcast,
                scope,
                newFlags,
                label,
                wanted.priority == 0 ? priority : wanted.priority,
                wanted.lifetime);
    }

    /// The address and the length, such as `10.0.0.1/24`.
    @Override
    public String toString() {
        return local + "/" + prefixLength;
    }
}
