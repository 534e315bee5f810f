/// Segmentation (GSO) and coalescing (GRO) of super-packets.
module adit.offload {
    requires transitive adit.packet;
    requires adit.wire;

    exports adit.offload;
}
