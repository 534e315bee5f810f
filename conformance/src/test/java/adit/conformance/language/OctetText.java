package adit.conformance.language;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Octets as a scenario writes them: words set one behind the other, each hexadecimal digits or a form:
///
/// | form | octets |
/// |---|---|
/// | `zeros(20)`, `fill(ab,20)`, `count(20)` | 20 of 00, of ab, of 00 01 02 ... |
/// | `pi(0800)`, `pi(0800,1)` | a tun_pi with its protocol, and its flags |
/// | `vnet(flags=1,gso=1,len=54,size=1000,start=34,offset=16)`, `..,be` | a virtio-net header, in the machine's order,
/// or big-endian |
/// | `eth(020000000001,020000000002,0800)` | an Ethernet header: destination, source, type |
/// | `udp4(10.0.0.1:5,10.0.0.2:6,20)`, `tcp4`, `udp6` and `tcp6` (`fd00::1` is written `1`) | a packet with 20 octets
/// of payload |
///
/// The packets take more words: `partial` leaves the checksum to be done (the field holds the pseudo-header's
/// sum), `bad` damages it, `ttl=1`, `id=1`, `df`, `seq=1`, `ack=1`, `flags=10` (TCP's, hexadecimal).
final class OctetText {
    private static final HexFormat HEX = HexFormat.of();
    private static final int UDP = 17;
    private static final int TCP = 6;

    private OctetText() {}

    static byte[] parse(List<String> words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String word : words) {
            out.writeBytes(word(word));
        }
        return out.toByteArray();
    }

    private static byte[] word(String word) {
        int open = word.indexOf('(');
        if (open < 0) {
            return HEX.parseHex(word);
        }
        if (!word.endsWith(")")) {
            throw new IllegalArgumentException("no ) at the end of " + word);
        }
        String[] a = word.substring(open + 1, word.length() - 1).split(",");
        return switch (word.substring(0, open)) {
            case "zeros" -> new byte[Integer.parseInt(a[0])];
            case "fill" -> {
                byte[] octets = new byte[Integer.parseInt(a[1])];
                Arrays.fill(octets, (byte) Integer.parseInt(a[0], 16));
                yield octets;
            }
            case "count" -> counted(Integer.parseInt(a[0]));
            case "pi" -> {
                ByteBuffer b = ByteBuffer.allocate(4).order(ByteOrder.nativeOrder());
                b.putShort((short) (a.length > 1 ? Integer.parseInt(a[1], 16) : 0));
                yield b.order(ByteOrder.BIG_ENDIAN)
                        .putShort((short) Integer.parseInt(a[0], 16))
                        .array();
            }
            case "vnet" -> virtioHeader(options(a, 0));
            case "eth" -> HEX.parseHex(a[0] + a[1] + a[2]);
            case "udp4" -> packet4(UDP, a);
            case "tcp4" -> packet4(TCP, a);
            case "udp6" -> packet6(UDP, a);
            case "tcp6" -> packet6(TCP, a);
            default -> throw new IllegalArgumentException("no such form of octets: " + word);
        };
    }

    private static byte[] counted(int length) {
        byte[] octets = new byte[length];
        for (int i = 0; i < length; i++) {
            octets[i] = (byte) i;
        }
        return octets;
    }

    private static Map<String, String> options(String[] words, int from) {
        Map<String, String> options = new TreeMap<>();
        for (int i = from; i < words.length; i++) {
            if (!words[i].isEmpty()) {
                int equals = words[i].indexOf('=');
                options.put(
                        equals < 0 ? words[i] : words[i].substring(0, equals),
                        equals < 0 ? "1" : words[i].substring(equals + 1));
            }
        }
        return options;
    }

    private static int number(Map<String, String> options, String name, int otherwise) {
        String text = options.remove(name);
        return text == null ? otherwise : Integer.decode(text);
    }

    private static void allUsed(Map<String, String> options) {
        if (!options.isEmpty()) {
            throw new IllegalArgumentException("not understood: " + options.keySet());
        }
    }

    private static byte[] virtioHeader(Map<String, String> options) {
        ByteBuffer b = ByteBuffer.allocate(10)
                .order(options.remove("be") != null ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        b.put((byte) number(options, "flags", 0)).put((byte) number(options, "gso", 0));
        for (String field : List.of("len", "size", "start", "offset")) {
            b.putShort((short) number(options, field, 0));
        }
        allUsed(options);
        return b.array();
    }

    private static byte[] packet4(int protocol, String[] a) {
        Map<String, String> options = options(a, 3);
        byte[] source = address4(a[0]);
        byte[] destination = address4(a[1]);
        byte[] pseudo = ByteBuffer.allocate(12)
                .put(source)
                .put(destination)
                .put((byte) 0)
                .put((byte) protocol)
                .array();
        int ttl = number(options, "ttl", 64);
        int id = number(options, "id", 0x1234);
        int fragment = options.remove("df") != null ? 0x4000 : number(options, "fragment", 0);
        int tos = number(options, "tos", 0);
        byte[] segment = segment(protocol, port(a[0]), port(a[1]), Integer.parseInt(a[2]), pseudo, 10, options);
        ByteBuffer b = ByteBuffer.allocate(20 + segment.length);
        b.put((byte) 0x45).put((byte) tos).putShort((short) b.capacity()).putShort((short) id);
        b.putShort((short) fragment).put((byte) ttl).put((byte) protocol).putShort((short) 0);
        b.put(source).put(destination).put(segment);
        b.putShort(10, (short) ~sum(b.array(), 0, 20, 0));
        return b.array();
    }

    private static byte[] packet6(int protocol, String[] a) {
        Map<String, String> options = options(a, 3);
        byte[] source = address6(a[0]);
        byte[] destination = address6(a[1]);
        byte[] pseudo = ByteBuffer.allocate(40)
                .put(source)
                .put(destination)
                .putInt(0)
                .putInt(protocol)
                .array();
        int hops = number(options, "ttl", 64);
        byte[] segment = segment(protocol, port(a[0]), port(a[1]), Integer.parseInt(a[2]), pseudo, 34, options);
        ByteBuffer b = ByteBuffer.allocate(40 + segment.length);
        b.putInt(0x6000_0000)
                .putShort((short) segment.length)
                .put((byte) protocol)
                .put((byte) hops);
        return b.put(source).put(destination).put(segment).array();
    }

    /// A UDP datagram or TCP segment. Its length goes into the pseudo-header at `lengthAt`.
    private static byte[] segment(
            int protocol, int from, int to, int payload, byte[] pseudo, int lengthAt, Map<String, String> options) {
        int header = protocol == UDP ? 8 : 20;
        ByteBuffer b = ByteBuffer.allocate(header + payload);
        b.putShort((short) from).putShort((short) to);
        if (protocol == UDP) {
            b.putShort((short) b.capacity()).putShort((short) 0);
        } else {
            b.putInt(number(options, "seq", 1)).putInt(number(options, "ack", 1));
            b.put((byte) 0x50).put((byte) Integer.parseInt(options.getOrDefault("flags", "10"), 16));
            options.remove("flags");
            b.putShort((short) 0x2000).putInt(0);
        }
        b.put(counted(payload));
        ByteBuffer.wrap(pseudo).putShort(lengthAt, (short) b.capacity());
        int pseudoSum = sum(pseudo, 0, pseudo.length, 0);
        int checksum = options.remove("partial") != null ? pseudoSum : ~sum(b.array(), 0, b.capacity(), pseudoSum);
        if (options.remove("bad") != null) {
            checksum ^= 0x0101;
        }
        allUsed(options);
        return b.putShort(protocol == UDP ? 6 : 16, (short) checksum).array();
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.indexOf(':') + 1));
    }

    private static byte[] address4(String text) {
        byte[] octets = new byte[4];
        String[] parts = text.substring(0, text.indexOf(':')).split("\\.");
        for (int i = 0; i < 4; i++) {
            octets[i] = (byte) Integer.parseInt(parts[i]);
        }
        return octets;
    }

    private static byte[] address6(String text) {
        byte[] octets = new byte[16];
        octets[0] = (byte) 0xfd;
        octets[15] = (byte) Integer.parseInt(text.substring(0, text.indexOf(':')));
        return octets;
    }

    /// The Internet checksum's sum of 16-bit words, folded, added to `start`.
    private static int sum(byte[] octets, int from, int length, int start) {
        int sum = start;
        for (int i = 0; i < length; i++) {
            int octet = Byte.toUnsignedInt(octets[from + i]);
            sum += i % 2 == 0 ? octet << 8 : octet;
        }
        while (sum >> 16 != 0) {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        return sum;
    }
}
