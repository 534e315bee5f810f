/// The IP tunnel engine: ipip, mplsip and any, over direct IP, FOU and GUE.
module adit.tunnel {
    requires transitive adit.offload;
    requires transitive adit.packet;
    requires transitive adit.port;
    requires transitive adit.underlay;
    requires transitive adit.wire;

    exports adit.tunnel;
}
