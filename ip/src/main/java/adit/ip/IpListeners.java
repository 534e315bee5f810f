package adit.ip;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Who is told of what changes in a stack. For any threads.
final class IpListeners {
    private final List<IpListener> all = new CopyOnWriteArrayList<>();

    void add(IpListener listener) {
        all.add(listener);
    }

    void remove(IpListener listener) {
        all.remove(listener);
    }

    void address(IpListener.Change change, IpListener.Origin origin, IpInterface link, InterfaceAddress address) {
        for (IpListener listener : all) {
            listener.address(change, origin, link, address);
        }
    }

    void route(IpListener.Change change, Route route) {
        for (IpListener listener : all) {
            listener.route(change, route);
        }
    }

    void neighbour(IpListener.Change change, IpInterface link, Neighbour n) {
        for (IpListener listener : all) {
            listener.neighbour(change, Neighbours.entry(link, n));
        }
    }
}
