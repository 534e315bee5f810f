/// NetBSD's tun(4) in user space.
module adit.bsdtun {
    requires transitive adit.device;
    requires transitive adit.ip;
    requires transitive adit.packet;
    requires transitive adit.wire;

    exports adit.bsdtun;
}
