package adit.ip;

import adit.device.Device;
import adit.device.DeviceFlags;
import adit.port.Deadline;
import adit.wire.Ip4Address;
import adit.wire.Ip4Prefix;
import adit.wire.IpAddress;
import adit.wire.IpPrefix;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// A route: to which destinations, what becomes of their packets, and by which way. Immutable.
public final class Route {
    /// The table of this host's own addresses.
    public static final int TABLE_LOCAL = 255;
    /// The usual table.
    public static final int TABLE_MAIN = 254;
    /// The table behind the usual one.
    public static final int TABLE_DEFAULT = 253;

    /// The RTPROT number of routes that the stack itself has made.
    static final int PROTOCOL_KERNEL = 2;

    /// The bits of the former type of service that routing looks at (IPTOS_RT_MASK).
    private static final int TOS = 0x1c;

    private final Spec spec;
    /// What each hop came with, where several routes of IPv6 share packets; else null.
    private final List<Spec> members;
    private final NextHop[] hops;
    private final Set<Mark> marks;
    private final HashThreshold shares;
    /// The first hop that is alive, or null.
    private final NextHop first;
    final RouteType type;
    /// Whether packets that take it go nowhere.
    final boolean rejects;
    final int mtu;
    final int length;
    final int preferred4;

    /// What a route is, but for its next hops.
    ///
    /// @param destination the destinations
    /// @param table the table's number
    /// @param type what becomes of packets
    /// @param scope how far away destinations are, an RT_SCOPE number: 0 anywhere, 253 on a link, 254 here
    /// @param protocol who made the route, an RTPROT number
    /// @param tos the former type of service of packets that it is for, 0 for all
    /// @param priority of routes to the same destinations the smallest number wins, 0 to 2^32-1
    /// @param preferredSource the source of packets that have none
    /// @param metrics MTU and hop limit
    /// @param terms on which IPv6 keeps it
    public record Spec(
            IpPrefix destination,
            int table,
            RouteType type,
            int scope,
            int protocol,
            int tos,
            int priority,
            Optional<IpAddress> preferredSource,
            Metrics metrics,
            Terms terms) {
        /// A route that is kept for good.
        public Spec(
                IpPrefix destination,
                int table,
                RouteType type,
                int scope,
                int protocol,
                int tos,
                int priority,
                Optional<IpAddress> preferredSource,
                Metrics metrics) {
            this(destination, table, type, scope, protocol, tos, priority, preferredSource, metrics, Terms.USUAL);
        }

        private Spec with(Optional<IpAddress> source, Metrics newMetrics, Terms newTerms) {
            return new Spec(destination, table, type, scope, protocol, tos, priority, source, newMetrics, newTerms);
        }
    }

    /// How much a router is preferred to others, as RFC 4191 has it.
    public enum Preference {
        /// As usual.
        MEDIUM(2),
        /// To others.
        HIGH(3),
        /// Others are preferred.
        LOW(1);

        private final int rank;

        Preference(int rank) {
            this.rank = rank;
        }
    }

    /// On what terms IPv6 keeps a route.
    ///
    /// @param preference of its router
    /// @param end when it is over, on the clock of the namespace in nanoseconds; [Deadline#NEVER] if it isn't
    public record Terms(Preference preference, long end) {
        /// For good, as one of many.
        public static final Terms USUAL = new Terms(Preference.MEDIUM, Deadline.NEVER);
    }

    /// What is known of a way.
    ///
    /// @param mtu the path MTU in octets, 0 for the device's
    /// @param mtuLocked whether path MTU discovery leaves it alone
    /// @param hopLimit the time to live of packets that have none, 0 for the usual
    /// @param advertisedSegmentSize kept for whoever asks, 0 for none
    public record Metrics(int mtu, boolean mtuLocked, int hopLimit, int advertisedSegmentSize) {
        /// Nothing.
        public static final Metrics NONE = new Metrics(0, false, 0, 0);
    }

    /// What is told of a route of several next hops as a whole, beside what is told of each.
    public enum Mark {
        /// Whoever made it said so, which has no effect.
        ON_LINK,
        /// None of its links had a carrier at some time, and none has got one since.
        LINK_DOWN
    }

    Route(Spec spec, List<NextHop> hops) {
        this(spec, hops, Set.of());
    }

    /// A route of IPv4 with these marks.
    Route(Spec spec, List<NextHop> hops, Set<Mark> marks) {
        this(spec, hops, null, marks);
    }

    private Route(Spec spec, List<NextHop> hops, List<Spec> members, Set<Mark> marks) {
        this.spec = spec;
        this.members = members;
        this.marks = marks;
        this.hops = hops.toArray(NextHop[]::new);
        this.type = spec.type();
        this.mtu = spec.metrics().mtu();
        this.length = spec.destination().length();
        this.preferred4 = spec.preferredSource().orElse(null) instanceof Ip4Address ip4 ? ip4.bits() : 0;
        this.first = firstAlive();
        this.shares = new HashThreshold(this.hops);
        this.rejects = type.rejects() || wouldLoop();
    }

    private NextHop firstAlive() {
        for (NextHop hop : hops) {
            if (!hop.isDead()) {
                return hop;
            }
        }
        return null;
    }

    /// A route by the loopback to others than this host would bring its packets back without end: Linux's IPv6
    /// has it reject them (`fib6_is_reject`).
    private boolean wouldLoop() {
        return !isIp4()
                && !isOwn()
                && hops.length > 0
                && (hops[0].device().flags() & DeviceFlags.LOOPBACK) != 0
                && !spec.destination().address().isLoopback();
    }

    /// A route that says of everything that it is on the link of `device`.
    static Route onLink(Device device) {
        Spec spec = new Spec(
                new Ip4Prefix(Ip4Address.ANY, 0),
                TABLE_MAIN,
                RouteType.UNICAST,
                InterfaceAddress.SCOPE_LINK,
                0,
                0,
                0,
                Optional.empty(),
                Metrics.NONE);
        return new Route(spec, List.of(new NextHop(device, null, InterfaceAddress.SCOPE_HOST, 1, false)));
    }

    /// What it is.
    public Spec spec() {
        return spec;
    }

    /// What the hop of this place came with, from 0.
    Spec spec(int hop) {
        return members == null ? spec : members.get(hop);
    }

    /// The ways that packets take. Routes that reject have none in IPv4, and the loopback's in IPv6.
    public List<NextHop> hops() {
        return List.of(hops);
    }

    /// Whether it leads to an address of this host, as IPv6 has it: of anycast ones only those that the stack
    /// has made.
    public boolean isOwn() {
        boolean isOfStack = type == RouteType.ANYCAST && spec.protocol() == PROTOCOL_KERNEL;
        return type == RouteType.LOCAL || isOfStack;
    }

    // ---- IPv6: several that share packets

    /// Whether it shares packets with others of its priority: it has a gateway.
    boolean sharesPackets() {
        return hops.length > 0 && hops[0].hasGateway();
    }

    /// Whether it leads by the device and the gateway that `other` does.
    boolean hasHop(NextHop other) {
        for (NextHop hop : hops) {
            if (hop.isAs(other)) {
                return true;
            }
        }
        return false;
    }

    /// What its hops came with: one for each where several share packets, and one for all else.
    List<Spec> specs() {
        return members == null ? List.of(spec) : members;
    }

    /// This and `sibling` as one.
    Route with(Route sibling) {
        List<NextHop> allHops = new ArrayList<>(hops());
        allHops.addAll(sibling.hops());
        List<Spec> allSpecs = new ArrayList<>(specs());
        allSpecs.addAll(sibling.specs());
        return new Route(spec, allHops, allSpecs, marks);
    }

    /// The same, told from this hop on.
    Route from(int hop) {
        if (hop == 0) {
            return this;
        }
        List<NextHop> turned = new ArrayList<>(hops());
        List<Spec> specs = new ArrayList<>(specs());
        Collections.rotate(turned, -hop);
        Collections.rotate(specs, -hop);
        return new Route(specs.getFirst(), turned, specs, marks);
    }

    /// One of its hops as a route of its own.
    Route alone(int hop) {
        return new Route(spec(hop), List.of(hops[hop]));
    }

    /// The same, of one next hop, in this place.
    Route at(long place) {
        return new Route(spec, List.of(hops[0].at(place)), members, marks);
    }

    /// Its place among those of its priority to its prefix: that of its first next hop.
    long place() {
        return hops.length == 0 ? 0 : hops[0].place();
    }

    /// Whether Linux's IPv6 jumps over `other` when it tells of routes: it stands between two of these next hops, and
    /// from the first one the walk goes on behind the last one (`fib6_dump_node`).
    boolean hides(Route other) {
        return compareRank(other) == 0 && place() < other.place() && other.place() < hops[hops.length - 1].place();
    }

    // ---- Several next hops that come and go

    /// The same with the hops by `device` in a state; itself where they are.
    Route with(Device device, NextHop.State state) {
        NextHop[] changed = hops.clone();
        boolean isOther = false;
        for (int i = 0; i < hops.length; i++) {
            if (hops[i].device().equals(device)) {
                changed[i] = hops[i].in(state);
                isOther |= changed[i] != hops[i];
            }
        }
        return isOther ? new Route(spec, List.of(changed), members, marks) : this;
    }

    /// The same with a mark; itself if it has it.
    Route marked(Mark mark) {
        if (marks.contains(mark)) {
            return this;
        }
        Set<Mark> more = EnumSet.of(mark);
        more.addAll(marks);
        return new Route(spec, hops(), members, more);
    }

    /// The same without a mark; itself if it has not got it.
    Route unmarked(Mark mark) {
        if (!marks.contains(mark)) {
            return this;
        }
        Set<Mark> fewer = EnumSet.copyOf(marks);
        fewer.remove(mark);
        return new Route(spec, hops(), members, fewer);
    }

    /// What is told of it as a whole where it has several next hops; a route of one tells it of that.
    public Set<Mark> marks() {
        return marks;
    }

    /// Whether it has next hops and none of them is alive.
    boolean isAllDead() {
        return hops.length > 0 && first == null;
    }

    /// The same without some of its hops; itself if that leaves all, null if it leaves none.
    Route without(Predicate<NextHop> gone) {
        List<NextHop> left = new ArrayList<>();
        List<Spec> specs = new ArrayList<>();
        for (int i = 0; i < hops.length; i++) {
            if (!gone.test(hops[i])) {
                left.add(hops[i]);
                specs.add(spec(i));
            }
        }
        if (left.size() == hops.length) {
            return this;
        }
        return left.isEmpty() ? null : new Route(specs.getFirst(), left, left.size() == 1 ? null : specs, marks);
    }

    /// The same for packets of at most so many octets.
    Route withMtu(int octets) {
        Metrics m = spec.metrics();
        Metrics other = new Metrics(octets, m.mtuLocked(), m.hopLimit(), m.advertisedSegmentSize());
        Spec changed = spec.with(spec.preferredSource(), other, spec.terms());
        return new Route(changed, hops(), members, marks);
    }

    /// Whether any of its hops came with this source.
    boolean prefers(IpAddress source) {
        for (Spec each : specs()) {
            if (each.preferredSource().filter(source::equals).isPresent()) {
                return true;
            }
        }
        return false;
    }

    /// The same in which no hop by such a device prefers this source.
    Route withoutSource(IpAddress source, Predicate<Device> by) {
        List<Spec> changed = new ArrayList<>();
        for (int i = 0; i < specs().size(); i++) {
            Spec each = specs().get(i);
            boolean forgets = each.preferredSource().filter(source::equals).isPresent() && by.test(hops[i].device());
            changed.add(forgets ? each.with(Optional.empty(), each.metrics(), each.terms()) : each);
        }
        return new Route(changed.getFirst(), hops(), members == null ? null : changed, marks);
    }

    /// The same for good, as one of many: Linux's IPv6 keeps those that reject so.
    Route onUsualTerms() {
        return new Route(spec.with(spec.preferredSource(), spec.metrics(), Terms.USUAL), hops(), members, marks);
    }

    /// The same until another time.
    Route ending(long end) {
        Terms terms = new Terms(spec.terms().preference(), end);
        return new Route(spec.with(spec.preferredSource(), spec.metrics(), terms), hops(), members, marks);
    }

    /// Whether it is one for IPv4.
    public boolean isIp4() {
        return spec.destination() instanceof Ip4Prefix;
    }

    /// The first hop that is alive; null for none.
    NextHop hop() {
        return first;
    }

    /// Whether all packets take the same hop.
    boolean isSingle() {
        return hops.length == 1;
    }

    /// The next hop for packets with this hash, whose upper bits count, each hop by its weight.
    NextHop hop(int hash) {
        int chosen = shares.choose(hash);
        return chosen == HashThreshold.NONE ? first : hops[chosen];
    }

    /// Whether it is for packets with this type of service that are to leave by `device`, null for any.
    boolean takes(int tos, Device device) {
        return (spec.tos() == 0 || spec.tos() == (tos & TOS))
                && (hops.length == 0 || (device == null ? first : hop(device)) != null);
    }

    /// Whether its routers are as good as others (RFC 4191).
    boolean isPlain() {
        for (Spec each : specs()) {
            if (each.terms().preference() != Preference.MEDIUM) {
                return false;
            }
        }
        return true;
    }

    /// How good it is for packets that are to leave by `device`, null for any, of which one hop suffices that is not
    /// lost; negative where it will not do, which without `alone` only a dead or lost one won't (Linux's
    /// `rt6_score_route`).
    int score(Device device, boolean alone, Predicate<NextHop> lost) {
        int highest = -1;
        for (int i = 0; i < hops.length; i++) {
            boolean isBy = device == null || hops[i].device().equals(device);
            if (!hops[i].isDead() && (isBy || !alone) && !lost.test(hops[i])) {
                highest = Math.max(highest, 2 * spec(i).terms().preference().rank + (isBy ? 1 : 0));
            }
        }
        return highest;
    }

    /// Whether all of its hops are lost.
    boolean isLost(Predicate<NextHop> lost) {
        for (NextHop hop : hops) {
            if (!lost.test(hop)) {
                return false;
            }
        }
        return hops.length > 0;
    }

    /// The first hop that is alive and not lost, or null.
    NextHop hopBut(Predicate<NextHop> lost) {
        for (NextHop hop : hops) {
            if (!hop.isDead() && !lost.test(hop)) {
                return hop;
            }
        }
        return null;
    }

    /// Whether `hop` leads by a device without a carrier. Linux does not say so of what stays in this host
    /// (RTNH_F_LINKDOWN).
    public boolean isLinkDown(NextHop hop) {
        boolean staysHere = isIp4() ? hop.scope() == InterfaceAddress.SCOPE_NOWHERE : isOwn();
        return !staysHere && (hop.isDead() || lacksCarrier(hop.device()));
    }

    private boolean lacksCarrier(Device device) {
        if (!isIp4() && device.above() instanceof IpInterface link) {
            return link.lacksCarrier6;
        }
        return !device.hasCarrier();
    }

    /// The first hop alive that leaves by `device`, or null.
    NextHop hop(Device device) {
        for (NextHop hop : hops) {
            if (!hop.isDead() && hop.device().equals(device)) {
                return hop;
            }
        }
        return null;
    }

    boolean leadsAs(Route other) {
        if (hops.length != other.hops.length) {
            return false;
        }
        for (int i = 0; i < hops.length; i++) {
            if (!hops[i].leadsAs(other.hops[i])) {
                return false;
            }
        }
        return true;
    }

    /// Packets of a certain type of service look at routes for them first; then the smallest priority wins.
    /// Negative when this route comes before `other`.
    int compareRank(Route other) {
        int byTos = Integer.compare(other.spec.tos(), spec.tos());
        return byTos != 0 ? byTos : Integer.compareUnsigned(spec.priority(), other.spec.priority());
    }

    boolean isBefore(Route other) {
        return compareRank(other) < 0;
    }

    boolean isSame(Route other) {
        return leadsAs(other)
                && spec.equals(other.spec)
                && marks.contains(Mark.ON_LINK) == other.marks.contains(Mark.ON_LINK);
    }

    /// Whether it is to the prefix, and in the table, that `other` is.
    boolean isBeside(Route other) {
        return spec.table() == other.spec.table() && spec.destination().equals(other.spec.destination());
    }

    /// As `ip route` has it, such as `unicast 10.0.0.0/8 via 10.1.0.1 dev tun0 metric 5`.
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(type.name().toLowerCase(java.util.Locale.ROOT));
        text.append(' ').append(spec.destination());
        for (NextHop hop : hops) {
            hop.gateway().ifPresent(g -> text.append(" via ").append(g));
            text.append(" dev ").append(hop.device().name());
        }
        spec.preferredSource().ifPresent(s -> text.append(" src ").append(s));
        return text.append(spec.priority() == 0 ? "" : " metric " + Integer.toUnsignedString(spec.priority()))
                .toString();
    }
}
