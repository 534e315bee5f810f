package adit.conformance.world;

import adit.device.Errno;
import adit.ip.IpException;
import adit.netlink.Rtnetlink;
import adit.netns.Namespace;
import adit.netns.NetlinkSession;
import java.lang.foreign.MemorySegment;

/// A netlink socket of a namespace in memory.
final class MemoryWire implements NetlinkWire {
    private final NetlinkSession session;

    private MemoryWire(NetlinkSession session) {
        this.session = session;
    }

    /// For questions and their answers.
    static MemoryWire asking(Namespace namespace) {
        return new MemoryWire(namespace.netlink());
    }

    /// For what is told of links.
    static MemoryWire listening(Namespace namespace) {
        NetlinkSession session = namespace.netlink();
        session.join(Rtnetlink.RTNLGRP_LINK);
        return new MemoryWire(session);
    }

    @Override
    public int send(MemorySegment from, long length) {
        try {
            session.send(from.asSlice(0, length));
            return 0;
        } catch (IpException e) {
            return -e.errno();
        }
    }

    @Override
    public int receive(MemorySegment into) {
        int n = poll(into);
        if (n == -Errno.EAGAIN) {
            throw new IllegalStateException("no answer to a netlink request");
        }
        return n;
    }

    @Override
    public int poll(MemorySegment into) {
        try {
            int n = session.receive(into);
            return n < 0 ? -Errno.EAGAIN : n;
        } catch (IpException e) {
            return -e.errno();
        }
    }

    @Override
    public void close() {
        session.close();
    }
}
