package adit.netlink;

import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import java.util.Optional;

/// A UDP port that the kernel's FOU module listens on: a message of the generic family `fou`.
///
/// ```
/// | command | version | 0 0 | attributes
/// ```
///
/// @param command a FOU_CMD number
/// @param family AF_INET or AF_INET6
/// @param port the local port
/// @param type FOU_ENCAP_DIRECT or FOU_ENCAP_GUE
/// @param protocol the IP protocol that datagrams carry; 0 for GUE, which names it itself
/// @param remoteChecksum when a remote checksum is finished
/// @param local the local address, empty for any
/// @param peer the only peer, empty for any
/// @param peerPort the peer's port, 0 for any
/// @param index the interface to listen on, 0 for any
public record FouMessage(
        int command,
        int family,
        int port,
        int type,
        int protocol,
        RemoteChecksum remoteChecksum,
        Optional<IpAddress> local,
        Optional<IpAddress> peer,
        int peerPort,
        int index)
        implements NetlinkMessage {
    /// The name of the family.
    public static final String FAMILY = "fou";

    private static final int FIXED_LENGTH = 4;
    private static final int VERSION = 1;

    /// When a remote checksum (GUE's REMCSUM) is finished.
    public enum RemoteChecksum {
        /// Left partial where the packet goes on to hardware that can finish it.
        PARTIAL,
        /// On receipt.
        AT_ONCE
    }

    /// A request about the IPv4 port `port` that carries packets of `protocol`, or GUE when that is 0.
    public static FouMessage of(int command, int port, int protocol) {
        return new FouMessage(
                command,
                Netlink.AF_INET,
                port,
                protocol == 0 ? Genl.FOU_ENCAP_GUE : Genl.FOU_ENCAP_DIRECT,
                protocol,
                RemoteChecksum.PARTIAL,
                Optional.empty(),
                Optional.empty(),
                0,
                0);
    }

    /// The same with another command: the port as an answer, say.
    public FouMessage withCommand(int another) {
        return new FouMessage(another, family, port, type, protocol, remoteChecksum, local, peer, peerPort, index);
    }

    /// The same with another family.
    public FouMessage withFamily(int another) {
        return new FouMessage(command, another, port, type, protocol, remoteChecksum, local, peer, peerPort, index);
    }

    /// Reads the message that `m` stands on.
    public static FouMessage read(MessageReader m) {
        int family = 0;
        int port = 0;
        int type = 0;
        int protocol = 0;
        int peerPort = 0;
        int index = 0;
        RemoteChecksum remoteChecksum = RemoteChecksum.PARTIAL;
        Optional<IpAddress> local = Optional.empty();
        Optional<IpAddress> peer = Optional.empty();
        AttributeReader a = m.attributes(FIXED_LENGTH);
        while (a.next()) {
            switch (a.type()) {
                case Genl.FOU_ATTR_AF -> family = a.u8();
                case Genl.FOU_ATTR_PORT -> port = a.be16();
                case Genl.FOU_ATTR_TYPE -> type = a.u8();
                case Genl.FOU_ATTR_IPPROTO -> protocol = a.u8();
                case Genl.FOU_ATTR_REMCSUM_NOPARTIAL -> remoteChecksum = RemoteChecksum.AT_ONCE;
                case Genl.FOU_ATTR_LOCAL_V4, Genl.FOU_ATTR_LOCAL_V6 -> local = specified(Addresses.read(a));
                case Genl.FOU_ATTR_PEER_V4, Genl.FOU_ATTR_PEER_V6 -> peer = specified(Addresses.read(a));
                case Genl.FOU_ATTR_PEER_PORT -> peerPort = a.be16();
                case Genl.FOU_ATTR_IFINDEX -> index = a.i32();
                default -> {}
            }
        }
        return new FouMessage(m.u8(0), family, port, type, protocol, remoteChecksum, local, peer, peerPort, index);
    }

    /// In its answers the kernel writes any as an address of zeros.
    private static Optional<IpAddress> specified(IpAddress address) {
        return address.isUnspecified() ? Optional.empty() : Optional.of(address);
    }

    @Override
    public void writeTo(MessageWriter w) {
        w.u8(command).u8(VERSION).u16(0);
        w.be16(Genl.FOU_ATTR_PORT, port).u8(Genl.FOU_ATTR_AF, family);
        if (type != 0) {
            w.u8(Genl.FOU_ATTR_TYPE, type);
        }
        if (protocol != 0) {
            w.u8(Genl.FOU_ATTR_IPPROTO, protocol);
        }
        if (remoteChecksum == RemoteChecksum.AT_ONCE) {
            w.flag(Genl.FOU_ATTR_REMCSUM_NOPARTIAL);
        }
        local.ifPresent(v -> w.octets(
                v instanceof Ip6Address ? Genl.FOU_ATTR_LOCAL_V6 : Genl.FOU_ATTR_LOCAL_V4, Addresses.octets(v)));
        peer.ifPresent(v ->
                w.octets(v instanceof Ip6Address ? Genl.FOU_ATTR_PEER_V6 : Genl.FOU_ATTR_PEER_V4, Addresses.octets(v)));
        if (peerPort != 0) {
            w.be16(Genl.FOU_ATTR_PEER_PORT, peerPort);
        }
        if (index != 0) {
            w.i32(Genl.FOU_ATTR_IFINDEX, index);
        }
    }
}
