/// The places where packets come and go, and what can be wrapped around them.
module adit.port {
    requires transitive adit.packet;
    requires adit.wire;

    exports adit.port;
}
