package adit.netns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.device.Errno;
import adit.ip.Endpoint;
import adit.ip.IpException;
import adit.ip.IpSocket;
import adit.ip.Sockets;
import adit.ip.UdpSocket;
import adit.port.VirtualTime;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.PortUnreachableException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// UDP sockets on the loopback of the kernel, and on that of a namespace in memory: the same random steps are
/// answered alike, and each datagram and each ICMP error finds the same socket. Which socket that is depends on what
/// each is bound and connected to.
class SocketsAgainstKernelTest {
    private static final int SOCKETS = 5;
    private static final int STEPS = 2000;
    private static final int PORTS = 3;
    private static final long LONGEST_NANOS = 10_000_000_000L;

    /// One socket of either world. What fails answers the error's name.
    private interface Side extends AutoCloseable {
        String bind(String address, int port);

        String connect(String address, int port);

        boolean isConnected();

        void disconnect();

        /// To its peer, or of one that has none to there.
        String send(String text, String address, int port);

        /// Who has sent what, or the error of what was sent; null for neither.
        String receive();

        @Override
        void close();
    }

    private record Ours(UdpSocket socket) implements Side {
        static Ours open(Namespace ns, Sockets.Family family) throws IOException {
            UdpSocket socket = ns.sockets().udp(family);
            socket.waiting(IpSocket.Waiting.DO_NOT_WAIT);
            return new Ours(socket);
        }

        private interface Call {
            void run() throws IOException;
        }

        private static String answer(Call call) {
            try {
                call.run();
                return "";
            } catch (IpException e) {
                return Errno.name(e.errno());
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public String bind(String address, int port) {
            return answer(() -> socket.bind(Endpoint.of(address, port)));
        }

        @Override
        public String connect(String address, int port) {
            return answer(() -> socket.connect(Endpoint.of(address, port)));
        }

        @Override
        public boolean isConnected() {
            return socket.remoteEndpoint().isPresent();
        }

        @Override
        public void disconnect() {
            socket.disconnect();
        }

        @Override
        public String send(String text, String address, int port) {
            ByteBuffer b = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
            return answer(() -> {
                if (isConnected()) {
                    socket.write(b);
                } else {
                    socket.send(b, Endpoint.of(address, port));
                }
            });
        }

        @Override
        public String receive() {
            ByteBuffer b = ByteBuffer.allocate(100);
            String[] from = new String[1];
            String error = answer(() -> {
                Endpoint sender = socket.receive(b);
                from[0] = sender == null ? null : sender.toString();
            });
            return !error.isEmpty() ? error : from[0] == null ? null : from[0] + " " + text(b);
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    private record Theirs(DatagramChannel channel) implements Side {
        static Theirs open(Sockets.Family family) throws IOException {
            boolean ip4 = family == Sockets.Family.IP4;
            DatagramChannel channel =
                    DatagramChannel.open(ip4 ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6);
            channel.configureBlocking(false);
            return new Theirs(channel);
        }

        private static InetSocketAddress to(String address, int port) throws IOException {
            return new InetSocketAddress(InetAddress.getByName(address), port);
        }

        private static String name(IOException e) {
            return switch (e) {
                case PortUnreachableException _ -> "ECONNREFUSED";
                case BindException b when b.getMessage().contains("in use") -> "EADDRINUSE";
                case BindException b when b.getMessage().contains("assign") -> "EADDRNOTAVAIL";
                default -> throw new AssertionError(e);
            };
        }

        @Override
        public String bind(String address, int port) {
            try {
                channel.bind(to(address, port));
                return "";
            } catch (IOException e) {
                return name(e);
            }
        }

        @Override
        public String connect(String address, int port) {
            try {
                channel.connect(to(address, port));
                return "";
            } catch (IOException e) {
                return name(e);
            }
        }

        @Override
        public boolean isConnected() {
            return channel.isConnected();
        }

        @Override
        public void disconnect() {
            try {
                channel.disconnect();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public String send(String text, String address, int port) {
            try {
                ByteBuffer b = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
                if (channel.isConnected()) {
                    channel.write(b);
                } else {
                    channel.send(b, to(address, port));
                }
                return "";
            } catch (IOException e) {
                return name(e);
            }
        }

        @Override
        public String receive() {
            ByteBuffer b = ByteBuffer.allocate(100);
            try {
                InetSocketAddress from = (InetSocketAddress) channel.receive(b);
                return from == null ? null : host(from.getAddress()) + ":" + from.getPort() + " " + text(b);
            } catch (IOException e) {
                return name(e);
            }
        }

        private static String host(InetAddress address) {
            return address instanceof Inet4Address ? address.getHostAddress() : "[::1]";
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static String text(ByteBuffer b) {
        return StandardCharsets.US_ASCII.decode(b.flip()).toString();
    }

    @ParameterizedTest
    @CsvSource({"IP4,1", "IP4,2", "IP4,3", "IP4,4", "IP6,1", "IP6,2"})
    void giveAndRefuseTheSame(Sockets.Family family, long seed) throws IOException {
        NetworkInterface loopback = NetworkInterface.getByName("lo");
        assumeTrue(loopback != null && loopback.isUp(), "needs a loopback that is up");
        assumeTrue(
                family == Sockets.Family.IP4 || loopback.inetAddresses().anyMatch(a -> !(a instanceof Inet4Address)),
                "needs IPv6 on the loopback");
        try (Namespace ns =
                Namespace.builder().time(new VirtualTime()).seed(seed).open()) {
            ns.configure().link("lo").up();
            Walk walk = new Walk(ns, family, new Random(seed), freePorts());
            try {
                for (int i = 0; i < STEPS; i++) {
                    walk.step();
                }
                assertThat(walk.datagrams).as("datagrams received").isGreaterThan(STEPS / 50);
                assertThat(walk.errors).as("ICMP errors received").isGreaterThan(10);
                assertThat(walk.refusals).as("calls refused").isGreaterThan(10);
            } finally {
                walk.close();
            }
            assertThat(ns.lent()).isZero();
        }
    }

    /// Ports below those that the kernel gives by itself.
    private static int[] freePorts() throws IOException {
        Random random = new Random();
        List<Integer> free = new ArrayList<>();
        for (int i = 0; i < 1000 && free.size() < PORTS; i++) {
            int port = 10_000 + random.nextInt(20_000);
            try (DatagramChannel probe = DatagramChannel.open()) {
                probe.bind(new InetSocketAddress(port));
                free.add(port);
            } catch (BindException _) {
                // Somebody else's.
            }
        }
        return free.stream().mapToInt(port -> port).toArray();
    }

    private static final class Walk {
        private final Namespace ns;
        private final Sockets.Family family;
        private final Random random;
        private final int[] ports;
        private final String[] locals;
        private final String[] destinations;
        private final Side[] ours = new Side[SOCKETS];
        private final Side[] theirs = new Side[SOCKETS];
        private final boolean[] isBound = new boolean[SOCKETS];
        private final StringBuilder log = new StringBuilder();
        int datagrams;
        int errors;
        int refusals;

        Walk(Namespace ns, Sockets.Family family, Random random, int[] ports) {
            this.ns = ns;
            this.family = family;
            this.random = random;
            this.ports = ports;
            boolean ip4 = family == Sockets.Family.IP4;
            locals = ip4
                    ? new String[] {"0.0.0.0", "127.0.0.1", "127.0.0.2", "127.0.0.2", "192.0.2.77"}
                    : new String[] {"::", "::1", "::1", "2001:db8::77"};
            destinations = ip4 ? new String[] {"127.0.0.1", "127.0.0.2"} : new String[] {"::1"};
        }

        void step() throws IOException {
            int i = random.nextInt(SOCKETS);
            int port = ports[random.nextInt(PORTS)];
            String destination = destinations[random.nextInt(destinations.length)];
            int action = random.nextInt(10);
            if (ours[i] == null) {
                ours[i] = Ours.open(ns, family);
                theirs[i] = Theirs.open(family);
                log.append("open ").append(i).append('\n');
            } else if (action < 3 && !isBound[i]) {
                String local = locals[random.nextInt(locals.length)];
                String answer = ours[i].bind(local, port);
                same(i + " bind " + local + ":" + port, answer, theirs[i].bind(local, port));
                isBound[i] = answer.isEmpty();
            } else if (action < 4 && !ours[i].isConnected()) {
                same(
                        i + " connect " + destination + ":" + port,
                        ours[i].connect(destination, port),
                        theirs[i].connect(destination, port));
                isBound[i] = true;
            } else if (action < 4) {
                ours[i].disconnect();
                theirs[i].disconnect();
                log.append(i).append(" disconnect\n");
            } else if (action < 5) {
                close(i);
            } else if (isBound[i]) {
                // Only from ports that are the same in both worlds, or to a peer.
                String text = "step " + log.length();
                same(
                        i + " send " + destination + ":" + port,
                        ours[i].send(text, destination, port),
                        theirs[i].send(text, destination, port));
            }
            for (int k = 0; k < SOCKETS; k++) {
                receive(k);
            }
        }

        /// Empties both queues. The kernel may take its time where ours has something. A channel of Java that receives
        /// takes a port, if it has none.
        private void receive(int i) {
            while (isBound[i]) {
                String expected = ours[i].receive();
                long end = System.nanoTime() + LONGEST_NANOS;
                String actual = theirs[i].receive();
                while (expected != null && actual == null && System.nanoTime() - end < 0) {
                    Thread.onSpinWait();
                    actual = theirs[i].receive();
                }
                same(i + " receive", stranger(expected), stranger(actual));
                if (expected == null) {
                    return;
                }
                datagrams += expected.contains(" ") ? 1 : 0;
                errors += expected.contains(" ") ? 0 : 1;
            }
        }

        /// A port that the socket did not choose is each world's own.
        private String stranger(String received) {
            if (received == null || !received.contains(" ")) {
                return String.valueOf(received);
            }
            String from = received.substring(0, received.indexOf(' '));
            int port = Integer.parseInt(from.substring(from.lastIndexOf(':') + 1));
            for (int known : ports) {
                if (known == port) {
                    return received;
                }
            }
            return from.substring(0, from.lastIndexOf(':')) + ":any" + received.substring(received.indexOf(' '));
        }

        private void same(String what, String our, String their) {
            log.append(what).append(" = ").append(their).append('\n');
            assertThat(our).as(log.toString()).isEqualTo(their);
            refusals += what.contains("bind") && !our.isEmpty() ? 1 : 0;
        }

        private void close(int i) {
            log.append("close ").append(i).append('\n');
            ours[i].close();
            theirs[i].close();
            ours[i] = null;
            theirs[i] = null;
            isBound[i] = false;
        }

        void close() {
            for (int i = 0; i < SOCKETS; i++) {
                if (ours[i] != null) {
                    close(i);
                }
            }
        }
    }
}
