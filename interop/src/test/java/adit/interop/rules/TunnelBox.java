package adit.interop.rules;

import adit.tunnel.TunnelSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// A machine with tunnels in it that takes packets from its overlay or its underlay and lets one see what
/// becomes of them: a Linux kernel, or the engine.
///
/// ```
/// inner 203.0.113.1 --- overlay | box | underlay 198.51.100.2 --- peer 198.51.100.1 and others
/// inner 10.2.0.0/16 behind the first tunnel
/// ```
interface TunnelBox extends AutoCloseable {
    /// The box's own address in the underlay.
    String HERE = "198.51.100.2";
    /// The usual peer.
    String PEER = "198.51.100.1";
    /// An inner host on the box's side.
    String INNER_HERE = "203.0.113.1";
    /// An inner host behind the first tunnel.
    String INNER_THERE = "10.2.0.9";
    /// The index of the underlay's interface, by which all outer packets come.
    int WIRE = 1;
    /// The index of another interface.
    int ELSEWHERE = 2;
    /// The name of the tunnel that takes what no other does. It is there before others are made.
    String FALLBACK = "tunl0";
    /// The same for IPv6.
    String INNER6_HERE = "2001:db8:1::1";
    /// The same for IPv6.
    String INNER6_THERE = "2001:db8:2::9";
    /// The underlay's MTU.
    int UNDERLAY_MTU = 1500;

    /// Removes all tunnels, forgets all paths and makes these tunnels. The first is the way to 10.2.0.0/16.
    /// Each device takes packets of up to `mtu` octets.
    void tunnels(int mtu, List<TunnelSpec> specs);

    /// The same with devices that take what fits through: 1480 octets and less.
    default void tunnels(TunnelSpec... specs) {
        tunnels(UNDERLAY_MTU - specs[0].carrier().overhead(), List.of(specs));
    }

    /// Makes a tunnel for IPv6 alone, which is the way to 2001:db8:2::/64.
    void tunnel6(int mtu, TunnelSpec spec);

    /// Changes how the first tunnel is the way to 10.2.0.0/16.
    void route(Route route);

    /// Takes a tunnel's device down.
    void down(String tunnel);

    /// Sends inner packets into the first tunnel, one behind the other, and answers what came of them.
    Output outbound(Ipv4Packet... inner);

    /// The same for IPv6 packets and the tunnel for these.
    Output outbound6(byte[]... inner);

    /// Has these outer packets, or fragments, arrive one behind the other and answers what came of them.
    Output inbound(byte[]... outer);

    /// The same for a packet.
    default Output inbound(Ipv4Packet outer) {
        return inbound(outer.octets());
    }

    /// Lets time pass.
    void pass(Duration time);

    /// The interface statistics of a tunnel's device that are not 0, by the kernel's names, since it was made.
    /// Those of [#FALLBACK] are older.
    Map<String, Long> statistics(String tunnel);

    /// Checks that nothing is left inside.
    @Override
    void close();

    /// How inner packets get into the first tunnel.
    sealed interface Route {
        /// As they are.
        record Plain() implements Route {}

        /// With this next hop, which is the peer's address for a tunnel that knows none.
        record Via(String gateway) implements Route {}

        /// With the outer parameters beside each packet, for a tunnel in external mode.
        record External(String destination, int tos, int ttl) implements Route {}

        /// Behind an MPLS label.
        record Labelled(int label, int ttl) implements Route {
            /// The label stack entry, at the bottom of the stack (RFC 3032, section 2.1).
            int entry() {
                return label << 12 | 1 << 8 | ttl;
            }
        }
    }

    /// The packets that came out.
    ///
    /// @param underlay those on the underlay, outer header first
    /// @param overlay those for inner hosts on the box's side: decapsulated ones and ICMP errors
    record Output(List<byte[]> underlay, List<byte[]> overlay) {
        /// The only packet on the underlay, when there is no other anywhere.
        Ipv4Packet outer() {
            return only(underlay, overlay);
        }

        /// The packets on the underlay, when there are none on the overlay.
        List<Ipv4Packet> outers() {
            return all(underlay, overlay);
        }

        /// The packets on the overlay, when there are none on the underlay.
        List<Ipv4Packet> inners() {
            return all(overlay, underlay);
        }

        /// The only packet on the overlay, when there is no other anywhere.
        Ipv4Packet inner() {
            return only(overlay, underlay);
        }

        boolean isEmpty() {
            return underlay.isEmpty() && overlay.isEmpty();
        }

        private Ipv4Packet only(List<byte[]> wanted, List<byte[]> other) {
            if (wanted.size() != 1) {
                throw new AssertionError("expected one packet, but this came out: " + this);
            }
            return all(wanted, other).getFirst();
        }

        private List<Ipv4Packet> all(List<byte[]> wanted, List<byte[]> other) {
            if (!other.isEmpty()) {
                throw new AssertionError("expected nothing on the other side, but this came out: " + this);
            }
            return wanted.stream().map(Ipv4Packet::parse).toList();
        }

        @Override
        public String toString() {
            return "underlay " + PacketText.lines(underlay) + " overlay " + PacketText.lines(overlay);
        }
    }
}
