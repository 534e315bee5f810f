package adit.linux;

import adit.netlink.Netlink;
import adit.netlink.NetlinkTransport;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The kernel as the one who answers netlink, in the network namespace of the thread that opens this.
///
/// Asking needs no privilege, changing needs CAP_NET_ADMIN. What the kernel refuses stands in its answer; a
/// [LinuxException] says that it could not be asked. From any thread, one at a time.
public final class KernelTransport implements NetlinkTransport {
    private final NetlinkSocket route;
    private final NetlinkSocket generic;

    private KernelTransport(NetlinkSocket route, NetlinkSocket generic) {
        this.route = route;
        this.generic = generic;
    }

    /// For the namespace that the calling thread is in.
    public static KernelTransport open() throws LinuxException {
        NetlinkSocket route = NetlinkSocket.open(Netlink.NETLINK_ROUTE);
        try {
            route.mindFilters();
            return new KernelTransport(route, NetlinkSocket.open(Netlink.NETLINK_GENERIC));
        } catch (Throwable t) {
            route.close();
            throw t;
        }
    }

    @Override
    public List<byte[]> ask(int protocol, byte[] request) throws IOException {
        return (protocol == Netlink.NETLINK_GENERIC ? generic : route).relay(request);
    }

    /// Hears announcements of the namespace that the calling thread is in, which may have become another one.
    @Override
    public Announcements listen(int... groups) throws IOException {
        NetlinkSocket socket = NetlinkSocket.listen(Netlink.NETLINK_ROUTE, groups);
        return new Announcements() {
            @Override
            public Optional<byte[]> next(Duration limit) throws IOException {
                return socket.hear(limit);
            }

            @Override
            public void close() {
                socket.close();
            }
        };
    }

    @Override
    public void close() {
        route.close();
        generic.close();
    }
}
