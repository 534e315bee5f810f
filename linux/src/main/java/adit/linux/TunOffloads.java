package adit.linux;

import adit.tun.TunOffload;
import java.io.IOException;
import java.util.Set;

/// Which offloads a device has: asked of the kernel from the best down, and fewer once one has gone wrong.
final class TunOffloads {
    private final TunControl control;
    private int rung;
    private volatile Set<TunOffload> current = Set.of();
    private volatile String reason = "";

    /// None so far. `control` makes the calls.
    TunOffloads(TunControl control) {
        this.control = control;
    }

    /// Asks for all that this program's ports can use, then for fewer, until the kernel agrees.
    synchronized Set<TunOffload> enable() throws IOException {
        rung = 0;
        reason = "";
        step();
        return current;
    }

    /// Takes fewer from now on, because `why`. When the kernel does not agree to any, all stays as it is.
    synchronized void reduce(String why) {
        if (rung + 1 >= TunOffload.LADDER.size()) {
            return;
        }
        rung++;
        try {
            step();
            reason = why;
        } catch (IOException e) {
            reason = why + "; " + e.getMessage();
        }
    }

    private void step() throws IOException {
        while (true) {
            try {
                control.offload(TunOffload.LADDER.get(rung));
                current = TunOffload.LADDER.get(rung);
                return;
            } catch (LinuxException e) {
                reason = e.getMessage();
                if (rung + 1 == TunOffload.LADDER.size()) {
                    throw e;
                }
                rung++;
            }
        }
    }

    /// What the device has now. Any thread may ask.
    Set<TunOffload> current() {
        return current;
    }

    /// Why these are not all; empty when they are. Any thread may ask.
    String reason() {
        return reason;
    }
}
