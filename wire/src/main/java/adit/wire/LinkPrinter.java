package adit.wire;

import java.lang.foreign.MemorySegment;

/// Prints what stands in front of an IP packet: Ethernet, VLAN tags, ARP, MPLS and the headers that captures
/// add.
final class LinkPrinter {
    private static final int LOOPBACK_HEADER = 4;
    private static final int COOKED1_HEADER = 16;
    private static final int COOKED1_PROTOCOL = 14;
    private static final int COOKED2_HEADER = 20;
    private static final int COOKED2_INTERFACE = 4;
    private static final int COOKED2_PACKET_TYPE = 10;

    private LinkPrinter() {}

    static void ethernet(PrintedLine line, PrintedRun run) {
        if (!line.layer("Ethernet", run, Ethernet.HEADER_LENGTH)) {
            return;
        }
        MemorySegment s = line.octets();
        line.append(" ")
                .append(new MacAddress(Ethernet.source(s, run.at())).toString())
                .append(" > ")
                .append(new MacAddress(Ethernet.destination(s, run.at())).toString());
        payload(line, run.from(Ethernet.HEADER_LENGTH), Ethernet.etherType(s, run.at()));
    }

    /// What `etherType` announces.
    static void payload(PrintedLine line, PrintedRun run, int etherType) {
        switch (etherType) {
            case EtherType.IPV4 -> IpPrinter.ip4(line, run);
            case EtherType.IPV6 -> IpPrinter.ip6(line, run);
            case EtherType.ARP -> arp(line, run);
            case EtherType.MPLS, EtherType.MPLS_UPSTREAM -> mpls(line, run);
            case EtherType.VLAN, EtherType.SERVICE_VLAN -> vlan(line, run, etherType);
            case EtherType.TRANSPARENT_ETHERNET -> ethernet(line, run);
            default -> {
                boolean length = etherType < EtherType.FIRST;
                line.data(length ? "802.3 length " + etherType : "type " + EtherType.name(etherType), run);
            }
        }
    }

    private static void vlan(PrintedLine line, PrintedRun run, int tagType) {
        if (!line.layer(EtherType.name(tagType), run, Vlan.TAG_LENGTH)) {
            return;
        }
        MemorySegment s = line.octets();
        line.append(" vlan ").append(Vlan.identifier(s, run.at()));
        if (Vlan.priority(s, run.at()) != 0) {
            line.append(" priority ").append(Vlan.priority(s, run.at()));
        }
        if (Vlan.dropEligible(s, run.at())) {
            line.append(" drop-eligible");
        }
        payload(line, run.from(Vlan.TAG_LENGTH), Vlan.etherType(s, run.at()));
    }

    private static void arp(PrintedLine line, PrintedRun run) {
        if (!line.layer("ARP", run, Arp.LENGTH)) {
            return;
        }
        MemorySegment s = line.octets();
        long at = run.at();
        if (Arp.fault(s, at, run.length()) != WireFault.NONE) {
            line.append(" hardware type ").append(Arp.hardwareType(s, at));
            line.append(" protocol type ").append(EtherType.name(Arp.protocolType(s, at)));
            line.fault("not IPv4 over Ethernet");
            return;
        }
        String sender = Ip4Address.text(Arp.senderProtocol(s, at));
        String target = Ip4Address.text(Arp.targetProtocol(s, at));
        String senderHardware = new MacAddress(Arp.senderHardware(s, at)).toString();
        switch (Arp.operation(s, at)) {
            case Arp.REQUEST ->
                line.append(" who has ").append(target).append(", tell ").append(sender);
            case Arp.REPLY -> line.append(" ").append(sender).append(" is at ").append(senderHardware);
            default -> line.append(" operation ").append(Arp.operation(s, at));
        }
    }

    static void mpls(PrintedLine line, PrintedRun run) {
        if (!line.layer("MPLS")) {
            return;
        }
        MemorySegment s = line.octets();
        WireFault fault = Mpls.fault(s, run.at(), run.length());
        int offset = 0;
        int left = 0;
        boolean bottom = false;
        for (int depth = 0; depth < Mpls.MAX_DEPTH && !bottom; depth++) {
            if (run.length() - offset < Mpls.ENTRY_LENGTH) {
                break;
            }
            if (line.takesLabel()) {
                label(line, run.at() + offset);
            } else {
                left++;
            }
            bottom = Mpls.bottomOfStack(s, run.at() + offset);
            offset += Mpls.ENTRY_LENGTH;
        }
        if (left > 0) {
            line.append(" and ").append(left).append(" more");
        }
        if (fault == WireFault.NONE) {
            mplsPayload(line, run.from(offset));
        } else {
            line.fault("no bottom of stack in " + (fault == WireFault.TRUNCATED ? run.length() : offset) + " octets");
        }
    }

    static void label(PrintedLine line, long at) {
        MemorySegment s = line.octets();
        line.append(" label ").append(Mpls.label(s, at));
        if (Mpls.trafficClass(s, at) != 0) {
            line.append(" tc ").append(Mpls.trafficClass(s, at));
        }
        line.append(" ttl ").append(Mpls.timeToLive(s, at));
    }

    // A label stack does not say what it carries; routers guess from the first four bits too.
    private static void mplsPayload(PrintedLine line, PrintedRun run) {
        int version = run.has(1) ? Octets.u8(line.octets(), run.at()) >> 4 : 0;
        if (version == 4 || version == 6) {
            IpPrinter.anyVersion(line, run);
        } else {
            line.data("", run);
        }
    }

    static void tunPi(PrintedLine line, PrintedRun run) {
        if (!line.layer("TUN", run, TunPi.LENGTH)) {
            return;
        }
        MemorySegment s = line.octets();
        if (TunPi.flags(s, run.at()) != 0) {
            line.append(" flags 0x").hex(TunPi.flags(s, run.at()), 4);
        }
        boolean stripped = TunPi.isStripped(s, run.at());
        PrintedRun packet = run.from(TunPi.LENGTH);
        payload(line, stripped ? packet.incomplete() : packet, TunPi.protocol(s, run.at()));
    }

    static void loopback(PrintedLine line, PrintedRun run) {
        if (!line.layer("loopback", run, LOOPBACK_HEADER)) {
            return;
        }
        // The capturing host's order is unknown, but no address family needs more than 16 bits.
        int family = Octets.i32(line.octets(), run.at());
        line.append(" family ").append(family >>> 16 == 0 ? family : Integer.reverseBytes(family) & 0xffff_ffffL);
        IpPrinter.anyVersion(line, run.from(LOOPBACK_HEADER));
    }

    static void cooked1(PrintedLine line, PrintedRun run) {
        if (line.layer("cooked", run, COOKED1_HEADER)) {
            int protocol = Octets.u16(line.octets(), run.at() + COOKED1_PROTOCOL);
            line.append(packetType(Octets.u16(line.octets(), run.at())));
            payload(line, run.from(COOKED1_HEADER), protocol);
        }
    }

    static void cooked2(PrintedLine line, PrintedRun run) {
        if (line.layer("cooked", run, COOKED2_HEADER)) {
            MemorySegment s = line.octets();
            line.append(" interface ").append(Octets.u32(s, run.at() + COOKED2_INTERFACE));
            line.append(packetType(Octets.u8(s, run.at() + COOKED2_PACKET_TYPE)));
            payload(line, run.from(COOKED2_HEADER), Octets.u16(s, run.at()));
        }
    }

    private static String packetType(int type) {
        return switch (type) {
            case 0 -> " in";
            case 1 -> " broadcast";
            case 2 -> " multicast";
            case 3 -> " passing";
            case 4 -> " out";
            default -> " packet type " + type;
        };
    }
}
