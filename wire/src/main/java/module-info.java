/// Octets to meaning and back: every header, checksums, the flow hash and the packet printer. No state, no
/// time, no I/O.
module adit.wire {
    exports adit.wire;
}
