package adit.ip;

import adit.wire.IpAddress;
import java.util.Optional;

/// Something that became of a packet that a socket sent, as somebody on its way told by ICMP.
///
/// @param errno what Linux makes of it: ECONNREFUSED, EHOSTUNREACH, EMSGSIZE and so on
/// @param type the ICMP type
/// @param code the ICMP code
/// @param mtu what fits, in octets, where the packet was too big; else 0
/// @param destination where the packet went; port 0 where there are no ports
/// @param from who told
/// @param gateway of a redirect the gateway that it names, which is nearer; else empty
public record SocketError(
        int errno, int type, int code, int mtu, Endpoint destination, IpAddress from, Optional<IpAddress> gateway) {
    /// The host the packet went to.
    public IpAddress host() {
        return destination.address();
    }
}
