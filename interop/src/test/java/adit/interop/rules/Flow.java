package adit.interop.rules;

import java.nio.ByteBuffer;
import java.util.Arrays;

/// Packets of one flow, which follow each other: TCP segments or UDP datagrams of [#DATA] octets, in IPv4 or IPv6. It
/// shares no code with what is under test.
enum Flow {
    TCP4,
    TCP6,
    UDP4;

    /// Octets of data in each packet.
    static final int DATA = 100;

    private static final int ACK = 0x10;
    private static final int TCP = 6;
    private static final int FIRST = 5000;

    /// How the transport checksum is.
    enum Checksum {
        RIGHT,
        WRONG,
        /// The sum of the pseudo-header alone, for somebody else to finish.
        OPEN
    }

    /// The n-th packet.
    byte[] packet(int number) {
        return packet(number, Checksum.RIGHT);
    }

    byte[] packet(int number, Checksum checksum) {
        byte[] transport = transport(number);
        int at = this == UDP4 ? 6 : 16;
        int open = Ipv4Packet.sum(pseudoHeader(transport.length), new byte[0]);
        int right = ~Ipv4Packet.sum(open, transport) & 0xffff;
        int value = switch (checksum) {
            case RIGHT -> right;
            case WRONG -> right == 0x1234 ? 0x1235 : 0x1234;
            case OPEN -> open;
        };
        ByteBuffer.wrap(transport).putShort(at, (short) value);
        return this == TCP6
                ? packet6(transport)
                : Ipv4Packet.of(from(), to(), protocol(), transport)
                        .withIdentification(100 + number)
                        .octets();
    }

    /// The number of the protocol of its packets, in another packet.
    int carried() {
        return this == TCP6 ? 41 : Ipv4Packet.IPIP;
    }

    private int protocol() {
        return this == UDP4 ? Ipv4Packet.UDP : TCP;
    }

    private String from() {
        return this == TCP6 ? "fd03::2" : "10.3.0.2";
    }

    private String to() {
        return this == TCP6 ? "fd02::2" : "10.2.0.2";
    }

    private byte[] transport(int number) {
        byte[] data = new byte[DATA];
        Arrays.fill(data, (byte) (number + 1));
        if (this == UDP4) {
            return ByteBuffer.allocate(8 + DATA)
                    .putShort((short) 1000)
                    .putShort((short) 2000)
                    .putShort((short) (8 + DATA))
                    .putShort((short) 0)
                    .put(data)
                    .array();
        }
        return ByteBuffer.allocate(20 + DATA)
                .putShort((short) 1000)
                .putShort((short) 2000)
                .putInt(FIRST + DATA * number)
                .putInt(2)
                .putShort((short) (5 << 12 | ACK))
                .putShort((short) 500)
                .putInt(0)
                .put(data)
                .array();
    }

    private byte[] packet6(byte[] transport) {
        return ByteBuffer.allocate(Ipv6Packet.HEADER + transport.length)
                .putInt(6 << 28)
                .putShort((short) transport.length)
                .put((byte) TCP)
                .put((byte) 64)
                .put(Ipv4Packet.addressOctets(from()))
                .put(Ipv4Packet.addressOctets(to()))
                .put(transport)
                .array();
    }

    private int pseudoHeader(int length) {
        return Ipv4Packet.sum(
                Ipv4Packet.sum(Ipv4Packet.sum(protocol() + length, new byte[0]), Ipv4Packet.addressOctets(from())),
                Ipv4Packet.addressOctets(to()));
    }
}
