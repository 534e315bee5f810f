package adit.iproute.remote;

import adit.netlink.NetlinkTransport;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Netlink to a host in another process, over one connection; listening takes a further one.
final class RemoteTransport implements NetlinkTransport {
    static final int EIO = 5;

    private final Path socket;
    private final String name;
    private Optional<Connection> connection = Optional.empty();

    RemoteTransport(Path socket, String name) {
        this.socket = socket;
        this.name = name;
    }

    /// The other side would not.
    static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1;

        private final int errno;

        RefusedException(int errno, String why) {
            super(why);
            this.errno = errno;
        }

        int errno() {
            return errno;
        }
    }

    private record Connection(SocketChannel channel, DataInputStream in, DataOutputStream out) {
        static Connection open(Path socket, String name) throws IOException {
            SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
            try {
                Connection c = new Connection(
                        channel,
                        new DataInputStream(new BufferedInputStream(Channels.newInputStream(channel))),
                        new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel))));
                c.send(Frame.of(Frame.Kind.OPEN, w -> {
                    w.writeInt(Frame.VERSION);
                    w.writeUTF(name);
                }));
                c.receive();
                return c;
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        }

        void send(Frame frame) throws IOException {
            frame.write(out);
        }

        Frame receive() throws IOException {
            Frame frame = Frame.read(in).orElseThrow(() -> new EOFException("the other side has ended"));
            if (frame.kind() == Frame.Kind.REFUSED) {
                DataInputStream r = frame.read();
                int errno = r.readInt();
                throw new RefusedException(errno, r.readUTF());
            }
            return frame;
        }
    }

    /// Connects, if that has not happened.
    void connect() throws IOException {
        connected();
    }

    private synchronized Connection connected() throws IOException {
        if (connection.isEmpty()) {
            connection = Optional.of(Connection.open(socket, name));
        }
        return connection.get();
    }

    /// Sends a request and answers its reply of one frame.
    synchronized Frame request(Frame frame) throws IOException {
        Connection c = connected();
        c.send(frame);
        return c.receive();
    }

    @Override
    public synchronized List<byte[]> ask(int protocol, byte[] message) throws IOException {
        Connection c = connected();
        c.send(Frame.of(Frame.Kind.ASK, w -> {
            w.writeInt(protocol);
            w.write(message);
        }));
        List<byte[]> datagrams = new ArrayList<>();
        for (Frame f = c.receive(); f.kind() == Frame.Kind.DATAGRAM; f = c.receive()) {
            datagrams.add(f.payload());
        }
        return datagrams;
    }

    @Override
    public Announcements listen(int... groups) throws IOException {
        Connection c = Connection.open(socket, name);
        try {
            c.send(Frame.of(Frame.Kind.LISTEN, w -> {
                for (int group : groups) {
                    w.writeInt(group);
                }
            }));
            c.receive();
        } catch (IOException e) {
            c.channel().close();
            throw e;
        }
        return new Heard(c);
    }

    /// Announcements, which a thread of their own takes from the socket, since a read of it can't be given up.
    private static final class Heard implements Announcements {
        /// Behind the last one.
        private static final byte[] END = {};

        private final Connection connection;
        private final BlockingQueue<byte[]> datagrams = new LinkedBlockingQueue<>();
        private boolean ended;

        Heard(Connection connection) {
            this.connection = connection;
            Thread.ofPlatform().name("adit-ip-listener").daemon().start(this::receive);
        }

        private void receive() {
            try {
                while (true) {
                    datagrams.add(connection.receive().payload());
                }
            } catch (IOException e) {
                datagrams.add(END);
            }
        }

        @Override
        public Optional<byte[]> next(Duration limit) throws IOException {
            try {
                byte[] datagram = ended ? END : datagrams.poll(limit.toNanos(), TimeUnit.NANOSECONDS);
                if (datagram != null && datagram.length == 0) {
                    ended = true;
                    throw new EOFException("the other side has ended");
                }
                return Optional.ofNullable(datagram);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while listening");
            }
        }

        @Override
        public void close() {
            shut(connection);
        }
    }

    private static void shut(Connection connection) {
        try {
            connection.channel().close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Override
    public synchronized void close() {
        connection.ifPresent(RemoteTransport::shut);
        connection = Optional.empty();
    }
}
