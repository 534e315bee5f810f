package adit.ip;

/// Hears what changes in the IP layer. Called under the control lock, but for neighbours, of which packets
/// teach; must not wait.
public interface IpListener {
    /// Whether something is there now, or gone.
    enum Change {
        /// It is there, or has changed.
        NEW,
        /// It is gone.
        GONE
    }

    /// Why an address is there now, or gone.
    enum Origin {
        /// Somebody asked for it.
        USER,
        /// The stack gives each link such an address when it goes up, and takes addresses away from links that go
        /// down.
        STACK
    }

    /// About an address.
    void address(Change change, Origin origin, IpInterface link, InterfaceAddress address);

    /// About a route.
    void route(Change change, Route route);

    /// About a neighbour.
    void neighbour(Change change, NeighbourEntry entry);
}
