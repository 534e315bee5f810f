/// Small programs to read, copy and run.
module adit.examples {
    requires transitive adit.bsdtun;
    requires adit.device;
    requires adit.linux;
    requires transitive adit.tun;

    exports adit.examples;
}
