/// Network interfaces in memory: the device, the table of a namespace, statistics, the loopback.
module adit.device {
    requires adit.offload;
    requires transitive adit.packet;
    requires transitive adit.port;
    requires transitive adit.wire;

    exports adit.device;
}
