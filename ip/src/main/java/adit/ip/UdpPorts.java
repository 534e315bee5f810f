package adit.ip;

import adit.wire.Ip4Address;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import adit.wire.Ipv4;
import adit.wire.Ipv6;
import adit.wire.Octets;
import adit.wire.Udp;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The UDP sockets that have a port, by it. Who changes it holds the lock of [Sockets]; finding takes none, as what
/// a bucket holds is replaced and never changed.
final class UdpPorts {
    private static final int BUCKETS = 1 << 10;
    private static final UdpSocket[] NONE = {};
    private static final int NO_MATCH = -1;

    /// By the low bits of the port.
    private final AtomicReferenceArray<UdpSocket[]> buckets = new AtomicReferenceArray<>(BUCKETS);

    private UdpSocket[] bucket(int port) {
        UdpSocket[] sockets = buckets.get(port & (BUCKETS - 1));
        return sockets == null ? NONE : sockets;
    }

    void add(UdpSocket socket) {
        int port = socket.state().port();
        UdpSocket[] present = bucket(port);
        UdpSocket[] more = Arrays.copyOf(present, present.length + 1);
        more[present.length] = socket;
        buckets.set(port & (BUCKETS - 1), more);
    }

    void remove(UdpSocket socket) {
        int port = socket.state().port();
        UdpSocket[] rest = Arrays.stream(bucket(port)).filter(s -> s != socket).toArray(UdpSocket[]::new);
        buckets.set(port & (BUCKETS - 1), rest);
    }

    Stream<UdpSocket> all() {
        return IntStream.range(0, BUCKETS).boxed().flatMap(i -> Arrays.stream(bucket(i)));
    }

    /// Whether a socket of this one's family is where it wants to be.
    boolean isTaken(UdpSocket socket, IpAddress address, int port) {
        for (UdpSocket other : bucket(port)) {
            UdpSocket.State s = other.state();
            boolean meets = s.local().isUnspecified()
                    || address.isUnspecified()
                    || s.local().equals(address);
            if (s.port() == port && other.family() == socket.family() && meets) {
                return true;
            }
        }
        return false;
    }

    // ---- Whom a datagram is for: of those whom it fits, the one that says most about itself, as in Linux

    /// The socket that a datagram of the family is for, or null.
    UdpSocket receiver(Sockets.Family family, MemorySegment s, long ip, long udp) {
        UdpSocket best = null;
        int bestScore = NO_MATCH;
        for (UdpSocket socket : bucket(Udp.destinationPort(s, udp))) {
            int score = socket.family() == family ? score(family, socket.state(), s, ip, udp) : NO_MATCH;
            if (score > bestScore) {
                best = socket;
                bestScore = score;
            }
        }
        return best;
    }

    private static int score(Sockets.Family family, UdpSocket.State state, MemorySegment s, long ip, long udp) {
        if (state.port() != Udp.destinationPort(s, udp)) {
            return NO_MATCH;
        }
        return family == Sockets.Family.IP4 ? score4(state, s, ip, udp) : score6(state, s, ip, udp);
    }

    private static int score4(UdpSocket.State state, MemorySegment s, long ip, long udp) {
        int score = 0;
        int local = state.local4();
        if (local != 0) {
            if (local != Ipv4.destination(s, ip)) {
                return NO_MATCH;
            }
            score++;
        }
        Endpoint peer = state.peer();
        if (peer != null) {
            int address = ((Ip4Address) peer.address()).bits();
            if (address != Ipv4.source(s, ip) || peer.port() != Udp.sourcePort(s, udp)) {
                return NO_MATCH;
            }
            score += 2;
        }
        return score;
    }

    private static int score6(UdpSocket.State state, MemorySegment s, long ip, long udp) {
        int score = 0;
        Ip6Address local = (Ip6Address) state.local();
        if (!local.isUnspecified()) {
            if (!is(local, s, ip + Ipv6.DESTINATION)) {
                return NO_MATCH;
            }
            score++;
        }
        Endpoint peer = state.peer();
        if (peer != null) {
            Ip6Address address = (Ip6Address) peer.address();
            if (!is(address, s, ip + Ipv6.SOURCE) || peer.port() != Udp.sourcePort(s, udp)) {
                return NO_MATCH;
            }
            score += 2;
        }
        return score;
    }

    private static boolean is(Ip6Address address, MemorySegment s, long at) {
        return address.high() == Octets.i64(s, at) && address.low() == Octets.i64(s, at + 8);
    }

    // ---- Who sent a datagram

    /// The socket that sent a datagram from this address and port to this peer, or null.
    UdpSocket sender(Sockets.Family family, IpAddress from, int port, Endpoint peer) {
        UdpSocket best = null;
        for (UdpSocket socket : bucket(port)) {
            UdpSocket.State s = socket.state();
            boolean fits = s.port() == port
                    && socket.family() == family
                    && (s.local().isUnspecified() || s.local().equals(from))
                    && (s.peer() == null || s.peer().equals(peer));
            if (fits && (best == null || s.peer() != null)) {
                best = socket;
            }
        }
        return best;
    }
}
