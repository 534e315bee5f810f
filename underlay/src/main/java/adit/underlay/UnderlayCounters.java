package adit.underlay;

/// What a [HeaderUnderlay] counted. Read it on the underlay's thread, or when that rests.
///
/// Inbound, every packet that the port brought is accounted for: `received` is `delivered - wholes` of the
/// [Reassembler], its joined, dropped and held fragments, and the inbound drops. Outbound, `sent` counts the
/// packets that callers handed over and that left, whole or in fragments; what was refused stays with the
/// caller.
public final class UnderlayCounters {
    private final long[] dropped = new long[UnderlayDrop.values().length];
    long received;
    long delivered;
    long errors;
    long sent;
    long fragmented;
    long fragments;

    UnderlayCounters() {}

    void drop(UnderlayDrop reason) {
        dropped[reason.ordinal()]++;
    }

    /// IP packets that the port brought, fragments counted singly.
    public long received() {
        return received;
    }

    /// Payloads handed to the caller, ICMP errors among them.
    public long delivered() {
        return delivered;
    }

    /// ICMP errors among the payloads handed to the caller.
    public long errors() {
        return errors;
    }

    /// Payloads that left.
    public long sent() {
        return sent;
    }

    /// Payloads among those that left in fragments.
    public long fragmented() {
        return fragmented;
    }

    /// Fragments that left.
    public long fragments() {
        return fragments;
    }

    /// Packets dropped for this reason.
    public long dropped(UnderlayDrop reason) {
        return dropped[reason.ordinal()];
    }
}
