package adit.port;

/// What a runner does after a turn: rest until there may be work again.
public interface Idle extends AutoCloseable {
    /// Told after each round how many packets moved. May block when that is 0, until a port becomes ready or [#wake]
    /// is called.
    void idle(int moved);

    /// Ends a present or the next wait. May be called from any thread.
    void wake();

    @Override
    void close();
}
