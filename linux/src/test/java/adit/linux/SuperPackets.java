package adit.linux;

import adit.offload.Segmenter;
import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Octets;
import adit.wire.Tcp;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// TCP super-packets for tests, and what they stand for.
final class SuperPackets {
    private static final int PREFIX = 4;
    private static final int HEADERS = Ipv4.MIN_HEADER_LENGTH + Tcp.MIN_HEADER_LENGTH;

    private SuperPackets() {}

    /// One with so many octets of payload, four other octets in front, and segments of so many. Its checksums
    /// are those of none of its segments.
    static PacketBuffer lend(PacketPool pool, int payload, int segmentSize) {
        PacketBuffer p = pool.lend();
        p.segment().fill((byte) 0xa5);
        MemorySegment s = p.segment();
        int at = p.put(PREFIX + HEADERS + payload);
        Octets.put32(s, at, 0x0004_0000);
        int ip = at + PREFIX;
        Ipv4.emit(s, ip, 0, HEADERS + payload, 0xfff0, 2, 0, 61, IpProtocol.TCP, 0x0a01_0001, 0x0a02_0002);
        int tcp = ip + Ipv4.MIN_HEADER_LENGTH;
        Tcp.emit(s, tcp, 5001, 5002, 0xffff_0000L, 77, Tcp.MIN_HEADER_LENGTH, Tcp.ACK | Tcp.PSH, 1000);
        for (int i = 0; i < payload; i++) {
            Octets.put8(s, tcp + Tcp.MIN_HEADER_LENGTH + i, i * 11 + (i >> 8));
        }
        Offload o = p.offload();
        o.networkStart = PREFIX;
        o.segmentation = Offload.Segmentation.TCP4;
        o.segmentSize = segmentSize;
        o.checksum = Offload.Checksum.PARTIAL;
        o.checksumStart = PREFIX + Ipv4.MIN_HEADER_LENGTH;
        o.checksumOffset = Tcp.CHECKSUM;
        return p;
    }

    /// Its segments, each written in one piece.
    static List<byte[]> cut(PacketBuffer superPacket) {
        List<byte[]> all = new ArrayList<>();
        Segmenter segmenter = new Segmenter();
        int count = segmenter.begin(superPacket);
        try (PacketPool pool = new PacketPool(1, 0, Math.max(1, superPacket.length()))) {
            for (int i = 0; i < count; i++) {
                PacketBuffer p = pool.lend();
                segmenter.next(p);
                all.add(p.segment().asSlice(p.head(), p.length()).toArray(ValueLayout.JAVA_BYTE));
                p.release();
            }
        }
        return all;
    }
}
