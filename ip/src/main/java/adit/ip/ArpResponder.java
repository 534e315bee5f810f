package adit.ip;

import adit.device.Frames;
import adit.packet.PacketBuffer;
import adit.wire.Arp;
import adit.wire.EtherType;
import adit.wire.MacAddress;
import adit.wire.WireFault;
import java.lang.foreign.MemorySegment;

/// ARP: asks for link addresses, answers for this host's, and learns from what others say. RFC 826, RFC 5227.
final class ArpResponder {
    private final IpStack stack;

    ArpResponder(IpStack stack) {
        this.stack = stack;
    }

    /// Asks who has `target`: everybody, or the host of the link address `mac` unless that is negative.
    void request(IpInterface link, int target, long mac) {
        int source = stack.output4.source(link, target, InterfaceAddress.SCOPE_LINK);
        send(link, Arp.REQUEST, mac < 0 ? MacAddress.BROADCAST.bits() : mac, source, 0, target);
    }

    private void send(IpInterface link, int operation, long to, int source, long targetMac, int target) {
        PacketBuffer p = stack.lend(Arp.LENGTH);
        if (p == null) {
            return;
        }
        long own = link.device().address();
        Arp.emit(p.segment(), p.put(Arp.LENGTH), operation, own, source, targetMac, target);
        p.protocol(EtherType.ARP);
        Frames.push(p, to, own, EtherType.ARP);
        link.device().send(p);
    }

    void receive(IpInterface link, PacketBuffer p) {
        MemorySegment s = p.segment();
        int at = p.head();
        if (Arp.fault(s, at, p.length()) != WireFault.NONE || !link.resolves()) {
            stack.drop(p, IpDrop.ARP);
            return;
        }
        switch (p.packetType()) {
            case OTHERHOST -> stack.drop(p, IpDrop.OTHERHOST);
            default -> {
                process(link, s, at);
                p.release();
            }
        }
    }

    private void process(IpInterface link, MemorySegment s, int at) {
        int operation = Arp.operation(s, at);
        int sender = Arp.senderProtocol(s, at);
        int target = Arp.targetProtocol(s, at);
        long mac = Arp.senderHardware(s, at);
        boolean isGroup = target >>> 28 == 0xe || target >>> 24 == 127;
        if (isGroup || (operation != Arp.REQUEST && operation != Arp.REPLY)) {
            return;
        }
        if (operation == Arp.REQUEST && sender == 0) {
            // A probe for duplicates (RFC 5227): defend what is ours.
            if (stack.own.isLocal4(target)) {
                send(link, Arp.REPLY, mac, target, mac, sender);
            }
            return;
        }
        if (operation == Arp.REQUEST && stack.own.isLocal4(target)) {
            link.neighbours4.heard((long) sender << 32, 0, mac, Advertisement.UNSOLICITED, true);
            send(link, Arp.REPLY, mac, target, mac, sender);
            return;
        }
        boolean solicited = operation == Arp.REPLY && stack.own.isLocal4(target);
        link.neighbours4.heard(
                (long) sender << 32, 0, mac, solicited ? Advertisement.SOLICITED : Advertisement.UNSOLICITED, false);
    }
}
