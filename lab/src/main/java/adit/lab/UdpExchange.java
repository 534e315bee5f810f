package adit.lab;

import adit.ip.Endpoint;
import adit.ip.IpException;
import adit.ip.IpSocket;
import adit.ip.Sockets;
import adit.ip.UdpSocket;
import adit.wire.Ip4Address;
import adit.wire.IpAddress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;

/// Sends one UDP datagram and waits for one that comes back.
final class UdpExchange {
    private static final long PATIENCE_NANOS = 2_000_000_000L;

    private final Lab lab;
    private final LabHost host;
    private Optional<String> answer = Optional.empty();
    private boolean answered;

    UdpExchange(Lab lab, LabHost host) {
        this.lab = lab;
        this.host = host;
    }

    /// Answers whether something came back.
    boolean run(String address, int port, String text, Consumer<String> out) throws IOException {
        IpAddress to = IpAddress.parse(address);
        Sockets.Family family = to instanceof Ip4Address ? Sockets.Family.IP4 : Sockets.Family.IP6;
        try (UdpSocket socket = lab.call(() -> host.namespace().sockets().udp(family))) {
            socket.waiting(IpSocket.Waiting.DO_NOT_WAIT);
            socket.fragmentation(UdpSocket.Fragmentation.ALLOW);
            long sent = lab.call(() -> {
                socket.connect(new Endpoint(to, port));
                socket.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
                return lab.now();
            });
            lab.run(sent + PATIENCE_NANOS, () -> hear(socket));
            out.accept(answer.orElse("no answer"));
        }
        return answered;
    }

    private boolean hear(UdpSocket socket) {
        ByteBuffer into = ByteBuffer.allocate(0xffff);
        try {
            Endpoint from = socket.receive(into);
            if (from == null) {
                return false;
            }
            answered = true;
            answer = Optional.of(
                    from + " answers: " + new String(into.array(), 0, into.position(), StandardCharsets.UTF_8));
        } catch (IpException e) {
            answer = Optional.of(e.getMessage());
        } catch (IOException e) {
            answer = Optional.of(String.valueOf(e.getMessage()));
        }
        return true;
    }
}
