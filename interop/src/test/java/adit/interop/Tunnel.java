package adit.interop;

import adit.tunnel.Carrier;
import adit.tunnel.Mode;
import adit.tunnel.TunnelSpec;
import adit.wire.Ip4Address;
import java.util.Locale;

/// The tunnels under test: what is set up on the far side, always a Linux kernel, and its counterpart on the
/// near one.
public enum Tunnel {
    IPIP("ipip", "", 1480),
    ANY_WITH_IPIP("any", "", 1480),
    FOU("ipip", "encap fou encap-sport auto encap-dport 5555", 1472),
    FOU_WITH_CHECKSUM("ipip", "encap fou encap-sport 5555 encap-dport 5555 encap-csum", 1472),
    GUE("ipip", "encap gue encap-sport auto encap-dport 6080", 1468),
    GUE_WITH_CHECKSUM("ipip", "encap gue encap-sport 6080 encap-dport 6080 encap-csum", 1468),
    /// Its MTU leaves room for the option that moves the inner checksum to the receiver.
    GUE_WITH_REMOTE_CHECKSUM("ipip", "encap gue encap-sport auto encap-dport 6080 encap-csum encap-remcsum", 1460),
    MPLSIP("mplsip", "", 1480),
    ANY_WITH_MPLS("any", "", 1480),
    FOU_WITH_MPLS("mplsip", "encap fou encap-sport auto encap-dport 5555", 1472),
    GUE_WITH_MPLS("mplsip", "encap gue encap-sport auto encap-dport 6080", 1468),
    /// The tunnel's parameters come with each packet's route.
    EXTERNAL_BY_ROUTE("ipip", "external", 1480),
    /// The tunnel's parameters come with each packet from a traffic control action.
    EXTERNAL_BY_ACTION("ipip", "external", 1480),
    /// The device that takes whatever no other tunnel takes.
    TUNL0("ipip", "", 1480);

    /// What the tunnel device is called on both sides.
    static final String DEVICE = "t1";

    private final String mode;
    private final String options;
    private final int mtu;

    Tunnel(String mode, String options, int mtu) {
        this.mode = mode;
        this.options = options;
        this.mtu = mtu;
    }

    /// Whether its packets carry MPLS labels in front of the inner IP header.
    boolean mpls() {
        return name().contains("MPLS");
    }

    /// The largest inner IP packet that goes through in one piece when the underlay's MTU is 1500.
    int mtu() {
        return mtu - (mpls() ? 4 : 0);
    }

    /// The same tunnel as its near side has it: the peer of an external tunnel or of tunl0 is an ordinary one.
    Tunnel near() {
        return switch (this) {
            case EXTERNAL_BY_ROUTE, EXTERNAL_BY_ACTION, TUNL0 -> IPIP;
            default -> this;
        };
    }

    /// The commands that set this tunnel up on a Linux kernel which has none yet.
    String setUp(Side here, Side there) {
        return "set -e\n" + receivePort() + device(here, there) + labels(here, there);
    }

    /// The configuration file of the program under test for this tunnel.
    String configuration(Side here, Side there) {
        return """
                tunnels:
                  - name: %s
                    mode: %s
                    local: %s
                    remote: %s
                    carrier: %s
                    addresses: [%s/30]
                """.formatted(DEVICE, mode, here.underlay(), there.underlay(), carrier(), here.overlay());
    }

    private String carrier() {
        String checksum = ", checksum: " + options.contains("encap-csum");
        return options.contains("encap fou")
                ? "{ type: fou, port: 5555, peer-port: 5555" + checksum + " }"
                : options.contains("encap gue")
                        ? "{ type: gue, port: 6080, peer-port: 6080" + checksum + " }"
                        : "{ type: direct }";
    }

    /// The engine's specification of this tunnel.
    TunnelSpec specification(Side here, Side there) {
        Carrier carrier = options.contains("encap fou")
                ? new Carrier.Fou(5555, 5555, Carrier.UdpChecksum.OFF)
                : options.contains("encap gue")
                        ? new Carrier.Gue(6080, 6080, Carrier.UdpChecksum.OFF)
                        : new Carrier.Direct();
        return TunnelSpec.of(DEVICE, Ip4Address.parse(here.underlay()), Ip4Address.parse(there.underlay()))
                .mode(Mode.valueOf(mode.toUpperCase(Locale.ROOT)))
                .carrier(carrier);
    }

    /// The commands that remove whatever tunnel a Linux kernel has. They are one process and a few words of
    /// shell, because each process costs a guest a tenth of a second.
    public static String tearDown() {
        return """
                {
                    for type in /sys/class/net/*/type; do
                        read -r number < $type
                        device=${type%/type}
                        device=${device##*/}
                        # 768: a tunnel of IPv4 in IPv4; 776: one of IPv6 in IPv4
                        case $number.$device in
                            *.tunl0 | *.sit0) ;;
                            768.* | 776.*) echo link del $device ;;
                        esac
                    done
                    [ -e /sys/class/net/dummy1 ] && echo link del dummy1
                    echo address flush dev tunl0
                    echo link set tunl0 down
                    echo fou del port 5555
                    echo fou del port 6080
                    echo route flush cache
                } | ip -force -batch - > /run/teardown 2>&1 || :
                """;
    }

    private String receivePort() {
        String protocol = mpls() ? "137" : "4";
        return options.contains("encap fou")
                ? "ip fou add port 5555 ipproto " + protocol + "\n"
                : options.contains("encap gue") ? "ip fou add port 6080 gue\n" : "";
    }

    private String device(Side here, Side there) {
        return switch (this) {
            case TUNL0 -> """
                ip address add %s/32 dev tunl0
                ip link set tunl0 up
                ip route add %s/32 via %s dev tunl0 onlink
                """.formatted(here.overlay(), there.overlay(), there.underlay());
            case EXTERNAL_BY_ROUTE -> """
                ip link add t1 type ipip external
                ip address add %s/32 dev t1
                ip link set t1 up
                ip route add %s/32 encap ip id 0 src %s dst %s ttl 33 dev t1
                """.formatted(here.overlay(), there.overlay(), here.underlay(), there.underlay());
            case EXTERNAL_BY_ACTION -> """
                ip link add t1 type ipip external
                ip link set t1 up
                ip link add dummy1 mtu 1480 type dummy
                ip address add %s/30 dev dummy1
                ip link set dummy1 up
                tc qdisc add dev dummy1 clsact
                tc filter add dev dummy1 egress matchall \
                    action tunnel_key set id 0 src_ip %s dst_ip %s \
                    action mirred egress redirect dev t1
                """.formatted(here.overlay(), here.underlay(), there.underlay());
            default -> """
                ip link add t1 type ipip mode %s local %s remote %s %s
                ip address add %s/30 dev t1
                ip link set t1 up
                """.formatted(mode, here.underlay(), there.underlay(), options, here.overlay());
        };
    }

    private String labels(Side here, Side there) {
        if (!mpls()) {
            return "";
        }
        return """
                sysctl -q -w net.mpls.platform_labels=1000
                sysctl -q -w net.mpls.conf.t1.input=1
                ip -M route replace %d dev lo
                ip route replace %s/32 encap mpls %d dev t1
                """.formatted(here.label(), there.overlay(), there.label());
    }
}
