package adit.linux;

import adit.underlay.Path;

/// What is known of the ways to underlay destinations. For one thread at a time.
interface Paths extends AutoCloseable {
    /// The way to `destination` from `source`, 0 for any; [Path#NONE] when there is none. Addresses are the
    /// bits of an int. Cheap enough to ask for each packet.
    Path path(int source, int destination);

    /// Says that something was heard about the way to `destination`, so that the next answer is to be a fresh
    /// one. Any thread.
    void stale(int destination);

    /// Takes note of what the kernel announced meanwhile. The receiving thread, when it has nothing else to do.
    default void hear() {}

    /// Readable when [#hear] has something to take note of; null when it never has.
    default Fd descriptor() {
        return null;
    }

    @Override
    void close();
}
