package adit.packet;

import java.util.Arrays;

/// The pools that are open, by number: what makes a number of a buffer ([PacketBuffer#number]).
final class OpenPools {
    private static final int AT_FIRST = 16;

    // Replaced whole, so that looking up takes no lock.
    private static volatile PacketPool[] pools = new PacketPool[AT_FIRST];

    private OpenPools() {}

    /// Gives a pool the lowest number that is free.
    static synchronized int enter(PacketPool pool) {
        int number = 0;
        while (number < pools.length && pools[number] != null) {
            number++;
        }
        PacketPool[] more = Arrays.copyOf(pools, number < pools.length ? pools.length : 2 * pools.length);
        more[number] = pool;
        pools = more;
        return number;
    }

    static synchronized void leave(int number) {
        PacketPool[] fewer = pools.clone();
        fewer[number] = null;
        pools = fewer;
    }

    /// The pool with that number, or null.
    static PacketPool get(int number) {
        PacketPool[] present = pools;
        return number < present.length ? present[number] : null;
    }
}
