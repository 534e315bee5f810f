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

    @Override
    void close();
}
