package adit.conformance.world;

import java.lang.foreign.MemorySegment;

/// A netlink socket of the protocol NETLINK_ROUTE: the kernel's, or a namespace's in memory. Octets in, octets
/// out.
interface NetlinkWire extends AutoCloseable {
    /// Sends the first `length` octets of `from`. Answers a negative errno, or what is not negative.
    int send(MemorySegment from, long length);

    /// Puts the next datagram into `into` and answers its length. Without one it waits where an answer must
    /// still come.
    int receive(MemorySegment into);

    /// As [#receive], but answers EAGAIN without waiting when there is none.
    int poll(MemorySegment into);

    @Override
    void close();
}
