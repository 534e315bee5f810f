package adit.underlay;

import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;

/// IPv4 packets as plain octets, built and summed in the slowest obvious way: nothing here knows the code under
/// test.
final class Raw {
    static final int PEER = 0xc633_6407; // 198.51.100.7
    static final int OURS = 0xc000_0201; // 192.0.2.1

    private Raw() {}

    static byte[] hex(String octets) {
        return HexFormat.of().parseHex(octets.replace(" ", ""));
    }

    /// `length` octets, no two neighbours alike.
    static byte[] pattern(int length) {
        byte[] octets = new byte[length];
        for (int i = 0; i < length; i++) {
            octets[i] = (byte) (i * 7 + i / 256);
        }
        return octets;
    }

    static byte[] ipv4(int source, int destination, int protocol, byte[] payload) {
        return ipv4(source, destination, protocol, 0x1234, 0, payload);
    }

    /// A packet from its identification on as given; `flagsOffset` is the 16-bit word of flags and offset.
    static byte[] ipv4(int source, int destination, int protocol, int id, int flagsOffset, byte[] payload) {
        byte[] p = new byte[20 + payload.length];
        p[0] = 0x45;
        p[1] = 0x28; // AF11, not ECN-capable
        put16(p, 2, p.length);
        put16(p, 4, id);
        put16(p, 6, flagsOffset);
        p[8] = 61;
        p[9] = (byte) protocol;
        put32(p, 12, source);
        put32(p, 16, destination);
        put16(p, 10, checksum(p, 0, 20, 0));
        System.arraycopy(payload, 0, p, 20, payload.length);
        return p;
    }

    static byte[] udp(int source, int destination, int sourcePort, int destinationPort, byte[] payload) {
        byte[] u = new byte[8 + payload.length];
        put16(u, 0, sourcePort);
        put16(u, 2, destinationPort);
        put16(u, 4, u.length);
        System.arraycopy(payload, 0, u, 8, payload.length);
        long pseudo =
                (source >>> 16) + (source & 0xffff) + (destination >>> 16) + (destination & 0xffff) + 17L + u.length;
        put16(u, 6, checksum(u, 0, u.length, pseudo));
        return u;
    }

    /// An ICMP error that quotes `quote`.
    static byte[] icmpError(int type, int code, int rest, byte[] quote) {
        byte[] m = new byte[8 + quote.length];
        m[0] = (byte) type;
        m[1] = (byte) code;
        put32(m, 4, rest);
        System.arraycopy(quote, 0, m, 8, quote.length);
        put16(m, 2, checksum(m, 0, m.length, 0));
        return m;
    }

    /// RFC 1071, two octets at a time.
    static int checksum(byte[] octets, int from, int to, long start) {
        long sum = start;
        for (int i = from; i < to; i++) {
            int octet = octets[i] & 0xff;
            sum += (i - from) % 2 == 0 ? octet << 8 : octet;
        }
        while (sum >> 16 != 0) {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        return (int) (~sum & 0xffff);
    }

    static void put16(byte[] octets, int at, int value) {
        octets[at] = (byte) (value >> 8);
        octets[at + 1] = (byte) value;
    }

    static void put32(byte[] octets, int at, int value) {
        put16(octets, at, value >>> 16);
        put16(octets, at + 2, value);
    }

    static int u16(byte[] octets, int at) {
        return (octets[at] & 0xff) << 8 | (octets[at + 1] & 0xff);
    }

    /// A buffer of `pool`, first filled with junk, that holds `octets`.
    static PacketBuffer buffer(PacketPool pool, byte[] octets) {
        PacketBuffer p = pool.lend();
        p.segment().fill((byte) 0xa5);
        MemorySegment.copy(octets, 0, p.segment(), ValueLayout.JAVA_BYTE, p.put(octets.length), octets.length);
        return p;
    }

    static byte[] octets(PacketBuffer p) {
        return p.segment().asSlice(p.head(), p.length()).toArray(ValueLayout.JAVA_BYTE);
    }
}
