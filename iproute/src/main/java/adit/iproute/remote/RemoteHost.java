package adit.iproute.remote;

import adit.iproute.IpHost;
import adit.iproute.TunTapControl;
import adit.netlink.NetlinkTransport;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// A host that another process has, by the socket of its [HostServer]. Connects when it is first needed. One
/// thread at a time.
public final class RemoteHost implements IpHost {
    private final Path socket;
    private final String name;
    private final RemoteTransport netlink;

    /// The host of that name at a socket; an empty name is the server's own choice.
    public RemoteHost(Path socket, String name) {
        this.socket = socket;
        this.name = name;
        this.netlink = new RemoteTransport(socket, name);
    }

    @Override
    public NetlinkTransport netlink() {
        return netlink;
    }

    @Override
    public TunTapControl tunTap() {
        return new TunTapControl() {
            @Override
            public void add(Request request, OptionalInt owner, OptionalInt group) throws Refused {
                tun(Frame.of(Frame.Kind.TUN_ADD, w -> {
                    w.writeUTF(request.name());
                    w.writeInt(request.flags());
                    w.writeLong(owner.isPresent() ? Integer.toUnsignedLong(owner.getAsInt()) : -1);
                    w.writeLong(group.isPresent() ? Integer.toUnsignedLong(group.getAsInt()) : -1);
                }));
            }

            @Override
            public void delete(Request request) throws Refused {
                tun(Frame.of(Frame.Kind.TUN_DELETE, w -> {
                    w.writeUTF(request.name());
                    w.writeInt(request.flags());
                }));
            }

            @Override
            public List<Attached> attached(String device) {
                return RemoteHost.this.attached(device);
            }
        };
    }

    private void tun(Frame request) throws TunTapControl.Refused {
        try {
            netlink.request(request);
        } catch (RemoteTransport.RefusedException e) {
            throw new TunTapControl.Refused(e.getMessage(), e.errno());
        } catch (IOException e) {
            throw new TunTapControl.Refused(e.getMessage(), RemoteTransport.EIO);
        }
    }

    private List<TunTapControl.Attached> attached(String device) {
        List<TunTapControl.Attached> all = new ArrayList<>();
        try {
            DataInputStream r = netlink.request(Frame.of(Frame.Kind.TUN_ATTACHED, w -> w.writeUTF(device)))
                    .read();
            int count = r.readInt();
            for (int i = 0; i < count; i++) {
                all.add(new TunTapControl.Attached(r.readLong(), r.readUTF()));
            }
        } catch (IOException e) {
            // Then nobody is known to be attached.
            return List.of();
        }
        return all;
    }

    /// Another host of the same process.
    ///
    /// @throws IOException with what the process says, when it has none of this name
    @Override
    public IpHost namespace(String other) throws IOException {
        RemoteHost host = new RemoteHost(socket, other);
        host.netlink.connect();
        return host;
    }

    @Override
    public int namespaceDescriptor(String other) throws IOException {
        return netlink.request(Frame.of(Frame.Kind.DESCRIPTOR, w -> w.writeUTF(other)))
                .read()
                .readInt();
    }

    @Override
    public void close() {
        netlink.close();
    }

    /// The socket and the name.
    @Override
    public String toString() {
        return name + "@" + socket;
    }
}
