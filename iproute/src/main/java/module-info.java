/// iproute2's grammar, output and exit codes, speaking netlink in octets.
module adit.iproute {
    requires transitive adit.netlink;
    requires transitive adit.wire;

    exports adit.iproute;
    exports adit.iproute.remote;
}
