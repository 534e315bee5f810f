/// Networks of namespaces in memory.
module adit.lab {
    requires adit.capture;
    requires adit.device;
    requires adit.ip;
    requires adit.ipip;
    requires transitive adit.iproute;
    requires adit.netlink;
    requires transitive adit.netns;
    requires adit.packet;
    requires adit.port;
    requires adit.tun;
    requires adit.tunnel;
    requires transitive adit.wire;

    exports adit.lab;
}
