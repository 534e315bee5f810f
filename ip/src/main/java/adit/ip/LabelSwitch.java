package adit.ip;

import adit.device.Device;
import adit.device.Errno;
import adit.offload.Checksums;
import adit.packet.PacketBuffer;
import adit.packet.PacketType;
import adit.wire.EtherType;
import adit.wire.Ip6Address;
import adit.wire.Ipv4;
import adit.wire.Ipv6;
import adit.wire.Mpls;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// MPLS: which labels come in, and what becomes of packets behind them. RFC 3031 and RFC 3032 with the uniform
/// model of RFC 3443 for the time to live, as Linux's `mpls_router` and `mpls_iptunnel` have it.
///
/// Labels are heeded on interfaces where that was switched on ([#input]), and routes can be made for as many
/// labels as were asked for ([#platformLabels]); both are off at the start, as in Linux.
public final class LabelSwitch {
    private static final String NEW = "RTM_NEWROUTE";
    private static final AtomicReferenceArray<Entry> NONE = new AtomicReferenceArray<>(0);

    private final IpStack stack;
    private volatile AtomicReferenceArray<Entry> entries = NONE;

    /// A route as the packet path wants it.
    private static final class Entry {
        final LabelRoute route;
        final int[] labels;
        final int gateway4;
        final Ip6Address gateway6;

        Entry(LabelRoute route) {
            this.route = route;
            this.labels = route.labels().stream().mapToInt(Integer::intValue).toArray();
            this.gateway4 = route.gateway4();
            this.gateway6 = route.gateway6();
        }
    }

    LabelSwitch(IpStack stack) {
        this.stack = stack;
    }

    // ---- Control

    /// Makes room for routes of the labels below `count`, at most 2^20 (`net.mpls.platform_labels`). Routes of
    /// others are gone.
    public void platformLabels(int count) {
        stack.table.lock().lock();
        try {
            AtomicReferenceArray<Entry> before = entries;
            AtomicReferenceArray<Entry> next = new AtomicReferenceArray<>(count);
            for (int i = 0; i < Math.min(count, before.length()); i++) {
                next.set(i, before.get(i));
            }
            entries = next;
        } finally {
            stack.table.lock().unlock();
        }
    }

    /// Whether labels that come in by `link` are heeded (`net.mpls.conf.DEV.input`).
    public void input(IpInterface link, boolean heeded) {
        link.labels = heeded;
    }

    /// The routes, by their labels.
    public List<LabelRoute> routes() {
        List<LabelRoute> all = new ArrayList<>();
        AtomicReferenceArray<Entry> now = entries;
        for (int i = 0; i < now.length(); i++) {
            Entry e = now.get(i);
            if (e != null) {
                all.add(e.route);
            }
        }
        return all;
    }

    /// Adds a route, or puts it in the place of the one there, as the flags say.
    ///
    /// @throws IpException EINVAL for a reserved label and one beyond [#platformLabels], EEXIST, ENOENT
    public void add(LabelRoute route, Set<RouteRequest.Flag> flags) throws IpException {
        stack.table.lock().lock();
        try {
            AtomicReferenceArray<Entry> now = entries;
            require(route.label(), now, NEW);
            boolean there = now.get(route.label()) != null;
            boolean replaces =
                    flags.contains(RouteRequest.Flag.REPLACE) && !flags.contains(RouteRequest.Flag.EXCLUSIVE);
            if (there && !replaces) {
                throw new IpException(NEW, Errno.EEXIST, "There is a route for label " + route.label() + ".");
            }
            if (!there && !flags.contains(RouteRequest.Flag.CREATE)) {
                throw new IpException(NEW, Errno.ENOENT, "There is no route for label " + route.label() + ".");
            }
            now.set(route.label(), new Entry(route));
        } finally {
            stack.table.lock().unlock();
        }
    }

    /// Deletes the route for a label.
    ///
    /// @throws IpException EINVAL as [#add], ESRCH when there is none
    public void delete(int label) throws IpException {
        stack.table.lock().lock();
        try {
            AtomicReferenceArray<Entry> now = entries;
            require(label, now, "RTM_DELROUTE");
            if (now.getAndSet(label, null) == null) {
                throw new IpException("RTM_DELROUTE", Errno.ESRCH, "There is no route for label " + label + ".");
            }
        } finally {
            stack.table.lock().unlock();
        }
    }

    private static void require(int label, AtomicReferenceArray<Entry> now, String call) throws IpException {
        if (label < Mpls.FIRST_UNRESERVED) {
            throw new IpException(call, Errno.EINVAL, "Label " + label + " is reserved; the first free one is 16.");
        }
        if (label >= now.length()) {
            throw new IpException(
                    call, Errno.EINVAL, "Label " + label + " is beyond the " + now.length() + " platform labels.");
        }
    }

    /// Forgets the routes by a device that is gone.
    void gone(Device device) {
        AtomicReferenceArray<Entry> now = entries;
        for (int i = 0; i < now.length(); i++) {
            Entry e = now.get(i);
            if (e != null && e.route.device().equals(device)) {
                now.set(i, null);
            }
        }
    }

    // ---- Packets

    /// Takes a packet that came in by `in` and starts with a label.
    void receive(IpInterface in, PacketBuffer p) {
        MemorySegment s = p.segment();
        int at = p.head();
        if (!in.labels || p.packetType() != PacketType.HOST || p.length() < Mpls.ENTRY_LENGTH) {
            stack.drop(p, IpDrop.MPLS_INPUT);
            return;
        }
        AtomicReferenceArray<Entry> now = entries;
        int label = Mpls.label(s, at);
        Entry e = label < now.length() ? now.get(label) : null;
        if (e == null) {
            stack.drop(p, IpDrop.MPLS_NO_ROUTE);
            return;
        }
        int ttl = Mpls.timeToLive(s, at);
        boolean bottom = Mpls.bottomOfStack(s, at);
        Device device = e.route.device();
        int grows = (e.labels.length - 1) * Mpls.ENTRY_LENGTH;
        if (ttl <= 1 || !device.isUp() || p.length() + grows > device.mtu() || p.headroom() < grows) {
            stack.drop(p, ttl <= 1 ? IpDrop.MPLS_TTL : IpDrop.MPLS_TOO_BIG);
            return;
        }
        p.pull(Mpls.ENTRY_LENGTH);
        if (e.labels.length == 0 && bottom) {
            if (!surface(p, ttl - 1)) {
                stack.drop(p, IpDrop.MPLS_NOT_IP);
                return;
            }
        } else {
            push(p, e.labels, ttl - 1, bottom);
        }
        out(p, device, e.gateway4, e.gateway6);
    }

    /// Below the last label stands an IP packet, which has come as far as the label has.
    private static boolean surface(PacketBuffer p, int ttl) {
        MemorySegment s = p.segment();
        int at = p.head();
        if (p.length() >= Ipv4.MIN_HEADER_LENGTH && Ipv4.version(s, at) == 4) {
            p.protocol(EtherType.IPV4);
            Ipv4.timeToLive(s, at, ttl);
            return true;
        }
        if (p.length() >= Ipv6.HEADER_LENGTH && Ipv6.version(s, at) == 6) {
            p.protocol(EtherType.IPV6);
            Ipv6.hopLimit(s, at, ttl);
            return true;
        }
        return false;
    }

    private static void push(PacketBuffer p, int[] labels, int ttl, boolean bottom) {
        for (int i = labels.length - 1; i >= 0; i--) {
            boolean last = bottom && i == labels.length - 1;
            Mpls.emit(p.segment(), p.push(Mpls.ENTRY_LENGTH), labels[i], 0, last, ttl);
        }
    }

    /// Puts labels in front of an IPv4 packet and sends it by `hop`.
    void push(PacketBuffer p, RouteEncapsulation.Labels labels, NextHop hop) {
        int octets = hop.encapsulationOctets();
        if (p.length() + octets > hop.device().mtu() || p.headroom() < octets || !Checksums.finish(p)) {
            stack.drop(p, IpDrop.MPLS_TOO_BIG);
            return;
        }
        p.offload().clear();
        int ttl = labels.timeToLive() != 0 ? labels.timeToLive() : Ipv4.timeToLive(p.segment(), p.head());
        int gateway = hop.hasGateway() ? hop.gateway4 : Ipv4.destination(p.segment(), p.head());
        push(p, hop.labels(), ttl, true);
        p.protocol(EtherType.MPLS);
        out(p, hop.device(), gateway, null);
    }

    private void out(PacketBuffer p, Device device, int gateway4, Ip6Address gateway6) {
        p.vlan(0);
        if (device.headerLength() == 0) {
            p.nextHop(gateway4);
            device.send(p);
            return;
        }
        IpInterface link = stack.of(device);
        if (link == null || (gateway4 == 0 && gateway6 == null)) {
            stack.drop(p, IpDrop.NEIGH_FAILED);
        } else if (gateway6 != null) {
            link.neighbours6.send(p, gateway6.high(), gateway6.low());
        } else {
            link.neighbours4.send(p, (long) gateway4 << 32, 0);
        }
    }
}
