/// rtnetlink and generic netlink messages in octets, both ways.
module adit.netlink {
    requires transitive adit.wire;

    exports adit.netlink;
}
