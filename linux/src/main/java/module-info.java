/// The real kernel: /dev/net/tun, raw and UDP sockets, rtnetlink. The only module that makes native calls.
module adit.linux {
    requires adit.device;
    requires transitive adit.netlink;
    requires adit.offload;
    requires transitive adit.packet;
    requires transitive adit.port;
    requires transitive adit.tun;
    requires transitive adit.underlay;
    requires transitive adit.wire;

    exports adit.linux;
}
