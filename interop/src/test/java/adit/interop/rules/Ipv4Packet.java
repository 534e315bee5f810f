package adit.interop.rules;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// An IPv4 packet as a value, for tests to build and to take apart. It shares no code with what is under test.
///
/// Withers answer a changed copy; lengths and checksums are right by themselves.
@SuppressWarnings("ArrayRecordComponent") // packets are compared by their octets, never by equals
public record Ipv4Packet(
        int tos,
        int identification,
        int flagsAndOffset,
        int ttl,
        int protocol,
        String source,
        String destination,
        byte[] options,
        byte[] payload) {
    public static final int ICMP = 1;
    public static final int IPIP = 4;
    public static final int UDP = 17;
    public static final int MPLS = 137;
    public static final int DONT_FRAGMENT = 0x4000;
    public static final int MORE_FRAGMENTS = 0x2000;

    private static final int HEADER = 20;

    /// A packet with TOS 0, TTL 64 and no flags.
    public static Ipv4Packet of(String source, String destination, int protocol, byte... payload) {
        return new Ipv4Packet(0, 0x4a5b, 0, 64, protocol, source, destination, new byte[0], payload);
    }

    /// A packet with a UDP datagram, `length` octets in all, whose data count up.
    public static Ipv4Packet udp(String source, String destination, int length) {
        return udp(source, destination, 40000, 7, counting(length - HEADER - 8));
    }

    /// A packet with a UDP datagram.
    public static Ipv4Packet udp(String source, String destination, int sourcePort, int destinationPort, byte... data) {
        byte[] datagram = ByteBuffer.allocate(8 + data.length)
                .putShort((short) sourcePort)
                .putShort((short) destinationPort)
                .putShort((short) (8 + data.length))
                .putShort((short) 0)
                .put(data)
                .array();
        Ipv4Packet packet = of(source, destination, UDP, datagram);
        int checksum = packet.transportChecksum();
        ByteBuffer.wrap(datagram).putShort(6, (short) (checksum == 0 ? 0xffff : checksum));
        return packet;
    }

    /// A packet with an ICMP message: type, code, the four octets behind the checksum, and the rest.
    public static Ipv4Packet icmp(String source, String destination, int type, int code, int rest, byte... data) {
        byte[] message = ByteBuffer.allocate(8 + data.length)
                .put((byte) type)
                .put((byte) code)
                .putShort((short) 0)
                .putInt(rest)
                .put(data)
                .array();
        ByteBuffer.wrap(message).putShort(2, (short) ~sum(0, message));
        return of(source, destination, ICMP, message);
    }

    /// The octets 0, 1, 2, ... again and again.
    public static byte[] counting(int length) {
        byte[] octets = new byte[length];
        for (int i = 0; i < length; i++) {
            octets[i] = (byte) i;
        }
        return octets;
    }

    /// Takes a packet apart. Octets behind its total length are left out.
    public static Ipv4Packet parse(byte[] octets) {
        ByteBuffer b = ByteBuffer.wrap(octets);
        int header = (octets[0] & 0xf) * 4;
        int total = Short.toUnsignedInt(b.getShort(2));
        return new Ipv4Packet(
                Byte.toUnsignedInt(octets[1]),
                Short.toUnsignedInt(b.getShort(4)),
                Short.toUnsignedInt(b.getShort(6)),
                Byte.toUnsignedInt(octets[8]),
                Byte.toUnsignedInt(octets[9]),
                address(octets, 12),
                address(octets, 16),
                Arrays.copyOfRange(octets, HEADER, header),
                Arrays.copyOfRange(octets, header, Math.min(total, octets.length)));
    }

    /// The packet on the wire.
    public byte[] octets() {
        int header = HEADER + options.length;
        ByteBuffer b = ByteBuffer.allocate(header + payload.length)
                .put((byte) (0x40 | header / 4))
                .put((byte) tos)
                .putShort((short) (header + payload.length))
                .putShort((short) identification)
                .putShort((short) flagsAndOffset)
                .put((byte) ttl)
                .put((byte) protocol)
                .putShort((short) 0)
                .put(addressOctets(source))
                .put(addressOctets(destination))
                .put(options);
        b.putShort(10, (short) ~sum(0, Arrays.copyOf(b.array(), header)));
        return b.put(payload).array();
    }

    /// Whether these octets are an IPv4 packet that is all there, as far as its version and lengths say.
    public static boolean isWhole(byte[] octets) {
        if (octets.length < HEADER || octets[0] >> 4 != 4) {
            return false;
        }
        int header = (octets[0] & 0xf) * 4;
        int total = Short.toUnsignedInt(ByteBuffer.wrap(octets).getShort(2));
        return header >= HEADER && header <= total && total <= octets.length;
    }

    /// Whether these octets have a right IPv4 header checksum.
    public static boolean headerChecksumIsRight(byte[] octets) {
        return sum(0, Arrays.copyOf(octets, (octets[0] & 0xf) * 4)) == 0xffff;
    }

    /// The length of the whole packet in octets.
    public int length() {
        return HEADER + options.length + payload.length;
    }

    public boolean dontFragment() {
        return (flagsAndOffset & DONT_FRAGMENT) != 0;
    }

    public boolean isFragment() {
        return (flagsAndOffset & 0x3fff) != 0;
    }

    /// What the checksum of the UDP datagram ought to be, whatever its field holds.
    public int transportChecksum() {
        byte[] datagram = payload.clone();
        datagram[6] = 0;
        datagram[7] = 0;
        int pseudoHeader = sum(sum(protocol + payload.length, addressOctets(source)), addressOctets(destination));
        return ~sum(pseudoHeader, datagram) & 0xffff;
    }

    public Ipv4Packet withTos(int tos) {
        return new Ipv4Packet(
                tos, identification, flagsAndOffset, ttl, protocol, source, destination, options, payload);
    }

    public Ipv4Packet withIdentification(int identification) {
        return new Ipv4Packet(
                tos, identification, flagsAndOffset, ttl, protocol, source, destination, options, payload);
    }

    /// With these flags in the upper three bits and this offset, in units of eight octets, in the others.
    public Ipv4Packet withFlagsAndOffset(int flagsAndOffset) {
        return new Ipv4Packet(
                tos, identification, flagsAndOffset, ttl, protocol, source, destination, options, payload);
    }

    public Ipv4Packet withTtl(int ttl) {
        return new Ipv4Packet(
                tos, identification, flagsAndOffset, ttl, protocol, source, destination, options, payload);
    }

    public Ipv4Packet withSource(String source) {
        return new Ipv4Packet(
                tos, identification, flagsAndOffset, ttl, protocol, source, destination, options, payload);
    }

    public Ipv4Packet withOptions(byte... options) {
        return new Ipv4Packet(
                tos, identification, flagsAndOffset, ttl, protocol, source, destination, options, payload);
    }

    private static String address(byte[] octets, int at) {
        return "%d.%d.%d.%d"
                .formatted(octets[at] & 0xff, octets[at + 1] & 0xff, octets[at + 2] & 0xff, octets[at + 3] & 0xff);
    }

    public static byte[] addressOctets(String address) {
        try {
            return InetAddress.getByName(address).getAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(address, e);
        }
    }

    /// The slow and obvious sum of RFC 1071, two octets at a time, added to `sum`.
    static int sum(int sum, byte[] octets) {
        int total = sum;
        for (int i = 0; i < octets.length; i += 2) {
            total += (octets[i] & 0xff) << 8 | (i + 1 < octets.length ? octets[i + 1] & 0xff : 0);
        }
        while (total >>> 16 != 0) {
            total = (total & 0xffff) + (total >>> 16);
        }
        return total;
    }
}
