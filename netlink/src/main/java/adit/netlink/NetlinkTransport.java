package adit.netlink;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The way from who asks in netlink to who answers: a kernel's socket, a namespace in memory, a socket to
/// another process. Octets both ways, so that neither side knows what the other is.
///
/// One request at a time; whoever shares a transport among threads lets them take turns.
public interface NetlinkTransport extends AutoCloseable {
    /// Sends one request and answers all that is said to it, in the order it is said.
    ///
    /// The answer ends with NLMSG_DONE, or with NLMSG_ERROR, which with errno 0 is the acknowledgement. So a
    /// request carries NLM_F_DUMP or NLM_F_ACK, or its answer would have no end. Its sequence number and port
    /// are the transport's to set.
    ///
    /// @param protocol [Netlink#NETLINK_ROUTE] or [Netlink#NETLINK_GENERIC]
    /// @param request one message, header and padding included
    /// @return datagrams, each of one message or several
    List<byte[]> ask(int protocol, byte[] request) throws IOException;

    /// Hears from now on what is announced to multicast groups of [Netlink#NETLINK_ROUTE].
    Announcements listen(int... groups) throws IOException;

    /// Ends the conversation; what [#listen] answered goes on by itself.
    @Override
    void close();

    /// What is announced, as it happens.
    interface Announcements extends AutoCloseable {
        /// Waits for the next datagram, of one message or several; nothing when none came in time.
        ///
        /// @throws java.io.EOFException when there will be no more
        Optional<byte[]> next(Duration limit) throws IOException;

        @Override
        void close();
    }
}
