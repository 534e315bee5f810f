package adit.iproute.remote;

import adit.iproute.IpHost;
import adit.iproute.TunTapControl;
import adit.netlink.MalformedMessageException;
import adit.netlink.NetlinkTransport;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Serves hosts to `ip` in other processes, each client on a thread of its own.
///
/// A client that sends nonsense, ends in the middle, or asks for what makes the host throw loses its connection
/// and harms nobody else. Who may connect is decided by who may open the socket's file.
public final class HostServer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(HostServer.class.getName());
    private static final int MOST_CLIENTS = 256;
    private static final int EINVAL = 22;
    private static final int ENOENT = 2;
    private static final Duration PATIENCE = Duration.ofMillis(500);
    private static final int BUFFER = 64 << 10;

    private final ServerSocketChannel server;
    private final Hosts hosts;
    private final Set<SocketChannel> clients = ConcurrentHashMap.newKeySet();

    /// Which hosts there are.
    @FunctionalInterface
    public interface Hosts {
        /// The host of that name, to be closed when its client goes; an empty name leaves the choice.
        ///
        /// @throws IOException with what to say to who asked, when there is none
        IpHost open(String name) throws IOException;
    }

    private HostServer(ServerSocketChannel server, Hosts hosts) {
        this.server = server;
        this.hosts = hosts;
    }

    /// Serves `hosts` to those who connect to `server`, which is the new server's from then on.
    public static HostServer start(ServerSocketChannel server, Hosts hosts) {
        HostServer started = new HostServer(server, hosts);
        Thread.ofPlatform().name("adit-ip").daemon().start(started::accept);
        return started;
    }

    private void accept() {
        while (server.isOpen()) {
            try {
                SocketChannel client = server.accept();
                if (clients.size() >= MOST_CLIENTS) {
                    client.close();
                    continue;
                }
                clients.add(client);
                Thread.ofPlatform().name("adit-ip-client").daemon().start(() -> serve(client));
            } catch (IOException e) {
                // This client is gone again, or the socket was closed, which the condition sees.
            }
        }
    }

    private void serve(SocketChannel client) {
        try (client) {
            DataInputStream in = new DataInputStream(Channels.newInputStream(client));
            DataOutputStream out =
                    new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(client), BUFFER));
            Optional<Frame> first = Frame.read(in);
            if (first.isPresent() && first.get().kind() == Frame.Kind.OPEN) {
                converse(first.get(), in, out);
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "a client of adit ip: {0}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "a request of adit ip failed", e);
        } finally {
            clients.remove(client);
        }
    }

    private void converse(Frame open, DataInputStream in, DataOutputStream out) throws IOException {
        DataInputStream hello = open.read();
        int version = hello.readInt();
        String name = hello.readUTF();
        if (version != Frame.VERSION) {
            refuse(EINVAL, "the two speak different versions, " + version + " and " + Frame.VERSION, out);
            return;
        }
        IpHost opened;
        try {
            opened = hosts.open(name);
        } catch (IOException e) {
            refuse(ENOENT, e.getMessage(), out);
            return;
        }
        try (IpHost host = opened) {
            Frame.of(Frame.Kind.DONE).write(out);
            for (Optional<Frame> f = Frame.read(in); f.isPresent(); f = Frame.read(in)) {
                if (f.get().kind() == Frame.Kind.LISTEN) {
                    listen(host, f.get(), in, out);
                    return;
                }
                answer(host, f.get(), out);
            }
        }
    }

    private static void refuse(int errno, String why, DataOutputStream out) throws IOException {
        Frame.of(Frame.Kind.REFUSED, w -> {
                    w.writeInt(errno);
                    w.writeUTF(why == null ? "" : why);
                })
                .write(out);
    }

    private static void answer(IpHost host, Frame request, DataOutputStream out) throws IOException {
        DataInputStream r = request.read();
        switch (request.kind()) {
            case ASK -> ask(host.netlink(), r.readInt(), r.readAllBytes(), out);
            case TUN_ADD -> {
                TunTapControl.Request wanted = new TunTapControl.Request(r.readUTF(), r.readInt());
                OptionalInt owner = number(r.readLong());
                OptionalInt group = number(r.readLong());
                tun(() -> host.tunTap().add(wanted, owner, group), out);
            }
            case TUN_DELETE -> {
                TunTapControl.Request wanted = new TunTapControl.Request(r.readUTF(), r.readInt());
                tun(() -> host.tunTap().delete(wanted), out);
            }
            case TUN_ATTACHED -> attached(host.tunTap().attached(r.readUTF()), out);
            case DESCRIPTOR -> {
                int descriptor = host.namespaceDescriptor(r.readUTF());
                Frame.of(Frame.Kind.NUMBER, w -> w.writeInt(descriptor)).write(out);
            }
            default -> throw new IOException("a client asks with " + request.kind());
        }
    }

    private static OptionalInt number(long number) {
        return number < 0 ? OptionalInt.empty() : OptionalInt.of((int) number);
    }

    private static void ask(NetlinkTransport netlink, int protocol, byte[] message, DataOutputStream out)
            throws IOException {
        List<byte[]> datagrams;
        try {
            datagrams = netlink.ask(protocol, message);
        } catch (MalformedMessageException e) {
            refuse(EINVAL, "the request is malformed: " + e.getMessage(), out);
            return;
        }
        for (byte[] datagram : datagrams) {
            new Frame(Frame.Kind.DATAGRAM, datagram).write(out);
        }
        Frame.of(Frame.Kind.DONE).write(out);
    }

    /// Something done to a TUN device.
    private interface Act {
        void run() throws TunTapControl.Refused;
    }

    private static void tun(Act act, DataOutputStream out) throws IOException {
        try {
            act.run();
        } catch (TunTapControl.Refused e) {
            refuse(e.errno(), e.getMessage(), out);
            return;
        }
        Frame.of(Frame.Kind.DONE).write(out);
    }

    private static void attached(List<TunTapControl.Attached> all, DataOutputStream out) throws IOException {
        Frame.of(Frame.Kind.ATTACHED, w -> {
                    w.writeInt(all.size());
                    for (TunTapControl.Attached each : all) {
                        w.writeLong(each.process());
                        w.writeUTF(each.name());
                    }
                })
                .write(out);
    }

    /// Says what is announced until the client ends.
    private static void listen(IpHost host, Frame request, DataInputStream in, DataOutputStream out)
            throws IOException {
        DataInputStream r = request.read();
        int[] groups = new int[request.payload().length / Integer.BYTES];
        for (int i = 0; i < groups.length; i++) {
            groups[i] = r.readInt();
        }
        NetlinkTransport.Announcements heard = host.netlink().listen(groups);
        Frame.of(Frame.Kind.DONE).write(out);
        Thread speaker = Thread.ofPlatform().name("adit-ip-announcer").daemon().start(() -> speak(heard, out));
        try {
            // Whatever a client says now, it has nothing more to ask; its end is what is waited for.
            in.transferTo(java.io.OutputStream.nullOutputStream());
        } finally {
            heard.close();
            join(speaker);
        }
    }

    private static void speak(NetlinkTransport.Announcements heard, DataOutputStream out) {
        try (heard;
                out) {
            while (true) {
                Optional<byte[]> datagram = heard.next(PATIENCE);
                if (datagram.isPresent()) {
                    new Frame(Frame.Kind.DATAGRAM, datagram.get()).write(out);
                }
            }
        } catch (EOFException e) {
            LOG.log(System.Logger.Level.DEBUG, "nothing more is announced");
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "a listener of adit ip: {0}", e.getMessage());
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join(2 * PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Ends all conversations. Who waits for an answer finds that the other side has ended.
    @Override
    public void close() throws IOException {
        server.close();
        for (SocketChannel client : clients) {
            client.close();
        }
    }
}
