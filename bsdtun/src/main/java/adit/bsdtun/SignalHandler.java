package adit.bsdtun;

/// Where SIGIO goes. It runs on the thread that brings about what it tells of, so it must be short, not throw,
/// and not wait.
@FunctionalInterface
public interface SignalHandler {
    /// Code: there is a packet to read.
    int POLL_IN = 1;
    /// Code: packets may leave the queue again.
    int POLL_OUT = 2;
    /// Code: the interface was destroyed.
    int POLL_HUP = 6;

    /// SIGIO for `owner`, which is a process if it is positive and a process group if it is negative. `code`
    /// and `band` are `si_code` and `si_band`; the band is a set of [BsdPoll].
    void signal(int owner, int code, int band);
}
