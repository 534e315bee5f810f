/// The IP tunnel engine: Linux's ipip driver and its FOU and GUE carriers, over two seams.
///
/// A [Tunnel] is a [TunnelSpec] and a little state. [Outbound] takes packets from one queue of its device (an
/// [adit.port.Port]) and gives them to an [adit.underlay.Underlay]; [Inbound] takes packets from an underlay,
/// finds the tunnel of each in a [TunnelTable] and gives them to its device. Both are turns: no thread, clock
/// or logger inside. Neither allocates, locks or throws for a packet.
///
/// ```java
/// Tunnel tunnel = new Tunnel(TunnelSpec.of("site-b", local, remote));
/// Outbound out = Outbound.of(tunnel, device, underlay, pool).build();
/// Inbound in = Inbound.of(underlay, pool).build();
/// in.serve(TunnelTable.of(List.of(tunnel)), t -> device);
/// out.turn(now);
/// in.turn(now);
/// ```
///
/// Every packet that is gone was counted under a [Drop]; the interface statistics are derived from that table,
/// see [LinkStatistics].
package adit.tunnel;
