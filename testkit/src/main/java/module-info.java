/// Test aids: builders, assertions, leak checks and kernel namespaces.
module adit.testkit {
    requires transitive adit.linux;
    requires transitive adit.packet;
    requires transitive adit.port;
    requires transitive adit.underlay;
    requires transitive adit.wire;
}
