package adit.ipip;

import adit.offload.Checksums;
import adit.packet.Addressing;
import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.tunnel.Drop;
import adit.tunnel.FlowPorts;
import adit.wire.Gue;
import adit.wire.InternetChecksum;
import adit.wire.IpProtocol;
import adit.wire.Octets;
import adit.wire.Udp;
import java.lang.foreign.MemorySegment;

/// What stands between a tunnel's outer IP header and the inner packet: nothing, or UDP, or UDP and GUE.
/// Immutable, for any threads.
sealed interface OuterHeaders {
    /// Puts the headers in front of `p`, an inner packet that `protocol` announces, and fills in the protocol
    /// of the outer header, whose source is `source`. Answers why not, or null.
    Drop push(PacketBuffer p, int protocol, int source);

    static OuterHeaders of(Parameters.Encapsulation e) {
        return switch (e.type()) {
            case Parameters.Encapsulation.TYPE_NONE -> Direct.HEADERS;
            case Parameters.Encapsulation.TYPE_FOU -> new Fou(e);
            case Parameters.Encapsulation.TYPE_GUE -> new OverGue(new Fou(e), e.hasRemoteChecksum());
            default -> new Impossible();
        };
    }

    /// The protocol number says what is inside.
    record Direct() implements OuterHeaders {
        /// The one of all tunnels, which so stays in the processor's cache.
        static final Direct HEADERS = new Direct();

        @Override
        public Drop push(PacketBuffer p, int protocol, int source) {
            p.addressing().protocol = protocol;
            Offload o = p.offload();
            if (o.segmentation != Offload.Segmentation.NONE) {
                o.tunnel = Offload.Tunnel.IP;
                o.innerNetwork = 0;
                cover(o);
            }
            return null;
        }
    }

    /// What was said of the packet's identification is now said of an inner one.
    private static void cover(Offload o) {
        o.innerSameIdentification = o.sameIdentification;
        o.sameIdentification = false;
    }

    /// A kind of encapsulation that Linux lists and has no header for.
    record Impossible() implements OuterHeaders {
        @Override
        public Drop push(PacketBuffer p, int protocol, int source) {
            return Drop.NOT_CARRIED;
        }
    }

    /// UDP.
    record Fou(Parameters.Encapsulation e) implements OuterHeaders {
        @Override
        public Drop push(PacketBuffer p, int protocol, int source) {
            return pushUdp(p, sourcePort(p, protocol), source, 0);
        }

        int sourcePort(PacketBuffer p, int protocol) {
            return e.sourcePort() != 0 ? e.sourcePort() : FlowPorts.of(p, protocol);
        }

        /// So many octets stand between the UDP header and the inner packet.
        Drop pushUdp(PacketBuffer p, int port, int source, int between) {
            Addressing a = p.addressing();
            a.protocol = IpProtocol.UDP;
            int length = Udp.HEADER_LENGTH + p.length();
            boolean isSuper = p.offload().segmentation != Offload.Segmentation.NONE;
            if (length > 0xffff && !isSuper) {
                return Drop.TOO_BIG_OUTSIDE;
            }
            MemorySegment s = p.segment();
            int at = p.push(Udp.HEADER_LENGTH);
            Udp.emit(s, at, port, e.destinationPort(), length, 0);
            int pseudoHeader =
                    e.hasChecksum() ? InternetChecksum.pseudoHeader4(source, a.destination, IpProtocol.UDP, length) : 0;
            if (isSuper) {
                describe(p.offload(), Udp.HEADER_LENGTH + between);
                // Each of the packets gets a length and a checksum of its own.
                Octets.put16(s, at + (long) Udp.CHECKSUM, pseudoHeader);
            } else if (e.hasChecksum()) {
                Udp.fillChecksum(s, at, pseudoHeader);
            }
            return null;
        }

        private void describe(Offload o, int octets) {
            o.shift(octets);
            o.tunnel = e.hasChecksum() ? Offload.Tunnel.IP_OVER_UDP_CHECKSUM : Offload.Tunnel.IP_OVER_UDP;
            o.innerNetwork = octets;
            o.outerTransport = 0;
            cover(o);
        }
    }

    /// UDP, and a header that says what is inside.
    record OverGue(Fou udp, boolean leavesChecksumOpen) implements OuterHeaders {
        @Override
        public Drop push(PacketBuffer p, int protocol, int source) {
            int port = udp.sourcePort(p, protocol);
            Offload o = p.offload();
            boolean isSuper = o.segmentation != Offload.Segmentation.NONE;
            if (o.checksum == Offload.Checksum.PARTIAL && leavesChecksumOpen) {
                int start = o.checksumStart;
                int field = start + o.checksumOffset;
                int at = p.push(Gue.REMOTE_CHECKSUM_HEADER_LENGTH);
                Gue.emitRemoteChecksum(p.segment(), at, protocol, start, field);
                if (isSuper) {
                    o.remoteChecksum = true;
                } else {
                    o.clear();
                }
                return udp.pushUdp(p, port, source, Gue.REMOTE_CHECKSUM_HEADER_LENGTH);
            }
            if (!isSuper && !Checksums.finish(p)) {
                return Drop.BAD_OFFLOAD;
            }
            Gue.emit(p.segment(), p.push(Gue.MIN_HEADER_LENGTH), protocol);
            return udp.pushUdp(p, port, source, Gue.MIN_HEADER_LENGTH);
        }
    }
}
