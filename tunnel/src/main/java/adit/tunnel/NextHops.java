package adit.tunnel;

/// The overlay's IPv4 routes, as far as a tunnel without a remote address needs them: the next hop of an inner
/// packet is the peer it goes to. For overlays that do not leave the next hop beside the packet, such as a
/// kernel TUN device.
@FunctionalInterface
public interface NextHops {
    /// No routes.
    NextHops NONE = destination -> 0;

    /// The next hop towards `destination`, both IPv4 addresses as the bits of an int: a gateway, or the
    /// destination itself when it is on the link; 0 when there is no route. Asked for each packet.
    int nextHop(int destination);
}
