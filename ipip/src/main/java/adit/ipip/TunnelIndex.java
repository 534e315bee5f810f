package adit.ipip;

import adit.tunnel.LookupProfile;
import adit.tunnel.TunnelLookup;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// The tunnels of a namespace, found by their addresses: a hash table that packets read while one holder of the
/// control lock changes it.
///
/// Slots stand in one array, two words each, probed one after the other. A probe reads nothing else, so that a
/// lookup among any number of tunnels costs a cache line or two, and one more for the tunnel that it answers:
///
/// ```
/// word 0   local address, remote address
/// word 1   bits 0-31 link, bit 32 taken, bit 33 up; all 0 when nothing was ever here
/// ```
///
/// A slot is taken once. What becomes of its tunnel is written into word 1 alone, in one piece, and the slot of a
/// tunnel that is gone stays taken until the array is made anew: so a reader never meets half a slot, and tunnels
/// with the same addresses stand in the order of their age.
final class TunnelIndex extends TunnelLookup<IpipDevice> {
    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

    private static final int FIRST_SIZE = 64;
    /// The golden ratio of 2^64: Fibonacci hashing, whose high bits depend on every bit of the key.
    private static final long MULTIPLIER = 0x9e37_79b9_7f4a_7c15L;

    private static final long LINK = 0xffff_ffffL;
    private static final long TAKEN = 1L << 32;
    private static final long UP = 1L << 33;

    private volatile Slots slots = new Slots(FIRST_SIZE);
    private volatile IpipDevice external;
    private volatile IpipDevice fallback;
    // Under the control lock.
    private int live;

    /// An array of slots, a power of two of them, never all of them taken.
    private static final class Slots {
        final long[] words;
        final IpipDevice[] devices;
        /// How many tunnels have which addresses: lookups pass over kinds that there are none of. By
        /// [#kind(long)].
        final int[] kinds = new int[4];
        final int shift;
        int taken;

        Slots(int size) {
            this.words = new long[2 * size];
            this.devices = new IpipDevice[size];
            this.shift = Long.SIZE - Integer.numberOfTrailingZeros(size);
        }

        /// Whether runs of taken slots would become long with another one: at five eighths.
        boolean isFull() {
            return 8 * (taken + 1) > 5 * devices.length;
        }

        int home(long key) {
            return (int) ((key * MULTIPLIER) >>> shift);
        }

        int next(int slot) {
            return slot + 1 & devices.length - 1;
        }

        long key(int slot) {
            return words[2 * slot];
        }

        /// The second word; the first one is to be looked at after it.
        long state(int slot) {
            return (long) WORD.getAcquire(words, 2 * slot + 1);
        }

        void state(int slot, long state) {
            WORD.setRelease(words, 2 * slot + 1, state);
        }

        /// Null when the tunnel has just gone. It was put here before the state that led here, so a plain read finds
        /// it; nothing here looks into a device, whose memory may be in no cache.
        IpipDevice device(int slot) {
            return devices[slot];
        }

        void put(long key, long state, IpipDevice device) {
            int slot = home(key);
            while (state(slot) != 0) {
                slot = next(slot);
            }
            words[2 * slot] = key;
            devices[slot] = device;
            kinds[kind(key)]++;
            taken++;
            state(slot, state);
        }

        /// Where this tunnel stands, or -1.
        int slot(long key, IpipDevice device) {
            for (int slot = home(key); state(slot) != 0; slot = next(slot)) {
                if (devices[slot] == device) {
                    return slot;
                }
            }
            return -1;
        }

        static int kind(long key) {
            return (key >>> Integer.SIZE != 0 ? 2 : 0) | ((int) key != 0 ? 1 : 0);
        }
    }

    TunnelIndex(LookupProfile profile) {
        super(profile);
    }

    // ---- For packets

    @Override
    protected IpipDevice bound(long key, int link) {
        Slots now = slots;
        if (now.kinds[Slots.kind(key)] == 0) {
            return null;
        }
        IpipDevice found = null;
        long wanted = TAKEN | UP | (link & LINK);
        int slot = now.home(key);
        for (long state = now.state(slot); state != 0; state = now.state(slot)) {
            if (state == wanted && now.key(slot) == key) {
                IpipDevice device = now.device(slot);
                found = device == null ? found : device;
            }
            slot = now.next(slot);
        }
        return found;
    }

    @Override
    protected IpipDevice any(long key, Age age) {
        Slots now = slots;
        if (now.kinds[Slots.kind(key)] == 0) {
            return null;
        }
        IpipDevice found = null;
        int slot = now.home(key);
        for (long state = now.state(slot); state != 0; state = now.state(slot)) {
            boolean fits = (state & UP) != 0 && now.key(slot) == key;
            if (fits && (found == null || age == Age.NEWEST)) {
                IpipDevice device = now.device(slot);
                found = device == null ? found : device;
            }
            slot = now.next(slot);
        }
        return found;
    }

    @Override
    protected IpipDevice external() {
        return external;
    }

    @Override
    protected IpipDevice fallback() {
        return fallback;
    }

    // ---- Under the control lock

    /// The tunnel with exactly these addresses and this link, up or down, or null: what keeps a second one out.
    IpipDevice find(int local, int remote, int link) {
        Slots now = slots;
        for (int slot = now.home(key(local, remote)); now.state(slot) != 0; slot = now.next(slot)) {
            IpipDevice device = now.devices[slot];
            if (device == null) {
                continue;
            }
            // Not the key, which stands for several tunnels where there are multicast groups.
            Parameters p = device.parameters();
            if (p.local() == local && p.remote() == remote && p.link() == link) {
                return device;
            }
        }
        return null;
    }

    /// How many there are, up or down.
    int size() {
        return live;
    }

    /// The external tunnel, up or down, or null.
    IpipDevice theExternal() {
        return external;
    }

    /// `tunl0`, or null.
    IpipDevice theFallback() {
        return fallback;
    }

    /// Says which device is `tunl0`. It is added like others, as the oldest of all.
    void fallback(IpipDevice device) {
        fallback = device;
    }

    /// Adds a tunnel, as the newest.
    void add(IpipDevice device) {
        Parameters p = device.parameters();
        if (p.isExternal()) {
            external = device;
        }
        if (slots.isFull()) {
            remake();
        }
        slots.put(key(p.local(), p.remote()), state(device), device);
        live++;
    }

    /// There is no `tunl0` any more.
    void forgetFallback(IpipDevice device) {
        if (device.equals(fallback)) {
            fallback = null;
        }
    }

    /// Takes a tunnel out that stands under these parameters; does nothing when it does not.
    void remove(IpipDevice device, Parameters under) {
        if (device.equals(external)) {
            external = null;
        }
        Slots now = slots;
        long key = key(under.local(), under.remote());
        int slot = now.slot(key, device);
        if (slot >= 0) {
            now.state(slot, TAKEN);
            now.devices[slot] = null;
            now.kinds[Slots.kind(key)]--;
            live--;
        }
    }

    /// A tunnel has gone up or down.
    void turned(IpipDevice device) {
        Parameters p = device.parameters();
        Slots now = slots;
        int slot = now.slot(key(p.local(), p.remote()), device);
        if (slot >= 0) {
            now.state(slot, state(device));
        }
    }

    private static long state(IpipDevice device) {
        return TAKEN | (device.isUp() ? UP : 0) | (device.parameters().link() & LINK);
    }

    /// Makes the array anew, without the tunnels that are gone, and at most half of it taken. Who looks a tunnel up
    /// meanwhile uses the old one, which stays as it is.
    private void remake() {
        Slots before = slots;
        int size = Math.max(FIRST_SIZE, Integer.highestOneBit(2 * live + 2) * 2);
        Slots next = new Slots(size);
        // From behind an empty slot on, so that no run of slots is begun in its middle.
        int first = 0;
        while (before.state(first) != 0) {
            first++;
        }
        int slot = first;
        do {
            slot = before.next(slot);
            IpipDevice device = before.devices[slot];
            if (device != null) {
                next.put(before.key(slot), before.state(slot), device);
            }
        } while (slot != first);
        slots = next;
    }
}
