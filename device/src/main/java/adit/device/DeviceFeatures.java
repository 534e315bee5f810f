package adit.device;

import adit.packet.Offload;
import adit.packet.Offload.Segmentation;

/// What a device can be given without the work done first: a set of these bits.
public final class DeviceFeatures {
    /// Packets whose checksum is to be finished.
    public static final int CHECKSUM = 1;
    /// TCP super-packets over IPv4.
    public static final int TCP4 = 1 << 1;
    /// TCP super-packets over IPv6.
    public static final int TCP6 = 1 << 2;
    /// TCP super-packets whose first segment carries CWR.
    public static final int TCP_ECN = 1 << 3;
    /// UDP super-packets of datagrams.
    public static final int UDP = 1 << 4;
    /// Super-packets inside UDP.
    public static final int UDP_TUNNEL = 1 << 5;
    /// Super-packets inside UDP that carries a checksum.
    public static final int UDP_TUNNEL_CHECKSUM = 1 << 6;
    /// VLAN tags beside the octets.
    public static final int VLAN = 1 << 7;
    /// UDP super-packets that stand for IP fragments.
    public static final int UDP_FRAGMENT = 1 << 9;
    /// TCP super-packets over IPv4 whose segments all have the same identification.
    public static final int TCP4_SAME_IDENTIFICATION = 1 << 8;

    /// Super-packets inside an IP header.
    public static final int IP_TUNNEL = 1 << 10;
    /// Super-packets inside GRE.
    public static final int GRE_TUNNEL = 1 << 12;
    /// Super-packets that are lists.
    public static final int LIST = 1 << 13;
    /// Packets inside a tunnel whose checksum is to be finished, as far as [#CHECKSUM] goes.
    public static final int INNER_CHECKSUM = 1 << 11;

    /// What is the same for every packet that a super-packet stands for, so that a device which only passes it
    /// on can leave the cutting to the next: Linux's NETIF_F_GSO_SOFTWARE.
    public static final int ANY_SUPER_PACKET = TCP4 | TCP6 | TCP_ECN | UDP | TCP4_SAME_IDENTIFICATION | LIST;

    /// Everything that can be carried as it is; not [#UDP_FRAGMENT], which nobody takes any more.
    public static final int ALL = CHECKSUM
            | ANY_SUPER_PACKET
            | UDP_TUNNEL
            | UDP_TUNNEL_CHECKSUM
            | IP_TUNNEL
            | GRE_TUNNEL
            | INNER_CHECKSUM
            | VLAN;

    private DeviceFeatures() {}

    /// Whether a device with these `features` finishes the checksum of a packet so described; one for the peer
    /// to finish is nobody's.
    static boolean finishes(int features, Offload o) {
        if (o.remoteChecksum) {
            return false;
        }
        int needed = o.tunnel == Offload.Tunnel.NONE ? CHECKSUM : CHECKSUM | INNER_CHECKSUM;
        return (features & needed) == needed;
    }

    /// Whether a device with these `features` takes a packet so described whole. No device knows of remote
    /// checksums.
    static boolean carries(int features, Offload o) {
        if (o.remoteChecksum) {
            return false;
        }
        int needed = switch (o.tunnel) {
            case NONE -> 0;
            case UDP -> UDP_TUNNEL;
            case UDP_CHECKSUM -> UDP_TUNNEL_CHECKSUM;
            case IP -> IP_TUNNEL;
            case GRE -> GRE_TUNNEL;
            case IP_OVER_UDP -> IP_TUNNEL | UDP_TUNNEL;
            case IP_OVER_UDP_CHECKSUM -> IP_TUNNEL | UDP_TUNNEL_CHECKSUM;
        };
        needed |= o.congestionWindowReduced ? TCP_ECN : 0;
        needed |= o.sameIdentification || o.innerSameIdentification ? TCP4_SAME_IDENTIFICATION : 0;
        needed |= o.listed ? LIST : 0;
        return (features & needed) == needed && carries(features, o.segmentation);
    }

    private static boolean carries(int features, Segmentation kind) {
        return switch (kind) {
            case NONE -> true;
            case TCP4 -> (features & TCP4) != 0;
            case TCP6 -> (features & TCP6) != 0;
            case UDP -> (features & UDP) != 0;
            case UDP_FRAGMENT -> (features & UDP_FRAGMENT) != 0;
        };
    }
}
