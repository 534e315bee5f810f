package adit.lab;

import adit.device.Drop;
import adit.device.DropReason;
import adit.ip.IpDrop;
import java.util.Optional;
import java.util.Set;

/// Reasons for drops in words, for people who look at a trace.
final class DropWords {
    /// What happens all the time and is nobody's loss: questions for others, and answers that nobody waits for.
    private static final Set<IpDrop> CHATTER = Set.of(IpDrop.ARP, IpDrop.NDISC, IpDrop.ICMP_IGNORED, IpDrop.NOT_JOINED);

    private DropWords() {}

    /// The words, and the reason's own name behind them; empty for what a trace need not tell.
    static Optional<String> of(IpDrop why) {
        if (CHATTER.contains(why)) {
            return Optional.empty();
        }
        String words = switch (why) {
            case OTHERHOST -> "the frame is for another host";
            case UNHANDLED_PROTO -> "neither IPv4, IPv6 nor ARP";
            case IP_INHDR, IP6_INHDR -> "the IP header makes no sense";
            case IP_CSUM -> "the checksum of the IP header is wrong";
            case PKT_TOO_SMALL, IP6_TOO_SMALL -> "the packet is shorter than it says";
            case IP_OPTIONS -> "an IP option is wrong";
            case SOURCE_ROUTED -> "a source route, which is not heeded";
            case IP_INVALID_SOURCE -> "the source address can't come in here";
            case IP_INVALID_DEST -> "the destination address can't come in here";
            case IP_INNOROUTES, IP6_INNOROUTES -> "there is no route to the destination";
            case OUT_NO_ROUTE, IP6_OUT_NO_ROUTE -> "there is no route to the destination";
            case IP_REJECTED -> "the route says unreachable, prohibited or blackhole";
            case IP_NOT_FORWARDING -> "it is for another host, and this one does not forward (net.ipv4.ip_forward)";
            case IP6_ADDRESS -> "it is for another host, and this one does not forward (net.ipv6.conf.all.forwarding)";
            case IP_TTL, IP6_HOP_LIMIT -> "the time to live ran out";
            case SEGMENTATION -> "it is not what its description says, and can't be cut";
            case IP_TOO_BIG, IP6_TOO_BIG -> "it is longer than the way ahead takes, and must not be cut";
            case NOMEM -> "no packet buffer was free";
            case IP_NOPROTO, IP6_NOPROTO -> "nobody here takes this protocol";
            case FRAG, IP6_FRAG -> "its fragments did not come together";
            case NEIGH_FAILED -> "the next hop does not answer for its link address";
            case NEIGH_QUEUEFULL -> "too many packets wait for the next hop's link address";
            case ICMP, ICMP6 -> "the ICMP message is too short, or its checksum is wrong";
            case UDP, UDP6 -> "the UDP datagram is too short, or its checksum is wrong";
            case NO_SOCKET, NO_SOCKET6 -> "no program listens on this UDP port";
            case TCP -> "there is no TCP here";
            case SOCKET_RCVBUFF -> "the socket's queue is full";
            case IP6_EXTENSION -> "an extension header is wrong";
            case IP6_DISABLED -> "IPv6 is off on this device";
            case MPLS_INPUT -> "MPLS labels are not heeded on this device (net.mpls.conf.DEV.input)";
            case MPLS_NO_ROUTE -> "there is no route for its MPLS label";
            case MPLS_TTL -> "the time to live of its MPLS label ran out";
            case MPLS_TOO_BIG -> "with its MPLS label it is longer than the way ahead takes";
            case MPLS_NOT_IP -> "what stands below its last MPLS label is not IP";
            default -> "";
        };
        return Optional.of(text(words, why.name()));
    }

    /// The words, and the reason's own name behind them.
    static String of(Drop why) {
        String words = switch (why) {
            case DEV_READY -> "the device is down or has no carrier";
            case DEV_READY_RX -> "the device that it reaches is down";
            case FULL_RING -> "the queue is full";
            case OTHERHOST -> "the frame is for another host's link address";
            case UNHANDLED_PROTO -> "nobody takes this protocol";
            case NOMEM, NOMEM_RX -> "no packet buffer was free";
            case HDR_TRUNC -> "it is too short for its link header";
            default -> "";
        };
        return text(words, why.name());
    }

    /// The words, and the reason's own name behind them.
    static String of(DropReason why) {
        return text(why.description(), why.name());
    }

    private static String text(String words, String name) {
        return words.isEmpty() ? name : words + " [" + name + "]";
    }
}
