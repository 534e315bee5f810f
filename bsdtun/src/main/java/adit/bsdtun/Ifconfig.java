package adit.bsdtun;

import adit.device.InterfaceRequest;
import adit.wire.Ip4Address;
import adit.wire.Ip4InterfaceAddress;
import adit.wire.Ip6Address;
import adit.wire.Ip6InterfaceAddress;
import adit.wire.IpAddress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/// Interfaces in the words of ifconfig(8). Each method is one ioctl; what is refused is a [BsdTunException]
/// named after it.
///
/// ```java
/// Ifconfig ifconfig = new Ifconfig(driver.socket());
/// ifconfig.create("tun0").address("tun0", "10.0.0.1", "10.0.0.2").mtu("tun0", 1400);
/// ```
public final class Ifconfig {
    private static final int LARGEST = 288;

    private final InterfaceSocket socket;

    /// The calls on `socket`.
    public Ifconfig(InterfaceSocket socket) {
        this.socket = socket;
    }

    /// Makes an interface `tunN`. EEXIST when there is one.
    public Ifconfig create(String name) throws BsdTunException {
        return call(InterfaceCall.SIOCIFCREATE, name, s -> {});
    }

    /// Destroys an interface.
    public Ifconfig destroy(String name) throws BsdTunException {
        return call(InterfaceCall.SIOCIFDESTROY, name, s -> {});
    }

    /// Gives an interface between two its own address and that of the other end.
    public Ifconfig address(String name, String local, String destination) throws BsdTunException {
        Ip4Address own = Ip4Address.parse(local);
        Ip4Address other = Ip4Address.parse(destination);
        return alias(name, own, other, Ip4Address.BROADCAST);
    }

    /// Gives an interface an address with a length, such as `10.0.0.1/24` or `fd00::1/64`.
    public Ifconfig address(String name, String address) throws BsdTunException {
        if (address.indexOf(':') < 0) {
            Ip4InterfaceAddress a = Ip4InterfaceAddress.parse(address);
            return alias(name, a.address(), Ip4Address.ANY, new Ip4Address(adit.wire.Ip4Prefix.mask(a.prefixLength())));
        }
        Ip6InterfaceAddress a = Ip6InterfaceAddress.parse(address);
        int length = a.prefixLength();
        return call(InterfaceCall.SIOCAIFADDR_IN6, name, s -> {
            Sockaddr.emit(s, BsdIfreq.alias6(0), a.address());
            long high = length == 0 ? 0 : -1L << Math.max(0, Long.SIZE - length);
            long low = length <= Long.SIZE ? 0 : -1L << (2 * Long.SIZE - length);
            Sockaddr.emit(s, BsdIfreq.alias6(2), new Ip6Address(high, low));
        });
    }

    private Ifconfig alias(String name, Ip4Address own, Ip4Address other, Ip4Address mask) throws BsdTunException {
        return call(InterfaceCall.SIOCAIFADDR, name, s -> {
            Sockaddr.emit(s, BsdIfreq.alias(0), own);
            Sockaddr.emit(s, BsdIfreq.alias(1), other);
            Sockaddr.emit(s, BsdIfreq.alias(2), mask);
        });
    }

    /// Takes an address away.
    public Ifconfig remove(String name, String address) throws BsdTunException {
        IpAddress gone = IpAddress.parse(address);
        InterfaceCall call = gone instanceof Ip4Address ? InterfaceCall.SIOCDIFADDR : InterfaceCall.SIOCDIFADDR_IN6;
        return call(call, name, s -> BsdIfreq.address(s, gone));
    }

    /// Sets the first IPv4 address.
    public Ifconfig firstAddress(String name, String address) throws BsdTunException {
        return address(InterfaceCall.SIOCSIFADDR, name, address);
    }

    /// Sets the destination of the first IPv4 address; EINVAL for an interface that is not between two.
    public Ifconfig destination(String name, String address) throws BsdTunException {
        return address(InterfaceCall.SIOCSIFDSTADDR, name, address);
    }

    /// Sets the broadcast address of the first IPv4 address; EINVAL for an interface between two.
    public Ifconfig broadcast(String name, String address) throws BsdTunException {
        return address(InterfaceCall.SIOCSIFBRDADDR, name, address);
    }

    /// Sets the mask of the first IPv4 address, such as `255.255.255.0`.
    public Ifconfig mask(String name, String mask) throws BsdTunException {
        return address(InterfaceCall.SIOCSIFNETMASK, name, mask);
    }

    private Ifconfig address(InterfaceCall call, String name, String address) throws BsdTunException {
        IpAddress parsed = IpAddress.parse(address);
        return call(call, name, s -> BsdIfreq.address(s, parsed));
    }

    /// Brings an interface up.
    public Ifconfig up(String name) throws BsdTunException {
        int flags = flags(name);
        return call(InterfaceCall.SIOCSIFFLAGS, name, s -> InterfaceRequest.flags(s, flags | BsdFlags.IFF_UP));
    }

    /// Takes an interface down; packets that wait to be read are lost.
    public Ifconfig down(String name) throws BsdTunException {
        int flags = flags(name);
        return call(InterfaceCall.SIOCSIFFLAGS, name, s -> InterfaceRequest.flags(s, flags & ~BsdFlags.IFF_UP));
    }

    /// The flags of an interface, of [BsdFlags].
    public int flags(String name) throws BsdTunException {
        int[] flags = new int[1];
        ask(InterfaceCall.SIOCGIFFLAGS, name, s -> flags[0] = InterfaceRequest.flags(s));
        return flags[0];
    }

    /// Sets the MTU, 576 to 1500 octets; EINVAL for others.
    public Ifconfig mtu(String name, int octets) throws BsdTunException {
        return call(InterfaceCall.SIOCSIFMTU, name, s -> InterfaceRequest.value(s, octets));
    }

    /// The MTU in octets.
    public int mtu(String name) throws BsdTunException {
        int[] mtu = new int[1];
        ask(InterfaceCall.SIOCGIFMTU, name, s -> mtu[0] = InterfaceRequest.value(s));
        return mtu[0];
    }

    /// The first IPv4 address; EADDRNOTAVAIL when there is none.
    public IpAddress firstAddress(String name) throws BsdTunException {
        return askAddress(InterfaceCall.SIOCGIFADDR, name);
    }

    /// The destination of the first IPv4 address; EADDRNOTAVAIL when there is none, EINVAL for an interface that is
    /// not between two.
    public IpAddress destination(String name) throws BsdTunException {
        return askAddress(InterfaceCall.SIOCGIFDSTADDR, name);
    }

    /// The mask of the first IPv4 address; EADDRNOTAVAIL when there is none.
    public IpAddress mask(String name) throws BsdTunException {
        return askAddress(InterfaceCall.SIOCGIFNETMASK, name);
    }

    /// Joins a group. EAFNOSUPPORT for families that have none.
    public Ifconfig join(String name, String group) throws BsdTunException {
        return address(InterfaceCall.SIOCADDMULTI, name, group);
    }

    /// Leaves a group.
    public Ifconfig leave(String name, String group) throws BsdTunException {
        return address(InterfaceCall.SIOCDELMULTI, name, group);
    }

    private IpAddress askAddress(InterfaceCall call, String name) throws BsdTunException {
        IpAddress[] address = new IpAddress[1];
        ask(
                call,
                name,
                s -> address[0] =
                        Sockaddr.address(s, InterfaceRequest.NAME_LENGTH).orElseThrow());
        return address[0];
    }

    private void ask(InterfaceCall call, String name, Consumer<MemorySegment> answer) throws BsdTunException {
        perform(call, name, s -> {}, answer);
    }

    private Ifconfig call(InterfaceCall call, String name, Consumer<MemorySegment> argument) throws BsdTunException {
        perform(call, name, argument, s -> {});
        return this;
    }

    private void perform(
            InterfaceCall call, String name, Consumer<MemorySegment> argument, Consumer<MemorySegment> answer)
            throws BsdTunException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = arena.allocate(LARGEST, Long.BYTES).asSlice(0, call.length(socket.profile()));
            InterfaceRequest.name(s, name);
            argument.accept(s);
            int result = socket.ioctl(call.command(socket.profile()), s);
            if (result < 0) {
                throw new BsdTunException(call.name(), name, -result);
            }
            answer.accept(s);
        }
    }
}
