package adit.netlink;

import java.util.OptionalInt;

/// The metrics of a route that matter here: the RTAX attributes.
///
/// @param mtu the path MTU in octets
/// @param lock a bit mask: bit n says that path MTU discovery leaves metric n alone
/// @param hopLimit the time to live of packets that have none
/// @param advertisedSegmentSize the TCP segment size to announce, in octets
public record RouteMetrics(OptionalInt mtu, int lock, OptionalInt hopLimit, OptionalInt advertisedSegmentSize)
        implements MessageWriter.Body {
    /// No metrics.
    public static final RouteMetrics NONE =
            new RouteMetrics(OptionalInt.empty(), 0, OptionalInt.empty(), OptionalInt.empty());

    private static final int LOCKED_MTU = 1 << Rtnetlink.RTAX_MTU;

    /// A path MTU that discovery may lower.
    public static RouteMetrics ofMtu(int octets) {
        return new RouteMetrics(OptionalInt.of(octets), 0, OptionalInt.empty(), OptionalInt.empty());
    }

    /// A path MTU that stays as it is; packets are sent without DF.
    public static RouteMetrics ofLockedMtu(int octets) {
        return new RouteMetrics(OptionalInt.of(octets), LOCKED_MTU, OptionalInt.empty(), OptionalInt.empty());
    }

    /// Whether the path MTU is locked.
    public boolean mtuLocked() {
        return (lock & LOCKED_MTU) != 0;
    }

    static RouteMetrics read(AttributeReader a) {
        OptionalInt mtu = OptionalInt.empty();
        int lock = 0;
        OptionalInt hopLimit = OptionalInt.empty();
        OptionalInt advertisedSegmentSize = OptionalInt.empty();
        while (a.next()) {
            switch (a.type()) {
                case Rtnetlink.RTAX_MTU -> mtu = OptionalInt.of(a.i32());
                case Rtnetlink.RTAX_LOCK -> lock = a.i32();
                case Rtnetlink.RTAX_HOPLIMIT -> hopLimit = OptionalInt.of(a.i32());
                case Rtnetlink.RTAX_ADVMSS -> advertisedSegmentSize = OptionalInt.of(a.i32());
                default -> {}
            }
        }
        return new RouteMetrics(mtu, lock, hopLimit, advertisedSegmentSize);
    }

    @Override
    public void writeTo(MessageWriter w) {
        if (lock != 0) {
            w.i32(Rtnetlink.RTAX_LOCK, lock);
        }
        mtu.ifPresent(v -> w.i32(Rtnetlink.RTAX_MTU, v));
        advertisedSegmentSize.ifPresent(v -> w.i32(Rtnetlink.RTAX_ADVMSS, v));
        hopLimit.ifPresent(v -> w.i32(Rtnetlink.RTAX_HOPLIMIT, v));
    }
}
