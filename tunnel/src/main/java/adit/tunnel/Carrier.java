package adit.tunnel;

import adit.wire.Ipv4;
import adit.wire.Udp;

/// What stands between the outer IP header and the inner packet.
public sealed interface Carrier {
    /// Octets that the outer headers take: the largest inner packet is so much smaller than the path's MTU.
    int overhead();

    /// Where the outer source port of a UDP carrier comes from.
    enum SourcePort {
        /// It is the carrier's own port, so that answers pass address translators.
        OWN,
        /// It is a hash of the inner flow, 32768 to 60999 and the same for each packet of a flow, as Linux
        /// chooses it unless told otherwise: routers and network cards then spread the flows. For underlays
        /// that write the UDP header themselves; a socket has one port.
        PER_FLOW
    }

    /// Whether the outer UDP header has a checksum.
    enum UdpChecksum {
        /// It has none: the field is 0.
        OFF,
        /// It has one.
        ON
    }

    /// The inner packet follows the outer IP header at once; the IP protocol number says what it is.
    record Direct() implements Carrier {
        @Override
        public int overhead() {
            return Ipv4.MIN_HEADER_LENGTH;
        }
    }

    /// Foo over UDP: the inner packet is the UDP payload. Nothing on the wire says what it is; in mode any,
    /// IPv4 and IPv6 are told apart by their first four bits.
    ///
    /// @param port the local UDP port, 1 to 65535
    /// @param peerPort the peer's UDP port, 1 to 65535
    /// @param checksum whether sent packets have a UDP checksum; received ones may or may not
    /// @param sourcePort where the outer source port comes from
    record Fou(int port, int peerPort, UdpChecksum checksum, SourcePort sourcePort) implements Carrier {
        /// Refuses ports outside 1 to 65535.
        public Fou {
            check(port, "port");
            check(peerPort, "peer port");
        }

        /// Sends from its own port.
        public Fou(int port, int peerPort, UdpChecksum checksum) {
            this(port, peerPort, checksum, SourcePort.OWN);
        }

        @Override
        public int overhead() {
            return Ipv4.MIN_HEADER_LENGTH + Udp.HEADER_LENGTH;
        }
    }

    /// Generic UDP Encapsulation: a header in front of the inner packet says what it is. Remote checksum
    /// offload is understood when a peer uses it, and never used.
    ///
    /// @param port the local UDP port, 1 to 65535
    /// @param peerPort the peer's UDP port, 1 to 65535
    /// @param checksum whether sent packets have a UDP checksum; received ones may or may not
    /// @param sourcePort where the outer source port comes from
    record Gue(int port, int peerPort, UdpChecksum checksum, SourcePort sourcePort) implements Carrier {
        /// Refuses ports outside 1 to 65535.
        public Gue {
            check(port, "port");
            check(peerPort, "peer port");
        }

        /// Sends from its own port.
        public Gue(int port, int peerPort, UdpChecksum checksum) {
            this(port, peerPort, checksum, SourcePort.OWN);
        }

        @Override
        public int overhead() {
            return Ipv4.MIN_HEADER_LENGTH + Udp.HEADER_LENGTH + adit.wire.Gue.MIN_HEADER_LENGTH;
        }
    }

    private static void check(int port, String what) {
        if (port < 1 || port > 0xffff) {
            throw new IllegalArgumentException(what + " " + port + " is not from 1 to 65535");
        }
    }
}
