package adit.device;

import adit.packet.Offload;
import adit.packet.PacketBuffer;
import adit.packet.PacketType;
import adit.wire.Ethernet;
import adit.wire.MacAddress;
import adit.wire.Octets;
import adit.wire.Vlan;
import java.lang.foreign.MemorySegment;

/// Ethernet headers on and off packets, with what travels beside the octets kept right.
public final class Frames {
    /// The protocol of a frame whose type field is a length: IEEE 802.2 follows.
    public static final int PROTOCOL_802_2 = 4;
    /// The protocol of a frame whose type field is a length and whose payload starts with ffff: Novell's IPX
    /// does so.
    public static final int PROTOCOL_802_3 = 1;

    private static final int FIRST_ETHER_TYPE = 0x600;
    private static final int RAW_IPX = 0xffff;
    private static final int VLAN_IDENTIFIER = 0xfff;
    /// What Linux wants to be there of a tag: two octets behind it, too, by which it tells IPX.
    private static final int LOOKED_AT = Vlan.TAG_LENGTH + 2;

    private Frames() {}

    /// Pushes an Ethernet header in front of a packet.
    public static void push(PacketBuffer p, long destination, long source, int etherType) {
        Ethernet.emit(p.segment(), p.push(Ethernet.HEADER_LENGTH), destination, source, etherType);
        p.offload().shift(Ethernet.HEADER_LENGTH);
    }

    /// Takes the Ethernet header off a frame that came in by the device of address `own`, and puts what it says
    /// beside the octets: protocol, packet type, and the VLAN tag, if there is one, whose octets go too. Answers
    /// false for a frame that announces a tag and ends before it.
    static boolean open(PacketBuffer p, long own) {
        MemorySegment s = p.segment();
        long at = p.head();
        p.packetType(type(Ethernet.destination(s, at), own));
        int protocol = Ethernet.etherType(s, at);
        take(p, Ethernet.HEADER_LENGTH);
        p.protocol(protocol >= FIRST_ETHER_TYPE ? protocol : ieee(p));
        while (isTagged(p)) {
            if (!untag(p)) {
                return false;
            }
            // The addresses stay right in front of the type, as if there had been no tag.
            MemorySegment.copy(s, at, s, at + Vlan.TAG_LENGTH, 2L * MacAddress.LENGTH);
            at += Vlan.TAG_LENGTH;
        }
        return true;
    }

    /// As [#open] for a packet that has no Ethernet header, but whose protocol may announce a tag in front of it.
    static boolean openTags(PacketBuffer p) {
        while (isTagged(p)) {
            if (!untag(p)) {
                return false;
            }
        }
        return true;
    }

    /// Whether a tag is to be taken off: the first one, and another one behind one that names no VLAN.
    private static boolean isTagged(PacketBuffer p) {
        return Vlan.isTag(p.protocol()) && (p.vlan() & VLAN_IDENTIFIER) == 0;
    }

    private static boolean untag(PacketBuffer p) {
        if (p.length() < LOOKED_AT) {
            return false;
        }
        long tag = p.head();
        p.vlan(p.protocol() << 16 | Vlan.control(p.segment(), tag));
        int protocol = Vlan.etherType(p.segment(), tag);
        if ((p.vlan() & VLAN_IDENTIFIER) != 0) {
            p.packetType(PacketType.OTHERHOST);
        }
        take(p, Vlan.TAG_LENGTH);
        Offload o = p.offload();
        boolean isDatagrams = o.segmentation == Offload.Segmentation.UDP;
        if (o.checksum == Offload.Checksum.PARTIAL && o.checksumStart < 0 && !isDatagrams) {
            // It was to start within the tag. Datagrams are not cut without it.
            o.checksum = Offload.Checksum.UNKNOWN;
        }
        p.protocol(protocol >= FIRST_ETHER_TYPE ? protocol : ieee(p));
        return true;
    }

    private static int ieee(PacketBuffer p) {
        boolean ipx = p.length() >= 2 && Octets.u16(p.segment(), p.head()) == RAW_IPX;
        return ipx ? PROTOCOL_802_3 : PROTOCOL_802_2;
    }

    private static PacketType type(long destination, long own) {
        if (destination == own) {
            return PacketType.HOST;
        }
        if (destination == MacAddress.BROADCAST.bits()) {
            return PacketType.BROADCAST;
        }
        boolean group = (destination & 1L << 40) != 0;
        return group ? PacketType.MULTICAST : PacketType.OTHERHOST;
    }

    private static void take(PacketBuffer p, int octets) {
        p.pull(octets);
        p.offload().shift(-octets);
    }
}
