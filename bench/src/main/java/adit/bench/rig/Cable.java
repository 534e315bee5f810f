package adit.bench.rig;

import java.io.IOException;

/// The underlay: two namespaces joined by a veth pair.
///
/// @param mtu of the veth pair, in octets
/// @param shape how the pair treats super-packets
record Cable(int mtu, Shape shape) {
    /// How the underlay treats super-packets.
    enum Shape {
        /// As veth does: a super-packet crosses whole, no checksum is computed or looked at. Kinder than any wire.
        VETH("veth pair as it comes: super-packets cross whole"),
        /// More like a network card: the sender segments, the receiver coalesces in NAPI on a thread of its own.
        WIRE("veth pair like a network card: segmentation offloads off, GRO on, threaded NAPI");

        private final String text;

        Shape(String text) {
            this.text = text;
        }

        /// What it means, in a few words.
        String text() {
            return text;
        }
    }

    /// Lays the cable. The namespaces go when the process namespace that [Rig] lives in goes.
    void lay() throws IOException, InterruptedException {
        for (Host host : Host.values()) {
            Shell.run("ip", "netns", "add", host.namespace());
            host.ip("link", "set", "lo", "up");
        }
        Host.A.ip("link", "add", Host.DEVICE, "type", "veth", "peer", Host.DEVICE, "netns", Host.B.namespace());
        for (Host host : Host.values()) {
            // Neighbour discovery of IPv6 would send packets of its own through idle tunnels.
            host.run("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1");
            host.ip("address", "add", host.underlay() + "/30", "dev", Host.DEVICE);
            host.ip("link", "set", Host.DEVICE, "mtu", Integer.toString(mtu), "up");
            if (shape == Shape.WIRE) {
                segmentAtSender(host);
            }
        }
    }

    private static void segmentAtSender(Host host) throws IOException, InterruptedException {
        host.run("ethtool", "-K", Host.DEVICE, "tso", "off", "tx-udp-segmentation", "off", "gro", "on");
        host.run("sh", "-c", "echo 1 > /sys/class/net/" + Host.DEVICE + "/threaded");
    }
}
