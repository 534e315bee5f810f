package adit.linux;

import adit.device.InterfaceRequest;
import adit.linux.sys.HostOrder;
import adit.linux.sys.Libc;
import adit.netlink.AttributeReader;
import adit.netlink.MessageReader;
import adit.netlink.Netlink;
import adit.netlink.RouteMessage;
import adit.netlink.Rtnetlink;
import adit.tun.Ifreq;
import adit.underlay.Path;
import adit.wire.Ip4Address;
import adit.wire.IpAddress;
import adit.wire.Octets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// Asks the kernel for the way to a destination: RTM_GETROUTE, and where that names no MTU, the one of the
/// interface.
///
/// The kernel's answer holds what path MTU discovery learned. It learns from the ICMP errors that reach one of
/// its sockets, so there is no second memory here.
///
/// The requests are written once and then only filled in, and the answer is read where it lies. Needs no
/// privilege.
final class RouteLookup implements RoutedPaths.Source {
    private static final int MAX_IPV4_LENGTH = 0xffff;
    private static final int LOCKED_MTU = 1 << Rtnetlink.RTAX_MTU;

    /// Where things stand in the requests: header 16, rtmsg 12, and the attributes.
    private static final int FIXED_LENGTH = 12;
    private static final int DESTINATION_AT = 32;
    private static final int SOURCE_AT = 40;
    /// Read the name of the interface whose index stands in the union.
    private static final int SIOCGIFNAME = 0x8910;

    private final NetlinkInquiry inquiry;
    private final Announcements announcements;
    private final MemorySegment errno;
    private final MemorySegment toAny = request(Optional.empty());
    private final MemorySegment fromSource = request(Optional.of(Ip4Address.ANY));
    private final MemorySegment interfaceRequest;

    // The answer that is being read.
    private int device;
    private int mtu;
    private int lock;

    private RouteLookup(NetlinkInquiry inquiry, Announcements announcements) {
        this.inquiry = inquiry;
        this.announcements = announcements;
        Arena arena = Arena.ofAuto();
        errno = Libc.newErrnoState(arena);
        interfaceRequest = arena.allocate(Ifreq.SIZE, 8);
    }

    private static MemorySegment request(Optional<IpAddress> source) {
        RouteMessage lookup = RouteMessage.lookup(Ip4Address.ANY, source);
        return NetlinkInquiry.request(Rtnetlink.RTM_GETROUTE, Netlink.NLM_F_REQUEST, lookup);
    }

    /// For the network namespace that the calling thread is in.
    static RouteLookup open() throws LinuxException {
        NetlinkInquiry inquiry = NetlinkInquiry.open(Netlink.NETLINK_ROUTE);
        try {
            Announcements announcements = Announcements.of(
                    Rtnetlink.RTNLGRP_LINK, Rtnetlink.RTNLGRP_IPV4_IFADDR, Rtnetlink.RTNLGRP_IPV4_ROUTE);
            return new RouteLookup(inquiry, announcements);
        } catch (Throwable t) {
            inquiry.close();
            throw t;
        }
    }

    @Override
    public Path path(int source, int destination, Path known) {
        if (!ask(source, destination)) {
            return Path.NONE;
        }
        Path.Pinned pinned = (lock & LOCKED_MTU) != 0 ? Path.Pinned.YES : Path.Pinned.NO;
        if (known != null && known.mtu() == mtu && known.device() == device && known.pinned() == pinned) {
            return known;
        }
        return new Path(mtu, pinned, device);
    }

    /// Answers whether there is a way, and leaves it in the fields.
    private boolean ask(int source, int destination) {
        MemorySegment request = source == 0 ? toAny : fromSource;
        Octets.put32(request, DESTINATION_AT, destination);
        if (source != 0) {
            Octets.put32(request, SOURCE_AT, source);
        }
        if (!inquiry.ask(request)) {
            return false;
        }
        MessageReader m = inquiry.answer();
        return m.type() == Rtnetlink.RTM_NEWROUTE && read(m) && hasMtu();
    }

    private boolean read(MessageReader m) {
        device = 0;
        mtu = 0;
        lock = 0;
        AttributeReader a = m.attributes(FIXED_LENGTH);
        while (a.next()) {
            switch (a.type()) {
                case Rtnetlink.RTA_OIF -> device = a.i32();
                case Rtnetlink.RTA_METRICS -> readMetrics(a.nested());
                default -> {}
            }
        }
        return device != 0;
    }

    private void readMetrics(AttributeReader a) {
        while (a.next()) {
            switch (a.type()) {
                case Rtnetlink.RTAX_MTU -> mtu = a.i32();
                case Rtnetlink.RTAX_LOCK -> lock = a.i32();
                default -> {}
            }
        }
    }

    private boolean hasMtu() {
        int held = mtu == 0 ? inquiry.fd().hold() : -1;
        if (held >= 0) {
            try {
                mtu = ofInterface(held);
            } finally {
                inquiry.fd().leave();
            }
        }
        // The loopback device takes 65536 octets, IPv4 says 65535.
        mtu = Math.min(mtu, MAX_IPV4_LENGTH);
        return mtu > 0;
    }

    private int ofInterface(int held) {
        InterfaceRequest.name(interfaceRequest, "");
        HostOrder.put32(interfaceRequest, InterfaceRequest.MAX_NAME + 1L, device);
        if (Libc.ioctl(errno, held, SIOCGIFNAME, interfaceRequest) < 0
                || Libc.ioctl(errno, held, Ifreq.SIOCGIFMTU, interfaceRequest) < 0) {
            return 0;
        }
        return HostOrder.i32(interfaceRequest, InterfaceRequest.MAX_NAME + 1L);
    }

    @Override
    public boolean changed() {
        return announcements.any();
    }

    @Override
    public Fd descriptor() {
        return announcements.descriptor();
    }

    @Override
    public void close() {
        inquiry.close();
        announcements.close();
    }
}
