package adit.port;

/// Something that will have work at a certain time though no packet moves: a retransmission, a packet under
/// way.
@FunctionalInterface
public interface Deadline {
    /// There is none.
    long NEVER = Long.MAX_VALUE;

    /// When it wants its next turn, on the same monotonic time in nanoseconds that its turns are told; [#NEVER]
    /// when only a packet gives it work.
    long deadline();
}
