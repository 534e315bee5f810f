package adit.tunnel;

import java.util.Arrays;
import java.util.HexFormat;

/// Packets as byte arrays, built and summed without the codecs under test: by plain loops over 16-bit words.
final class Octet {
    private Octet() {}

    /// The octets of a hex string; blanks don't count.
    static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
    }

    static String hex(byte[] octets) {
        return HexFormat.of().formatHex(octets);
    }

    static byte[] join(byte[]... parts) {
        int length = Arrays.stream(parts).mapToInt(p -> p.length).sum();
        byte[] all = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    /// Octets that differ from their neighbours, so that a shifted copy shows.
    static byte[] payload(int length) {
        byte[] octets = new byte[length];
        for (int i = 0; i < length; i++) {
            octets[i] = (byte) (i * 7);
        }
        return octets;
    }

    /// The Internet checksum (RFC 1071), the slow and obvious way.
    static int checksum(byte[]... parts) {
        byte[] octets = join(parts);
        int sum = 0;
        for (int i = 0; i < octets.length; i += 2) {
            int low = i + 1 < octets.length ? octets[i + 1] & 0xff : 0;
            sum += (octets[i] & 0xff) << 8 | low;
            if (sum > 0xffff) {
                sum -= 0xffff;
            }
        }
        return ~sum & 0xffff;
    }

    static void put16(byte[] octets, int at, int value) {
        octets[at] = (byte) (value >> 8);
        octets[at + 1] = (byte) value;
    }

    static int u16(byte[] octets, int at) {
        return (octets[at] & 0xff) << 8 | (octets[at + 1] & 0xff);
    }

    private static byte[] address(String text) {
        String[] parts = text.split("\\.", -1);
        byte[] octets = new byte[4];
        for (int i = 0; i < 4; i++) {
            octets[i] = (byte) Integer.parseInt(parts[i]);
        }
        return octets;
    }

    /// An IPv4 packet to be changed before it is built.
    static final class Ip4 {
        String source = "10.1.0.1";
        String destination = "10.2.0.2";
        int tos;
        int ttl = 64;
        int protocol = 253;
        boolean dontFragment;
        boolean moreFragments;
        int fragmentOffset;
        byte[] payload = Octet.payload(64);

        Ip4 from(String address) {
            source = address;
            return this;
        }

        Ip4 to(String address) {
            destination = address;
            return this;
        }

        Ip4 tos(int value) {
            tos = value;
            return this;
        }

        Ip4 ttl(int value) {
            ttl = value;
            return this;
        }

        Ip4 df() {
            dontFragment = true;
            return this;
        }

        /// A fragment whose payload stands `octets` into the whole.
        Ip4 fragmentAt(int octets) {
            fragmentOffset = octets;
            return this;
        }

        Ip4 protocol(int number) {
            protocol = number;
            return this;
        }

        Ip4 payload(byte[] octets) {
            payload = octets;
            return this;
        }

        /// Chooses a payload so that the whole packet has this length.
        Ip4 length(int octets) {
            payload = Octet.payload(octets - 20);
            return this;
        }

        byte[] build() {
            byte[] h = new byte[20];
            h[0] = 0x45;
            h[1] = (byte) tos;
            put16(h, 2, 20 + payload.length);
            put16(h, 4, 0x1c46);
            put16(h, 6, (dontFragment ? 0x4000 : 0) | (moreFragments ? 0x2000 : 0) | fragmentOffset / 8);
            h[8] = (byte) ttl;
            h[9] = (byte) protocol;
            System.arraycopy(address(source), 0, h, 12, 4);
            System.arraycopy(address(destination), 0, h, 16, 4);
            put16(h, 10, checksum(h));
            return join(h, payload);
        }
    }

    static Ip4 ip4() {
        return new Ip4();
    }

    /// An IPv6 packet to be changed before it is built.
    static final class Ip6 {
        byte[] source = hex("20010db8000000010000000000000001");
        byte[] destination = hex("20010db8000000020000000000000002");
        int trafficClass;
        int hopLimit = 64;
        int nextHeader = 253;
        byte[] payload = Octet.payload(64);

        Ip6 from(String hex) {
            source = hex(hex);
            return this;
        }

        Ip6 to(String hex) {
            destination = hex(hex);
            return this;
        }

        Ip6 trafficClass(int value) {
            trafficClass = value;
            return this;
        }

        Ip6 hopLimit(int value) {
            hopLimit = value;
            return this;
        }

        Ip6 nextHeader(int number) {
            nextHeader = number;
            return this;
        }

        Ip6 payload(byte[] octets) {
            payload = octets;
            return this;
        }

        /// Chooses a payload so that the whole packet has this length.
        Ip6 length(int octets) {
            payload = Octet.payload(octets - 40);
            return this;
        }

        byte[] build() {
            byte[] h = new byte[8];
            h[0] = (byte) (0x60 | trafficClass >> 4);
            h[1] = (byte) (trafficClass << 4);
            put16(h, 4, payload.length);
            h[6] = (byte) nextHeader;
            h[7] = (byte) hopLimit;
            return join(h, source, destination, payload);
        }
    }

    static Ip6 ip6() {
        return new Ip6();
    }

    /// A label stack of one entry, label 100 with TTL 7, before an IPv4 packet.
    static byte[] labelled() {
        return join(hex("00064107"), ip4().build());
    }
}
