package adit.ipip;

/// How many tunnels the present thread is sending through, one inside the other: Linux's recursion limit, which
/// ends tunnels that are routed through each other.
final class Nesting {
    /// Linux's `IP_TUNNEL_RECURSION_LIMIT`.
    static final int LIMIT = 5;

    private static final ThreadLocal<Nesting> OF_THREAD = ThreadLocal.withInitial(Nesting::new);

    private int depth;

    private Nesting() {}

    /// Goes one tunnel deeper, or answers null when that would be too deep.
    static Nesting enter() {
        Nesting nesting = OF_THREAD.get();
        if (nesting.depth >= LIMIT) {
            return null;
        }
        nesting.depth++;
        return nesting;
    }

    void leave() {
        depth--;
    }
}
