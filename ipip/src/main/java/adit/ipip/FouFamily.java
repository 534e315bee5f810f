package adit.ipip;

import adit.device.Device;
import adit.device.Errno;
import adit.ip.Endpoint;
import adit.ip.IpException;
import adit.ip.IpInterface;
import adit.ip.RouteType;
import adit.ip.Sockets;
import adit.ip.UdpEncapsulation;
import adit.ip.UdpSocket;
import adit.netlink.AttributeReader;
import adit.netlink.FouMessage;
import adit.netlink.Genl;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netns.GenericFamily;
import adit.packet.PacketBuffer;
import adit.packet.UdpTunnel;
import adit.tunnel.Drop;
import adit.tunnel.GueReceiver;
import adit.wire.Icmp4;
import adit.wire.Ip4Address;
import adit.wire.IpAddress;
import adit.wire.IpProtocol;
import adit.wire.Udp;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// The ports that receive FOU and GUE, and the generic netlink family `fou` that opens and closes them. Each is
/// a UDP socket of the namespace, so that ports and addresses are shared with all others.
final class FouFamily implements GenericFamily {
    private static final int VERSION = 1;
    private static final int FIXED_LENGTH = 4;

    private final IpipNamespace namespace;
    private final List<Port> ports = new ArrayList<>();

    private record Port(FouMessage message, UdpSocket socket) {
        boolean is(FouMessage other) {
            return message.port() == other.port()
                    && message.family() == other.family()
                    && message.local().equals(other.local())
                    && message.peer().equals(other.peer())
                    && message.peerPort() == other.peerPort()
                    && message.index() == other.index();
        }
    }

    FouFamily(IpipNamespace namespace) {
        this.namespace = namespace;
    }

    @Override
    public String name() {
        return FouMessage.FAMILY;
    }

    @Override
    public int version() {
        return VERSION;
    }

    // ---- Control

    @Override
    public List<MessageWriter.Body> carryOut(MessageReader request) throws IpException {
        return switch (request.u8(0)) {
            case Genl.FOU_CMD_ADD -> {
                add(read(request));
                yield List.of();
            }
            case Genl.FOU_CMD_DEL -> {
                delete(read(request));
                yield List.of();
            }
            case Genl.FOU_CMD_GET -> List.of(get(read(request)));
            default -> throw new IpException("fou", Errno.EOPNOTSUPP, "Command " + request.u8(0) + " is not known.");
        };
    }

    @Override
    public List<MessageWriter.Body> dump(MessageReader request) {
        return ports.stream().map(FouFamily::body).toList();
    }

    private static MessageWriter.Body body(Port port) {
        return port.message.withCommand(Genl.FOU_CMD_GET);
    }

    /// What a request says; any IPv4 port, where it says nothing of the family.
    private static FouMessage read(MessageReader request) throws IpException {
        AttributeReader a = request.attributes(FIXED_LENGTH);
        while (a.next()) {
            int least = switch (a.type()) {
                case Genl.FOU_ATTR_PORT, Genl.FOU_ATTR_PEER_PORT -> Short.BYTES;
                case Genl.FOU_ATTR_AF, Genl.FOU_ATTR_IPPROTO, Genl.FOU_ATTR_TYPE -> Byte.BYTES;
                case Genl.FOU_ATTR_LOCAL_V4, Genl.FOU_ATTR_PEER_V4, Genl.FOU_ATTR_IFINDEX -> Integer.BYTES;
                default -> 0;
            };
            if (a.length() < least) {
                throw new IpException("fou", Errno.ERANGE, "Attribute " + a.type() + " is too short.");
            }
        }
        FouMessage m = FouMessage.read(request);
        if (m.family() == 0) {
            m = m.withFamily(Netlink.AF_INET);
        }
        if (m.family() != Netlink.AF_INET) {
            throw new IpException("fou", Errno.EAFNOSUPPORT, "There are ports for IPv4 only.");
        }
        if (m.peer().isPresent() != (m.peerPort() != 0)) {
            throw new IpException("fou", Errno.EINVAL, "A peer has an address and a port.");
        }
        if (m.index() != 0 && m.local().isEmpty()) {
            throw new IpException("fou", Errno.EINVAL, "A port of one device needs a local address.");
        }
        return m;
    }

    private void add(FouMessage m) throws IpException {
        if (m.type() != Genl.FOU_ENCAP_DIRECT && m.type() != Genl.FOU_ENCAP_GUE) {
            throw new IpException("fou", Errno.EINVAL, "Type " + m.type() + " is not known: 1 is FOU, 2 is GUE.");
        }
        UdpSocket socket = namespace.stack().sockets().udp(Sockets.Family.IP4);
        // Before the port is taken: what came in between would wait in the socket for a reader that it never has.
        socket.encapsulation(new Taker(m));
        try {
            IpAddress local = m.local().orElse(Ip4Address.ANY);
            socket.bind(new Endpoint(local, m.port()));
            if (m.peer().isPresent()) {
                socket.connect(new Endpoint(m.peer().get(), m.peerPort()));
            }
            // Linux shows the newest first.
            ports.addFirst(new Port(m, socket));
        } catch (IpException e) {
            socket.close();
            throw e;
        } catch (IOException e) {
            socket.close();
            throw new IpException("fou", Errno.EIO, e.getMessage());
        }
    }

    private void delete(FouMessage m) throws IpException {
        for (Port port : ports) {
            if (port.is(m)) {
                ports.remove(port);
                port.socket.close();
                return;
            }
        }
        throw new IpException("fou", Errno.EINVAL, "No such port is open.");
    }

    private MessageWriter.Body get(FouMessage m) throws IpException {
        if (m.port() == 0) {
            throw new IpException("fou", Errno.EINVAL, "The request names no port.");
        }
        for (Port port : ports) {
            if (port.is(m)) {
                return body(port);
            }
        }
        throw new IpException("fou", Errno.ESRCH, "No such port is open.");
    }

    void close() {
        ports.forEach(port -> port.socket.close());
        ports.clear();
    }

    // ---- Packets

    private final class Taker implements UdpEncapsulation {
        private final FouMessage m;
        private final UdpTunnel tunnel;

        Taker(FouMessage m) {
            this.m = m;
            tunnel = isDirect() ? direct() : gue();
        }

        private boolean isDirect() {
            return m.type() == Genl.FOU_ENCAP_DIRECT;
        }

        private UdpTunnel direct() {
            return switch (m.protocol()) {
                case IpProtocol.IPIP -> UdpTunnel.IPV4;
                case IpProtocol.IPV6 -> UdpTunnel.IPV6;
                default -> UdpTunnel.OTHER;
            };
        }

        private UdpTunnel gue() {
            boolean atOnce = m.remoteChecksum() == FouMessage.RemoteChecksum.AT_ONCE;
            return atOnce ? UdpTunnel.GUE_FINISHED : UdpTunnel.GUE;
        }

        @Override
        public UdpTunnel tunnel(Device device) {
            return m.index() == 0 || m.index() == device.index() ? tunnel : UdpTunnel.NONE;
        }

        @Override
        public void receive(IpInterface in, PacketBuffer p, int transport, RouteType type) {
            if (isDirect()) {
                receiveFou(in, p, transport, type, m);
            } else {
                receiveGue(in, p, transport, type, m);
            }
        }
    }

    private boolean isElsewhere(IpInterface in, PacketBuffer p, RouteType type, FouMessage m) {
        boolean elsewhere = m.index() != 0 && m.index() != in.device().index();
        if (elsewhere) {
            namespace.refuse(in, p, type, Icmp4.PORT_UNREACHABLE, Drop.UNKNOWN_PORT);
        }
        return elsewhere;
    }

    private void receiveFou(IpInterface in, PacketBuffer p, int transport, RouteType type, FouMessage m) {
        if (!isElsewhere(in, p, type, m)) {
            namespace.decapsulate(in, p, type, transport + Udp.HEADER_LENGTH, m.protocol());
        }
    }

    private void receiveGue(IpInterface in, PacketBuffer p, int transport, RouteType type, FouMessage m) {
        if (isElsewhere(in, p, type, m)) {
            return;
        }
        int outer = transport + Udp.HEADER_LENGTH;
        p.pull(outer);
        p.addressing().outerHeaderLength = outer;
        int protocol = GueReceiver.open(
                p,
                m.remoteChecksum() == FouMessage.RemoteChecksum.AT_ONCE
                        ? GueReceiver.OpenChecksum.FINISH
                        : GueReceiver.OpenChecksum.KEEP);
        if (protocol == GueReceiver.BAD) {
            namespace.stray(p, Drop.BAD_GUE);
            return;
        }
        outer = p.addressing().outerHeaderLength;
        // What is told of the outer header is read where it stands.
        p.push(outer);
        namespace.decapsulate(in, p, type, outer, protocol);
    }
}
