package adit.underlay;

import adit.packet.Addressing;
import adit.packet.PacketBuffer;
import adit.wire.InternetChecksum;
import adit.wire.Ipv4;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;

/// Writes a packet's outer headers as its [Addressing] says: IPv4, and UDP below it when the protocol is 17.
///
/// Every underlay that has to write headers itself uses this one, so that packets look the same whether a raw socket
/// or a wire in memory carries them. Source and time to live are written as they are given: a raw socket fills in a
/// source of 0, nobody fills in a time to live of 0.
///
/// For one thread, because of the identifications.
public final class OuterHeader {
    /// The length of the IPv4 header written here, in octets. It has no options.
    public static final int IPV4_LENGTH = Ipv4.MIN_HEADER_LENGTH;
    /// The length of the UDP header, in octets.
    public static final int UDP_LENGTH = 8;
    /// Octets that [#push] needs in front of a packet, whatever its protocol.
    public static final int HEADROOM = IPV4_LENGTH + UDP_LENGTH;
    /// The longest IPv4 packet in octets: its total length field has 16 bits.
    public static final int MAX_TOTAL_LENGTH = 0xffff;

    private static final int PROTOCOL_UDP = 17;

    /// What stands in the UDP checksum field.
    public enum UdpChecksum {
        /// Zero: the sender computed none (RFC 768).
        OFF,
        /// The checksum over pseudo-header, header and payload. The source has to be known.
        ON
    }

    private final Identifications identifications;
    private final UdpChecksum udpChecksum;

    /// A writer that takes the identification field from `identifications`.
    public OuterHeader(Identifications identifications, UdpChecksum udpChecksum) {
        this.identifications = identifications;
        this.udpChecksum = udpChecksum;
    }

    /// Octets of outer header that a packet so addressed gets.
    public static int length(Addressing a) {
        return a.protocol == PROTOCOL_UDP ? HEADROOM : IPV4_LENGTH;
    }

    /// Puts the outer headers in front of `p`, whose octets are then a whole IPv4 packet. Answers false, and leaves it
    /// as it was, when that would be longer than [#MAX_TOTAL_LENGTH].
    public boolean push(PacketBuffer p) {
        Addressing a = p.addressing();
        if (length(a) + p.length() > MAX_TOTAL_LENGTH) {
            return false;
        }
        if (a.protocol == PROTOCOL_UDP) {
            pushUdp(p, a);
        }
        int payload = p.length();
        emitIpv4(a, payload, p.segment(), p.push(IPV4_LENGTH));
        return true;
    }

    private void pushUdp(PacketBuffer p, Addressing a) {
        MemorySegment s = p.segment();
        int at = p.push(UDP_LENGTH);
        Octets.put16(s, at, a.sourcePort);
        Octets.put16(s, at + 2, a.destinationPort);
        Octets.put16(s, at + 4, p.length());
        Octets.put16(s, at + 6, 0);
        if (udpChecksum == UdpChecksum.ON) {
            int pseudo = InternetChecksum.pseudoHeader4(a.source, a.destination, a.protocol, p.length());
            int sum = InternetChecksum.fold((long) pseudo + InternetChecksum.sum(s, at, p.length()));
            int checksum = InternetChecksum.complement(sum);
            // A computed zero travels as all ones, because zero says that there is none.
            Octets.put16(s, at + 6, checksum == 0 ? 0xffff : checksum);
        }
    }

    /// Writes the IPv4 header alone for a payload of `payloadLength` octets at `at` in `s`, for whoever gathers header
    /// and payload from two places. The two together must not exceed [#MAX_TOTAL_LENGTH].
    public void emitIpv4(Addressing a, int payloadLength, MemorySegment s, long at) {
        Ipv4.emit(
                s,
                at,
                a.tos,
                IPV4_LENGTH + payloadLength,
                identifications.next(a.destination),
                a.dontFragment ? Ipv4.DONT_FRAGMENT : 0,
                0,
                a.timeToLive,
                a.protocol,
                a.source,
                a.destination);
    }
}
