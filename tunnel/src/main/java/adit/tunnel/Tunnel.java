package adit.tunnel;

/// A tunnel: its immutable specification and the few words of state that its threads share.
///
/// Any thread may call any method; none takes a lock.
public final class Tunnel implements TunnelTable.Entry {
    private final TunnelSpec spec;
    private final int device;
    private volatile boolean up = true;
    private final RememberedErrors errors = new RememberedErrors();

    /// A tunnel that is up. `device` is the interface index of the tunnel's own device in the underlay's
    /// numbering, by which a route that leads back into the tunnel is known; 0 when it has none there.
    public Tunnel(TunnelSpec spec, int device) {
        this.spec = spec;
        this.device = device;
    }

    /// A tunnel that is up and has no device in the underlay.
    public Tunnel(TunnelSpec spec) {
        this(spec, 0);
    }

    /// How it is set up.
    public TunnelSpec spec() {
        return spec;
    }

    /// The interface index of its own device, 0 when there is none.
    public int device() {
        return device;
    }

    /// Whether it is up. A lookup passes over tunnels that are down.
    @Override
    public boolean isUp() {
        return up;
    }

    /// Sets it up or down.
    public void up(boolean up) {
        this.up = up;
    }

    @Override
    public Tunnel tunnel() {
        return this;
    }

    /// The ICMP errors that its inner senders have not been told of.
    RememberedErrors errors() {
        return errors;
    }

    @Override
    public String toString() {
        return spec.name();
    }
}
