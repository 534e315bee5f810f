/// The TUN/TAP driver of Linux in user space, and the interface that it shares with the kernel's.
module adit.tun {
    requires adit.bpf;
    requires transitive adit.device;
    requires adit.offload;
    requires transitive adit.packet;
    requires transitive adit.port;
    requires transitive adit.wire;

    exports adit.tun;
}
