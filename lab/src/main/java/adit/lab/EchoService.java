package adit.lab;

import adit.ip.Endpoint;
import adit.ip.IpSocket;
import adit.ip.Sockets;
import adit.ip.UdpSocket;
import adit.netns.Namespace;
import adit.wire.Ip4Address;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/// Sends UDP datagrams back to where they came from. RFC 862.
final class EchoService implements Program {
    private static final int BURST = 64;

    private final int port;
    private final List<UdpSocket> sockets;
    private final ByteBuffer datagram = ByteBuffer.allocate(0xffff);
    private long echoed;
    private long failed;

    private EchoService(int port, List<UdpSocket> sockets) {
        this.port = port;
        this.sockets = sockets;
    }

    static EchoService open(Namespace ns, ProgramSpec.Echo spec) throws IOException {
        UdpSocket ip4 = socket(ns, Sockets.Family.IP4, Ip4Address.ANY, spec.port());
        try {
            return new EchoService(
                    spec.port(), List.of(ip4, socket(ns, Sockets.Family.IP6, Ip6Address.ANY, spec.port())));
        } catch (IOException e) {
            ip4.close();
            throw e;
        }
    }

    private static UdpSocket socket(Namespace ns, Sockets.Family family, IpAddress any, int port) throws IOException {
        UdpSocket socket = ns.sockets().udp(family);
        try {
            socket.waiting(IpSocket.Waiting.DO_NOT_WAIT);
            socket.fragmentation(UdpSocket.Fragmentation.ALLOW);
            socket.bind(new Endpoint(any, port));
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    @Override
    public int turn(long nowNanos) {
        int moved = 0;
        for (UdpSocket socket : sockets) {
            for (int i = 0; i < BURST && echo(socket); i++) {
                moved++;
            }
        }
        return moved;
    }

    private boolean echo(UdpSocket socket) {
        try {
            datagram.clear();
            Endpoint from = socket.receive(datagram);
            if (from == null) {
                return false;
            }
            socket.send(datagram.flip(), from);
            echoed++;
        } catch (IOException e) {
            // There is no way back, or no room; the next one may have one.
            failed++;
        }
        return true;
    }

    @Override
    public long deadline() {
        return NEVER;
    }

    @Override
    public String status() {
        return "echo port " + port + ": " + echoed + " echoed" + (failed == 0 ? "" : ", " + failed + " failed");
    }

    @Override
    public void close() {
        sockets.forEach(UdpSocket::close);
    }
}
