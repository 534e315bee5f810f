package adit.linux;

import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.packet.Refusal;
import adit.tun.TunSpec;
import adit.wire.EtherType;
import adit.wire.InternetChecksum;
import adit.wire.Octets;
import adit.wire.TunPi;
import adit.wire.VirtioNet;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/// What stands in front of each packet on a TUN file, both ways between octets and what travels beside a
/// packet:
///
/// ```
/// | tun_pi: 4, if asked for | virtio-net header: 10 or more, if asked for | packet |
/// ```
///
/// @param kind what the packets are
/// @param information whether there is a tun_pi
/// @param vnetHeaderLength octets of the virtio-net header, 0 for none
record TunFraming(TunSpec.Kind kind, Information information, int vnetHeaderLength) {
    /// Whether there is a tun_pi.
    enum Information {
        ABSENT,
        PRESENT
    }

    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    static TunFraming of(TunSpec spec, int vnetHeaderLength) {
        return new TunFraming(
                spec.kind(),
                spec.has(TunSpec.Option.PACKET_INFORMATION) ? Information.PRESENT : Information.ABSENT,
                vnetHeaderLength);
    }

    /// Octets in front of a packet.
    int length() {
        return vnetAt() + vnetHeaderLength;
    }

    private int vnetAt() {
        return information == Information.PRESENT ? TunPi.LENGTH : 0;
    }

    /// Tells `p`, whose octets are there already, what the frame in front of them says. Answers false when it
    /// describes a kind of super-packet that nobody asked for.
    boolean read(MemorySegment frame, PacketBuffer p) {
        if (kind == TunSpec.Kind.TAP) {
            p.protocol(EtherType.TRANSPARENT_ETHERNET);
        } else {
            p.protocol(information == Information.PRESENT ? TunPi.protocol(frame, 0) : protocolByVersion(p));
        }
        return vnetHeaderLength == 0 || readVnet(frame, vnetAt(), p);
    }

    private static boolean readVnet(MemorySegment frame, int at, PacketBuffer p) {
        Offload offload = p.offload();
        int flags = VirtioNet.flags(frame, at);
        if ((flags & VirtioNet.FLAG_NEEDS_CHECKSUM) != 0) {
            offload.checksum = Offload.Checksum.PARTIAL;
            offload.checksumStart = VirtioNet.checksumStart(frame, at, ORDER);
            offload.checksumOffset = VirtioNet.checksumOffset(frame, at, ORDER);
        } else if ((flags & VirtioNet.FLAG_DATA_VALID) != 0) {
            offload.checksum = Offload.Checksum.VALID;
        }
        int type = VirtioNet.gsoType(frame, at);
        if (type == VirtioNet.GSO_NONE) {
            return true;
        }
        switch (type & ~VirtioNet.GSO_ECN) {
            case VirtioNet.GSO_TCP4 -> offload.segmentation = Offload.Segmentation.TCP4;
            case VirtioNet.GSO_TCP6 -> offload.segmentation = Offload.Segmentation.TCP6;
            case VirtioNet.GSO_UDP -> offload.segmentation = Offload.Segmentation.UDP;
            case VirtioNet.GSO_UDP_FRAGMENT -> offload.segmentation = Offload.Segmentation.UDP_FRAGMENT;
            default -> {
                return false;
            }
        }
        offload.congestionWindowReduced = (type & VirtioNet.GSO_ECN) != 0;
        offload.segmentSize = VirtioNet.gsoSize(frame, at, ORDER);
        offload.headerLength = VirtioNet.headerLength(frame, at, ORDER);
        return true;
    }

    /// Why a file with this framing can't carry `p`. Without a tun_pi the driver takes the protocol of a TUN
    /// packet from its first four bits, and would take some label stacks for IP. Without a virtio-net header
    /// nobody behind the driver would segment a super-packet.
    Refusal refusal(PacketBuffer p) {
        int protocol = p.protocol();
        boolean ip = protocol == 0 || protocol == EtherType.IPV4 || protocol == EtherType.IPV6;
        if (!ip && kind == TunSpec.Kind.TUN && information == Information.ABSENT) {
            return Refusal.MALFORMED;
        }
        Offload offload = p.offload();
        if (vnetHeaderLength != 0) {
            return Refusal.NONE;
        }
        if (offload.segmentation != Offload.Segmentation.NONE) {
            return Refusal.TOO_BIG;
        }
        if (offload.checksum != Offload.Checksum.PARTIAL) {
            return Refusal.NONE;
        }
        boolean inside = offload.checksumStart >= 0
                && offload.checksumOffset >= 0
                && (long) offload.checksumStart + offload.checksumOffset + 2 <= p.length();
        return inside ? Refusal.NONE : Refusal.MALFORMED;
    }

    /// Writes the frame for `p`, which has no [#refusal]. Where the frame can't say that a checksum is
    /// unfinished, finishes it in the packet.
    void write(MemorySegment frame, PacketBuffer p) {
        if (information == Information.PRESENT) {
            TunPi.emit(frame, 0, 0, p.protocol() == 0 ? protocolByVersion(p) : p.protocol());
        }
        if (vnetHeaderLength != 0) {
            writeVnet(frame, vnetAt(), p);
        } else if (p.offload().checksum == Offload.Checksum.PARTIAL) {
            finishChecksum(p);
        }
    }

    private void writeVnet(MemorySegment frame, int at, PacketBuffer p) {
        Offload offload = p.offload();
        boolean partial = offload.checksum == Offload.Checksum.PARTIAL;
        int flags = switch (offload.checksum) {
            case PARTIAL -> VirtioNet.FLAG_NEEDS_CHECKSUM;
            case VALID -> VirtioNet.FLAG_DATA_VALID;
            case UNKNOWN -> 0;
        };
        int type = switch (offload.segmentation) {
            case NONE -> VirtioNet.GSO_NONE;
            case TCP4 -> VirtioNet.GSO_TCP4;
            case TCP6 -> VirtioNet.GSO_TCP6;
            case UDP -> VirtioNet.GSO_UDP;
            case UDP_FRAGMENT -> VirtioNet.GSO_UDP_FRAGMENT;
        };
        boolean whole = type == VirtioNet.GSO_NONE;
        VirtioNet.emit(
                frame,
                at,
                vnetHeaderLength,
                ORDER,
                flags,
                !whole && offload.congestionWindowReduced ? type | VirtioNet.GSO_ECN : type,
                // The driver refuses a header longer than the packet.
                whole ? 0 : Math.min(offload.headerLength, p.length()),
                whole ? 0 : offload.segmentSize,
                partial ? offload.checksumStart : 0,
                partial ? offload.checksumOffset : 0);
    }

    /// By the first four bits, as the driver does it; 0 for anything but 4 and 6.
    private static int protocolByVersion(PacketBuffer p) {
        if (p.length() == 0) {
            return 0;
        }
        return switch (Octets.u8(p.segment(), p.head()) >> 4) {
            case 4 -> EtherType.IPV4;
            case 6 -> EtherType.IPV6;
            default -> 0;
        };
    }

    private static void finishChecksum(PacketBuffer p) {
        Offload offload = p.offload();
        int at = p.head() + offload.checksumStart;
        int checksum =
                InternetChecksum.complement(InternetChecksum.sum(p.segment(), at, p.length() - offload.checksumStart));
        // In UDP 0 means that there is none; all ones is the same number.
        Octets.put16(p.segment(), at + offload.checksumOffset, checksum == 0 ? 0xffff : checksum);
    }
}
