package adit.device;

import adit.wire.MacAddress;
import java.util.random.RandomGenerator;

/// Ethernet addresses for interfaces in memory.
public final class LinkAddresses {
    private static final long GROUP_BIT = 1L << 40;
    private static final long LOCAL_BIT = 1L << 41;
    private static final long MASK = 0xffff_ffff_ffffL;

    private LinkAddresses() {}

    /// A made-up address: of one station, locally administered.
    public static MacAddress random(RandomGenerator random) {
        return new MacAddress((random.nextLong() & MASK & ~GROUP_BIT) | LOCAL_BIT);
    }

    /// Whether an interface may have the address: it is not 0 and no group's.
    static boolean isUsable(long address) {
        return address != 0 && (address & GROUP_BIT) == 0 && (address & ~MASK) == 0;
    }
}
