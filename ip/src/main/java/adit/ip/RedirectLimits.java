package adit.ip;

import java.util.function.LongSupplier;

/// How often a host that sends to the wrong gateway is told so, as Linux limits it (`ip_rt_send_redirect`): at
/// once, then after pauses that double from 40 ms on, nine times in all. One that does not listen hears no more
/// until it has been silent for 20.48 s.
///
/// Hosts are told apart by a hash, as for [IcmpLimits].
final class RedirectLimits {
    private static final long LOAD = 20_000_000L;
    private static final int MOST = 9;
    private static final long SILENCE = LOAD << (MOST + 1);
    private static final int PEERS = 1 << 12;

    private final LongSupplier time;
    private final long[] last = new long[PEERS];
    private final byte[] told = new byte[PEERS];

    RedirectLimits(LongSupplier time) {
        this.time = time;
    }

    /// Whether the host with this hash is told once more.
    synchronized boolean take(int hash) {
        int i = hash & (PEERS - 1);
        long now = time.getAsLong();
        long since = now - last[i];
        if (since > SILENCE) {
            told[i] = 0;
        }
        if (told[i] >= MOST) {
            last[i] = now;
            return false;
        }
        if (told[i] != 0 && since <= LOAD << told[i]) {
            return false;
        }
        last[i] = now;
        told[i]++;
        return true;
    }
}
