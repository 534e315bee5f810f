package adit.tunnel;

/// Explicit congestion notification through a tunnel. RFC 6040 section 4, with the one liberty that Linux takes
/// on the way in: an outer ECT(1) on an inner ECT(0) passes on as ECT(1), a mild sign of congestion, and does
/// not warn.
public final class Ecn {
    /// The ECN bits of a DSCP and ECN octet.
    public static final int MASK = 0b11;
    /// Not capable of ECN.
    public static final int NOT_ECT = 0b00;
    /// Capable, codepoint 1.
    public static final int ECT1 = 0b01;
    /// Capable, codepoint 0.
    public static final int ECT0 = 0b10;
    /// Congestion experienced.
    public static final int CE = 0b11;

    /// Set in an answer of [#decapsulate] when the outer mark has no business on that inner packet: somebody
    /// between the tunnel's ends marks packets of a sender who did not ask for it.
    public static final int UNEXPECTED = 0b0100;
    /// Set in an answer of [#decapsulate] when the mark can't be passed on and the packet must go.
    public static final int LOST = 0b1000;

    /// Rows are outer, columns inner codepoints, both in the order Not-ECT, ECT(1), ECT(0), CE.
    private static final int[][] DECAPSULATED = {
        {NOT_ECT, ECT1, ECT0, CE},
        {NOT_ECT | UNEXPECTED, ECT1, ECT1, CE},
        {NOT_ECT | UNEXPECTED, ECT1, ECT0, CE},
        {NOT_ECT | UNEXPECTED | LOST, CE, CE, CE},
    };

    private Ecn() {}

    /// The outer octet: the DSCP of `tos` with the ECN of the inner packet, where congestion that the inner
    /// packet met before the tunnel stays inside, so that the outer packet can tell of its own.
    public static int encapsulate(int tos, int innerTos) {
        int inner = innerTos & MASK;
        return (tos & ~MASK) | (inner == CE ? ECT0 : inner);
    }

    /// The inner ECN codepoint after an outer packet with `outerTos`, together with [#UNEXPECTED] and [#LOST].
    public static int decapsulate(int outerTos, int innerTos) {
        return DECAPSULATED[outerTos & MASK][innerTos & MASK];
    }
}
