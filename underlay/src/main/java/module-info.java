/// The seam between a tunnel and the network that carries it.
module adit.underlay {
    requires transitive adit.packet;
    requires transitive adit.port;
    requires adit.wire;

    exports adit.underlay;
}
