package adit.interop.rules;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A packet that stands for several, as a program writes it to a TUN device, and those that it stands for. Made
/// the slow way, packet by packet; it shares no code with what is under test.
///
/// @param kind what it carries
/// @param source where from
/// @param destination where to
/// @param flagsAndOffset those of the IPv4 header
/// @param payload octets of data in all
/// @param segment octets of data in each packet but the last
record SuperPacket(Kind kind, String source, String destination, int flagsAndOffset, int payload, int segment) {
    private static final int IPV4_HEADER = 20;
    private static final int FIRST_SEQUENCE_NUMBER = 0xffff_f000;
    private static final int FIRST_IDENTIFICATION = 0xfffe;
    private static final int ACK = 0x10;
    private static final int PSH = 0x08;

    /// What is cut.
    enum Kind {
        TCP(1, 6, 20, 16),
        UDP(5, 17, 8, 6);

        private final int gsoType;
        private final int protocol;
        private final int header;
        private final int checksumOffset;

        Kind(int gsoType, int protocol, int header, int checksumOffset) {
            this.gsoType = gsoType;
            this.protocol = protocol;
            this.header = header;
            this.checksumOffset = checksumOffset;
        }

        /// As which it is announced in a virtio-net header.
        int gsoType() {
            return gsoType;
        }
    }

    /// So many octets of data, in packets of so many, from the box's side to the host behind the tunnel.
    static SuperPacket of(Kind kind, int payload, int segment) {
        return new SuperPacket(kind, TunnelBox.INNER_HERE, TunnelBox.INNER_THERE, 0, payload, segment);
    }

    SuperPacket withDontFragment() {
        return new SuperPacket(kind, source, destination, Ipv4Packet.DONT_FRAGMENT, payload, segment);
    }

    SuperPacket to(String another) {
        return new SuperPacket(kind, source, another, flagsAndOffset, payload, segment);
    }

    /// The octets of IPv4 header, transport header and all data.
    int length() {
        return IPV4_HEADER + kind.header + payload;
    }

    /// How many packets it stands for.
    int count() {
        return (payload + segment - 1) / segment;
    }

    /// The octets that are written: the virtio-net header and the packet, whose checksum is open.
    byte[] written() {
        byte[] transport = transport(0, payload, true);
        int sum = pseudoHeader(transport.length);
        ByteBuffer.wrap(transport).putShort(kind.checksumOffset, (short) sum);
        byte[] packet = packet(0, 64, transport);
        return ByteBuffer.allocate(10 + packet.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 1)
                .put((byte) kind.gsoType)
                .putShort((short) (IPV4_HEADER + kind.header))
                .putShort((short) segment)
                .putShort((short) IPV4_HEADER)
                .putShort((short) kind.checksumOffset)
                .put(packet)
                .array();
    }

    /// The packets that it stands for, a hop further on.
    List<byte[]> forwarded() {
        List<byte[]> all = new ArrayList<>();
        for (int at = 0; at < payload; at += segment) {
            int length = Math.min(segment, payload - at);
            byte[] transport = transport(at, length, at + length == payload);
            int checksum = ~Ipv4Packet.sum(pseudoHeader(transport.length), transport) & 0xffff;
            ByteBuffer.wrap(transport)
                    .putShort(kind.checksumOffset, (short) (checksum == 0 && kind == Kind.UDP ? 0xffff : checksum));
            all.add(packet(all.size(), 63, transport));
        }
        return all;
    }

    private byte[] transport(int from, int length, boolean last) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        ByteBuffer header =
                ByteBuffer.allocate(kind.header).putShort((short) 40000).putShort((short) 7);
        switch (kind) {
            case TCP ->
                header.putInt(FIRST_SEQUENCE_NUMBER + from)
                        .putInt(0x1234_5678)
                        .putShort((short) (5 << 12 | ACK | (last ? PSH : 0)))
                        .putShort((short) 501);
            case UDP -> header.putShort((short) (8 + length));
        }
        octets.writeBytes(header.array());
        octets.writeBytes(Arrays.copyOfRange(Ipv4Packet.counting(from + length), from, from + length));
        return octets.toByteArray();
    }

    private byte[] packet(int number, int ttl, byte[] transport) {
        return Ipv4Packet.of(source, destination, kind.protocol, transport)
                .withIdentification(FIRST_IDENTIFICATION + number & 0xffff)
                .withFlagsAndOffset(flagsAndOffset)
                .withTtl(ttl)
                .octets();
    }

    private int pseudoHeader(int length) {
        return Ipv4Packet.sum(
                Ipv4Packet.sum(Ipv4Packet.sum(kind.protocol + length, new byte[0]), Ipv4Packet.addressOctets(source)),
                Ipv4Packet.addressOctets(destination));
    }
}
