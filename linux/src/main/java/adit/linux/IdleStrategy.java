package adit.linux;

/// How a thread rests when a round moved nothing.
public enum IdleStrategy {
    /// Never: the thread asks on and on. The shortest way for a packet, and a core for it alone.
    BUSY,
    /// When nothing has moved for 50 µs. A burst seldom comes alone, and waking up costs more than a few rounds.
    ADAPTIVE,
    /// At once.
    POLL
}
