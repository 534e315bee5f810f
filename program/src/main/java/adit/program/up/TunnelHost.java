package adit.program.up;

import adit.linux.RtNetlink;
import adit.port.Port;
import adit.program.config.TunnelConfig;
import adit.tunnel.Drop;
import adit.tunnel.TunnelCounters;
import adit.underlay.Underlay;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/// The tunnels of one network namespace of the kernel, up and running.
///
/// Everything is made in the namespace of the thread that calls [#open]; what was made is gone after [#close],
/// and after a failure half way. A device that somebody deletes is made anew, see [#mend].
///
/// For one thread, but for [#status], which any may ask.
public final class TunnelHost implements AutoCloseable {
    private final List<TunnelConfig> configs;
    private final Wiring wiring;
    private final RtNetlink netlink;
    private volatile Running running;

    /// What else a host is connected to.
    ///
    /// @param news is told, in one line each, what went wrong without stopping anything
    /// @param failure is told of the end of a thread, which is a defect of this program
    /// @param overlay may put something around the port of each device's queue
    /// @param underlay may put something around each underlay
    public record Wiring(
            Consumer<String> news,
            Consumer<Throwable> failure,
            UnaryOperator<Port> overlay,
            UnaryOperator<Underlay> underlay) {
        /// Nothing around anything.
        public static Wiring plain(Consumer<String> news, Consumer<Throwable> failure) {
            return new Wiring(news, failure, UnaryOperator.identity(), UnaryOperator.identity());
        }
    }

    /// What is closed and opened together.
    private record Running(List<Overlay> overlays, List<Lane> lanes) {}

    private TunnelHost(List<TunnelConfig> configs, Wiring wiring, RtNetlink netlink) {
        this.configs = List.copyOf(configs);
        this.wiring = wiring;
        this.netlink = netlink;
    }

    /// Brings the tunnels up in the namespace of the calling thread.
    public static TunnelHost open(List<TunnelConfig> configs, Wiring wiring) throws IOException {
        RtNetlink netlink = RtNetlink.open();
        try {
            TunnelHost host = new TunnelHost(configs, wiring, netlink);
            host.start();
            return host;
        } catch (Throwable t) {
            netlink.close();
            throw t;
        }
    }

    private void start() throws IOException {
        List<Overlay> overlays = new ArrayList<>();
        List<Lane> lanes = new ArrayList<>();
        try {
            for (TunnelConfig config : configs) {
                overlays.add(Overlay.open(config, netlink, wiring.news()));
            }
            for (Map.Entry<Socket, List<Overlay>> e : Socket.of(overlays).entrySet()) {
                lanes.add(Lane.open(e.getKey(), e.getValue(), wiring));
            }
            running = new Running(overlays, lanes);
        } catch (Throwable t) {
            stop(new Running(overlays, lanes));
            throw t;
        }
    }

    private static void stop(Running what) {
        what.lanes().reversed().forEach(Lane::close);
        what.overlays().reversed().forEach(Overlay::close);
    }

    /// Looks whether a device is gone, and if so makes it and all others anew. Answers whether it did. Called
    /// now and then, from the thread that opened this or one in the same namespace. Throws when it can't be
    /// made; calling again tries again.
    public boolean mend() throws IOException {
        Running now = running;
        if (now != null && now.overlays().stream().noneMatch(o -> o.device().isGone())) {
            return false;
        }
        if (now != null) {
            now.overlays().stream()
                    .filter(o -> o.device().isGone())
                    .forEach(o -> wiring.news().accept("device " + o + " was deleted; making it anew"));
            running = null;
            stop(now);
        }
        start();
        return true;
    }

    /// How each tunnel fares, in the order of the configuration; empty while devices are being made anew.
    public List<TunnelStatus> status() {
        Running now = running;
        return now == null
                ? List.of()
                : now.overlays().stream()
                        .map(o -> TunnelStatus.of(o, counters(now, o)))
                        .toList();
    }

    private static List<TunnelCounters> counters(Running now, Overlay o) {
        return now.lanes().stream()
                .flatMap(lane -> lane.counters(o.tunnel()).stream())
                .toList();
    }

    /// How many packets came that were for no tunnel, by reason.
    public Map<Drop, Long> strays() {
        Running now = running;
        return TunnelStatus.drops(
                now == null ? List.of() : now.lanes().stream().map(Lane::strays).toList());
    }

    /// Stops the threads and removes what was made.
    @Override
    public void close() {
        Running now = running;
        running = null;
        if (now != null) {
            stop(now);
        }
        netlink.close();
    }
}
