package adit.interop.rules;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/// What stands around the packets of a tunnel: an IPv4 header, and UDP if there is a port. The n-th packet of a tunnel
/// has the n-th identification. It shares no code with what is under test.
///
/// @param destination where to
/// @param flagsAndOffset those of the IPv4 header
/// @param ports source and destination port, or null for an IPv4 header alone
/// @param checksum of the UDP header
/// @param more octets that the UDP header says there are beyond those that there are
/// @param gue the octets of a GUE header
@SuppressWarnings("ArrayRecordComponent") // never compared
record Outer(
        String destination,
        int tos,
        int ttl,
        int identification,
        int flagsAndOffset,
        int[] ports,
        Checksum checksum,
        int more,
        byte[] gue) {
    private static final String PEER = "10.1.0.2";

    /// How a UDP header's checksum is.
    enum Checksum {
        ABSENT,
        RIGHT,
        WRONG
    }

    /// From the peer to `destination`, without UDP.
    static Outer ipip(String destination) {
        return new Outer(destination, 0, 64, 300, 0, null, Checksum.ABSENT, 0, new byte[0]);
    }

    /// From the peer to a port of `destination`, without a checksum.
    static Outer udp(String destination, int port) {
        return new Outer(destination, 0, 64, 300, 0, new int[] {7777, port}, Checksum.ABSENT, 0, new byte[0]);
    }

    Outer withTos(int value) {
        return new Outer(destination, value, ttl, identification, flagsAndOffset, ports, checksum, more, gue);
    }

    Outer withTtl(int value) {
        return new Outer(destination, tos, value, identification, flagsAndOffset, ports, checksum, more, gue);
    }

    Outer withIdentification(int value) {
        return new Outer(destination, tos, ttl, value, flagsAndOffset, ports, checksum, more, gue);
    }

    Outer withFlagsAndOffset(int value) {
        return new Outer(destination, tos, ttl, identification, value, ports, checksum, more, gue);
    }

    Outer from(int port) {
        return new Outer(
                destination, tos, ttl, identification, flagsAndOffset, new int[] {port, ports[1]}, checksum, more, gue);
    }

    Outer with(Checksum value) {
        return new Outer(destination, tos, ttl, identification, flagsAndOffset, ports, value, more, gue);
    }

    Outer withMore(int octets) {
        return new Outer(destination, tos, ttl, identification, flagsAndOffset, ports, checksum, octets, gue);
    }

    /// With a GUE header of these octets in hexadecimal.
    Outer gue(String octets) {
        return new Outer(
                destination,
                tos,
                ttl,
                identification,
                flagsAndOffset,
                ports,
                checksum,
                more,
                HexFormat.of().parseHex(octets.replace(" ", "")));
    }

    /// The n-th packet, with `inner` inside, which is of this protocol where there is no UDP.
    byte[] around(int number, int protocol, byte[] inner) {
        Ipv4Packet packet = ports == null
                ? Ipv4Packet.of(PEER, destination, protocol, inner)
                : Ipv4Packet.of(PEER, destination, Ipv4Packet.UDP, datagram(inner));
        return packet.withTos(tos)
                .withTtl(ttl)
                .withIdentification(identification + number)
                .withFlagsAndOffset(flagsAndOffset)
                .octets();
    }

    private byte[] datagram(byte[] inner) {
        int length = 8 + gue.length + inner.length;
        ByteBuffer datagram = ByteBuffer.allocate(length)
                .putShort((short) ports[0])
                .putShort((short) ports[1])
                .putShort((short) (length + more))
                .putShort((short) 0)
                .put(gue)
                .put(inner);
        int right = Ipv4Packet.of(PEER, destination, Ipv4Packet.UDP, datagram.array())
                .transportChecksum();
        int value = switch (checksum) {
            case ABSENT -> 0;
            case RIGHT -> right == 0 ? 0xffff : right;
            case WRONG -> right == 0x1234 ? 0x1235 : 0x1234;
        };
        return datagram.putShort(6, (short) value).array();
    }
}
