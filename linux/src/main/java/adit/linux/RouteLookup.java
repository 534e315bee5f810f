package adit.linux;

import adit.device.Errno;
import adit.linux.sys.HostOrder;
import adit.linux.sys.Inet;
import adit.linux.sys.Libc;
import adit.linux.sys.LibcSocket;
import adit.netlink.AttributeReader;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
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
    private static final int SOCKET_BUFFER = 4 << 10;
    private static final int MANY = 256;
    private static final int MAX_IPV4_LENGTH = 0xffff;
    private static final int LOCKED_MTU = 1 << Rtnetlink.RTAX_MTU;

    /// Where things stand in the requests: header 16, rtmsg 12, and the attributes.
    private static final int SEQUENCE_AT = 8;

    private static final int FIXED_LENGTH = 12;
    private static final int DESTINATION_AT = 32;
    private static final int SOURCE_AT = 40;
    /// Read the name of the interface whose index stands in the union.
    private static final int SIOCGIFNAME = 0x8910;

    private final NetlinkSocket questions;
    private final NetlinkSocket announcements;
    private final MemorySegment errno;
    private final MemorySegment toAny;
    private final MemorySegment fromSource;
    private final MemorySegment in;
    private final MemorySegment interfaceRequest;
    private final MemorySegment announcementErrno;
    private final MemorySegment announcement;
    private int sequence;

    // The answer that is being read.
    private int device;
    private int mtu;
    private int lock;

    private RouteLookup(NetlinkSocket questions, NetlinkSocket announcements) {
        this.questions = questions;
        this.announcements = announcements;
        Arena arena = Arena.ofAuto();
        errno = Libc.newErrnoState(arena);
        toAny = request(arena, Optional.empty());
        fromSource = request(arena, Optional.of(Ip4Address.ANY));
        in = arena.allocate(SOCKET_BUFFER, 8);
        interfaceRequest = arena.allocate(Ifreq.SIZE, 8);
        announcementErrno = Libc.newErrnoState(arena);
        announcement = arena.allocate(Long.BYTES, 8);
    }

    private static MemorySegment request(Arena arena, Optional<IpAddress> source) {
        MemorySegment s = arena.allocate(64, 8);
        MessageWriter w = new MessageWriter(s)
                .message(
                        Rtnetlink.RTM_GETROUTE,
                        Netlink.NLM_F_REQUEST,
                        0,
                        0,
                        RouteMessage.lookup(Ip4Address.ANY, source));
        return s.asSlice(0, w.length());
    }

    /// For the network namespace that the calling thread is in.
    static RouteLookup open() throws LinuxException {
        NetlinkSocket questions = NetlinkSocket.open(Netlink.NETLINK_ROUTE);
        try {
            NetlinkSocket announcements = NetlinkSocket.listen(
                    Netlink.NETLINK_ROUTE,
                    Rtnetlink.RTNLGRP_LINK,
                    Rtnetlink.RTNLGRP_IPV4_IFADDR,
                    Rtnetlink.RTNLGRP_IPV4_ROUTE);
            return new RouteLookup(questions, announcements);
        } catch (Throwable t) {
            questions.close();
            throw t;
        }
    }

    @Override
    public Path path(int source, int destination, Path known) {
        int held = questions.fd().hold();
        if (held < 0) {
            return Path.NONE;
        }
        try {
            if (!ask(held, source, destination)) {
                return Path.NONE;
            }
        } finally {
            questions.fd().leave();
        }
        Path.Pinned pinned = (lock & LOCKED_MTU) != 0 ? Path.Pinned.YES : Path.Pinned.NO;
        if (known != null && known.mtu() == mtu && known.device() == device && known.pinned() == pinned) {
            return known;
        }
        return new Path(mtu, pinned, device);
    }

    /// Answers whether there is a way, and leaves it in the fields.
    private boolean ask(int held, int source, int destination) {
        MemorySegment request = source == 0 ? toAny : fromSource;
        HostOrder.put32(request, SEQUENCE_AT, ++sequence);
        Octets.put32(request, DESTINATION_AT, destination);
        if (source != 0) {
            Octets.put32(request, SOURCE_AT, source);
        }
        int n = LibcSocket.sendto(errno, held, request, request.byteSize(), 0, MemorySegment.NULL, 0);
        if (n < 0) {
            return false;
        }
        // The answer is there once sending returns. Older ones may stand in front of it, after an interrupted call.
        for (int i = 0; i < MANY; i++) {
            n = LibcSocket.recvfrom(
                    errno, held, in, SOCKET_BUFFER, Inet.MSG_DONTWAIT, MemorySegment.NULL, MemorySegment.NULL);
            if (n == -Errno.EINTR || n == -Errno.ENOBUFS) {
                continue;
            }
            if (n < 0) {
                return false;
            }
            MessageReader m = new MessageReader(in, 0, n);
            if (m.next() && m.sequence() == sequence) {
                return m.type() == Rtnetlink.RTM_NEWROUTE && read(m) && hasMtu(held);
            }
        }
        return false;
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

    private boolean hasMtu(int held) {
        if (mtu == 0) {
            Ifreq.name(interfaceRequest, "");
            HostOrder.put32(interfaceRequest, Ifreq.MAX_NAME + 1L, device);
            if (Libc.ioctl(errno, held, SIOCGIFNAME, interfaceRequest) < 0
                    || Libc.ioctl(errno, held, Ifreq.SIOCGIFMTU, interfaceRequest) < 0) {
                return false;
            }
            mtu = HostOrder.i32(interfaceRequest, Ifreq.MAX_NAME + 1L);
        }
        // The loopback device takes 65536 octets, IPv4 says 65535.
        mtu = Math.min(mtu, MAX_IPV4_LENGTH);
        return mtu > 0;
    }

    /// Passes over the announcements without reading them: only their coming counts.
    @Override
    public boolean changed() {
        int held = announcements.fd().hold();
        if (held < 0) {
            return false;
        }
        boolean changed = false;
        try {
            for (int i = 0; i < MANY; i++) {
                int n = LibcSocket.recvfrom(
                        announcementErrno,
                        held,
                        announcement,
                        announcement.byteSize(),
                        Inet.MSG_DONTWAIT,
                        MemorySegment.NULL,
                        MemorySegment.NULL);
                if (n == -Errno.EAGAIN) {
                    break;
                }
                // ENOBUFS says that announcements were lost, which is a change as well.
                changed = true;
            }
        } finally {
            announcements.fd().leave();
        }
        return changed;
    }

    @Override
    public Fd descriptor() {
        return announcements.fd();
    }

    @Override
    public void close() {
        questions.close();
        announcements.close();
    }
}
