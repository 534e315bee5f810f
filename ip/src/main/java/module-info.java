/// The IP layer of a host in user space: routes, neighbours, forwarding, local delivery, sockets.
module adit.ip {
    requires transitive adit.device;
    requires adit.offload;
    requires transitive adit.packet;
    requires transitive adit.port;
    requires transitive adit.wire;

    exports adit.ip;
}
