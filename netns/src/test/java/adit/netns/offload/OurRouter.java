package adit.netns.offload;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Counter;
import adit.device.Device;
import adit.ip.IpCounter;
import adit.netns.Configuration;
import adit.netns.Namespace;
import adit.port.VirtualTime;
import adit.tun.TunOpener;
import adit.tun.TunTapDevice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// A namespace in memory, on virtual time that passes about as fast as the kernel's does meanwhile: what waits for
/// more fragments waits as long.
final class OurRouter extends Router {
    private static final long STEP = 5_000_000L;
    /// Longer than anything waits for more of its fragments.
    private static final long PATIENCE = 100_000_000_000L;
    private static final List<Counter> COUNTERS = List.of(
            Counter.RX_PACKETS,
            Counter.RX_BYTES,
            Counter.RX_DROPPED,
            Counter.RX_ERRORS,
            Counter.RX_FRAME_ERRORS,
            Counter.TX_PACKETS,
            Counter.TX_BYTES,
            Counter.TX_DROPPED,
            Counter.TX_ERRORS);

    private final VirtualTime time;
    private final Namespace namespace;

    OurRouter(Layout layout) throws IOException {
        this(layout, new VirtualTime());
    }

    private OurRouter(Layout layout, VirtualTime time) throws IOException {
        this(layout, time, Namespace.builder().time(time).seed(1).open());
    }

    private OurRouter(Layout layout, VirtualTime time, Namespace namespace) throws IOException {
        super(layout, namespace.tun());
        this.time = time;
        this.namespace = namespace;
        namespace.forwarding(true);
        namespace.ip().icmpErrorInterval(0);
        Configuration c = namespace.configure();
        c.link("lo").up();
        ((TunTapDevice) device("left")).receiveOffload(layout.receive());
        int i = 0;
        for (String name : List.of("left", "right")) {
            char digit = layout.networks().charAt(i++);
            c.link(name).up();
            c.address(name, "10." + digit + ".0.1/24").address(name, "fd0" + digit + "::1/64");
            if (device(name) instanceof TunTapDevice d && d.isTap()) {
                c.neighbour(name, "10." + digit + ".0.2", "02:00:00:00:00:09");
                c.neighbour(name, "fd0" + digit + "::2", "02:00:00:00:00:09");
            }
        }
        // Last, because a small one leaves the device without IPv6.
        c.link("right").mtu(layout.mtu()).transmitQueueLength(QUEUE);
        right();
        left();
        countFromHere();
    }

    /// The driver that its files are of.
    TunOpener opener() {
        return namespace.tun();
    }

    private Device device(String name) {
        return namespace.devices().byName(name);
    }

    @Override
    List<String> right() {
        long held = layout.receive().flushTimeoutNanos();
        time.advanceBy(STEP + held * (1 + layout.receive().deferHardIrqs()));
        namespace.turn(time.getAsLong());
        return drain(right, layout.right());
    }

    @Override
    List<String> left() {
        return drain(left, layout.left());
    }

    @Override
    List<String> counters() {
        List<String> all = new ArrayList<>();
        for (String name : List.of("left", "right")) {
            for (Counter counter : COUNTERS) {
                all.add(name + " " + counter.name().toLowerCase(Locale.ROOT) + " "
                        + device(name).statistics().get(counter));
            }
        }
        return all;
    }

    @Override
    Map<IpCounter, Long> ipCounters() {
        Map<IpCounter, Long> all = new EnumMap<>(IpCounter.class);
        for (IpCounter counter : IpCounter.values()) {
            all.put(counter, namespace.ip().counters().get(counter));
        }
        return all;
    }

    @Override
    int waiting() {
        return namespace.lent();
    }

    @Override
    public void close() {
        super.close();
        time.advanceBy(PATIENCE);
        namespace.turn(time.getAsLong());
        assertThat(namespace.lent()).as("packets that nobody gave back").isZero();
        namespace.close();
    }
}
