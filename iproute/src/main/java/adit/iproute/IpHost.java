package adit.iproute;

import adit.netlink.NetlinkTransport;
import java.io.IOException;

/// Where `ip` acts: who answers its netlink, and the few things that it does by other calls.
public interface IpHost extends AutoCloseable {
    /// The conversation in netlink. Stays the host's; always the same one.
    NetlinkTransport netlink();

    /// What makes and removes TUN and TAP devices.
    TunTapControl tunTap();

    /// The namespace of a name, for `-n NAME`: a host of its own, which the caller closes.
    ///
    /// @throws java.nio.file.NoSuchFileException when there is none of this name
    IpHost namespace(String name) throws IOException;

    /// What IFLA_NET_NS_FD carries for the namespace of a name, for `netns NAME`; negative when there is none.
    int namespaceDescriptor(String name) throws IOException;

    @Override
    void close();
}
