package adit.program.ip;

import adit.iproute.IpHost;
import adit.iproute.TunTapControl;
import adit.linux.KernelTransport;
import adit.linux.Netns;
import adit.netlink.NetlinkTransport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The kernel as the host of `ip`: one of its network namespaces.
public final class KernelIpHost implements IpHost {
    private static final Path NAMED = Path.of("/run/netns");

    private final Netns netns;
    private final KernelTransport netlink;
    private final List<Netns> lent = new ArrayList<>();

    private KernelIpHost(Netns netns, KernelTransport netlink) {
        this.netns = netns;
        this.netlink = netlink;
    }

    /// The namespace of the calling thread.
    public static KernelIpHost current() throws IOException {
        return in(Netns.current());
    }

    /// The namespace of a name, as `ip netns` keeps them.
    public static KernelIpHost named(String name) throws IOException {
        if (!Files.exists(NAMED.resolve(name))) {
            throw new NoSuchFileException(name);
        }
        return in(Netns.open(name));
    }

    private static KernelIpHost in(Netns netns) throws IOException {
        try {
            return new KernelIpHost(netns, netns.call(KernelTransport::open));
        } catch (IOException | RuntimeException e) {
            netns.close();
            throw e;
        } catch (Exception e) {
            netns.close();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public NetlinkTransport netlink() {
        return new NetlinkTransport() {
            @Override
            public List<byte[]> ask(int protocol, byte[] request) throws IOException {
                return netlink.ask(protocol, request);
            }

            @Override
            public Announcements listen(int... groups) throws IOException {
                // A socket belongs to the namespace of the thread that opens it.
                try {
                    return netns.call(() -> netlink.listen(groups));
                } catch (IOException | RuntimeException e) {
                    throw e;
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }

            @Override
            public void close() {
                // The host's own, closed with it.
            }
        };
    }

    @Override
    public TunTapControl tunTap() {
        return new KernelTunTap(netns);
    }

    @Override
    public IpHost namespace(String name) throws IOException {
        return named(name);
    }

    @Override
    public int namespaceDescriptor(String name) throws IOException {
        if (name.isEmpty() || name.indexOf('/') >= 0 || !Files.exists(NAMED.resolve(name))) {
            return -1;
        }
        Netns other = Netns.open(name);
        lent.add(other);
        return other.fd().holdOrThrow();
    }

    @Override
    public void close() {
        for (Netns other : lent) {
            other.fd().leave();
            other.close();
        }
        netlink.close();
        netns.close();
    }
}
