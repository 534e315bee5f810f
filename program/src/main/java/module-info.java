/// The program: command line, configuration and the wiring of everything below it.
module adit.program {
    requires adit.capture;
    requires adit.iproute;
    requires adit.lab;
    requires adit.linux;
    requires adit.netlink;
    requires adit.offload;
    requires adit.packet;
    requires adit.port;
    requires adit.tun;
    requires adit.tunnel;
    requires adit.underlay;
    requires adit.wire;
    requires info.picocli;
    requires jdk.unsupported;
    requires org.jline.reader;
    requires org.jline.terminal;
    requires org.snakeyaml.engine;

    opens adit.program to
            info.picocli;
}
