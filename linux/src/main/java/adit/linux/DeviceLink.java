package adit.linux;

import adit.device.Errno;
import adit.device.InterfaceRequest;
import adit.linux.sys.Fcntl;
import adit.linux.sys.HostOrder;
import adit.linux.sys.Libc;
import adit.linux.sys.LibcSocket;
import adit.tun.Ifreq;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// What is known of a device's link: its name, index and MTU, and whether it is still there. Kept current by
/// the kernel's announcements, so that asking costs nothing.
///
/// A netlink socket in the device's namespace becomes readable whenever a link there changes. What changed is
/// then asked by ioctl, so the announcements themselves are not read. Needs no privilege.
final class DeviceLink implements AutoCloseable {
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW = 3;
    private static final int NETLINK_ROUTE = 0;
    private static final int SOCKADDR_NL_SIZE = 12;
    private static final int SOCKADDR_NL_GROUPS = 8;
    private static final int RTMGRP_LINK = 1;
    private static final int MANY = 64;

    private final Fd announcements;
    private final TunControl control;
    private volatile String name;
    private volatile int mtu;
    private volatile int index;
    private volatile boolean gone;

    private DeviceLink(Fd announcements, TunControl control, String name) {
        this.announcements = announcements;
        this.control = control;
        this.name = name;
    }

    /// For the device that `control` is attached to. The calling thread is in the device's namespace.
    static DeviceLink open(TunControl control) throws IOException {
        Fd socket = Fd.own(
                LibcSocket.socket(
                        Libc.errnoState(), AF_NETLINK, SOCK_RAW | Fcntl.O_CLOEXEC | Fcntl.O_NONBLOCK, NETLINK_ROUTE),
                "socket",
                "AF_NETLINK");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(SOCKADDR_NL_SIZE, 4);
            HostOrder.put16(address, 0, AF_NETLINK);
            HostOrder.put32(address, SOCKADDR_NL_GROUPS, RTMGRP_LINK);
            int held = socket.holdOrThrow();
            try {
                LinuxException.check(
                        LibcSocket.bind(Libc.errnoState(), held, address, SOCKADDR_NL_SIZE), "bind", "RTMGRP_LINK");
            } finally {
                socket.leave();
            }
            DeviceLink link = new DeviceLink(socket, control, control.state().name());
            link.index = link.ask(Ifreq.SIOCGIFINDEX, "SIOCGIFINDEX");
            link.mtu = link.ask(Ifreq.SIOCGIFMTU, "SIOCGIFMTU");
            return link;
        } catch (Throwable t) {
            socket.close();
            throw t;
        }
    }

    String name() {
        return name;
    }

    int index() {
        return index;
    }

    /// The device's MTU in octets, without an Ethernet header.
    int mtu() {
        return mtu;
    }

    boolean isGone() {
        return gone;
    }

    void setGone() {
        gone = true;
    }

    /// Readable when [#refresh] has something to do.
    Fd announcements() {
        return announcements;
    }

    /// Whether [#refresh] may have something to do, as far as is known without a system call. For its caller.
    boolean mayHaveNews() {
        return announcements.takeEvents() != 0;
    }

    /// Asks anew if a link has changed. Takes one system call and no memory when none has. `scratch` are a few
    /// octets of the caller's; the announcements are cut to it, for only their coming counts.
    void refresh(MemorySegment errno, MemorySegment scratch) {
        int held = announcements.hold();
        if (held < 0) {
            return;
        }
        boolean changed = false;
        try {
            // Bounded, because announcements may come faster than they are read; what is left wakes the next caller.
            for (int i = 0; i < MANY; i++) {
                int n = LibcSocket.recvfrom(
                        errno, held, scratch, scratch.byteSize(), 0, MemorySegment.NULL, MemorySegment.NULL);
                if (n == -Errno.EAGAIN) {
                    break;
                }
                // ENOBUFS says that announcements were lost, which is a change as well.
                changed = true;
            }
        } finally {
            announcements.leave();
        }
        if (changed) {
            askAll();
        }
    }

    /// The same for callers that have no scratch memory at hand.
    void refresh() {
        try (Arena arena = Arena.ofConfined()) {
            refresh(Libc.errnoState(), arena.allocate(8, 8));
        }
    }

    private void askAll() {
        try {
            name = control.state().name();
            mtu = ask(Ifreq.SIOCGIFMTU, "SIOCGIFMTU");
        } catch (LinuxException e) {
            // ENODEV: it was moved to another namespace and keeps what was known last.
            if (e.errno() == Errno.EBADFD) {
                gone = true;
            }
        } catch (IOException e) {
            gone = true;
        }
    }

    /// Any socket answers these, a netlink one as well.
    private int ask(int command, String call) throws IOException {
        int held = announcements.holdOrThrow();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(Ifreq.SIZE, 8);
            InterfaceRequest.name(request, name);
            LinuxException.check(Libc.ioctl(Libc.errnoState(), held, command, request), call, name);
            return InterfaceRequest.value(request);
        } finally {
            announcements.leave();
        }
    }

    @Override
    public void close() {
        announcements.close();
    }
}
