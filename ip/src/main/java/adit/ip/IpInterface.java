package adit.ip;

import adit.device.Device;
import adit.device.DeviceFlags;
import adit.wire.Ip4Address;
import adit.wire.Ip4Prefix;
import adit.wire.Ip6Address;
import adit.wire.Ip6Prefix;
import adit.wire.IpAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the IP layer knows of a device: its addresses, and its neighbours where it has any.
public final class IpInterface {
    /// Flags whose change is told to users alone.
    private static final int QUIET = DeviceFlags.UP | DeviceFlags.PROMISC | DeviceFlags.ALLMULTI;
    private static final InterfaceAddress[] NONE = {};
    private static final Route[] NO_ROUTES = {};
    private static final Route.Spec ON_LINK = new Route.Spec(
            new Ip4Prefix(Ip4Address.ANY, 0),
            Route.TABLE_MAIN,
            RouteType.UNICAST,
            InterfaceAddress.SCOPE_LINK,
            Route.PROTOCOL_KERNEL,
            0,
            0,
            Optional.empty(),
            Route.Metrics.NONE);

    private final IpStack stack;
    private final Device device;
    private final boolean isFramed;
    final Neighbours neighbours4;
    final Neighbours neighbours6;
    /// The routes that leave by it, oldest first.
    private volatile Route[] routes = NO_ROUTES;
    volatile InterfaceAddress[] addresses4 = NONE;
    volatile InterfaceAddress[] addresses6 = NONE;
    /// Whether IPv6 knows of it: not of links of less than 1280 octets.
    volatile boolean ip6;
    /// Whether IPv6 has started to work here, which it does once there is a carrier. Under the control lock.
    boolean startedIp6;
    /// Whether it had no carrier when IPv6 last looked, which routes tell.
    volatile boolean lacksCarrier6;
    /// The MTU that IPv6 has seen last. Under the control lock.
    int mtu6;
    /// How many times it has joined which address of all routers, of IPv6. Under the control lock.
    final Map<Ip6Prefix, Integer> routers6 = new HashMap<>();
    /// The last 64 bits of its link-local address where they are random; 0 while it has none.
    long identifier;
    /// Whether MPLS labels that come in here are heeded.
    volatile boolean labels;
    private volatile boolean sendsRedirects4;
    /// Whether the device asked for link addresses when that was last looked at. Under the control lock.
    private boolean asked;
    /// Its flags when somebody last changed them. Under the control lock.
    private int flags;

    /// For packets to everybody on this link, whatever the routes of the namespace.
    private final Route onLink4;

    IpInterface(IpStack stack, Device device) {
        this.stack = stack;
        this.device = device;
        this.isFramed = device.headerLength() > 0;
        this.neighbours4 = new Neighbours(stack, this, Neighbours.Family.IP4);
        this.neighbours6 = new Neighbours(stack, this, Neighbours.Family.IP6);
        this.onLink4 = new Route(ON_LINK, List.of(new NextHop(device, null, InterfaceAddress.SCOPE_NOWHERE, 1, false)));
        this.sendsRedirects4 = stack.newLinksSendRedirects4();
        this.asked = asks();
        this.flags = device.flags();
    }

    boolean isOf(IpStack one) {
        return stack.equals(one);
    }

    /// Whether IPv6 knows of it.
    public boolean hasIp6() {
        return ip6;
    }

    /// The device.
    public Device device() {
        return device;
    }

    /// Its IPv4 addresses, oldest first.
    public List<InterfaceAddress> addresses4() {
        return List.of(addresses4);
    }

    /// Its IPv6 addresses, widest scope first.
    public List<InterfaceAddress> addresses6() {
        return List.of(addresses6);
    }

    /// Whether senders on this link are told of nearer next hops: `net.ipv4.conf.DEV.send_redirects`. They are too
    /// as long as all links do ([IpStack#sendRedirects4]).
    public void sendRedirects4(boolean on) {
        sendsRedirects4 = on;
    }

    boolean sendsRedirects4() {
        return sendsRedirects4 || stack.sendsRedirects4();
    }

    // ---- Its routes

    /// A route by this link to whomever, which stands in no table.
    Route onLink4() {
        return onLink4;
    }

    /// Under the control lock.
    void add(Route route) {
        Route[] before = routes;
        Route[] more = Arrays.copyOf(before, before.length + 1);
        more[before.length] = route;
        routes = more;
    }

    /// Under the control lock.
    void remove(Route route) {
        routes = Arrays.stream(routes).filter(r -> r != route).toArray(Route[]::new);
    }

    List<Route> routes() {
        return List.of(routes);
    }

    /// The first route by this link for packets of this type of service among those beside `other`; null when there
    /// is none.
    Route route(Route other, int tos) {
        Route found = null;
        for (Route route : routes) {
            boolean fits = route.isBeside(other) && route.takes(tos, device);
            if (fits && (found == null || route.isBefore(found))) {
                found = route;
            }
        }
        return found;
    }

    /// The route by this link that is the same as `wanted`; null when there is none.
    Route route(Route wanted) {
        for (Route route : routes) {
            if (route.isSame(wanted)) {
                return route;
            }
        }
        return null;
    }

    // ---- Its neighbours

    /// Whether neighbours have link addresses that must be asked for.
    boolean resolves() {
        return isFramed && asks();
    }

    private boolean asks() {
        return (device.flags() & DeviceFlags.NOARP) == 0;
    }

    /// Forgets all neighbours.
    void flushNeighbours() {
        neighbours4.flush();
        neighbours6.flush();
    }

    /// Forgets neighbours as Linux does where anything about a device that is up has changed (NETDEV_CHANGE): all,
    /// when it began or ceased to ask for link addresses; without a carrier all but the permanent ones. Answers
    /// whether it began or ceased so.
    boolean changed() {
        boolean isOther = asked != asks();
        asked ^= isOther;
        if (!device.isUp()) {
            return isOther;
        }
        if (isOther) {
            flushNeighbours();
        }
        if (!device.hasCarrier()) {
            neighbours4.flushLearned();
            neighbours6.flushLearned();
        }
        return isOther;
    }

    /// Who listens to more frames has changed nothing in this sense.
    boolean flagsChanged() {
        int before = flags;
        flags = device.flags();
        return ((before ^ flags) & DeviceFlags.CHANGEABLE & ~QUIET) != 0;
    }

    boolean isLoopback() {
        return (device.flags() & DeviceFlags.LOOPBACK) != 0;
    }

    /// A source for packets to `destination` (0: to anybody) among the IPv4 addresses here that are known at
    /// least as far as `scope` says; 0 when there is none. Linux's `inet_select_addr`, its first half.
    int source4(int destination, int scope) {
        int first = 0;
        for (InterfaceAddress a : addresses4) {
            if (a.has(InterfaceAddress.SECONDARY) || a.scope() > scope) {
                continue;
            }
            if (destination == 0 || isOnLink(a, destination)) {
                return a.bits();
            }
            if (first == 0) {
                first = a.bits();
            }
        }
        return first;
    }

    private static boolean isOnLink(InterfaceAddress a, int address) {
        int peer = ((Ip4Address) a.peer()).bits();
        return ((peer ^ address) & Ip4Prefix.mask(a.prefixLength())) == 0;
    }

    /// Whether `address` is on one of the IPv4 links here.
    boolean isOnLink4(int address) {
        for (InterfaceAddress a : addresses4) {
            if (isOnLink(a, address)) {
                return true;
            }
        }
        return false;
    }

    /// Whether the interface has this very address.
    boolean has6(long high, long low) {
        for (InterfaceAddress a : addresses6) {
            Ip6Address ip6 = (Ip6Address) a.local();
            if (ip6.high() == high && ip6.low() == low) {
                return true;
            }
        }
        return false;
    }

    boolean has(IpAddress address) {
        for (InterfaceAddress a : address instanceof Ip4Address ? addresses4 : addresses6) {
            if (a.local().equals(address)) {
                return true;
            }
        }
        return false;
    }

    /// Whether packets to this IPv6 group are for this host: all nodes, all routers if it is one, and the
    /// groups that neighbours ask its addresses by.
    boolean isJoined6(long high, long low, boolean forwarding) {
        int scope = (int) (high >>> 48) & 0xf;
        boolean wellKnown = (high & ~0xf_0000_0000_0000L) == 0xff00L << 48;
        if (wellKnown && low == 1 && scope <= 2) {
            return true;
        }
        if (wellKnown && low == 2 && (scope == 1 || scope == 2 || scope == 5) && forwarding) {
            return true;
        }
        if (high == 0xff02L << 48 && low >>> 24 == 0x1_ffL) {
            for (InterfaceAddress a : addresses6) {
                if ((((Ip6Address) a.local()).low() & 0xff_ffff) == (low & 0xff_ffff)) {
                    return true;
                }
            }
        }
        return false;
    }

    /// The device's name.
    @Override
    public String toString() {
        return device.name();
    }
}
