package adit.capture;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/// Packets to write, and what was read.
final class Samples {
    /// 2026-11-22 00:00:00.123456789 UTC.
    static final long START = 1_795_305_600_123_456_789L;

    private Samples() {}

    static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
    }

    /// A UDP packet over IPv4 of the given length, at least 28 octets, whose payload is random. The header checksum is
    /// left 0.
    static byte[] ipv4(int length, SplittableRandom dice) {
        byte[] p = new byte[length];
        dice.nextBytes(p);
        byte[] header = hex("45 00 0000 0000 4000 40 11 0000 0a010001 0a010002 1000 2000 0000 0000");
        System.arraycopy(header, 0, p, 0, header.length);
        p[2] = (byte) (length >> 8);
        p[3] = (byte) length;
        p[24] = (byte) ((length - 20) >> 8);
        p[25] = (byte) (length - 20);
        return p;
    }

    /// All packets of a file, and what was wrong with it.
    record Contents(List<CapturedPacket> packets, Optional<String> fault) {}

    static Contents read(InputStream in) throws IOException {
        CaptureReader reader = CaptureReader.open(in).orElseThrow();
        List<CapturedPacket> packets = new ArrayList<>();
        for (Optional<CapturedPacket> p = reader.next(); p.isPresent(); p = reader.next()) {
            packets.add(p.get());
        }
        return new Contents(packets, reader.fault());
    }

    static Contents read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return read(in);
        }
    }
}
