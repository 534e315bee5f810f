package adit.interop.rules;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/// Packets as text in which everything stands that two machines must agree upon, and nothing that each may
/// choose for itself: identifications, UDP source ports out of the dynamic range, the source of an ICMP error.
final class PacketText {
    private static final int FIRST_DYNAMIC_PORT = 32768;
    private static final HexFormat HEX = HexFormat.of();

    private PacketText() {}

    /// One line for each packet.
    static String lines(List<byte[]> packets) {
        return packets.stream().map(PacketText::line).collect(Collectors.joining("\n    ", "[", "]"));
    }

    /// An IPv4 packet, outer or inner.
    static String line(byte[] octets) {
        if (!Ipv4Packet.isWhole(octets)) {
            return HEX.formatHex(octets);
        }
        Ipv4Packet p = Ipv4Packet.parse(octets);
        boolean error = p.protocol() == Ipv4Packet.ICMP && p.payload().length > 0 && p.payload()[0] == 3;
        return "%s > %s tos %02x ttl %d%s%s%s%s %s"
                .formatted(
                        error ? "*" : p.source(),
                        p.destination(),
                        p.tos(),
                        p.ttl(),
                        p.dontFragment() ? " df" : "",
                        p.isFragment() ? " fragment %04x".formatted(p.flagsAndOffset() & 0x3fff) : "",
                        p.options().length > 0 ? " options " + HEX.formatHex(p.options()) : "",
                        Ipv4Packet.headerChecksumIsRight(octets) ? "" : " BAD HEADER CHECKSUM",
                        payload(p));
    }

    private static String payload(Ipv4Packet p) {
        byte[] octets = p.payload();
        boolean laterFragment = (p.flagsAndOffset() & 0x1fff) != 0;
        if (laterFragment || octets.length < 8) {
            return "protocol " + p.protocol() + " " + HEX.formatHex(octets);
        }
        ByteBuffer b = ByteBuffer.wrap(octets);
        return switch (p.protocol()) {
            case Ipv4Packet.IPIP -> "(" + line(octets) + ")";
            case Ipv4Packet.UDP -> {
                int sourcePort = Short.toUnsignedInt(b.getShort(0));
                String from = sourcePort >= FIRST_DYNAMIC_PORT ? "*" : Integer.toString(sourcePort);
                int to = Short.toUnsignedInt(b.getShort(2));
                int length = Short.toUnsignedInt(b.getShort(4));
                String data = HEX.formatHex(octets, 8, octets.length);
                yield "udp %s > %d length %d %s %s".formatted(from, to, length, checksum(p), data);
            }
            case Ipv4Packet.ICMP -> {
                byte[] quote = Arrays.copyOfRange(octets, 8, octets.length);
                yield "icmp %d/%d %08x (%s)".formatted(octets[0], octets[1], b.getInt(4), HEX.formatHex(quote));
            }
            default -> "protocol " + p.protocol() + " " + HEX.formatHex(octets);
        };
    }

    /// Depends on the source port, so it is judged rather than shown; of a fragment it can't be.
    private static String checksum(Ipv4Packet datagram) {
        int checksum = Short.toUnsignedInt(ByteBuffer.wrap(datagram.payload()).getShort(6));
        if (checksum == 0) {
            return "no checksum";
        }
        if (datagram.isFragment()) {
            return "checksum";
        }
        int right = datagram.transportChecksum();
        return checksum == (right == 0 ? 0xffff : right) ? "checksum right" : "CHECKSUM WRONG";
    }
}
