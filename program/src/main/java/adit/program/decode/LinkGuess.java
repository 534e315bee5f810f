package adit.program.decode;

import adit.wire.EtherType;
import adit.wire.Ethernet;
import adit.wire.Ipv4;
import adit.wire.Ipv6;
import adit.wire.LinkLayer;
import adit.wire.WireFault;
import java.lang.foreign.MemorySegment;

/// Guesses what a packet begins with: an IP header where there is a sound one, else an Ethernet header where
/// its type is known.
public final class LinkGuess {
    private LinkGuess() {}

    /// The likeliest.
    public static LinkLayer of(MemorySegment s) {
        int length = (int) s.byteSize();
        if (Ipv4.fault(s, 0, length) == WireFault.NONE || Ipv6.fault(s, 0, length) == WireFault.NONE) {
            return LinkLayer.RAW_IP;
        }
        if (Ethernet.fault(s, 0, length) == WireFault.NONE) {
            switch (Ethernet.etherType(s, 0)) {
                case EtherType.IPV4,
                        EtherType.IPV6,
                        EtherType.ARP,
                        EtherType.VLAN,
                        EtherType.SERVICE_VLAN,
                        EtherType.MPLS -> {
                    return LinkLayer.ETHERNET;
                }
                default -> {}
            }
        }
        return LinkLayer.RAW_IP;
    }
}
