package adit.linux;

import adit.device.Errno;
import adit.linux.sys.Inet;
import adit.linux.sys.Iovec;
import adit.linux.sys.Libc;
import adit.linux.sys.LibcSocket;
import adit.linux.sys.Message;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.wire.Icmp4;
import adit.wire.InternetChecksum;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Octets;
import adit.wire.Udp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// What the network reported about sent datagrams, as the ICMP messages that they once were.
///
/// The kernel keeps an ICMP error's type, code and MTU, the destination, and what was quoted of the payload
/// (IP_RECVERR). The outer headers that the message quoted are written anew in front of that, so that an engine
/// need not know how it was learned.
///
/// ```
/// | ICMP: 8 | IPv4: 20 | UDP: 8 | as much of the payload as there is, at most 64 octets |
/// ```
final class UdpErrors {
    private static final int MAX_ERRORS_AT_ONCE = 8;
    private static final int QUOTED_PAYLOAD = 64;
    private static final int HEADERS = Icmp4.HEADER_LENGTH + Ipv4.MIN_HEADER_LENGTH + Udp.HEADER_LENGTH;
    private static final int CONTROL_SIZE = 256;
    private static final int CHECKSUM_AT = 2;
    private static final int INFO_AT = 4;

    private final PacketPool pool;
    private final Paths paths;
    private final int local;
    private final int port;
    private final MemorySegment errno;
    private final MemorySegment message;
    private final MemorySegment name;
    private final MemorySegment control;
    private final MemorySegment vector;

    UdpErrors(UdpSpec spec, PacketPool pool, Paths paths) {
        this.pool = pool;
        this.paths = paths;
        this.local = spec.local().bits();
        this.port = spec.port();
        Arena arena = Arena.ofAuto();
        errno = Libc.newErrnoState(arena);
        message = arena.allocate(Message.SIZE, 8);
        name = arena.allocate(Inet.ADDRESS_SIZE, 8);
        control = arena.allocate(CONTROL_SIZE, 8);
        vector = arena.allocate(Iovec.SIZE, 8);
        Message.name(message, 0, name);
        Message.control(message, 0, control);
        Message.vectors(message, 0, vector, 1);
    }

    /// Adds the errors that there are to `into`, a few at most.
    void receive(int held, PacketBatch into) {
        for (int i = 0; i < MAX_ERRORS_AT_ONCE && into.room() > 0; i++) {
            PacketBuffer p = pool.lend();
            if (p == null) {
                return;
            }
            int n = receive(held, p);
            if (n > 0) {
                into.add(p);
            } else {
                p.release();
                if (n < 0) {
                    return;
                }
            }
        }
    }

    /// Answers 1 when `p` holds an error, 0 when there was one that is of no concern, -1 when there is none.
    private int receive(int held, PacketBuffer p) {
        int at = p.put(HEADERS + QUOTED_PAYLOAD);
        Iovec.set(vector, 0, p.segment(), at + (long) HEADERS, QUOTED_PAYLOAD);
        Message.nameLength(message, 0, Inet.ADDRESS_SIZE);
        Message.controlLength(message, 0, CONTROL_SIZE);
        int n = LibcSocket.recvmsg(errno, held, message, Inet.MSG_ERRQUEUE | Inet.MSG_DONTWAIT);
        if (n < 0) {
            return n == -Errno.EINTR ? 0 : -1;
        }
        p.trim(HEADERS + n);
        long error = find(Inet.IP_RECVERR);
        if (error < 0) {
            return 0;
        }
        int destination = Inet.address(name, 0);
        paths.stale(destination);
        if (Inet.errorOrigin(control, error) != Inet.ORIGIN_ICMP) {
            // The host's own: the packet exceeded what was known of the path. Whoever sent it was told already.
            return 0;
        }
        write(p, at, error, destination);
        return 1;
    }

    /// The data of the control message of this type, -1 when there is none.
    private long find(int type) {
        return Message.findControl(control, 0, Message.controlLength(message, 0), Inet.SOL_IP, type);
    }

    private void write(PacketBuffer p, int at, long error, int destination) {
        MemorySegment s = p.segment();
        int source = local;
        long info = find(Inet.IP_PKTINFO);
        if (info >= 0) {
            source =
                    Inet.packetInfoDestination(control, info) == 0 ? source : Inet.packetInfoDestination(control, info);
        }
        int payload = p.length() - HEADERS;
        int type = Inet.errorType(control, error);
        Octets.put8(s, at, type);
        Octets.put8(s, at + 1L, Inet.errorCode(control, error));
        Octets.put32(
                s, at + (long) INFO_AT, type == Icmp4.DESTINATION_UNREACHABLE ? Inet.errorInfo(control, error) : 0);
        int quote = at + Icmp4.HEADER_LENGTH;
        int datagram = Udp.HEADER_LENGTH + payload;
        Ipv4.emit(
                s,
                quote,
                0,
                Ipv4.MIN_HEADER_LENGTH + datagram,
                0,
                0,
                0,
                1,
                IpProtocol.UDP,
                local != 0 ? local : source,
                destination);
        Udp.emit(s, quote + (long) Ipv4.MIN_HEADER_LENGTH, port, Inet.port(name, 0), datagram, 0);
        Octets.put16(s, at + (long) CHECKSUM_AT, 0);
        int sum = InternetChecksum.sum(s, at, p.length());
        Octets.put16(s, at + (long) CHECKSUM_AT, InternetChecksum.complement(sum));
        p.addressing().protocol = IpProtocol.ICMP;
        p.addressing().source = Inet.address(control, error + Inet.errorReporter());
        p.addressing().destination = local != 0 ? local : source;
    }
}
