package adit.linux.sys;

import adit.wire.Octets;
import java.lang.foreign.MemorySegment;

/// Numbers and structures of IPv4 and UDP sockets.
///
/// ```
/// sockaddr_in: family 0 (host order), port 2 and address 4 (network order), 16 octets
/// in_pktinfo: interface 0, local address 4, header's destination 8, 12 octets
/// sock_extended_err: errno 0, origin 4, type 5, code 6, info 8, data 12, 16 octets; then a sockaddr_in of who said so
/// ```
public final class Inet {
    /// Address family: IPv4.
    public static final int AF_INET = 2;
    /// Socket type: datagrams.
    public static final int SOCK_DGRAM = 2;
    /// Socket type: below the transport.
    public static final int SOCK_RAW = 3;
    /// Socket type flag: calls don't block.
    public static final int SOCK_NONBLOCK = 0x800;
    /// Socket type flag: closed on execve(2).
    public static final int SOCK_CLOEXEC = 0x80000;

    /// Option level: any socket.
    public static final int SOL_SOCKET = 1;
    /// Socket option: the room for packets to send.
    public static final int SO_SNDBUF = 7;
    /// Socket option: the room for packets received.
    public static final int SO_RCVBUF = 8;
    /// Socket option: UDP packets go out without a checksum.
    public static final int SO_NO_CHECK = 11;
    /// Socket option: several sockets share a port.
    public static final int SO_REUSEPORT = 15;
    /// Socket option: how long receiving waits at most, a `timeval`.
    public static final int SO_RCVTIMEO = 20;
    /// As [#SO_SNDBUF], past the system's limit; needs CAP_NET_ADMIN.
    public static final int SO_SNDBUFFORCE = 32;
    /// As [#SO_RCVBUF], past the system's limit; needs CAP_NET_ADMIN.
    public static final int SO_RCVBUFFORCE = 33;

    /// Option level: IPv4.
    public static final int SOL_IP = 0;
    /// Option and control message: the DSCP and ECN octet.
    public static final int IP_TOS = 1;
    /// Option and control message: the time to live.
    public static final int IP_TTL = 2;
    /// Option and control message: interface and addresses.
    public static final int IP_PKTINFO = 8;
    /// Option: DF and path MTU.
    public static final int IP_MTU_DISCOVER = 10;
    /// Option and control message: ICMP errors are queued.
    public static final int IP_RECVERR = 11;
    /// Option: [#IP_TTL] comes with packets.
    public static final int IP_RECVTTL = 12;
    /// Option: [#IP_TOS] comes with packets.
    public static final int IP_RECVTOS = 13;
    /// Value of [#IP_MTU_DISCOVER]: no DF; the kernel fragments.
    public static final int IP_PMTUDISC_DONT = 0;
    /// Value of [#IP_MTU_DISCOVER]: DF; what exceeds the path MTU is refused.
    public static final int IP_PMTUDISC_DO = 2;

    /// Option level: UDP.
    public static final int SOL_UDP = 17;
    /// Control message: cut the payload into datagrams of this size.
    public static final int UDP_SEGMENT = 103;
    /// Option and control message: datagrams of a flow come joined.
    public static final int UDP_GRO = 104;

    /// Flag: take from the queue of errors.
    public static final int MSG_ERRQUEUE = 0x2000;
    /// Flag: don't block.
    public static final int MSG_DONTWAIT = 0x40;
    /// Flag a receiving call leaves: the octets were cut.
    public static final int MSG_TRUNC = 0x20;

    /// The size of a `sockaddr_in` in octets.
    public static final int ADDRESS_SIZE = 16;
    /// The size of an `in_pktinfo` in octets.
    public static final int PACKET_INFO_SIZE = 12;
    /// The size of a `sock_extended_err` in octets.
    public static final int EXTENDED_ERROR_SIZE = 16;
    /// Origin of an extended error: an ICMP message.
    public static final int ORIGIN_ICMP = 2;

    private Inet() {}

    /// Writes a `sockaddr_in`. `address` is the bits of an int, `port` a plain number.
    public static void putAddress(MemorySegment s, long at, int address, int port) {
        HostOrder.put16(s, at, AF_INET);
        Octets.put16(s, at + 2, port);
        Octets.put32(s, at + 4, address);
        Octets.put64(s, at + 8, 0);
    }

    /// The address of a `sockaddr_in`, as the bits of an int.
    public static int address(MemorySegment s, long at) {
        return Octets.i32(s, at + 4);
    }

    /// The port of a `sockaddr_in`.
    public static int port(MemorySegment s, long at) {
        return Octets.u16(s, at + 2);
    }

    /// Writes an `in_pktinfo` that asks for a source address and, unless 0, an interface.
    public static void putPacketInfo(MemorySegment s, long at, int link, int source) {
        HostOrder.put32(s, at, link);
        Octets.put32(s, at + 4, source);
        Octets.put32(s, at + 8, 0);
    }

    /// The interface of an `in_pktinfo`.
    public static int packetInfoLink(MemorySegment s, long at) {
        return HostOrder.i32(s, at);
    }

    /// The destination address in the header of the packet that an `in_pktinfo` came with.
    public static int packetInfoDestination(MemorySegment s, long at) {
        return Octets.i32(s, at + 8);
    }

    /// The errno of a `sock_extended_err`.
    public static int errorErrno(MemorySegment s, long at) {
        return HostOrder.i32(s, at);
    }

    /// Who found the error of a `sock_extended_err`.
    public static int errorOrigin(MemorySegment s, long at) {
        return Octets.u8(s, at + 4);
    }

    /// The ICMP type of a `sock_extended_err`.
    public static int errorType(MemorySegment s, long at) {
        return Octets.u8(s, at + 5);
    }

    /// The ICMP code of a `sock_extended_err`.
    public static int errorCode(MemorySegment s, long at) {
        return Octets.u8(s, at + 6);
    }

    /// The info field of a `sock_extended_err`: of "fragmentation needed", the MTU.
    public static int errorInfo(MemorySegment s, long at) {
        return HostOrder.i32(s, at + 8);
    }

    /// Where the `sockaddr_in` of who reported the error stands, from the start of its `sock_extended_err`.
    public static int errorReporter() {
        return EXTENDED_ERROR_SIZE;
    }
}
