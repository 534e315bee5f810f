package adit.program.up;

import adit.linux.IdleStrategy;
import adit.linux.RtNetlink;
import adit.port.Port;
import adit.program.config.TunnelConfig;
import adit.tunnel.Drop;
import adit.tunnel.DropObserver;
import adit.tunnel.Event;
import adit.tunnel.TunnelCounters;
import adit.underlay.Underlay;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// The tunnels of one network namespace of the kernel, up and running.
///
/// Everything is made in the namespace of the thread that calls [#open]; what was made is gone after [#close],
/// and after a failure half way. A device that somebody deletes is made anew, see [#mend]; what was counted
/// until then stays counted.
///
/// For one thread, but for [#status], which any may ask.
public final class TunnelHost implements AutoCloseable {
    private final List<TunnelConfig> configs;
    private final Wiring wiring;
    private final RtNetlink netlink;
    private volatile Running running = Running.NOTHING;

    /// What else a host is connected to.
    ///
    /// @param news is told, in one line each, what went wrong without stopping anything
    /// @param failure is told of the end of a thread, which is a defect of this program
    /// @param overlay may put something around the port of each device's queue
    /// @param underlay may put something around each underlay
    /// @param drops makes for each engine, which has a thread, someone who is shown what it drops
    public record Wiring(
            Consumer<String> news,
            Consumer<Throwable> failure,
            UnaryOperator<Port> overlay,
            UnaryOperator<Underlay> underlay,
            Supplier<DropObserver> drops) {
        /// Nobody is shown what is dropped.
        public Wiring(
                Consumer<String> news,
                Consumer<Throwable> failure,
                UnaryOperator<Port> overlay,
                UnaryOperator<Underlay> underlay) {
            this(news, failure, overlay, underlay, () -> DropObserver.NONE);
        }

        /// Nothing around anything.
        public static Wiring plain(Consumer<String> news, Consumer<Throwable> failure) {
            return new Wiring(news, failure, UnaryOperator.identity(), UnaryOperator.identity());
        }
    }

    /// What is there at the moment.
    ///
    /// @param overlays the devices, in the order of the configuration; those that are gone are missing
    /// @param lanes what works for them; none when they could not be made
    /// @param before what each tunnel counted, by its name, on lanes that are closed
    /// @param strays what those lanes counted for no tunnel
    private record Running(
            List<Overlay> overlays, List<Lane> lanes, Map<String, TunnelCounters> before, List<TunnelCounters> strays) {
        static final Running NOTHING = new Running(List.of(), List.of(), Map.of(), List.of());

        Optional<Overlay> overlay(TunnelConfig config) {
            return overlays.stream().filter(o -> o.config().equals(config)).findFirst();
        }

        List<TunnelCounters> counters(TunnelConfig config) {
            List<TunnelCounters> all = new ArrayList<>();
            Optional.ofNullable(before.get(config.spec().name())).ifPresent(all::add);
            overlay(config).ifPresent(o -> lanes.forEach(lane -> all.addAll(lane.counters(o.tunnel()))));
            return all;
        }

        /// Of the first of its lanes, which are all alike.
        OffloadStatus offload(Overlay o) {
            return lanes.stream()
                    .filter(lane -> lane.serves(o.tunnel()))
                    .findFirst()
                    .map(lane -> lane.offload(o))
                    .orElse(OffloadStatus.NONE);
        }

        /// Of the first of its lanes too; as configured while there is none.
        IdleStrategy idle(Overlay o) {
            return lanes.stream()
                    .filter(lane -> lane.serves(o.tunnel()))
                    .findFirst()
                    .map(Lane::strategy)
                    .orElse(o.config().idle());
        }

        List<TunnelCounters> allStrays() {
            List<TunnelCounters> all = new ArrayList<>(strays);
            lanes.forEach(lane -> all.add(lane.strays()));
            return all;
        }
    }

    private TunnelHost(List<TunnelConfig> configs, Wiring wiring, RtNetlink netlink) {
        this.configs = List.copyOf(configs);
        this.wiring = wiring;
        this.netlink = netlink;
    }

    /// Brings the tunnels up in the namespace of the calling thread.
    public static TunnelHost open(List<TunnelConfig> configs, Wiring wiring) throws IOException {
        TunnelHost host = new TunnelHost(configs, wiring, RtNetlink.open());
        try {
            host.start();
            return host;
        } catch (Throwable t) {
            host.close();
            throw t;
        }
    }

    private void start() throws IOException {
        List<Overlay> made = new ArrayList<>();
        try {
            for (TunnelConfig config : configs) {
                Optional<Overlay> there = running.overlay(config);
                made.add(there.isPresent() ? there.get() : Overlay.open(config, netlink, wiring.news()));
            }
        } catch (Throwable t) {
            made.removeAll(running.overlays());
            made.reversed().forEach(Overlay::close);
            throw t;
        }
        serve(made);
    }

    /// Works for these devices alone from now on. They are this host's also when it fails.
    private void serve(List<Overlay> overlays) throws IOException {
        Running old = running;
        old.lanes().reversed().forEach(Lane::close);
        Map<String, TunnelCounters> before = new HashMap<>();
        configs.forEach(c -> before.put(c.spec().name(), TunnelCounters.sum(old.counters(c))));
        List<TunnelCounters> strays = List.of(TunnelCounters.sum(old.allStrays()));
        running = new Running(overlays, List.of(), before, strays);
        List<Lane> lanes = new ArrayList<>();
        try {
            for (Map.Entry<Socket, List<Overlay>> e : Socket.of(overlays).entrySet()) {
                lanes.add(Lane.open(e.getKey(), e.getValue(), wiring));
            }
        } catch (Throwable t) {
            lanes.reversed().forEach(Lane::close);
            throw t;
        }
        running = new Running(overlays, lanes, before, strays);
    }

    /// Looks whether a device is gone, and if so makes it anew; the other tunnels go on, but for a moment.
    /// Answers whether it did. Called now and then, from the thread that opened this or one in the same
    /// namespace. Throws when it can't be made; calling again tries again.
    public boolean mend() throws IOException {
        List<Overlay> gone =
                running.overlays().stream().filter(o -> o.device().isGone()).toList();
        if (!gone.isEmpty()) {
            gone.forEach(o -> wiring.news().accept("device " + o + " was deleted; making it anew"));
            List<Overlay> rest = new ArrayList<>(running.overlays());
            rest.removeAll(gone);
            serve(rest);
            gone.forEach(Overlay::close);
        }
        Running now = running;
        if (now.overlays().size() == configs.size() && !now.lanes().isEmpty()) {
            return false;
        }
        start();
        return true;
    }

    /// How each tunnel fares, in the order of the configuration.
    public List<TunnelStatus> status() {
        Running now = running;
        return configs.stream()
                .map(config -> now.overlay(config)
                        .map(o -> TunnelStatus.of(o, now.offload(o), now.idle(o), now.counters(config)))
                        .orElseGet(() -> TunnelStatus.absent(config, now.counters(config))))
                .toList();
    }

    /// How many packets came that were for no tunnel, by reason.
    public Map<Drop, Long> strays() {
        return TunnelStatus.drops(running.allStrays());
    }

    /// How often what is worth knowing occurred and concerned no tunnel, such as ICMP errors that were heard.
    public Map<Event, Long> strayEvents() {
        return TunnelStatus.events(running.allStrays());
    }

    /// Stops the threads and removes what was made.
    @Override
    public void close() {
        Running now = running;
        running = Running.NOTHING;
        now.lanes().reversed().forEach(Lane::close);
        now.overlays().reversed().forEach(Overlay::close);
        netlink.close();
    }
}
