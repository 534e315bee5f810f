package adit.bsdtun;

import adit.bsdtun.BsdProfile.Trait;
import adit.device.Device;
import adit.ip.InterfaceAddress;
import adit.ip.IpConfiguration;
import adit.ip.IpException;
import adit.ip.IpInterface;
import adit.ip.IpStack;
import adit.wire.Ip4Address;
import adit.wire.Ip4Prefix;
import adit.wire.IpAddress;
import java.util.List;
import java.util.Optional;

/// The addresses of an interface as BSD's calls set them, one property at a time: address, destination, mask,
/// broadcast address of its first IPv4 address. The stack has them whole.
///
/// Between two, only the destination is on the link, whatever the mask says. Under the control lock.
final class Ip4Settings {
    private static final int CLASS_A = 8;
    private static final int CLASS_B = 16;
    private static final int CLASS_C = 24;

    private final IpStack ip;
    private final BsdTunDevice device;
    /// What was set before there was an address that it belongs to.
    private int destination;
    private int mask;
    private int broadcast;

    Ip4Settings(IpStack ip, BsdTunDevice device) {
        this.ip = ip;
        this.device = device;
    }

    private IpInterface link() {
        return ip.of(device);
    }

    /// The first IPv4 address, or null.
    private InterfaceAddress first() {
        List<InterfaceAddress> all = link().addresses4();
        return all.isEmpty() ? null : all.getFirst();
    }

    private static int bits(IpAddress address) {
        return ((Ip4Address) address).bits();
    }

    private static int destination(InterfaceAddress a) {
        return a.peer().equals(a.local()) ? 0 : bits(a.peer());
    }

    // ---- Asking

    /// The first IPv4 address; empty when there is none.
    Optional<Ip4Address> address() {
        return Optional.ofNullable(first()).map(a -> (Ip4Address) a.local());
    }

    /// The destination of the first IPv4 address.
    Ip4Address destination() {
        InterfaceAddress a = first();
        return new Ip4Address(a == null ? destination : destination(a));
    }

    /// The mask of the first IPv4 address.
    Ip4Address mask() {
        return new Ip4Address(mask);
    }

    /// The broadcast address of the first IPv4 address.
    Ip4Address broadcast() {
        return new Ip4Address(broadcast);
    }

    /// Which of IASET and DSTADDR hold now that `set`, null for the unspecified one, is an address.
    int readiness(InterfaceAddress set, BsdProfile profile) {
        if (profile.has(Trait.ANY_FAMILY_READY)) {
            return set == null ? ofUnspecified() : readiness(set);
        }
        int flags = ofUnspecified();
        for (InterfaceAddress a : link().addresses4()) {
            flags |= readiness(a);
        }
        return flags;
    }

    private int readiness(InterfaceAddress a) {
        boolean hasDestination = device.isPointToPoint()
                && !a.peer().equals(a.local())
                && !a.peer().isUnspecified();
        return (a.local().isUnspecified() ? 0 : TunFlags.IASET) | (hasDestination ? TunFlags.DSTADDR : 0);
    }

    private int ofUnspecified() {
        return destination != 0 && first() == null && device.isPointToPoint() ? TunFlags.DSTADDR : 0;
    }

    // ---- Setting

    /// SIOCSIFADDR: the first address becomes `local` and keeps its destination; the mask is that of its class.
    void address(Ip4Address local) throws IpException {
        int keptDestination = destination().bits();
        mask = Ip4Prefix.mask(classLength(local.bits()));
        removeFirst();
        destination = keptDestination;
        put(local.bits(), keptDestination);
    }

    /// SIOCSIFDSTADDR.
    void destination(Ip4Address peer) throws IpException {
        InterfaceAddress a = first();
        int local = a == null ? 0 : bits(a.local());
        removeFirst();
        destination = peer.bits();
        put(local, destination);
    }

    /// SIOCSIFNETMASK.
    void mask(Ip4Address wanted) throws IpException {
        InterfaceAddress a = first();
        mask = wanted.bits();
        if (a != null && !device.isPointToPoint()) {
            removeFirst();
            put(bits(a.local()), 0);
        }
    }

    /// SIOCSIFBRDADDR.
    void broadcast(Ip4Address wanted) {
        broadcast = wanted.bits();
    }

    /// SIOCAIFADDR: a further address, or other properties of one that is there. A mask of 0 is that of the
    /// class.
    void add(Ip4Address local, Ip4Address other, Ip4Address wantedMask) throws IpException {
        for (InterfaceAddress a : link().addresses4()) {
            if (a.local().equals(local)) {
                ip.configuration().delete(link(), local, a.prefixLength());
            }
        }
        boolean isFirst = first() == null;
        int bits = wantedMask.isUnspecified() ? Ip4Prefix.mask(classLength(local.bits())) : wantedMask.bits();
        if (isFirst) {
            mask = bits;
        }
        add(local.bits(), device.isPointToPoint() ? other.bits() : 0, bits);
    }

    /// SIOCDIFADDR: takes an address away, the first one if `local` is unspecified. False when there is none.
    boolean remove(Ip4Address local) throws IpException {
        for (InterfaceAddress a : link().addresses4()) {
            if (local.isUnspecified() || a.local().equals(local)) {
                ip.configuration().delete(link(), a.local(), a.prefixLength());
                return true;
            }
        }
        return false;
    }

    private void removeFirst() throws IpException {
        InterfaceAddress a = first();
        if (a != null) {
            ip.configuration().delete(link(), a.local(), a.prefixLength());
        }
    }

    private void put(int local, int peer) throws IpException {
        add(local, device.isPointToPoint() ? peer : 0, mask);
    }

    private void add(int local, int peer, int bits) throws IpException {
        if (local == 0) {
            // For the stack that is no address, and for the driver one that makes nothing ready.
            device.enable(null);
            return;
        }
        Ip4Address own = new Ip4Address(local);
        int length = device.isPointToPoint() ? Ip4Prefix.MAX_LENGTH : Integer.bitCount(bits);
        Optional<Ip4Address> all = device.isPointToPoint() || length > Ip4Prefix.MAX_LENGTH - 2
                ? Optional.empty()
                : Optional.of(
                        broadcast != 0
                                ? new Ip4Address(broadcast)
                                : Ip4Prefix.of(own, length).broadcast());
        InterfaceAddress address = new InterfaceAddress(
                own,
                peer == 0 ? own : new Ip4Address(peer),
                length,
                all,
                InterfaceAddress.SCOPE_UNIVERSE,
                InterfaceAddress.PERMANENT,
                ((Device) device).name());
        // The driver hears of it from the stack.
        ip.configuration().add(link(), address, IpConfiguration.Existing.REPLACE);
    }

    /// How many bits named the network before there were masks: RFC 791 section 3.2.
    private static int classLength(int address) {
        if (address >= 0) {
            return CLASS_A;
        }
        return (address & 0x4000_0000) == 0 ? CLASS_B : CLASS_C;
    }
}
