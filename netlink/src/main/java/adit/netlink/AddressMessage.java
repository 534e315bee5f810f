package adit.netlink;

import adit.wire.Ip4Address;
import adit.wire.IpAddress;
import java.util.Optional;

/// An address of an interface: the body of RTM_NEWADDR, RTM_DELADDR and RTM_GETADDR.
///
/// ```
/// | family | prefix length | flags | scope | interface index | attributes
/// ```
///
/// @param family AF_INET or AF_INET6; AF_UNSPEC asks for both
/// @param index the interface index
/// @param prefixLength how many bits of the address its link shares
/// @param scope an RT_SCOPE number
/// @param flags all IFA flags
/// @param local the interface's own address
/// @param peer the other end's address where it is not the interface's own
/// @param broadcast the broadcast address
/// @param label a name that starts with the interface's
/// @param priority the metric of the prefix's route, an unsigned number; 0 leaves it to the kernel
/// @param lifetime how long the address is good for, if the message tells
public record AddressMessage(
        int family,
        int index,
        int prefixLength,
        int scope,
        int flags,
        Optional<IpAddress> local,
        Optional<IpAddress> peer,
        Optional<IpAddress> broadcast,
        Optional<String> label,
        int priority,
        Optional<AddressLifetime> lifetime)
        implements NetlinkMessage {
    private static final int FIXED_LENGTH = 8;

    /// The request for all addresses of a family.
    public static AddressMessage ofFamily(int family) {
        return plain(family, 0, 0, 0, 0, Optional.empty());
    }

    /// An address to be added or deleted, with IFA flags.
    public static AddressMessage of(int index, IpAddress local, int prefixLength, int flags) {
        int scope = local.isLoopback()
                ? Rtnetlink.RT_SCOPE_HOST
                : local.isLinkLocal() && !(local instanceof Ip4Address)
                        ? Rtnetlink.RT_SCOPE_LINK
                        : Rtnetlink.RT_SCOPE_UNIVERSE;
        return plain(Addresses.family(local), index, prefixLength, scope, flags, Optional.of(local));
    }

    private static AddressMessage plain(
            int family, int index, int prefixLength, int scope, int flags, Optional<IpAddress> local) {
        return new AddressMessage(
                family,
                index,
                prefixLength,
                scope,
                flags,
                local,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                0,
                Optional.empty());
    }

    /// Reads the message that `m` stands on.
    public static AddressMessage read(MessageReader m) {
        int flags = m.u8(2);
        Optional<IpAddress> local = Optional.empty();
        Optional<IpAddress> address = Optional.empty();
        Optional<IpAddress> broadcast = Optional.empty();
        Optional<String> label = Optional.empty();
        int priority = 0;
        Optional<AddressLifetime> lifetime = Optional.empty();
        AttributeReader a = m.attributes(FIXED_LENGTH);
        while (a.next()) {
            switch (a.type()) {
                case IfAddr.IFA_ADDRESS -> address = Optional.of(Addresses.read(a));
                case IfAddr.IFA_LOCAL -> local = Optional.of(Addresses.read(a));
                case IfAddr.IFA_BROADCAST -> broadcast = Optional.of(Addresses.read(a));
                case IfAddr.IFA_LABEL -> label = Optional.of(a.string());
                case IfAddr.IFA_FLAGS -> flags = a.i32();
                case IfAddr.IFA_RT_PRIORITY -> priority = a.i32();
                case IfAddr.IFA_CACHEINFO -> lifetime = AddressLifetime.read(a);
                default -> {}
            }
        }
        // Of IPv6 the kernel tells the address alone; where both are told and differ, the address is the peer's.
        Optional<IpAddress> own = local.isPresent() ? local : address;
        Optional<IpAddress> peer = address.equals(own) ? Optional.empty() : address;
        return new AddressMessage(
                m.u8(0), m.i32(4), m.u8(1), m.u8(3), flags, own, peer, broadcast, label, priority, lifetime);
    }

    @Override
    public void writeTo(MessageWriter w) {
        w.u8(family).u8(prefixLength).u8(flags).u8(scope).i32(index);
        local.ifPresent(v -> w.octets(IfAddr.IFA_LOCAL, Addresses.octets(v)));
        peer.or(() -> local).ifPresent(v -> w.octets(IfAddr.IFA_ADDRESS, Addresses.octets(v)));
        broadcast.ifPresent(v -> w.octets(IfAddr.IFA_BROADCAST, Addresses.octets(v)));
        label.ifPresent(v -> w.string(IfAddr.IFA_LABEL, v));
        if (flags != 0) {
            w.i32(IfAddr.IFA_FLAGS, flags);
        }
        if (priority != 0) {
            w.i32(IfAddr.IFA_RT_PRIORITY, priority);
        }
        lifetime.ifPresent(v -> v.writeTo(w));
    }

    /// The address and its prefix length, such as `192.0.2.1/24`.
    @Override
    public String toString() {
        return local.map(IpAddress::toString).orElse("any") + "/" + prefixLength + " on interface " + index;
    }
}
