package adit.program.memory;

import adit.port.Port;
import adit.tunnel.DropObserver;
import java.util.function.LongSupplier;

/// Looks at what passes the interfaces of the demonstration, such as for a capture file.
@FunctionalInterface
public interface Tap {
    /// Looks at nothing.
    Tap NONE = (_, port, _) -> port;

    /// Wraps the port of the interface `name`: `a/tun0`, `a/eth0`, `b/eth0` or `b/tun0`. The wrapper passes
    /// everything on unchanged and owns `port` from then on. `clock` tells the time in nanoseconds from the
    /// start.
    Port around(String name, Port port, LongSupplier clock);

    /// Who is shown what the tunnel of the station `name` drops; nobody, unless a tap says otherwise.
    default DropObserver drops(String name, LongSupplier clock) {
        return DropObserver.NONE;
    }
}
