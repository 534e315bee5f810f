package adit.offload;

import adit.packet.Offload;
import adit.packet.Offload.Checksum;
import adit.packet.Offload.Segmentation;
import adit.packet.PacketBuffer;
import adit.wire.Ipv4;
import adit.wire.Ipv6;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/// Reads the recorded rows, and turns virtio-net headers and octets into packets and back.
final class Vectors {
    private static final HexFormat HEX = HexFormat.of();

    private Vectors() {}

    static List<String[]> rows(String resource) {
        InputStream in = Vectors.class.getResourceAsStream(resource);
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return reader.lines()
                    .filter(l -> !l.startsWith("#"))
                    .map(l -> l.split("; ?", -1))
                    .toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    static void fill(PacketBuffer p, String hex) {
        byte[] octets = HEX.parseHex(hex);
        MemorySegment.copy(octets, 0, p.segment(), ValueLayout.JAVA_BYTE, p.put(octets.length), octets.length);
    }

    static String hex(PacketBuffer p) {
        return HEX.formatHex(p.segment().asSlice(p.head(), p.length()).toArray(ValueLayout.JAVA_BYTE));
    }

    /// What forwarding did to the recorded packets.
    static void hop(PacketBuffer p) {
        if (Ipv4.version(p.segment(), p.head()) == 4) {
            Ipv4.timeToLive(p.segment(), p.head(), Ipv4.timeToLive(p.segment(), p.head()) - 1);
        } else {
            Ipv6.hopLimit(p.segment(), p.head(), Ipv6.hopLimit(p.segment(), p.head()) - 1);
        }
    }

    /// A little-endian virtio-net header of 10 octets.
    static void describe(PacketBuffer p, String header) {
        byte[] h = HEX.parseHex(header);
        Offload o = p.offload();
        o.checksum = (h[0] & 1) != 0 ? Checksum.PARTIAL : (h[0] & 2) != 0 ? Checksum.VALID : Checksum.UNKNOWN;
        o.segmentation = switch (h[1] & 0x7f) {
            case 0 -> Segmentation.NONE;
            case 1 -> Segmentation.TCP4;
            case 3 -> Segmentation.UDP_FRAGMENT;
            case 4 -> Segmentation.TCP6;
            case 5 -> Segmentation.UDP;
            default -> throw new IllegalArgumentException(header);
        };
        o.headerLength = u16(h, 2);
        o.segmentSize = u16(h, 4);
        o.checksumStart = u16(h, 6);
        o.checksumOffset = u16(h, 8);
    }

    private static int u16(byte[] h, int at) {
        return (h[at] & 0xff) | ((h[at + 1] & 0xff) << 8);
    }
}
