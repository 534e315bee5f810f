/// A network namespace in user space.
module adit.netns {
    requires transitive adit.device;
    requires transitive adit.ip;
    requires transitive adit.netlink;
    requires transitive adit.port;
    requires transitive adit.tun;
    requires transitive adit.wire;

    exports adit.netns;
}
