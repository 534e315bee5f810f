package adit.ip;

import java.util.Arrays;

/// Six bits of the way through a [PrefixTrie]: the prefixes that end within them, and the ways on.
///
/// `values` belong to the set bits of `inner` in rising order, `children` to those of `outer`. Never changed once an
/// editor is done with it.
final class TrieNode {
    /// Stands for an editor. Not the editor itself, which its nodes would keep alive with the old map.
    static final class Token {}

    private static final Object[] NOTHING = {};
    private static final TrieNode[] CHILDLESS = {};

    /// A bit for each prefix that ends here, at its position: see [PrefixTrie].
    long inner;
    /// A bit for each of the 64 ways on.
    private long outer;

    private Object[] values = NOTHING;
    private TrieNode[] children = CHILDLESS;
    /// The token of the editor that made this node and may still change it.
    private Token owner;

    /// The value of the prefix at a position, which is set in `inner`.
    Object value(int position) {
        return values[Long.bitCount(inner & ((1L << position) - 1))];
    }

    /// The node behind six bits, or null.
    TrieNode child(int chunk) {
        long bit = 1L << chunk;
        return (outer & bit) == 0 ? null : children[Long.bitCount(outer & (bit - 1))];
    }

    /// This node if the editor may change it, else a copy that it may.
    TrieNode ownedBy(Token editor) {
        if (owner == editor) {
            return this;
        }
        TrieNode copy = new TrieNode();
        copy.inner = inner;
        copy.outer = outer;
        copy.values = values;
        copy.children = children;
        copy.owner = editor;
        return copy;
    }

    // ---- For the editor that owns it

    /// Gives the prefix at a position a value. Answers whether there was none before.
    boolean put(int position, Object value) {
        long bit = 1L << position;
        int i = Long.bitCount(inner & (bit - 1));
        if ((inner & bit) != 0) {
            values = values.clone();
            values[i] = value;
            return false;
        }
        Object[] longer = new Object[values.length + 1];
        System.arraycopy(values, 0, longer, 0, i);
        System.arraycopy(values, i, longer, i + 1, values.length - i);
        longer[i] = value;
        values = longer;
        inner |= bit;
        return true;
    }

    void remove(int position) {
        long bit = 1L << position;
        int i = Long.bitCount(inner & (bit - 1));
        Object[] shorter = Arrays.copyOf(values, values.length - 1);
        System.arraycopy(values, i + 1, shorter, i, shorter.length - i);
        values = shorter;
        inner &= ~bit;
    }

    void child(int chunk, TrieNode node) {
        long bit = 1L << chunk;
        int i = Long.bitCount(outer & (bit - 1));
        if ((outer & bit) != 0) {
            children = children.clone();
            children[i] = node;
            return;
        }
        TrieNode[] longer = new TrieNode[children.length + 1];
        System.arraycopy(children, 0, longer, 0, i);
        System.arraycopy(children, i, longer, i + 1, children.length - i);
        longer[i] = node;
        children = longer;
        outer |= bit;
    }

    void removeChild(int chunk) {
        long bit = 1L << chunk;
        int i = Long.bitCount(outer & (bit - 1));
        TrieNode[] shorter = Arrays.copyOf(children, children.length - 1);
        System.arraycopy(children, i + 1, shorter, i, shorter.length - i);
        children = shorter;
        outer &= ~bit;
    }

    boolean isEmpty() {
        return (inner | outer) == 0;
    }
}
