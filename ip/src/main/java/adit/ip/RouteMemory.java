package adit.ip;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Which way the packets of a flow took last, so that the next one need not be looked up: what Linux's `dst_cache`
/// is to a tunnel, for packets that come in.
///
/// An answer holds for one generation of routes, which is the counter that every change of them raises; nothing
/// has to be forgotten one by one. Flows whose hashes meet take the place from each other, and then are looked up
/// as if there were no memory.
///
/// For any threads, without a lock or an allocation. Each place has a version, which is odd while somebody writes
/// there. Who reads looks at it before and after; who would have to wait does without.
final class RouteMemory {
    private static final int PLACE_BITS = 10;
    private static final long MULTIPLIER = 0x9e37_79b9_7f4a_7c15L;
    private static final int TOS_BITS = 8;

    /// The words of a place.
    private static final int VERSION = 0;

    private static final int FLOW = 1;
    private static final int MOMENT = 2;
    private static final int WORDS = 4;

    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle ROUTE = MethodHandles.arrayElementVarHandle(Route[].class);

    private final long[] words = new long[WORDS << PLACE_BITS];
    private final Route[] routes = new Route[1 << PLACE_BITS];

    /// The route of packets between two addresses with this `tos` as of a generation of routes, or null when it is
    /// not remembered.
    Route get(long generation, int source, int destination, int tos) {
        long flow = flow(source, destination);
        int place = place(flow);
        int at = place * WORDS;
        long version = (long) WORD.getAcquire(words, at + VERSION);
        boolean isSame = (long) WORD.getOpaque(words, at + FLOW) == flow
                && (long) WORD.getOpaque(words, at + MOMENT) == moment(generation, tos);
        Route route = (Route) ROUTE.getOpaque(routes, place);
        VarHandle.loadLoadFence();
        boolean isWhole = (version & 1) == 0 && (long) WORD.getOpaque(words, at + VERSION) == version;
        return isSame && isWhole ? route : null;
    }

    /// Remembers it, unless another thread is about to remember something in the same place.
    void put(long generation, int source, int destination, int tos, Route route) {
        long flow = flow(source, destination);
        int place = place(flow);
        int at = place * WORDS;
        long version = (long) WORD.getOpaque(words, at + VERSION);
        if ((version & 1) != 0 || !WORD.compareAndSet(words, at + VERSION, version, version + 1)) {
            return;
        }
        VarHandle.storeStoreFence();
        WORD.setOpaque(words, at + FLOW, flow);
        WORD.setOpaque(words, at + MOMENT, moment(generation, tos));
        ROUTE.setOpaque(routes, place, route);
        WORD.setRelease(words, at + VERSION, version + 2);
    }

    private static long flow(int source, int destination) {
        return (long) source << 32 | (destination & 0xffff_ffffL);
    }

    private static long moment(long generation, int tos) {
        return generation << TOS_BITS | tos;
    }

    private static int place(long flow) {
        return (int) ((flow * MULTIPLIER) >>> (Long.SIZE - PLACE_BITS));
    }
}
