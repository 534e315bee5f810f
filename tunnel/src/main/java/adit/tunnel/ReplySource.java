package adit.tunnel;

import adit.wire.Ip4Address;
import adit.wire.Ip6Address;

/// Who the sender of an inner packet hears ICMP errors from.
///
/// @param ip4 the source of errors about IPv4 packets; 0.0.0.0 for the destination of the packet
/// @param ip6 the source of errors about IPv6 packets; `::` for the destination of the packet
public record ReplySource(Ip4Address ip4, Ip6Address ip6) {
    /// The destination of the packet that caused the error. A kernel TUN device needs this one: it would drop a
    /// packet that comes in from one of the host's own addresses as martian.
    public static final ReplySource INNER_DESTINATION = new ReplySource(Ip4Address.ANY, Ip6Address.ANY);

    /// This address for IPv4, the destination of the packet for IPv6.
    public static ReplySource fixed(Ip4Address address) {
        return new ReplySource(address, Ip6Address.ANY);
    }
}
