package adit.ipip;

import adit.tunnel.LookupProfile;
import adit.tunnel.TunnelLookup;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// The tunnels of a namespace, found by their addresses: a hash table that packets read while one holder of the
/// control lock changes it. A lookup takes four probes among any number of tunnels, and an addition touches one
/// chain.
final class TunnelIndex extends TunnelLookup<IpipDevice> {
    private static final int FIRST_SIZE = 64;
    /// The golden ratio of 2^64: Fibonacci hashing, whose high bits depend on every bit of the key.
    private static final long MULTIPLIER = 0x9e37_79b9_7f4a_7c15L;

    private volatile AtomicReferenceArray<Node> chains = new AtomicReferenceArray<>(FIRST_SIZE);
    private volatile IpipDevice external;
    private volatile IpipDevice fallback;
    private int keys;

    /// The tunnels of one key, newest first. Immutable.
    private static final class Node {
        final long key;
        final Object[] group;
        final Node next;

        Node(long key, Object[] group, Node next) {
            this.key = key;
            this.group = group;
            this.next = next;
        }
    }

    TunnelIndex(LookupProfile profile) {
        super(profile);
    }

    @Override
    protected Object[] group(long key) {
        AtomicReferenceArray<Node> now = chains;
        for (Node n = now.getAcquire(chain(key, now.length())); n != null; n = n.next) {
            if (n.key == key) {
                return n.group;
            }
        }
        return NONE;
    }

    private static int chain(long key, int size) {
        return (int) ((key * MULTIPLIER) >>> (Long.SIZE - Integer.numberOfTrailingZeros(size)));
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
        for (Object o : group(key(local, remote))) {
            Parameters p = entry(o).parameters();
            if (p.local() == local && p.remote() == remote && p.link() == link) {
                return entry(o);
            }
        }
        return null;
    }

    /// The external tunnel, up or down, or null.
    IpipDevice theExternal() {
        return external;
    }

    /// `tunl0`, or null.
    IpipDevice theFallback() {
        return fallback;
    }

    /// Adds `tunl0`, which is the oldest of all.
    void addFallback(IpipDevice device) {
        fallback = device;
        add(device);
    }

    /// Adds a tunnel, as the newest.
    void add(IpipDevice device) {
        Parameters p = device.parameters();
        if (p.isExternal()) {
            external = device;
        }
        long key = key(p.local(), p.remote());
        Object[] group = group(key);
        Object[] more = new Object[group.length + 1];
        more[0] = device;
        System.arraycopy(group, 0, more, 1, group.length);
        put(key, more);
        if (group.length == 0 && ++keys > chains.length()) {
            grow();
        }
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
        long key = key(under.local(), under.remote());
        Object[] group = group(key);
        int at = 0;
        while (at < group.length && !group[at].equals(device)) {
            at++;
        }
        if (at == group.length) {
            return;
        }
        Object[] less = new Object[group.length - 1];
        System.arraycopy(group, 0, less, 0, at);
        System.arraycopy(group, at + 1, less, at, less.length - at);
        put(key, less);
        if (less.length == 0) {
            keys--;
        }
    }

    /// Replaces the group of a key; nodes behind it in its chain are kept, those before it are made anew.
    private void put(long key, Object[] group) {
        AtomicReferenceArray<Node> now = chains;
        int chain = chain(key, now.length());
        now.setRelease(chain, with(now.getAcquire(chain), key, group));
    }

    private static Node with(Node chain, long key, Object[] group) {
        Node rest = without(chain, key);
        return group.length == 0 ? rest : new Node(key, group, rest);
    }

    private static Node without(Node chain, long key) {
        if (chain == null) {
            return null;
        }
        return chain.key == key ? chain.next : new Node(chain.key, chain.group, without(chain.next, key));
    }

    /// Twice as many chains. Who looks a tunnel up meanwhile uses the old ones, which stay as they are.
    private void grow() {
        AtomicReferenceArray<Node> before = chains;
        AtomicReferenceArray<Node> next = new AtomicReferenceArray<>(before.length() * 2);
        for (int i = 0; i < before.length(); i++) {
            for (Node n = before.getAcquire(i); n != null; n = n.next) {
                int chain = chain(n.key, next.length());
                next.setPlain(chain, new Node(n.key, n.group, next.getPlain(chain)));
            }
        }
        chains = next;
    }
}
