package adit.conformance.world;

import adit.device.Errno;
import adit.linux.sys.Fcntl;
import adit.linux.sys.HostOrder;
import adit.linux.sys.Libc;
import adit.linux.sys.LibcSocket;
import adit.netlink.Netlink;
import adit.netlink.Rtnetlink;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A netlink socket of the kernel, in the namespace of the thread that opens it.
final class KernelWire implements NetlinkWire {
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW = 3;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int ADDRESS = 12;
    private static final int GROUPS_AT = 8;

    private final int fd;

    private KernelWire(int groups) {
        MemorySegment errno = Libc.errnoState();
        fd = check(LibcSocket.socket(errno, AF_NETLINK, SOCK_RAW | Fcntl.O_CLOEXEC, Netlink.NETLINK_ROUTE));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(ADDRESS, 4);
            HostOrder.put16(address, 0, AF_NETLINK);
            HostOrder.put32(address, GROUPS_AT, groups);
            check(LibcSocket.bind(errno, fd, address, ADDRESS));
        }
    }

    /// For questions and their answers.
    static KernelWire asking() {
        return new KernelWire(0);
    }

    /// For what is told of links.
    static KernelWire listening() {
        return new KernelWire(1 << (Rtnetlink.RTNLGRP_LINK - 1));
    }

    private static int check(int answer) {
        if (answer < 0) {
            throw new IllegalStateException("no netlink socket: " + Errno.name(-answer));
        }
        return answer;
    }

    @Override
    public int send(MemorySegment from, long length) {
        return LibcSocket.sendto(Libc.errnoState(), fd, from, length, 0, MemorySegment.NULL, 0);
    }

    @Override
    public int receive(MemorySegment into) {
        return receive(into, 0);
    }

    @Override
    public int poll(MemorySegment into) {
        return receive(into, MSG_DONTWAIT);
    }

    private int receive(MemorySegment into, int flags) {
        return LibcSocket.recvfrom(
                Libc.errnoState(), fd, into, into.byteSize(), flags, MemorySegment.NULL, MemorySegment.NULL);
    }

    @Override
    public void close() {
        Libc.close(Libc.errnoState(), fd);
    }
}
