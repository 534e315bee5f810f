package adit.netns.offload;

import adit.wire.Octets;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;

/// Packets as hexadecimal text, with checksums of a plain loop over 16-bit words that shares nothing with what
/// is tested.
final class Packets {
    private static final HexFormat HEX = HexFormat.of();

    private Packets() {}

    static int sum(String hex) {
        byte[] octets = HEX.parseHex(hex);
        long sum = 0;
        for (int i = 0; i < octets.length; i++) {
            sum += i % 2 == 0 ? (octets[i] & 0xff) << 8 : octets[i] & 0xff;
        }
        while (sum >>> 16 != 0) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return (int) sum;
    }

    static String word(int value) {
        return HEX.toHexDigits((short) value);
    }

    static String bytes(int octets, int seed) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < octets; i++) {
            text.append(HEX.toHexDigits((byte) (i * 7 + seed)));
        }
        return text.toString();
    }

    /// An IPv4 packet without options; `flags` is the word of flags and fragment offset.
    static String ip4(String identification, String flags, int protocol, String from, String to, String payload) {
        return ip4("", 0, 64, identification, flags, protocol, from, to, payload);
    }

    static String ip4(
            String options,
            int tos,
            int ttl,
            String identification,
            String flags,
            int protocol,
            String from,
            String to,
            String payload) {
        int header = 20 + options.length() / 2;
        String front = "4" + Integer.toHexString(header / 4) + HEX.toHexDigits((byte) tos)
                + word(header + payload.length() / 2) + identification + flags + HEX.toHexDigits((byte) ttl)
                + HEX.toHexDigits((byte) protocol);
        String addresses = from + to + options;
        return front + word(~sum(front + addresses)) + addresses + payload;
    }

    static String ip6(int trafficClass, int hopLimit, int next, String from, String to, String payload) {
        return "6" + HEX.toHexDigits((byte) trafficClass) + "12345" + word(payload.length() / 2)
                + HEX.toHexDigits((byte) next) + HEX.toHexDigits((byte) hopLimit) + from + to + payload;
    }

    /// The sum of a pseudo-header; addresses of either version.
    static int pseudo(String from, String to, int protocol, int length) {
        return sum(from + to + HEX.toHexDigits(protocol) + HEX.toHexDigits(length));
    }

    /// A transport header and payload with its checksum at octet `at` made: finished, or the pseudo-header's
    /// sum alone.
    static String checked(String from, String to, int protocol, String transport, int at, Finish finish) {
        int pseudo = pseudo(from, to, protocol, transport.length() / 2);
        String without = transport.substring(0, 2 * at) + "0000" + transport.substring(2 * at + 4);
        int value = switch (finish) {
            case PARTIAL -> pseudo;
            case FINISHED -> {
                MemorySegment scratch = MemorySegment.ofArray(new byte[8]);
                Octets.put32(scratch, 0, pseudo + sum(without));
                yield ~sum(HEX.formatHex(scratch.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE)));
            }
            case WRONG -> 0x1234;
        };
        return without.substring(0, 2 * at) + word(value) + without.substring(2 * at + 4);
    }

    /// How a checksum is.
    enum Finish {
        PARTIAL,
        FINISHED,
        WRONG
    }

    static String tcp(
            long sequence, long acknowledgment, int flags, int window, int urgent, String options, String data) {
        return "03e807d0" + HEX.toHexDigits((int) sequence) + HEX.toHexDigits((int) acknowledgment)
                + word((20 + options.length() / 2) / 4 * 4096 + flags) + word(window) + "0000" + word(urgent) + options
                + data;
    }

    static String udp(int source, int destination, String data) {
        return word(source) + word(destination) + word(8 + data.length() / 2) + "0000" + data;
    }

    /// A little-endian virtio-net header of ten octets.
    static String vnet(int flags, int type, int headerLength, int size, int start, int offset) {
        return HEX.toHexDigits((byte) flags)
                + HEX.toHexDigits((byte) type)
                + little(headerLength)
                + little(size)
                + little(start)
                + little(offset);
    }

    /// The longer form, with what tells of a tunnel.
    static String vnet24(String ten, int outerTransport, int innerNetwork) {
        return ten + "00".repeat(10) + little(outerTransport) + little(innerNetwork);
    }

    static String little(int value) {
        return HEX.toHexDigits(Short.reverseBytes((short) value));
    }
}
