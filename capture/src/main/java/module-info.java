/// Capture files, pcap and pcapng, both ways, and a port that records what passes.
module adit.capture {
    requires transitive adit.packet;
    requires transitive adit.port;

    exports adit.capture;
}
