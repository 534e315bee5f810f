package adit.interop.rules;

import java.nio.ByteBuffer;

/// IPv6 packets as octets, for tests to build and to look at. It shares no code with what is under test.
final class Ipv6Packet {
    static final int HEADER = 40;
    static final int ICMPV6 = 58;

    private static final int NEXT_HEADER = 6;
    private static final int HOP_LIMIT = 7;
    /// Below it are ICMPv6's errors; above, among others, what neighbours say to each other unasked.
    private static final int FIRST_INFORMATIONAL = 128;

    private Ipv6Packet() {}

    /// A packet with a UDP datagram, `length` octets in all.
    static byte[] udp(String source, String destination, int trafficClass, int hopLimit, int length) {
        return ByteBuffer.allocate(length)
                .putInt(6 << 28 | trafficClass << 20 | 0xabcde)
                .putShort((short) (length - HEADER))
                .put((byte) Ipv4Packet.UDP)
                .put((byte) hopLimit)
                .put(Ipv4Packet.addressOctets(source))
                .put(Ipv4Packet.addressOctets(destination))
                .putShort((short) 40000)
                .putShort((short) 7)
                .putShort((short) (length - HEADER))
                .putShort((short) 0x1234)
                .array();
    }

    /// The same from the inner host on the box's side to the one behind the tunnel.
    static byte[] udp(int length) {
        return udp(TunnelBox.INNER6_HERE, TunnelBox.INNER6_THERE, 0, 64, length);
    }

    static boolean is(byte[] packet) {
        return packet[0] >> 4 == 6;
    }

    /// Whether it is what tests are about, rather than what hosts on a link say to each other.
    static boolean isTraffic(byte[] packet) {
        return is(packet)
                && (packet[NEXT_HEADER] == Ipv4Packet.UDP
                        || (packet[NEXT_HEADER] == ICMPV6 && Byte.toUnsignedInt(packet[HEADER]) < FIRST_INFORMATIONAL));
    }

    /// The packet before its machine forwarded it; ICMPv6 errors are the machine's own.
    static byte[] undoForwarding(byte[] packet) {
        return packet[NEXT_HEADER] == ICMPV6 ? packet : withHopLimit(packet, 1);
    }

    /// A copy whose hop limit is higher by so much.
    static byte[] withHopLimit(byte[] packet, int more) {
        byte[] changed = packet.clone();
        changed[HOP_LIMIT] += (byte) more;
        return changed;
    }
}
