/// The IP layer of a namespace: what devices receive is routed here, handed on, or given to sockets.
///
/// ```
///            sockets: UdpSocket PingSocket RawSocket        IpConfiguration, Routes: addresses, routes, neighbours
///                 ^            UdpOutput                       | make new snapshots under the control lock
///      Ip4Delivery, Ip6Delivery        v                         v
///   Reassembly  Ip4Icmp Ip6Icmp --> Ip4Output, Ip6Output <--- Fib (PrefixTrie), addresses of IpInterface
///                 ^                    ^          |
///          Ip4Input, Ip6Input --> Ip4Forwarding, Ip6Forwarding
///                 ^                               v
///              IpStack.receive           Neighbours (ArpResponder, Discovery) -> Device.send
/// ```
///
/// Which addresses are this host's is said by OwnAddresses. What goes out to many comes in again by OwnCopies.
///
/// What control calls change, each family by its own rules; arrows point at what is used:
///
/// ```
/// IpConfiguration -> Ip6Links, Lifetimes -> Ip4Addresses, Ip6Addresses -> Ip4AddressRoutes, Ip6AddressRoutes
///        |                                                                        |
///        v                                                                        v
///     Routes ----------------------------------> Ip4Routes, Ip6Routes -> RouteTables -> Fib of RouteGroups
///                                                (NextHops, RouteMatch, RouteInsertion)    (PrefixTrie, HashThreshold)
/// IpInterfaces (what happens to devices) -> IpConfiguration
/// Neighbours -> NeighbourTable, NeighbourReachability, NeighbourConstructor
/// ```
///
/// What has changed, [IpListener] hears by IpListeners.
///
/// The rules are Linux's, down to which counter a packet raises, because that is what the tests compare with:
/// the vectors of a running kernel, and a running kernel itself.
///
/// A packet is worked off on the thread that brings it, without a lock and without an allocation as long as it
/// is only handed on. What takes a small lock of its own: a neighbour that is not known yet, a fragment to this
/// host, an ICMP message to be sent, a socket. Time comes from the device table; what is due at a time is done
/// by [IpStack#turn].
package adit.ip;
