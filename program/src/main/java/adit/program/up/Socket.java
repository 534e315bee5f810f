package adit.program.up;

import adit.linux.RawSpec;
import adit.linux.UdpSpec;
import adit.linux.UdpSpec.Checksum;
import adit.linux.UdpSpec.Offload;
import adit.linux.UdpSpec.Sharing;
import adit.program.config.TunnelConfig;
import adit.tunnel.Carrier;
import adit.tunnel.Mode;
import adit.wire.Ip4Address;
import adit.wire.IpProtocol;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Which socket a lane uses.
sealed interface Socket {
    /// Which queue of its tunnels the lane serves, from 0.
    int queue();

    /// Whether it receives.
    boolean receives();

    /// Raw sockets. Those of the first queue alone receive, because each one that does gets every packet.
    ///
    /// @param local the only address of this host that they are for; 0.0.0.0 for all
    /// @param protocols what its tunnels carry; none for one that only sends
    /// @param ring whether packets may be sent past the kernel's IP layer
    /// @param queue the queue
    record Direct(Ip4Address local, Set<Integer> protocols, RawSpec.Ring ring, int queue) implements Socket {
        @Override
        public boolean receives() {
            return !protocols.isEmpty();
        }

        @Override
        public String toString() {
            return "direct-" + queue;
        }
    }

    /// A UDP socket.
    record Udp(UdpSpec spec, int queue) implements Socket {
        @Override
        public boolean receives() {
            return true;
        }

        @Override
        public String toString() {
            return "udp" + spec.port() + "-" + queue;
        }
    }

    /// The sockets that a set of tunnels needs, each with the tunnels that use it.
    static Map<Socket, List<Overlay>> of(List<Overlay> overlays) {
        Map<Integer, List<Overlay>> byPort = new LinkedHashMap<>();
        for (Overlay o : overlays) {
            byPort.computeIfAbsent(port(o.config()), _ -> new ArrayList<>()).add(o);
        }
        Map<Socket, List<Overlay>> sockets = new LinkedHashMap<>();
        byPort.forEach((port, users) -> {
            int queues = users.stream().mapToInt(o -> o.config().queues()).max().orElse(1);
            for (int i = 0; i < queues; i++) {
                int queue = i;
                List<Overlay> served =
                        users.stream().filter(o -> o.config().queues() > queue).toList();
                sockets.put(port == 0 ? direct(users, queue) : udp(port, users, queue, queues), served);
            }
        });
        return sockets;
    }

    private static int port(TunnelConfig config) {
        return switch (config.spec().carrier()) {
            case Carrier.Direct _ -> 0;
            case Carrier.Fou fou -> fou.port();
            case Carrier.Gue gue -> gue.port();
        };
    }

    private static Socket direct(List<Overlay> users, int queue) {
        Set<Integer> protocols = new TreeSet<>();
        for (Overlay o : users) {
            Mode mode = o.config().spec().mode();
            for (int protocol : new int[] {IpProtocol.IPIP, IpProtocol.IPV6, IpProtocol.MPLS}) {
                if (mode.carries(protocol)) {
                    protocols.add(protocol);
                }
            }
        }
        RawSpec.Ring ring = mayOffload(users) ? RawSpec.Ring.AUTO : RawSpec.Ring.OFF;
        return new Direct(local(users), queue == 0 ? protocols : Set.of(), ring, queue);
    }

    private static Socket udp(int port, List<Overlay> users, int queue, int queues) {
        boolean checksum =
                users.stream().anyMatch(o -> wantsChecksum(o.config().spec().carrier()));
        UdpSpec spec = new UdpSpec(
                local(users),
                port,
                checksum ? Checksum.ON : Checksum.OFF,
                mayOffload(users) ? Offload.AUTO : Offload.OFF,
                queues > 1 ? Sharing.SHARED : Sharing.ALONE);
        return new Udp(spec, queue);
    }

    private static boolean mayOffload(List<Overlay> users) {
        return users.stream().allMatch(o -> o.config().offload() == TunnelConfig.OffloadUse.AUTO);
    }

    private static boolean wantsChecksum(Carrier carrier) {
        return switch (carrier) {
            case Carrier.Direct _ -> false;
            case Carrier.Fou fou -> fou.checksum() == Carrier.UdpChecksum.ON;
            case Carrier.Gue gue -> gue.checksum() == Carrier.UdpChecksum.ON;
        };
    }

    /// The local address when all users have the same one, so that another program may have the port on another
    /// address.
    private static Ip4Address local(List<Overlay> users) {
        Ip4Address first = users.getFirst().config().spec().local();
        boolean all = users.stream().allMatch(o -> o.config().spec().local().equals(first));
        return all ? first : Ip4Address.ANY;
    }
}
