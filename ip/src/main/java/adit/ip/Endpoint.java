package adit.ip;

import adit.wire.Ip6Address;
import adit.wire.IpAddress;

/// One side of a UDP conversation.
///
/// @param address the host
/// @param port 0 to 65535
public record Endpoint(IpAddress address, int port) {
    /// Refuses ports beyond 65535.
    public Endpoint {
        if (port >>> 16 != 0) {
            throw new IllegalArgumentException("port " + port + " (0 to 65535)");
        }
    }

    /// The host that `address` names, such as `192.0.2.1` or `2001:db8::1`, and a port.
    public static Endpoint of(String address, int port) {
        return new Endpoint(IpAddress.parse(address), port);
    }

    /// Such as `192.0.2.1:53` or `[2001:db8::1]:53`.
    @Override
    public String toString() {
        return address instanceof Ip6Address ? "[" + address + "]:" + port : address + ":" + port;
    }
}
