package adit.device;

import java.util.List;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/// Things by their numbers, changed by one holder of a lock and looked at by anybody: adding one costs the
/// logarithm of how many there are, and a list of all is made only when somebody asks for it after a change.
///
/// @param <T> the things
public final class Ordered<T> {
    private final NavigableMap<Integer, T> byNumber = new ConcurrentSkipListMap<>();
    private volatile int version;
    private volatile Listed<T> listed = new Listed<>(0, List.of());

    /// All of them as of a version.
    private record Listed<T>(int version, List<T> all) {}

    /// Nothing.
    public Ordered() {}

    /// Adds one, or puts it in the place of the one there. Only under the lock.
    @SuppressWarnings("NonAtomicVolatileUpdate") // only ever changed under the lock
    public void put(int number, T thing) {
        byNumber.put(number, thing);
        version++;
    }

    /// Takes one away. Only under the lock.
    @SuppressWarnings("NonAtomicVolatileUpdate") // as above
    public void remove(int number) {
        byNumber.remove(number);
        version++;
    }

    /// All of them, in the order of their numbers. The list never changes.
    public List<T> all() {
        Listed<T> now = listed;
        int present = version;
        if (now.version != present) {
            // What is added while this copies is of a later version, for which the list will be made again.
            now = new Listed<>(present, List.copyOf(byNumber.values()));
            listed = now;
        }
        return now.all;
    }
}
