package adit.linux;

import adit.wire.InternetChecksum;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Octets;
import adit.wire.Udp;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/// Packets for tests. The kernel that receives them checks their checksums.
final class Packets {
    static final int DEVICE = 0x0a63_0001;
    static final int BEHIND = 0x0a63_0002;
    static final int HEADERS = Ipv4.MIN_HEADER_LENGTH + Udp.HEADER_LENGTH;

    private Packets() {}

    /// Writes at `at` a datagram from port 9 of [#BEHIND] to `port` of [#DEVICE], and answers its length.
    static int answer(MemorySegment s, long at, int port, String payload) {
        byte[] octets = payload.getBytes(StandardCharsets.UTF_8);
        int length = HEADERS + octets.length;
        Ipv4.emit(s, at, 0, length, 1, 0, 0, 64, IpProtocol.UDP, BEHIND, DEVICE);
        long udp = at + Ipv4.MIN_HEADER_LENGTH;
        Udp.emit(s, udp, 9, port, length - Ipv4.MIN_HEADER_LENGTH, 0);
        for (int i = 0; i < octets.length; i++) {
            Octets.put8(s, at + HEADERS + i, octets[i]);
        }
        Udp.fillChecksum(
                s,
                udp,
                InternetChecksum.pseudoHeader4(BEHIND, DEVICE, IpProtocol.UDP, length - Ipv4.MIN_HEADER_LENGTH));
        return length;
    }

    /// The payload of the UDP datagram that stands at `at` and is `length` octets long.
    static String payload(MemorySegment s, long at, int length) {
        byte[] octets = new byte[length - HEADERS];
        MemorySegment.copy(s, at + HEADERS, MemorySegment.ofArray(octets), 0, octets.length);
        return new String(octets, StandardCharsets.UTF_8);
    }
}
