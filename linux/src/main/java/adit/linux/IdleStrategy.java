package adit.linux;

/// How a thread rests when a round moved nothing.
public enum IdleStrategy {
    /// Never: the thread asks on and on. The shortest way for a packet, and a core for it alone.
    BUSY,
    /// After some rounds that moved nothing. A burst seldom comes alone, and waking up costs more than a few
    /// rounds.
    ADAPTIVE,
    /// At once.
    POLL
}
