package adit.bench.rig;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// A program, or a part of the kernel, that carries packets between the two hosts.
interface Contender {
    /// Its name on the command line and in the results.
    String key();

    /// Its name in the table.
    String title();

    /// Exactly how it is run, for the page: settings, cipher, overlay MTU.
    String settings();

    /// Its version, empty when it can't tell or has none.
    default String version() throws InterruptedException {
        return "";
    }

    /// Why it can't run on this machine; empty when it can.
    default Optional<String> obstacle() throws InterruptedException {
        return Optional.empty();
    }

    /// Brings up both ends, addresses included. The rig then waits until packets pass, and takes the tunnel down,
    /// also when this throws.
    void raise(Tunnel tunnel) throws IOException, InterruptedException;

    /// The one command that brings up the end at a host, once [#raise] has been called; empty when it takes more.
    default List<String> oneCommand(Tunnel tunnel, Host host) {
        return List.of();
    }
}
