package adit.bench.rig;

/// No tunnel at all: the limit that the underlay and iperf3 set.
record BareCable() implements Contender {
    @Override
    public String key() {
        return "veth";
    }

    @Override
    public String title() {
        return "no tunnel";
    }

    @Override
    public String settings() {
        return "the underlay's own addresses";
    }

    @Override
    public void raise(Tunnel tunnel) {
        tunnel.noOverlay();
    }
}
