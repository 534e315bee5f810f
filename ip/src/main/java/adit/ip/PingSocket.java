package adit.ip;

import adit.device.Errno;
import adit.packet.PacketBuffer;
import adit.wire.Icmp4;
import adit.wire.Icmp6;
import adit.wire.Ip4Address;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import adit.wire.IpProtocol;
import adit.wire.Octets;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Optional;

/// Sends pings and receives the answers to them: ICMP echo with an identifier of its own, in either family.
public final class PingSocket extends IpSocket {
    private static final int HEADER = Icmp4.HEADER_LENGTH;

    private final Sockets sockets;
    private final int identifier;
    private volatile int timeToLive;

    PingSocket(IpStack stack, Sockets sockets, int identifier) {
        super(stack);
        this.sockets = sockets;
        this.identifier = identifier;
    }

    /// An answer.
    ///
    /// @param from who answered
    /// @param sequence which ping was answered, 0 to 65535
    /// @param length octets of payload that came back
    /// @param timeToLive the time to live or hop limit that it came in with
    public record Reply(IpAddress from, int sequence, int length, int timeToLive) {}

    /// The identifier that tells this socket's pings from others.
    public int identifier() {
        return identifier;
    }

    /// The time to live of pings, 0 for the usual.
    public void timeToLive(int hops) {
        timeToLive = hops;
    }

    /// Sends a ping with the payload between the buffer's position and limit.
    public void send(IpAddress to, int sequence, ByteBuffer payload) throws IOException {
        requireOpen();
        int length = payload.remaining();
        PacketBuffer p = stack.lend(length + HEADER);
        if (p == null) {
            throw new IpException("ping", Errno.ENOBUFS, "all packet buffers are out");
        }
        int at = p.put(HEADER + length);
        MemorySegment s = p.segment();
        MemorySegment.copy(MemorySegment.ofBuffer(payload), 0, s, at + HEADER, length);
        payload.position(payload.limit());
        Octets.put8(s, at, to instanceof Ip4Address ? Icmp4.ECHO_REQUEST : Icmp6.ECHO_REQUEST);
        Octets.put8(s, at + 1, 0);
        Octets.put16(s, at + 4, identifier);
        Octets.put16(s, at + 6, sequence);
        int answer = switch (to) {
            case Ip4Address ip4 -> send4(p, ip4.bits());
            case Ip6Address ip6 -> send6(p, ip6);
        };
        if (answer != 0) {
            throw new IpException("ping", -answer, "a ping to " + to);
        }
    }

    private int timeToLive(boolean toGroup) {
        int told = timeToLive;
        return told == 0 && toGroup ? MULTICAST_TIME_TO_LIVE : told;
    }

    private int send4(PacketBuffer p, int to) {
        Route route = stack.output4.route(to, 0, null);
        if (route == null) {
            return refused(p, stack.output4.refusal(0, to, 0), IpDrop.OUT_NO_ROUTE);
        }
        Icmp4.fillChecksum(p.segment(), p.head(), p.length());
        stack.counters.count(IpCounter.ICMP_OUT_MSGS);
        return stack.output4.send(
                p, route, new Ip4Output.Header(0, to, IpProtocol.ICMP, 0, timeToLive(Ip4Input.isMulticast(to)), false));
    }

    private int send6(PacketBuffer p, Ip6Address to) {
        Route route = stack.output6.route(to, sockets.linkOf(this, to));
        Ip6Address source = route == null ? null : stack.output6.source(route, to);
        if (source == null) {
            return refused(p, stack.output6.refusal(to, sockets.linkOf(this, to)), IpDrop.IP6_OUT_NO_ROUTE);
        }
        Ip6Output.fillChecksum(p, source, to, IpProtocol.ICMP6, 2);
        stack.counters.count(IpCounter.ICMP6_OUT_MSGS);
        return stack.output6.send(
                p, route, new Ip6Output.Header(source, to, IpProtocol.ICMP6, 0, timeToLive(to.isMulticast()), false));
    }

    /// Receives an answer, and its payload into the buffer as far as that fits; empty when there is none and no
    /// waiting.
    public Optional<Reply> receive(ByteBuffer into) throws IOException {
        PacketBuffer p = next();
        if (p == null) {
            return Optional.empty();
        }
        try {
            int sequence = Octets.u16(p.segment(), (long) p.head() - 2);
            Datagrams.copy(p, into);
            return Optional.of(new Reply(Datagrams.source(p), sequence, p.length(), Datagrams.timeToLive(p)));
        } finally {
            p.release();
        }
    }

    /// Takes an answer whose ICMP header stands at `icmp`.
    void accept(PacketBuffer p, int icmp) {
        int headers = icmp - p.head() + HEADER;
        p.pull(headers);
        Datagrams.mark(p, headers);
        if (!offer(p)) {
            stack.drop(p, IpDrop.SOCKET_RCVBUFF);
        }
    }

    @Override
    void detach() {
        sockets.close(this);
    }
}
