package adit.ip;

/// An immutable map from address prefixes to values, searched by longest match.
///
/// Keys are 128 bits, left-aligned: an IPv6 address as it is, an IPv4 address in the upper half of `high`. The
/// first twelve bits index an array; from there on each node resolves six bits with two bit maps, one for the
/// prefixes that end within the node and one for its children (W. Eatherton's tree bitmap). A lookup therefore
/// visits as many nodes as the address has steps of six bits at most, whatever the number of prefixes, and
/// allocates nothing.
///
/// A change copies the nodes on the path to its prefix and shares the rest, so that readers of the old map are
/// never disturbed. [#edit] makes many changes at the price of one copy.
///
/// @param <V> what a prefix stands for; compared by nobody
public final class PrefixTrie<V> {
    private static final int ROOT_BITS = 12;
    private static final int STRIDE = 6;
    private static final int MAX_BITS = 128;
    private static final PrefixTrie<?> EMPTY = new PrefixTrie<>(new TrieNode[1 << ROOT_BITS], new TrieNode(), 0);

    /// For each six bits, the inner positions of the prefixes that they start with: lengths 0 to 5. A prefix of
    /// length n and value v stands at position 2^n + v, so that a longer one has a higher position.
    private static final long[] STARTS = new long[1 << STRIDE];

    static {
        for (int chunk = 0; chunk < STARTS.length; chunk++) {
            for (int length = 0; length < STRIDE; length++) {
                STARTS[chunk] |= 1L << ((1 << length) + (chunk >>> (STRIDE - length)));
            }
        }
    }

    /// By the first twelve bits: the nodes of the prefixes that have as many or more.
    private final TrieNode[] root;

    /// The node of the prefixes of up to eleven bits.
    private final TrieNode shorts;
    private final int size;

    private PrefixTrie(TrieNode[] root, TrieNode shorts, int size) {
        this.root = root;
        this.shorts = shorts;
        this.size = size;
    }

    /// The map without prefixes.
    @SuppressWarnings("unchecked") // it holds no value
    public static <V> PrefixTrie<V> empty() {
        return (PrefixTrie<V>) EMPTY;
    }

    /// How many prefixes there are.
    public int size() {
        return size;
    }

    /// The value of the longest prefix that the address starts with, or null.
    public V lookup(long high, long low) {
        TrieNode node = root[index(high)];
        Object best = null;
        int at = ROOT_BITS;
        while (node != null) {
            int chunk = chunk(high, low, at);
            long inner = node.inner & STARTS[chunk];
            if (inner != 0) {
                best = node.value(63 - Long.numberOfLeadingZeros(inner));
            }
            node = node.child(chunk);
            at += STRIDE;
        }
        return best != null ? cast(best) : lookupShort(high, ROOT_BITS - 1);
    }

    /// The same among prefixes of at most `maxLength` bits: the next best answers, when the best will not do.
    public V lookup(long high, long low, int maxLength) {
        if (maxLength < ROOT_BITS) {
            return maxLength < 0 ? null : lookupShort(high, maxLength);
        }
        TrieNode node = root[index(high)];
        Object best = null;
        int at = ROOT_BITS;
        while (node != null && at <= maxLength) {
            int chunk = chunk(high, low, at);
            long inner = node.inner & STARTS[chunk];
            inner &= upTo(maxLength - at);
            if (inner != 0) {
                best = node.value(63 - Long.numberOfLeadingZeros(inner));
            }
            node = node.child(chunk);
            at += STRIDE;
        }
        return best != null ? cast(best) : lookupShort(high, ROOT_BITS - 1);
    }

    private V lookupShort(long high, int maxLength) {
        TrieNode node = shorts;
        Object best = null;
        for (int at = 0; node != null && at <= maxLength; at += STRIDE) {
            int chunk = (int) (high >>> (Long.SIZE - STRIDE - at)) & (STARTS.length - 1);
            long inner = node.inner & STARTS[chunk];
            inner &= upTo(maxLength - at);
            if (inner != 0) {
                best = node.value(63 - Long.numberOfLeadingZeros(inner));
            }
            node = node.child(chunk);
        }
        return cast(best);
    }

    /// The value of exactly this prefix, or null.
    public V get(long high, long low, int length) {
        TrieNode node = length < ROOT_BITS ? shorts : root[index(high)];
        int at = length < ROOT_BITS ? 0 : ROOT_BITS;
        while (node != null && length - at >= STRIDE) {
            node = node.child(chunk(high, low, at));
            at += STRIDE;
        }
        if (node == null) {
            return null;
        }
        int position = position(high, low, at, length);
        return (node.inner >>> position & 1) == 0 ? null : cast(node.value(position));
    }

    /// This map with `value` for the prefix; what it stood for before is gone. Bits behind the prefix do not
    /// matter.
    public PrefixTrie<V> with(long high, long low, int length, V value) {
        return edit().put(high, low, length, value).done();
    }

    /// This map without the prefix.
    public PrefixTrie<V> without(long high, long low, int length) {
        return edit().remove(high, low, length).done();
    }

    /// Starts a number of changes. For one thread.
    public Editor<V> edit() {
        return new Editor<>(this);
    }

    /// Sees a prefix and what it stands for.
    ///
    /// @param <V> what a prefix stands for
    @FunctionalInterface
    public interface Visitor<V> {
        /// Called once for each prefix.
        void visit(long high, long low, int length, V value);
    }

    /// Shows `visitor` every prefix: by address, and shorter ones before the longer ones within them.
    public void forEach(Visitor<? super V> visitor) {
        visitInner(shorts, 0, 0, 0, 0, 0, visitor);
    }

    /// Walks the binary tree within a node: `length` bits of it are fixed and read `value`.
    private void visitInner(
            TrieNode node, long high, long low, int at, int length, int value, Visitor<? super V> visitor) {
        if (length == STRIDE) {
            descend(node, high, low, at, value, visitor);
            return;
        }
        int position = (1 << length) + value;
        if (node != null && (node.inner >>> position & 1) != 0) {
            visitor.visit(
                    high | highBits(value, at, length),
                    low | lowBits(value, at, length),
                    at + length,
                    cast(node.value(position)));
        }
        visitInner(node, high, low, at, length + 1, value << 1, visitor);
        visitInner(node, high, low, at, length + 1, value << 1 | 1, visitor);
    }

    /// Goes on below a node. The first twelve bits are walked whether there are short prefixes or not, because
    /// they lead to the longer ones.
    private void descend(TrieNode node, long high, long low, int at, int chunk, Visitor<? super V> visitor) {
        long nextHigh = high | highBits(chunk, at, STRIDE);
        long nextLow = low | lowBits(chunk, at, STRIDE);
        int next = at + STRIDE;
        TrieNode below = next == ROOT_BITS ? root[index(nextHigh)] : node == null ? null : node.child(chunk);
        if (below != null || next < ROOT_BITS) {
            visitInner(below, nextHigh, nextLow, next, 0, 0, visitor);
        }
    }

    private static long highBits(int value, int at, int length) {
        int shift = Long.SIZE - at - length;
        return shift >= 0 ? (long) value << shift : shift > -STRIDE ? value >>> -shift : 0;
    }

    private static long lowBits(int value, int at, int length) {
        int shift = MAX_BITS - at - length;
        return shift >= Long.SIZE ? 0 : shift >= 0 ? (long) value << shift : value >>> -shift;
    }

    /// The inner positions of prefixes that go at most `within` bits into a node.
    private static long upTo(int within) {
        return within >= STRIDE - 1 ? -1L : (1L << (2 << within)) - 1;
    }

    private static int index(long high) {
        return (int) (high >>> (Long.SIZE - ROOT_BITS));
    }

    /// The six bits of the address from bit `at` on, counted from the left; zeros behind its end.
    private static int chunk(long high, long low, int at) {
        int shift = Long.SIZE - STRIDE - at;
        long bits;
        if (shift >= 0) {
            bits = high >>> shift;
        } else if (shift > -STRIDE) {
            bits = high << -shift | low >>> (Long.SIZE + shift);
        } else if (shift >= -Long.SIZE) {
            bits = low >>> (Long.SIZE + shift);
        } else {
            bits = low << -(Long.SIZE + shift);
        }
        return (int) bits & (STARTS.length - 1);
    }

    private static int position(long high, long low, int at, int length) {
        int within = length - at;
        return (1 << within) + (chunk(high, low, at) >>> (STRIDE - within));
    }

    @SuppressWarnings("unchecked") // only values of this type were put in
    private V cast(Object value) {
        return (V) value;
    }

    /// Makes changes on the way from one map to another. For one thread; done once.
    ///
    /// @param <V> what a prefix stands for
    public static final class Editor<V> {
        /// Marks the nodes made here.
        private final TrieNode.Token token = new TrieNode.Token();
        private TrieNode[] root;
        /// Whether the root array still belongs to the old map.
        private boolean shared = true;
        private TrieNode shorts;
        private int size;

        private Editor(PrefixTrie<V> base) {
            this.root = base.root;
            this.shorts = base.shorts;
            this.size = base.size;
        }

        /// Lets the prefix stand for `value`. Bits behind the prefix do not matter.
        public Editor<V> put(long high, long low, int length, V value) {
            if (length < 0 || length > MAX_BITS || value == null) {
                throw new IllegalArgumentException("length " + length + ", value " + value);
            }
            if (length < ROOT_BITS) {
                shorts = put(shorts, high, low, 0, length, value);
            } else {
                int i = index(high);
                TrieNode node = root[i] == null ? new TrieNode() : root[i];
                setRoot(i, put(node, high, low, ROOT_BITS, length, value));
            }
            return this;
        }

        private void setRoot(int i, TrieNode node) {
            if (root[i] == node) {
                return;
            }
            if (shared) {
                root = root.clone();
                shared = false;
            }
            root[i] = node;
        }

        private TrieNode put(TrieNode from, long high, long low, int at, int length, V value) {
            TrieNode node = from.ownedBy(token);
            if (length - at < STRIDE) {
                if (node.put(position(high, low, at, length), value)) {
                    size++;
                }
                return node;
            }
            int chunk = chunk(high, low, at);
            TrieNode child = node.child(chunk);
            TrieNode changed = put(child == null ? new TrieNode() : child, high, low, at + STRIDE, length, value);
            if (changed != child) {
                node.child(chunk, changed);
            }
            return node;
        }

        /// Takes the prefix out; nothing happens when there is none.
        public Editor<V> remove(long high, long low, int length) {
            if (length < ROOT_BITS) {
                TrieNode left = remove(shorts, high, low, 0, length);
                shorts = left == null ? new TrieNode() : left;
            } else if (root[index(high)] != null) {
                int i = index(high);
                setRoot(i, remove(root[i], high, low, ROOT_BITS, length));
            }
            return this;
        }

        /// What is left of `from`: itself when the prefix is not there, null when nothing is.
        private TrieNode remove(TrieNode from, long high, long low, int at, int length) {
            if (length - at < STRIDE) {
                int position = position(high, low, at, length);
                if ((from.inner >>> position & 1) == 0) {
                    return from;
                }
                TrieNode node = from.ownedBy(token);
                node.remove(position);
                size--;
                return node.isEmpty() ? null : node;
            }
            int chunk = chunk(high, low, at);
            TrieNode child = from.child(chunk);
            if (child == null) {
                return from;
            }
            TrieNode left = remove(child, high, low, at + STRIDE, length);
            if (left == child) {
                return from;
            }
            TrieNode node = from.ownedBy(token);
            if (left == null) {
                node.removeChild(chunk);
            } else {
                node.child(chunk, left);
            }
            return node.isEmpty() ? null : node;
        }

        /// The new map. The editor is of no use any more.
        public PrefixTrie<V> done() {
            PrefixTrie<V> result = new PrefixTrie<>(root, shorts, size);
            // The nodes made here belong to the map from now on: an editor to come must copy them.
            root = null;
            return result;
        }
    }
}
