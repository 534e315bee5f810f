package adit.lab;

import adit.device.Errno;
import adit.ip.Endpoint;
import adit.ip.IpConfiguration;
import adit.ip.IpException;
import adit.ip.IpSocket;
import adit.ip.PingSocket;
import adit.ip.RawSocket;
import adit.ip.Sockets;
import adit.ip.UdpSocket;
import adit.netns.Namespace;
import adit.wire.Icmp4;
import adit.wire.InternetChecksum;
import adit.wire.Ip4Address;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.LinkLayer;
import adit.wire.PacketPrinter;
import adit.wire.Udp;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Optional;

/// The packet that a trace follows: an IPv4 packet with a header of the caller's, or a ping over IPv6.
final class TraceProbe implements AutoCloseable {
    private static final int IDENTIFIER = 0x7ace;
    private static final int SOURCE_PORT = 40_000;
    private static final int LARGEST = 0xffff;
    /// IPPROTO_RAW: a socket that sends anything and receives nothing.
    private static final int ANY_PROTOCOL = 255;

    private final IpAddress destination;
    private final byte[] octets;
    private Optional<IpSocket> socket = Optional.empty();
    /// Where answers to a datagram go, so that they are not answered with an ICMP error.
    private Optional<UdpSocket> answers = Optional.empty();

    private TraceProbe(IpAddress destination, byte[] octets) {
        this.destination = destination;
        this.octets = octets;
    }

    /// What a probe made of addresses is.
    ///
    /// @param udpPort the UDP port it goes to; 0 for an ICMP echo request
    /// @param payload octets behind its ICMP or UDP header
    /// @param timeToLive hops
    /// @param tos DSCP and ECN
    /// @param flags flags of the IPv4 header
    record Form(int udpPort, int payload, int timeToLive, int tos, int flags) {
        static final Form PING = new Form(0, 56, 64, 0, 0);

        Form withUdpPort(int port) {
            return new Form(port, payload, timeToLive, tos, flags);
        }

        Form withPayload(int length) {
            return new Form(udpPort, length, timeToLive, tos, flags);
        }

        Form withTimeToLive(int hops) {
            return new Form(udpPort, payload, hops, tos, flags);
        }

        Form withTos(int octet) {
            return new Form(udpPort, payload, timeToLive, octet, flags);
        }

        Form dontFragment() {
            return new Form(udpPort, payload, timeToLive, tos, Ipv4.DONT_FRAGMENT);
        }
    }

    /// A packet from `source`, which is unspecified to have the host choose, to `destination`. Over IPv6 only a
    /// ping from an address that the host chooses.
    static TraceProbe of(IpAddress source, IpAddress destination, Form form) {
        return switch (destination) {
            case Ip4Address to when source instanceof Ip4Address from -> new TraceProbe(to, ip4(from, to, form));
            case Ip6Address to
            when source.isUnspecified() && form.udpPort() == 0 -> new TraceProbe(to, new byte[form.payload()]);
            case Ip6Address _ -> throw new IllegalArgumentException("over IPv6 a trace is a ping from any");
            default -> throw new IllegalArgumentException(source + " and " + destination + " are of two families");
        };
    }

    /// A whole IPv4 packet in hexadecimal.
    static TraceProbe of(String hex) {
        String digits = hex.replaceAll("[\\s:]", "");
        byte[] octets;
        try {
            octets = HexFormat.of().parseHex(digits);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("that is neither two addresses nor a packet in hexadecimal", e);
        }
        MemorySegment s = MemorySegment.ofArray(octets);
        if (octets.length < Ipv4.MIN_HEADER_LENGTH || Ipv4.version(s, 0) != 4) {
            throw new IllegalArgumentException("a packet in hexadecimal is a whole IPv4 packet, header first");
        }
        return new TraceProbe(new Ip4Address(Ipv4.destination(s, 0)), octets);
    }

    private static byte[] ip4(Ip4Address from, Ip4Address to, Form form) {
        int length = Ipv4.MIN_HEADER_LENGTH + Udp.HEADER_LENGTH + form.payload();
        if (length > LARGEST) {
            throw new IllegalArgumentException("a packet has at most " + LARGEST + " octets");
        }
        byte[] octets = new byte[length];
        MemorySegment s = MemorySegment.ofArray(octets);
        int behind = Ipv4.MIN_HEADER_LENGTH;
        int rest = length - behind;
        boolean udp = form.udpPort() != 0;
        Ipv4.emit(
                s,
                0,
                form.tos(),
                length,
                0,
                form.flags(),
                0,
                form.timeToLive(),
                udp ? IpProtocol.UDP : IpProtocol.ICMP,
                from.bits(),
                to.bits());
        if (udp) {
            Udp.emit(s, behind, SOURCE_PORT, form.udpPort(), rest, 0);
            if (from.bits() != 0) {
                fillChecksum(s);
            }
        } else {
            Icmp4.emit(s, behind, rest, Icmp4.ECHO_REQUEST, 0, IDENTIFIER << 16 | 1);
        }
        return octets;
    }

    IpAddress destination() {
        return destination;
    }

    /// What it is, in one line.
    String text() {
        return destination instanceof Ip6Address
                ? "a ping over IPv6 to " + destination + ", payload " + octets.length
                : PacketPrinter.line(MemorySegment.ofArray(octets), 0, octets.length, LinkLayer.IPV4);
    }

    void open(Namespace ns) throws IOException {
        if (destination instanceof Ip6Address) {
            socket = Optional.of(ns.sockets().ping());
        } else {
            chooseSource(ns);
            RawSocket raw = ns.sockets().raw(Sockets.Family.IP4, ANY_PROTOCOL);
            raw.header(RawSocket.Header.INCLUDED);
            socket = Optional.of(raw);
            if (Ipv4.protocol(MemorySegment.ofArray(octets), 0) == IpProtocol.UDP) {
                listen(ns.sockets().udp(Sockets.Family.IP4));
            }
        }
        socket.get().waiting(IpSocket.Waiting.DO_NOT_WAIT);
    }

    /// Puts the source that the host would choose where there is none.
    private void chooseSource(Namespace ns) {
        MemorySegment s = MemorySegment.ofArray(octets);
        IpConfiguration configuration = ns.ip().configuration();
        Optional<IpAddress> source = Ipv4.source(s, 0) != 0
                ? Optional.empty()
                : configuration
                        .routes()
                        .lookup(destination, Optional.empty())
                        .filter(route -> !route.spec().type().rejects())
                        .flatMap(route -> configuration.source(route, destination));
        source.ifPresent(address -> {
            address.emit(s, Ipv4.SOURCE);
            Ipv4.fillChecksum(s, 0);
            if (Ipv4.protocol(s, 0) == IpProtocol.UDP) {
                fillChecksum(s);
            }
        });
    }

    private static void fillChecksum(MemorySegment s) {
        int length = (int) s.byteSize() - Ipv4.MIN_HEADER_LENGTH;
        int pseudo = InternetChecksum.pseudoHeader4(Ipv4.source(s, 0), Ipv4.destination(s, 0), IpProtocol.UDP, length);
        Udp.fillChecksum(s, Ipv4.MIN_HEADER_LENGTH, pseudo);
    }

    private void listen(UdpSocket udp) {
        answers = Optional.of(udp);
        udp.waiting(IpSocket.Waiting.DO_NOT_WAIT);
        try {
            udp.bind(new Endpoint(Ip4Address.ANY, SOURCE_PORT));
        } catch (IOException e) {
            // A program has the port, and hears of the answers instead.
            answers = Optional.empty();
            udp.close();
        }
    }

    void send() throws IOException {
        switch (socket.orElseThrow()) {
            case RawSocket raw -> raw.send(ByteBuffer.wrap(octets), destination);
            case PingSocket ping -> ping.send(destination, 1, ByteBuffer.wrap(octets));
            default -> throw new IpException("trace", Errno.EINVAL, "no such socket");
        }
    }

    /// Takes what came back, which is of no interest.
    void hear() {
        ByteBuffer nowhere = ByteBuffer.allocate(LARGEST);
        try {
            boolean more = true;
            while (more) {
                nowhere.clear();
                boolean pong = socket.isPresent()
                        && socket.get() instanceof PingSocket ping
                        && ping.receive(nowhere).isPresent();
                more = pong || (answers.isPresent() && answers.get().receive(nowhere.clear()) != null);
            }
        } catch (IOException e) {
            // An ICMP error, which the trace shows.
            nowhere.clear();
        }
    }

    @Override
    public void close() {
        socket.ifPresent(IpSocket::close);
        answers.ifPresent(IpSocket::close);
    }
}
