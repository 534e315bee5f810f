package adit.linux;

import adit.device.Errno;
import adit.netlink.MessageReader;
import adit.netlink.Netlink;
import adit.netlink.NetlinkMessage;
import adit.netlink.Rtnetlink;
import java.io.IOException;
import java.util.function.Consumer;

/// Hears what changes in a network namespace: links, IPv4 addresses, IPv4 routes.
///
/// Nobody is told of what path MTU discovery learns. For one thread at a time. Needs no privilege.
public final class NetworkMonitor implements AutoCloseable {
    private static final int MAX_DATAGRAMS = 256;

    /// What happened.
    public sealed interface Change {
        /// Something is there, or is not what it was.
        ///
        /// @param what a link, an address or a route
        record Present(NetlinkMessage what) implements Change {}

        /// Something is gone.
        ///
        /// @param what a link, an address or a route
        record Gone(NetlinkMessage what) implements Change {}

        /// More happened than could be told: whatever is remembered may be wrong.
        record Overrun() implements Change {}
    }

    private final NetlinkSocket socket;

    private NetworkMonitor(NetlinkSocket socket) {
        this.socket = socket;
    }

    /// For the namespace that the calling thread is in.
    public static NetworkMonitor open() throws LinuxException {
        return new NetworkMonitor(NetlinkSocket.listen(
                Netlink.NETLINK_ROUTE,
                Rtnetlink.RTNLGRP_LINK,
                Rtnetlink.RTNLGRP_IPV4_IFADDR,
                Rtnetlink.RTNLGRP_IPV4_ROUTE));
    }

    /// Readable when [#poll] has something to tell.
    public Fd descriptor() {
        return socket.fd();
    }

    /// Tells `listener` what happened since the last call, and answers how many changes it told. Never waits.
    public int poll(Consumer<Change> listener) throws IOException {
        int told = 0;
        for (int i = 0; i < MAX_DATAGRAMS; i++) {
            MessageReader m;
            try {
                m = socket.hear();
            } catch (LinuxException e) {
                if (e.errno() != Errno.ENOBUFS) {
                    throw e;
                }
                listener.accept(new Change.Overrun());
                told++;
                continue;
            }
            if (m == null) {
                break;
            }
            while (m.next()) {
                told += tell(m, listener);
            }
        }
        return told;
    }

    private static int tell(MessageReader m, Consumer<Change> listener) {
        NetlinkMessage what = NetlinkMessage.readRoute(m).orElse(null);
        if (what == null) {
            return 0;
        }
        switch (m.type()) {
            case Rtnetlink.RTM_DELLINK, Rtnetlink.RTM_DELADDR, Rtnetlink.RTM_DELROUTE ->
                listener.accept(new Change.Gone(what));
            default -> listener.accept(new Change.Present(what));
        }
        return 1;
    }

    @Override
    public void close() {
        socket.close();
    }
}
