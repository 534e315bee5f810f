/// Codecs for what travels on the wire.
///
/// One protocol is one final class of static accessors over `(MemorySegment s, long at)`, with its RFC's
/// drawing in the class comment and its field offsets at the top. The order of use is always the same:
///
/// 1. octets from outside: `fault(s, at, available)` once; [WireFault#NONE] means that every accessor is safe;
/// 2. read by accessors named as the RFC names the field;
/// 3. octets that are being written are never checked, because the buffer still holds the last packet.
///
/// ```java
/// if (Ipv4.fault(s, at, length) == WireFault.NONE && Ipv4.checksumValid(s, at)) {
///     Ipv4.timeToLive(s, at, Ipv4.timeToLive(s, at) - 1);
/// }
/// ```
///
/// The map:
///
/// - octets and sums: [Octets], which alone knows byte order and sign extension; [InternetChecksum];
///   [TransportChecksum] for whole packets; [FlowHash];
/// - links: [Ethernet], [Vlan], [Arp], [Mpls], [TunPi], [VirtioNet];
/// - networks: [Ipv4], [Ipv6] with [Ipv6Chain], [Icmp4], [Icmp6]; [Options] for IPv4 and TCP;
/// - transports: [Tcp], [Udp], [Gue];
/// - numbers and their names: [EtherType], [IpProtocol];
/// - values for configuration, logs and tests: [Ip4Address], [Ip4Prefix], [Ip4InterfaceAddress] and their IPv6
///   sisters, [MacAddress]; headers as records such as [Ipv4Header];
/// - text: [PacketPrinter], which turns any octets into one line.
///
/// Everything but the values and the text allocates nothing. Nothing here has state, so all of it may be called
/// from any thread, as far as the segment may.
package adit.wire;
