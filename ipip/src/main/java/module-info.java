/// IPv4 tunnel devices for network namespaces in user space.
module adit.ipip {
    requires transitive adit.device;
    requires transitive adit.ip;
    requires transitive adit.netlink;
    requires transitive adit.netns;
    requires adit.offload;
    requires transitive adit.packet;
    requires transitive adit.tun;
    requires transitive adit.tunnel;
    requires adit.underlay;
    requires transitive adit.wire;

    exports adit.ipip;
}
