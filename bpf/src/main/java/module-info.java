/// Classic BPF: what a filter attached to a socket or to a TAP device is written in. No state, no time, no I/O.
module adit.bpf {
    requires adit.wire;

    exports adit.bpf;
}
