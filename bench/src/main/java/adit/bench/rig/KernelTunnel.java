package adit.bench.rig;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A tunnel that the kernel carries itself: what a tunnel in user space can hardly reach.
enum KernelTunnel implements Contender {
    /// Super-packets cross the veth pair whole.
    VXLAN("vxlan", "kernel vxlan", 50, "id 1 dstport 4789, super-packets whole"),
    /// The kernel segments each super-packet before the underlay device, as it must for cards without tunnel offload.
    VXLAN_SEGMENTED(
            "vxlan-segmented",
            "kernel vxlan, segmented in software",
            50,
            "id 1 dstport 4789, ethtool -K v0 tx-udp_tnl-segmentation off tx-udp_tnl-csum-segmentation off"),
    /// The tunnel that Adit is for.
    IPIP("ipip", "kernel ipip", 20, "type ipip"),
    /// The same over UDP.
    FOU("fou", "kernel FOU", 28, "type ipip encap fou encap-sport auto encap-dport 5555 noencap-csum");

    private static final String OFFLOADS = "tx-udp_tnl-segmentation tx-udp_tnl-csum-segmentation";

    private final String key;
    private final String title;
    private final int overhead;
    private final String settings;

    KernelTunnel(String key, String title, int overhead, String settings) {
        this.key = "kernel-" + key;
        this.title = title;
        this.overhead = overhead;
        this.settings = settings;
    }

    @Override
    public String key() {
        return key;
    }

    @Override
    public String title() {
        return title;
    }

    @Override
    public String settings() {
        return settings + ", overlay MTU underlay − " + overhead;
    }

    @Override
    public String version() {
        return "Linux " + System.getProperty("os.version");
    }

    @Override
    public Optional<String> obstacle() throws InterruptedException {
        try {
            Shell.run(add("probe0", Host.A).toArray(String[]::new));
            Shell.run("ip", "link", "delete", "probe0");
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("this kernel refuses it: " + e.getMessage().replaceFirst("^.*exit [0-9]+: ", ""));
        }
    }

    private List<String> add(String device, Host host) {
        String addresses =
                " local " + host.underlay() + " remote " + host.peer().underlay();
        String rest = switch (this) {
            case VXLAN, VXLAN_SEGMENTED -> " type vxlan id 1 dstport 4789" + addresses;
            case IPIP -> " type ipip" + addresses;
            case FOU -> " type ipip" + addresses + " encap fou encap-sport auto encap-dport 5555 noencap-csum";
        };
        return List.of(("ip link add " + device + rest).split(" "));
    }

    @Override
    public void raise(Tunnel tunnel) throws IOException, InterruptedException {
        for (Host host : Host.values()) {
            if (this == FOU) {
                host.ip("fou", "add", "port", "5555", "ipproto", "4");
                tunnel.undo(() -> host.ip("fou", "del", "port", "5555"));
            }
            if (this == VXLAN_SEGMENTED) {
                offloads(host, "off");
                tunnel.undo(() -> offloads(host, "on"));
            }
            host.run(add(Tunnel.DEVICE, host).toArray(String[]::new));
            tunnel.undo(() -> host.ip("link", "delete", Tunnel.DEVICE));
            host.configure(Tunnel.DEVICE, tunnel.mtuLess(overhead));
        }
    }

    private static void offloads(Host host, String state) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("ethtool", "-K", Host.DEVICE));
        for (String offload : OFFLOADS.split(" ")) {
            command.add(offload);
            command.add(state);
        }
        host.run(command.toArray(String[]::new));
    }
}
