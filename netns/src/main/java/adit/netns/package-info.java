/// A network namespace in user space: the place where devices in memory have a life.
///
/// ```
///   Configuration (words) --+
///   NetlinkSession (octets) -+--> Rtnetlink: LinkRequests, AddressRequests, RouteRequests, NeighbourRequests
///                                      |            (under the control lock)
///        Namespace:  TunDriver   DeviceTable   IpStack   Sockets
/// ```
///
/// A [Namespace] holds a loopback, a TUN/TAP driver, veth cables to other namespaces, and an IP stack; it is
/// controlled by rtnetlink messages with Linux's error numbers. On a virtual time and with a seed, everything
/// that happens in it is determined.
package adit.netns;
