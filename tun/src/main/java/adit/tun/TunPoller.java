package adit.tun;

/// Waits for many TUN files at once, as epoll(7) does.
///
/// A file is told about as long as what it is watched for holds; with [PollEvents#EDGE] once for each time that
/// something arrives, with [PollEvents#ONE_SHOT] once until [#change]. A file that is closed is watched no
/// longer. Any thread may call any method; several may wait, and each gets files of its own.
public interface TunPoller extends AutoCloseable {
    /// Watches `file` for `events`, and for errors always. `attachment` comes back with each report. Answers 0, or
    /// EEXIST when it is watched already, EBADF when it or this is closed, EINVAL for what does not go with
    /// [PollEvents#EXCLUSIVE].
    int add(TunFile file, int events, Object attachment);

    /// Watches `file` for other events. Answers 0, or ENOENT when it is not watched, EINVAL when it is or shall be
    /// watched with [PollEvents#EXCLUSIVE].
    int change(TunFile file, int events);

    /// Watches `file` no longer. Answers 0, or ENOENT when it is not watched.
    int remove(TunFile file);

    /// Waits until a file is ready or `timeoutNanos` have passed, fills `into` and answers how many are in it.
    /// A timeout of 0 only looks, a negative one never passes. EINTR when the thread is interrupted, which
    /// stays so; EBADF once closed.
    int await(ReadyFiles into, long timeoutNanos);

    /// Ends a present wait, or the next one, with whatever is ready.
    void wake();

    /// Ends all waits. Watched files stay open.
    @Override
    void close();
}
