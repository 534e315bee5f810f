package adit.ipip;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Counter;
import adit.ip.IpSocket;
import adit.ip.PingSocket;
import adit.netns.Namespace;
import adit.port.VirtualTime;
import adit.wire.IpAddress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;

/// Two namespaces that can hold tunnels, joined by a cable: `net0` is 192.0.2.1 here and 192.0.2.2 there.
final class Hosts implements AutoCloseable {
    final VirtualTime time = new VirtualTime();
    final Ipip ipip;
    final Namespace a;
    final Namespace b;

    Hosts() throws IOException {
        this(Ipip.of(Profile.LINUX_6_12));
    }

    Hosts(Ipip extension) throws IOException {
        ipip = extension;
        a = Namespace.builder().time(time).seed(7).with(ipip).open();
        b = a.beside();
        Namespace.join(a, "net0", b, "net0");
        a.configure().link("lo").up();
        b.configure().link("lo").up();
        a.configure().link("net0").up();
        b.configure().link("net0").up();
        a.configure().address("net0", "192.0.2.1/24");
        b.configure().address("net0", "192.0.2.2/24");
    }

    /// Whether an echo request to `address` is answered.
    static boolean pings(Namespace from, String address) throws IOException {
        try (PingSocket ping = from.sockets().ping()) {
            ping.waiting(IpSocket.Waiting.DO_NOT_WAIT);
            ping.send(IpAddress.parse(address), 1, ByteBuffer.wrap(new byte[56]));
            return ping.receive(ByteBuffer.allocate(100)).isPresent();
        }
    }

    static Map<Counter, Long> statistics(Namespace ns, String device) {
        return ns.devices().byName(device).statistics().counters();
    }

    @Override
    public void close() {
        assertThat(a.lent()).as("packets not given back").isZero();
        b.close();
        a.close();
    }
}
