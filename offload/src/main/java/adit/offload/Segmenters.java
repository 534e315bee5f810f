package adit.offload;

import java.util.concurrent.atomic.AtomicReferenceArray;

/// Segmenters at rest, for code that any thread runs and that needs one for the time of a packet. A segmenter
/// is made only while there is none at rest where the thread looks: for the first packets, or when more are at
/// work at once than there are places.
public final class Segmenters {
    private static final int PLACES = 256;
    /// How many places a thread looks at: as many as it may need segmenters at once, one inside the other's
    /// work.
    private static final int TRIES = 4;

    private static final AtomicReferenceArray<Segmenter> RESTING = new AtomicReferenceArray<>(PLACES);

    private Segmenters() {}

    private static int first() {
        return (int) Thread.currentThread().threadId() * TRIES & PLACES - 1;
    }

    /// A segmenter for the caller alone, until [#rest].
    public static Segmenter take() {
        int first = first();
        for (int i = first; i < first + TRIES; i++) {
            Segmenter there = RESTING.getOpaque(i) == null ? null : RESTING.getAndSet(i, null);
            if (there != null) {
                return there;
            }
        }
        return new Segmenter();
    }

    /// Takes back a segmenter, which nobody uses any more.
    public static void rest(Segmenter segmenter) {
        int first = first();
        for (int i = first; i < first + TRIES; i++) {
            if (RESTING.getOpaque(i) == null && RESTING.compareAndSet(i, null, segmenter)) {
                return;
            }
        }
    }
}
