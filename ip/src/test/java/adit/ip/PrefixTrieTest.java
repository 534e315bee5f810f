package adit.ip;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrefixTrieTest {
    /// A prefix, for the slow version.
    private record Prefix(long high, long low, int length) {
        static Prefix of(long high, long low, int length) {
            return new Prefix(high & mask(length), low & mask(length - 64), length);
        }

        private static long mask(int length) {
            return length <= 0 ? 0 : length >= 64 ? -1L : -1L << (64 - length);
        }

        boolean contains(long h, long l) {
            return ((h ^ high) & mask(length)) == 0 && ((l ^ low) & mask(length - 64)) == 0;
        }
    }

    private static final Comparator<Prefix> ORDER = (a, b) -> {
        int byHigh = Long.compareUnsigned(a.high, b.high);
        int byLow = byHigh != 0 ? byHigh : Long.compareUnsigned(a.low, b.low);
        return byLow != 0 ? byLow : Integer.compare(a.length, b.length);
    };

    @Test
    void anEmptyMapKnowsNothing() {
        PrefixTrie<String> trie = PrefixTrie.empty();
        assertThat(trie.lookup(0, 0)).isNull();
        assertThat(trie.lookup(-1, -1)).isNull();
        assertThat(trie.get(0, 0, 0)).isNull();
        assertThat(trie.size()).isZero();
    }

    @Test
    void everyLengthWinsOverTheShorterOnes() {
        long high = 0x2001_0db8_1234_5678L;
        long low = 0x9abc_def0_1357_9bdfL;
        PrefixTrie<Integer> trie = PrefixTrie.empty();
        for (int length = 0; length <= 128; length++) {
            trie = trie.with(high, low, length, length);
            assertThat(trie.lookup(high, low)).isEqualTo(length);
        }
        for (int length = 0; length < 128; length++) {
            // An address that differs in the first bit behind the prefix.
            long h = length < 64 ? high ^ 1L << (63 - length) : high;
            long l = length < 64 ? low : low ^ 1L << (127 - length);
            assertThat(trie.lookup(h, l)).isEqualTo(length);
        }
        for (int most = -1; most <= 128; most++) {
            assertThat(trie.lookup(high, low, most)).isEqualTo(most < 0 ? null : (Integer) most);
        }
        for (int length = 128; length >= 0; length--) {
            assertThat(trie.lookup(high, low)).isEqualTo(length);
            trie = trie.without(high, low, length);
        }
        assertThat(trie.lookup(high, low)).isNull();
        assertThat(trie.size()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"1, 32, 3000", "2, 128, 3000", "3, 32, 200", "4, 128, 200", "5, 14, 400", "6, 70, 500"})
    void agreesWithASearchThroughAList(long seed, int bits, int changes) {
        Random random = new Random(seed);
        PrefixTrie<Integer> trie = PrefixTrie.empty();
        Map<Prefix, Integer> slow = new TreeMap<>(ORDER);
        List<PrefixTrie<Integer>> olds = new ArrayList<>();
        List<Integer> oldSizes = new ArrayList<>();
        for (int i = 0; i < changes; i++) {
            Prefix p = random(random, bits);
            if (random.nextInt(4) == 0 && !slow.isEmpty()) {
                Prefix gone =
                        random.nextBoolean() ? p : new ArrayList<>(slow.keySet()).get(random.nextInt(slow.size()));
                slow.remove(gone);
                trie = trie.without(gone.high, gone.low, gone.length);
            } else {
                slow.put(p, i);
                trie = trie.with(p.high, p.low, p.length, i);
            }
            if (i % 50 == 0) {
                olds.add(trie);
                oldSizes.add(slow.size());
            }
            compare(trie, slow, random, bits);
        }
        assertThat(trie.size()).isEqualTo(slow.size());
        List<Prefix> walked = new ArrayList<>();
        PrefixTrie<Integer> last = trie;
        last.forEach((high, low, length, value) -> {
            Prefix p = new Prefix(high, low, length);
            walked.add(p);
            assertThat(slow.get(p)).isEqualTo(value);
            assertThat(last.get(high, low, length)).isEqualTo(value);
        });
        assertThat(walked).containsExactlyElementsOf(slow.keySet());
        for (int i = 0; i < olds.size(); i++) {
            int[] count = new int[1];
            olds.get(i).forEach((_, _, _, _) -> count[0]++);
            assertThat(count[0]).isEqualTo(oldSizes.get(i));
        }
    }

    private static void compare(PrefixTrie<Integer> trie, Map<Prefix, Integer> slow, Random random, int bits) {
        for (int i = 0; i < 3; i++) {
            Prefix address = random(random, bits);
            int most = random.nextInt(bits + 1);
            assertThat(trie.lookup(address.high, address.low)).isEqualTo(search(slow, address, 128));
            assertThat(trie.lookup(address.high, address.low, most)).isEqualTo(search(slow, address, most));
        }
    }

    private static Integer search(Map<Prefix, Integer> slow, Prefix address, int most) {
        return slow.entrySet().stream()
                .filter(e -> e.getKey().length() <= most && e.getKey().contains(address.high, address.low))
                .max(Comparator.comparingInt(e -> e.getKey().length()))
                .map(Map.Entry::getValue)
                .orElse(null);
    }

    /// Prefixes that often share their first bits.
    private static Prefix random(Random random, int bits) {
        int length = random.nextInt(bits + 1);
        long high = random.nextInt(3) == 0 ? random.nextLong() : 0x2001_0db8_0000_0000L | random.nextInt(16) << 4;
        long low = random.nextInt(3) == 0 ? random.nextLong() : random.nextInt(8);
        return Prefix.of(high, low, length);
    }

    @Test
    void anEditorMakesManyChangesAndLeavesTheOldMapAlone() {
        PrefixTrie<Integer> before = PrefixTrie.<Integer>empty().with(0x0a00_0000_0000_0000L, 0, 8, 1);
        PrefixTrie.Editor<Integer> editor = before.edit();
        for (int i = 0; i < 100_000; i++) {
            editor.put((0x0a00_0000L + i * 256L) << 32, 0, 24, i);
        }
        PrefixTrie<Integer> after = editor.done();
        assertThat(before.size()).isEqualTo(1);
        assertThat(after.size()).isEqualTo(100_001);
        for (int i = 0; i < 100_000; i++) {
            assertThat(after.lookup((0x0a00_0007L + i * 256L) << 32, 0)).isEqualTo(i);
        }
        assertThat(before.lookup(0x0a01_0203_0000_0000L, 0)).isEqualTo(1);
    }
}
