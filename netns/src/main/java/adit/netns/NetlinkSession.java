package adit.netns;

import adit.device.Errno;
import adit.ip.IpException;
import adit.netlink.Netlink;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A netlink socket in memory: requests go in as octets, answers and notifications come out as octets, one
/// datagram at a time. For any threads. Errors have no words until [#option(int, int)] asks for them.
///
/// A request is carried out, and all its answers are there, when [#send] returns. A session that does not fetch
/// what it hears of loses the newest and is told once, by ENOBUFS, as a kernel's socket is.
public final class NetlinkSession implements AutoCloseable {
    private static final int MOST_NOTIFICATIONS = 4096;
    private static final int ENOPROTOOPT = 92;

    private final NetlinkServer server;
    private final int port;
    private final ArrayDeque<byte[]> datagrams = new ArrayDeque<>();
    private final BitSet groups = new BitSet();
    private final BitSet options = new BitSet();
    private boolean overrun;
    private boolean closed;

    NetlinkSession(NetlinkServer server, int port) {
        this.server = server;
        this.port = port;
    }

    /// The number that answers carry.
    public int port() {
        return port;
    }

    /// Hears of what is said to a multicast group, one of [adit.netlink.Rtnetlink]'s RTNLGRP numbers.
    public synchronized void join(int group) {
        groups.set(group);
    }

    /// Hears of it no more.
    public synchronized void leave(int group) {
        groups.clear(group);
    }

    /// Sets an option of the level SOL_NETLINK, one of [adit.netlink.Netlink]'s: how errors are told
    /// (NETLINK_EXT_ACK, NETLINK_CAP_ACK), how requests for tables are looked at (NETLINK_GET_STRICT_CHK), which
    /// groups are heard, and whether losses are told (NETLINK_NO_ENOBUFS). All are off at first.
    ///
    /// NETLINK_PKTINFO, NETLINK_BROADCAST_ERROR and NETLINK_LISTEN_ALL_NSID are kept and change nothing.
    ///
    /// @param value 0 for off, else on; of NETLINK_ADD_MEMBERSHIP and NETLINK_DROP_MEMBERSHIP the group
    /// @throws IpException ENOPROTOOPT for an option, EINVAL for a group that Linux does not have
    public synchronized void option(int option, int value) throws IpException {
        switch (option) {
            case Netlink.NETLINK_ADD_MEMBERSHIP, Netlink.NETLINK_DROP_MEMBERSHIP -> {
                if (value < 1 || value > server.lastGroup()) {
                    throw new IpException("setsockopt", Errno.EINVAL, "there is no group " + value);
                }
                groups.set(value, option == Netlink.NETLINK_ADD_MEMBERSHIP);
            }
            case Netlink.NETLINK_PKTINFO,
                    Netlink.NETLINK_BROADCAST_ERROR,
                    Netlink.NETLINK_NO_ENOBUFS,
                    Netlink.NETLINK_LISTEN_ALL_NSID,
                    Netlink.NETLINK_CAP_ACK,
                    Netlink.NETLINK_EXT_ACK,
                    Netlink.NETLINK_GET_STRICT_CHK -> options.set(option, value != 0);
            default -> throw unknownOption("setsockopt", option);
        }
    }

    /// An option of the level SOL_NETLINK: 1 for on, 0 for off.
    ///
    /// @throws IpException ENOPROTOOPT for an option that can't be asked for
    public synchronized int option(int option) throws IpException {
        return switch (option) {
            case Netlink.NETLINK_PKTINFO,
                    Netlink.NETLINK_BROADCAST_ERROR,
                    Netlink.NETLINK_NO_ENOBUFS,
                    Netlink.NETLINK_LISTEN_ALL_NSID,
                    Netlink.NETLINK_CAP_ACK,
                    Netlink.NETLINK_EXT_ACK,
                    Netlink.NETLINK_GET_STRICT_CHK -> options.get(option) ? 1 : 0;
            default -> throw unknownOption("getsockopt", option);
        };
    }

    private static IpException unknownOption(String call, int option) {
        return new IpException(call, ENOPROTOOPT, "there is no option " + option + " of netlink");
    }

    synchronized boolean isOn(int option) {
        return options.get(option);
    }

    /// Carries out the requests of one datagram.
    public void send(MemorySegment datagram) throws IpException {
        requireOpen();
        server.handle(this, datagram);
    }

    private synchronized void requireOpen() throws IpException {
        if (closed) {
            throw new IpException("netlink", Errno.EBADF, "the session is closed");
        }
    }

    /// Carries out the requests of one datagram, and answers all that there is to be heard then.
    public List<byte[]> ask(byte[] datagram) throws IpException {
        send(MemorySegment.ofArray(datagram));
        List<byte[]> answers = new ArrayList<>();
        for (byte[] next = receive(); next != null; next = receive()) {
            answers.add(next);
        }
        return answers;
    }

    /// The next datagram; null when there is none.
    public synchronized byte[] receive() throws IpException {
        requireOpen();
        if (overrun && datagrams.isEmpty()) {
            overrun = false;
            throw new IpException("netlink", Errno.ENOBUFS, "notifications were lost; ask for everything again");
        }
        return datagrams.poll();
    }

    /// Waits at most so long for the next datagram; empty when none came.
    ///
    /// @throws ClosedChannelException when the session is closed, or is closed meanwhile
    public synchronized Optional<byte[]> await(Duration limit) throws IOException, InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (!closed && !overrun && datagrams.isEmpty()) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                return Optional.empty();
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        if (closed) {
            throw new ClosedChannelException();
        }
        return Optional.ofNullable(receive());
    }

    /// Copies the next datagram to the start of `into`, as far as it fits, and answers its whole length; -1
    /// when there is none.
    public int receive(MemorySegment into) throws IpException {
        byte[] next = receive();
        if (next == null) {
            return -1;
        }
        long fits = Math.min(next.length, into.byteSize());
        MemorySegment.copy(next, 0, into, ValueLayout.JAVA_BYTE, 0, (int) fits);
        return next.length;
    }

    synchronized boolean hears(int group) {
        return groups.get(group);
    }

    synchronized void answer(byte[] datagram) {
        datagrams.add(datagram);
        notifyAll();
    }

    synchronized void tell(int group, byte[] datagram) {
        if (!groups.get(group)) {
            return;
        }
        if (datagrams.size() >= MOST_NOTIFICATIONS) {
            overrun = !options.get(Netlink.NETLINK_NO_ENOBUFS);
        } else {
            datagrams.add(datagram);
        }
        notifyAll();
    }

    /// Closes the session; what waits is gone.
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            datagrams.clear();
            notifyAll();
        }
        server.forget(this);
    }
}
