package adit.tunnel;

import adit.packet.Offload;
import adit.packet.PacketBuffer;
import java.util.ArrayList;
import java.util.List;

/// A TCP super-packet and, written independently of any segmenter, the packets that it stands for.
///
/// @param version which IP carries it
/// @param flags of the TCP header
/// @param headers octets of TCP header, 20 to 60
/// @param payload octets of payload in all
/// @param segmentSize octets of payload of each segment but the last
record SuperPacket(Version version, int flags, int headers, int payload, int segmentSize) {
    enum Version {
        IPV4(20),
        IPV6(40);

        final int header;

        Version(int header) {
            this.header = header;
        }
    }

    static final int ACK = 0x10;
    static final int PSH = 0x08;
    static final int FIN = 0x01;
    static final int CWR = 0x80;

    private static final int IDENTIFICATION = 0xfffe;
    private static final int SEQUENCE = 0xffff_f000;

    /// The octets as a device with partial checksums hands them over.
    byte[] whole() {
        return packet(0, payload, flags, Checksum.OF_PSEUDO_HEADER);
    }

    /// Describes `p`, which holds [#whole].
    void describe(PacketBuffer p) {
        Offload o = p.offload();
        o.segmentation = version == Version.IPV4 ? Offload.Segmentation.TCP4 : Offload.Segmentation.TCP6;
        o.segmentSize = segmentSize;
        o.checksum = Offload.Checksum.PARTIAL;
        o.checksumStart = version.header;
        o.checksumOffset = 16;
        // Not to be trusted, so it lies.
        o.headerLength = 3;
    }

    /// The packets that it stands for, as a TCP without offloads would have sent them.
    List<byte[]> segments() {
        List<byte[]> segments = new ArrayList<>();
        for (int at = 0; at < payload; at += segmentSize) {
            int octets = Math.min(segmentSize, payload - at);
            int mine = flags;
            if (at > 0) {
                mine &= ~CWR;
            }
            if (at + octets < payload) {
                mine &= ~(PSH | FIN);
            }
            segments.add(packet(at, octets, mine, Checksum.WHOLE));
        }
        return segments;
    }

    private enum Checksum {
        WHOLE,
        OF_PSEUDO_HEADER
    }

    private byte[] packet(int from, int octets, int bits, Checksum checksum) {
        byte[] tcp = new byte[headers + octets];
        Octet.put16(tcp, 0, 5001);
        Octet.put16(tcp, 2, 443);
        Octet.put16(tcp, 4, (SEQUENCE + from) >>> 16);
        Octet.put16(tcp, 6, SEQUENCE + from);
        Octet.put16(tcp, 8, 0x0102);
        Octet.put16(tcp, 10, 0x0304);
        Octet.put16(tcp, 12, ((headers / 4) << 12) | bits);
        Octet.put16(tcp, 14, 0x5678);
        for (int i = 20; i < headers; i++) {
            tcp[i] = 1;
        }
        for (int i = 0; i < octets; i++) {
            int k = from + i;
            tcp[headers + i] = (byte) (k * 31 + (k >> 7));
        }
        byte[] addresses = Octet.hex(
                version == Version.IPV4
                        ? "0a010001 0a020002"
                        : "20010db8000000000000000000000001 20010db8000000000000000000000002");
        byte[] pseudo = version == Version.IPV4
                ? Octet.join(addresses, new byte[] {0, 6, (byte) (tcp.length >> 8), (byte) tcp.length})
                : Octet.join(addresses, new byte[] {0, 0, (byte) (tcp.length >> 8), (byte) tcp.length, 0, 0, 0, 6});
        Octet.put16(
                tcp, 16, checksum == Checksum.WHOLE ? Octet.checksum(pseudo, tcp) : ~Octet.checksum(pseudo) & 0xffff);
        byte[] ip = new byte[version.header];
        if (version == Version.IPV4) {
            ip[0] = 0x45;
            ip[1] = 0x2a;
            Octet.put16(ip, 2, 20 + tcp.length);
            Octet.put16(ip, 4, IDENTIFICATION + from / segmentSize);
            ip[6] = 0x40;
            ip[8] = 63;
            ip[9] = 6;
            System.arraycopy(addresses, 0, ip, 12, 8);
            Octet.put16(ip, 10, Octet.checksum(ip));
        } else {
            ip[0] = 0x62;
            ip[1] = (byte) 0xa1;
            Octet.put16(ip, 4, tcp.length);
            ip[6] = 6;
            ip[7] = 63;
            System.arraycopy(addresses, 0, ip, 8, 32);
        }
        return Octet.join(ip, tcp);
    }
}
