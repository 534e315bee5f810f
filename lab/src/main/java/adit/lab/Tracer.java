package adit.lab;

import adit.device.Device;
import adit.device.PacketTap;
import adit.ip.IpException;
import adit.ip.Route;
import adit.ip.RouteType;
import adit.packet.PacketBuffer;
import adit.wire.Ip4Address;
import adit.wire.IpAddress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Follows a packet through a lab: every device that it, or what it gives rise to, goes out of or comes in by,
/// the route that is chosen, tunnels that it enters and leaves, where it is delivered, and where it was dropped
/// and why.
///
/// While a trace runs, nothing else does: programs that send of their own accord wait, and time is skipped, on
/// real time too. Under the lab's lock.
final class Tracer implements PacketTap {
    /// How long a packet is followed at most, of the lab's time.
    private static final long LONGEST_NANOS = 10_000_000_000L;

    private final Lab lab;
    private final Consumer<String> out;
    private final int width;
    private final Map<LabHost, DropCounts> counts = new LinkedHashMap<>();
    private final List<Device> tapped = new ArrayList<>();
    private long began;
    private boolean dropped;
    /// Whether it has begun to look at what happens.
    private boolean follows;
    /// The packet as it was shown last: it is not shown again until something about it has changed.
    private String shown = "";
    /// The host where the packet has been delivered, unless it turns out to have been dropped.
    private Optional<LabHost> delivering = Optional.empty();
    /// The last packet that went out, and where.
    private Optional<Step> lastOut = Optional.empty();

    private record Step(LabHost host, Device device, TracedPacket packet) {}

    private Tracer(Lab lab, Consumer<String> out) {
        this.lab = lab;
        this.out = out;
        int longest = 4;
        for (LabHost host : lab.hosts()) {
            longest = Math.max(longest, host.name().length());
        }
        for (LabCable cable : lab.cables()) {
            longest = Math.max(longest, cable.name().length());
        }
        this.width = longest;
    }

    /// Sends `probe` on `host` and tells `out` all that comes of it. Answers whether nothing was dropped.
    static boolean trace(Lab lab, LabHost host, TraceProbe probe, Consumer<String> out) throws IOException {
        return lab.call(() -> new Tracer(lab, out).run(host, probe));
    }

    private boolean run(LabHost host, TraceProbe probe) throws IOException {
        lab.tracer(Optional.of(this));
        try (probe) {
            // What is under way already would look like the packet's own doing, and its arrival like the end.
            lab.skip(lab.now() + LONGEST_NANOS, lab::carriesNothing);
            follow(host, probe);
            return !dropped;
        } finally {
            lab.tracer(Optional.empty());
            tapped.forEach(device -> device.removeTap(this));
        }
    }

    private void follow(LabHost host, TraceProbe probe) throws IOException {
        for (LabHost each : lab.hosts()) {
            counts.put(each, DropCounts.of(each));
            for (Device device : each.namespace().devices().devices()) {
                device.addTap(this);
                tapped.add(device);
            }
        }
        began = lab.now();
        follows = true;
        probe.open(host.namespace());
        int lent = lab.lent();
        line(host.name(), "sends", probe.text());
        route(host, probe.destination());
        send(host, probe);
        lab.skip(began + LONGEST_NANOS, () -> {
            settle();
            probe.hear();
            return lab.lent() <= lent;
        });
        settle();
    }

    private void send(LabHost host, TraceProbe probe) throws IOException {
        try {
            probe.send();
        } catch (IpException e) {
            settle();
            dropped = true;
            line(host.name(), "refused", e.getMessage());
        }
    }

    // ---- What happens

    @Override
    public void packet(Device device, PacketBuffer p, Direction direction) {
        TracedPacket packet = TracedPacket.of(device, p);
        Optional<LabHost> at = lab.hostOf(device);
        if (at.isEmpty() || packet.role() == TracedPacket.Role.CHATTER) {
            return;
        }
        if (packet.role() == TracedPacket.Role.QUESTION) {
            if (direction == Direction.SENT) {
                line(at.get().name(), device.name() + " asks", packet.text());
            }
            return;
        }
        settle();
        if (direction == Direction.SENT) {
            sent(at.get(), device, packet);
        } else {
            received(at.get(), device, packet);
        }
    }

    private void sent(LabHost host, Device device, TracedPacket packet) {
        if (lastOut.isPresent()
                && lastOut.get().host().equals(host)
                && isTunnel(lastOut.get().device())) {
            int more = packet.length() - lastOut.get().packet().length();
            if (more > 0 && !lastOut.get().device().equals(device)) {
                line(host.name(), "encapsulates", lastOut.get().device().name() + " puts " + more + " octets in front");
                packet.destination().ifPresent(to -> route(host, to));
            }
        }
        show(host, device.name() + " out", packet);
        lastOut = Optional.of(new Step(host, device, packet));
    }

    private void show(LabHost host, String what, TracedPacket packet) {
        line(host.name(), what, packet.text().equals(shown) ? "" : packet.text());
        shown = packet.text();
    }

    /// Whether packets that go out of it come out again in another packet.
    private static boolean isTunnel(Device device) {
        return device.headerLength() == 0
                && !device.kind().isEmpty()
                && !device.kind().equals("tun");
    }

    private void received(LabHost host, Device device, TracedPacket packet) {
        lastOut = Optional.empty();
        show(host, device.name() + " in", packet);
        packet.destination().ifPresent(to -> {
            if (route(host, to)) {
                delivering = Optional.of(host);
            }
        });
    }

    /// Says which route packets to an address take; whether that is to this host.
    private boolean route(LabHost host, IpAddress to) {
        if (to.isMulticast() || (to instanceof Ip4Address ip4 && ip4.isBroadcast())) {
            return false;
        }
        Optional<Route> route = host.namespace().ip().configuration().routes().lookup(to, Optional.empty());
        if (route.isEmpty()) {
            line(host.name(), "route", "none to " + to);
            return false;
        }
        RouteType type = route.get().spec().type();
        boolean local = type == RouteType.LOCAL || type == RouteType.BROADCAST || type == RouteType.ANYCAST;
        line(host.name(), "route", local ? to + " is this host's" : words(route.get()));
        return local;
    }

    private static String words(Route route) {
        return route.toString().replaceFirst("^unicast ", "").replaceFirst("^0\\.0\\.0\\.0/0|^::/0", "default");
    }

    /// A cable did not carry a packet.
    void cable(LabCable cable, Line.Fate fate) {
        if (!follows) {
            return;
        }
        settle();
        dropped = true;
        if (fate == Line.Fate.LOST) {
            line(
                    cable.name(),
                    "lost",
                    "by the cable's loss of " + Quantity.percent(cable.line().loss()));
        } else {
            line(cable.name(), "dropped", "the cable's queue of " + cable.line().queue() + " packets is full");
        }
    }

    /// Says what became of the packet since the last step: drops, or a delivery that none of them undid.
    private void settle() {
        boolean fresh = false;
        for (LabHost host : lab.hosts()) {
            DropCounts now = DropCounts.of(host);
            for (String reason : now.since(counts.get(host))) {
                line(host.name(), "dropped", reason);
                fresh = true;
            }
            counts.put(host, now);
        }
        dropped |= fresh;
        if (delivering.isPresent() && !fresh) {
            line(delivering.get().name(), "delivered", "");
        }
        delivering = Optional.empty();
    }

    private void line(String where, String what, String text) {
        double millis = (lab.now() - began) / 1e6;
        String format = "%9.3f ms  %-" + width + "s  %-13s %s";
        out.accept(String.format(Locale.ROOT, format, millis, where, what, text).stripTrailing());
    }
}
