package adit.bsdtun;

import adit.bsdtun.BsdProfile.Trait;
import adit.device.InterfaceRequest;
import adit.ip.InterfaceAddress;
import adit.ip.IpConfiguration;
import adit.ip.IpException;
import adit.wire.Ip4Address;
import adit.wire.Ip6Address;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// A socket as ifconfig(8) opens one: for ioctls on interfaces, those of the driver's units alone. [Ifconfig]
/// has them in words.
///
/// A call looks in this order: its argument is all there, else EFAULT; there is such a call, else EINVAL, and
/// since NetBSD 10 ENOTTY; the caller may, else EPERM; the interface exists, else ENXIO; and then what the call
/// says. Answers are 0 or a negative [BsdErrno].
public final class InterfaceSocket {
    private static final int ADDRESS = 0;
    private static final int OTHER = 1;
    private static final int MASK = 2;

    private final BsdTunDriver driver;
    private final Privilege caller;

    InterfaceSocket(BsdTunDriver driver, Privilege caller) {
        this.driver = driver;
        this.caller = caller;
    }

    BsdProfile profile() {
        return driver.profile();
    }

    /// Any ioctl of [InterfaceCall], by its number, with the structure that it takes.
    public int ioctl(int command, MemorySegment argument) {
        if (argument.byteSize() < BsdIoctl.length(command)) {
            return -BsdErrno.EFAULT;
        }
        InterfaceCall call = InterfaceCall.of(command, profile());
        if (call == null) {
            boolean driverAnswers = InterfaceCall.isOne(command) && !profile().has(Trait.COMMON_IOCTLS);
            return driverAnswers ? -BsdErrno.EINVAL : -BsdErrno.ENOTTY;
        }
        if (!call.asks() && caller != Privilege.SUPERUSER) {
            return -BsdErrno.EPERM;
        }
        driver.lock().lock();
        try {
            return perform(call, argument.asSlice(0, call.length(profile())));
        } catch (IpException e) {
            return -BsdErrno.of(e.errno());
        } finally {
            driver.lock().unlock();
        }
    }

    private int perform(InterfaceCall call, MemorySegment s) throws IpException {
        String name = InterfaceRequest.name(s);
        if (call == InterfaceCall.SIOCIFCREATE) {
            int unit = unit(name);
            return unit < 0 ? -BsdErrno.EINVAL : driver.create(unit);
        }
        BsdTunDevice device = driver.device(name);
        if (device == null) {
            return -BsdErrno.ENXIO;
        }
        return switch (call) {
            case SIOCIFCREATE -> throw new AssertionError(call);
            case SIOCIFDESTROY -> driver.destroy(device.unit());
            case SIOCSIFADDR, SIOCSIFDSTADDR, SIOCSIFBRDADDR, SIOCSIFNETMASK -> setAddress(call, device, s);
            case SIOCGIFADDR, SIOCGIFDSTADDR, SIOCGIFBRDADDR, SIOCGIFNETMASK -> getAddress(call, device, s);
            case SIOCAIFADDR -> addAddress(device, s);
            case SIOCDIFADDR -> removeAddress(device, s);
            case SIOCAIFADDR_IN6 -> addAddress6(device, s);
            case SIOCDIFADDR_IN6 -> removeAddress6(device, s);
            case SIOCADDMULTI, SIOCDELMULTI -> group(s);
            case SIOCSIFFLAGS -> {
                device.changeFlags(InterfaceRequest.flags(s));
                yield 0;
            }
            case SIOCGIFFLAGS -> {
                InterfaceRequest.flags(s, device.ifFlags());
                yield 0;
            }
            // The same number in Linux and in NetBSD.
            case SIOCSIFMTU -> device.mtu(InterfaceRequest.value(s));
            case SIOCGIFMTU -> {
                InterfaceRequest.value(s, device.mtu());
                yield 0;
            }
        };
    }

    /// The number in `tunN`, or -1 when that is no name of a unit.
    private static int unit(String name) {
        String digits = name.startsWith(BsdTunDriver.NAME) ? name.substring(BsdTunDriver.NAME.length()) : "";
        boolean isNumber = !digits.isEmpty()
                && digits.chars().allMatch(c -> c >= '0' && c <= '9')
                && (digits.length() == 1 || digits.charAt(0) != '0')
                && digits.length() <= Integer.toString(BsdTunDriver.MAX_UNIT).length();
        return isNumber ? Integer.parseInt(digits) : -1;
    }

    private static int setAddress(InterfaceCall call, BsdTunDevice device, MemorySegment s) throws IpException {
        // Masks are given without a family by old programs.
        boolean isMask = call == InterfaceCall.SIOCSIFNETMASK;
        if (!isMask && Sockaddr.family(s, BsdIfreq.alias(ADDRESS)) != Sockaddr.AF_INET) {
            return -BsdErrno.EAFNOSUPPORT;
        }
        Ip4Address address = new Ip4Address(Sockaddr.address4(s, BsdIfreq.alias(ADDRESS)));
        Ip4Settings settings = device.settings();
        switch (call) {
            case SIOCSIFADDR -> settings.address(address);
            case SIOCSIFDSTADDR -> {
                if (!device.isPointToPoint()) {
                    return -BsdErrno.EINVAL;
                }
                settings.destination(address);
            }
            case SIOCSIFBRDADDR -> {
                if (device.isPointToPoint()) {
                    // The driver would take it; the layer above does not, for it has no such address.
                    return -BsdErrno.EINVAL;
                }
                settings.broadcast(address);
            }
            default -> settings.mask(address);
        }
        return 0;
    }

    private static int getAddress(InterfaceCall call, BsdTunDevice device, MemorySegment s) {
        Ip4Settings settings = device.settings();
        if (settings.address().isEmpty()) {
            return -BsdErrno.EADDRNOTAVAIL;
        }
        boolean needsBroadcast = call == InterfaceCall.SIOCGIFBRDADDR;
        if (needsBroadcast == device.isPointToPoint() && (needsBroadcast || call == InterfaceCall.SIOCGIFDSTADDR)) {
            return -BsdErrno.EINVAL;
        }
        BsdIfreq.address(
                s,
                switch (call) {
                    case SIOCGIFADDR -> settings.address().get();
                    case SIOCGIFDSTADDR -> settings.destination();
                    case SIOCGIFBRDADDR -> settings.broadcast();
                    default -> settings.mask();
                });
        return 0;
    }

    private static int addAddress(BsdTunDevice device, MemorySegment s) throws IpException {
        if (Sockaddr.family(s, BsdIfreq.alias(ADDRESS)) != Sockaddr.AF_INET) {
            return -BsdErrno.EAFNOSUPPORT;
        }
        device.settings()
                .add(
                        new Ip4Address(Sockaddr.address4(s, BsdIfreq.alias(ADDRESS))),
                        new Ip4Address(Sockaddr.address4(s, BsdIfreq.alias(OTHER))),
                        new Ip4Address(Sockaddr.address4(s, BsdIfreq.alias(MASK))));
        return 0;
    }

    private static int removeAddress(BsdTunDevice device, MemorySegment s) throws IpException {
        int family = Sockaddr.family(s, BsdIfreq.alias(ADDRESS));
        Ip4Address address = family == Sockaddr.AF_INET
                ? new Ip4Address(Sockaddr.address4(s, BsdIfreq.alias(ADDRESS)))
                : Ip4Address.ANY;
        return device.settings().remove(address) ? 0 : -BsdErrno.EADDRNOTAVAIL;
    }

    private int addAddress6(BsdTunDevice device, MemorySegment s) throws IpException {
        if (Sockaddr.family(s, BsdIfreq.alias6(ADDRESS)) != Sockaddr.AF_INET6) {
            return -BsdErrno.EAFNOSUPPORT;
        }
        Ip6Address local = ip6(s, ADDRESS);
        boolean hasPeer = Sockaddr.family(s, BsdIfreq.alias6(OTHER)) == Sockaddr.AF_INET6;
        Ip6Address mask = ip6(s, MASK);
        int length = Long.bitCount(mask.high()) + Long.bitCount(mask.low());
        if (local.isUnspecified() || local.isMulticast()) {
            return -BsdErrno.EADDRNOTAVAIL;
        }
        driver.ip()
                .configuration()
                .add(
                        driver.ip().of(device),
                        new InterfaceAddress(
                                local,
                                hasPeer && !ip6(s, OTHER).isUnspecified() ? ip6(s, OTHER) : local,
                                length,
                                Optional.empty(),
                                local.isLinkLocal() ? InterfaceAddress.SCOPE_LINK : InterfaceAddress.SCOPE_UNIVERSE,
                                InterfaceAddress.PERMANENT,
                                device.name()),
                        IpConfiguration.Existing.REPLACE);
        return 0;
    }

    private int removeAddress6(BsdTunDevice device, MemorySegment s) throws IpException {
        driver.ip().configuration().delete(driver.ip().of(device), ip6(s, ADDRESS), -1);
        return 0;
    }

    private static Ip6Address ip6(MemorySegment s, int index) {
        return Ip6Address.read(s, BsdIfreq.alias6(index) + Sockaddr.ADDRESS_6);
    }

    /// Groups are the stack's; the driver only says which families have any.
    private int group(MemorySegment s) {
        return switch (Sockaddr.family(s, BsdIfreq.alias(ADDRESS))) {
            case Sockaddr.AF_INET -> 0;
            case Sockaddr.AF_INET6 -> profile().has(Trait.IP6_GROUPS) ? 0 : -BsdErrno.EAFNOSUPPORT;
            default -> -BsdErrno.EAFNOSUPPORT;
        };
    }
}
