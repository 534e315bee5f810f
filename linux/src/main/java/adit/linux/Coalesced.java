package adit.linux;

import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Ipv6;
import adit.wire.Ipv6Chain;
import adit.wire.Tcp;
import adit.wire.TransportChecksum;
import adit.wire.Udp;
import adit.wire.WireFault;
import java.lang.foreign.MemorySegment;

/// Packets that the kernel has coalesced before a raw socket sees them.
///
/// Where the underlay device does GRO, as network cards do, the kernel merges the TCP segments of a flow inside
/// ipip and sit too (`ipip_gro_receive` and `sit_ip6ip6_gro_receive`, in kernels without those tunnels as well). A
/// raw socket then gets one packet that was never on the wire: of up to 64 KiB, and with the sum of the
/// pseudo-header alone in its checksum field (`tcp4_gro_complete`). The segments' own checksums were verified
/// first. Nothing beside the octets tells of it, and a host that is handed such a packet as it is refuses it as
/// damaged.
///
/// How large the segments were is not known either. Here they become as large as an Ethernet lets them be, which
/// is what they mostly were.
final class Coalesced {
    private static final int ETHERNET_MTU = 1500;

    private Coalesced() {}

    /// Describes in the [Offload] of an inner packet, behind its outer header, what is left to be done to it.
    static void describe(PacketBuffer p) {
        MemorySegment s = p.segment();
        int ip = p.head();
        int length = p.length();
        int version = length == 0 ? 0 : Ipv4.version(s, ip);
        boolean whole = switch (version) {
            case 4 -> Ipv4.fault(s, ip, length) == WireFault.NONE && Ipv4.totalLength(s, ip) == length;
            case 6 -> Ipv6.fault(s, ip, length) == WireFault.NONE && Ipv6.totalLength(s, ip) == length;
            default -> false;
        };
        int start = whole ? TransportChecksum.partialStart(s, ip) : TransportChecksum.NONE;
        if (start == TransportChecksum.NONE) {
            return;
        }
        int protocol = version == 4 ? Ipv4.protocol(s, ip) : Ipv6Chain.protocol(Ipv6Chain.walk(s, ip));
        Offload o = p.offload();
        o.checksum = Offload.Checksum.PARTIAL;
        o.checksumStart = start;
        o.checksumOffset = TransportChecksum.field(protocol);
        int largest = ETHERNET_MTU - p.addressing().outerHeaderLength;
        if (length <= largest) {
            return;
        }
        boolean tcp = protocol == IpProtocol.TCP;
        o.headerLength = start + (tcp ? Tcp.headerLength(s, ip + (long) start) : Udp.HEADER_LENGTH);
        o.segmentSize = largest - o.headerLength;
        o.congestionWindowReduced = tcp && (Tcp.flags(s, ip + (long) start) & Tcp.CWR) != 0;
        if (!tcp) {
            o.segmentation = Offload.Segmentation.UDP;
        } else {
            o.segmentation = version == 4 ? Offload.Segmentation.TCP4 : Offload.Segmentation.TCP6;
        }
    }
}
