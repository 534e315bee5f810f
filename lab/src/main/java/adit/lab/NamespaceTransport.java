package adit.lab;

import adit.netlink.Netlink;
import adit.netlink.NetlinkTransport;
import adit.netns.NetlinkSession;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// A namespace of a lab as the one who answers netlink. From any thread; each request has the lab for itself.
final class NamespaceTransport implements NetlinkTransport {
    private final Lab lab;
    private final LabHost host;

    NamespaceTransport(Lab lab, LabHost host) {
        this.lab = lab;
        this.host = host;
    }

    @Override
    public List<byte[]> ask(int protocol, byte[] request) throws IOException {
        return lab.call(() -> {
            try (NetlinkSession session = host.namespace().netlink(protocol)) {
                session.option(Netlink.NETLINK_EXT_ACK, 1);
                session.option(Netlink.NETLINK_GET_STRICT_CHK, 1);
                return session.ask(request);
            }
        });
    }

    @Override
    public Announcements listen(int... groups) {
        NetlinkSession session = lab.call(() -> {
            NetlinkSession opened = host.namespace().netlink();
            for (int group : groups) {
                opened.join(group);
            }
            return opened;
        });
        return new Announcements() {
            @Override
            public Optional<byte[]> next(Duration limit) throws IOException {
                try {
                    return session.await(limit);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new InterruptedIOException("interrupted while listening");
                } catch (java.nio.channels.ClosedChannelException e) {
                    throw new EOFException("the lab has ended");
                }
            }

            @Override
            public void close() {
                session.close();
            }
        };
    }

    @Override
    public void close() {
        // The host's, for as long as the lab is.
    }
}
