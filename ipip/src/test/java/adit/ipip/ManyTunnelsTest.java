package adit.ipip;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Counter;
import adit.netns.Namespace;
import adit.packet.PacketBuffer;
import adit.wire.EtherType;
import adit.wire.Ip4Address;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/// Many tunnels in one namespace. `-Dtunnels=100000` for more than CI has time for; what it took is printed.
class ManyTunnelsTest {
    private static final int COUNT = Integer.getInteger("tunnels", 10_000);
    private static final int PACKETS = 20_000;
    private static final int HERE = Ip4Address.parse("192.0.2.1").bits();
    private static final int FIRST_PEER = Ip4Address.parse("100.64.0.0").bits();
    private static final int INNER = Ip4Address.parse("10.9.9.9").bits();

    private static String peer(int i) {
        return new Ip4Address(FIRST_PEER + i).toString();
    }

    @Test
    void manyTunnelsAreMadeInSecondsAndAreFoundAsFastAsOne() throws IOException {
        try (Hosts hosts = new Hosts()) {
            Namespace ns = hosts.a;
            // Each link with IPv6 has a route to all groups: that table is not what is measured here.
            ns.ip().configuration().ip6OnNewLinks(false);
            make(ns, 0);
            warmUp(ns);
            long one = nanosAPacket(ns, 1);
            long before = used();
            long start = System.nanoTime();
            for (int i = 1; i < COUNT; i++) {
                make(ns, i);
            }
            long took = System.nanoTime() - start;
            long octets = (used() - before) / COUNT;
            // Counters take their memory with the first packet.
            for (int i = 0; i < COUNT; i++) {
                receive(ns, FIRST_PEER + i);
            }
            warmUp(ns);
            long many = nanosAPacket(ns, COUNT);
            System.out.printf(
                    "%d tunnels: %d ms to make and bring up, %d octets each; a packet %d ns among them, %d ns alone%n",
                    COUNT, took / 1_000_000, octets, many, one);
            assertThat(octets).as("octets a tunnel").isLessThan(8_000);
            // Memory that is not in the cache costs something; chains that grow would cost a hundred thousand times as
            // much.
            assertThat(many).as("nanoseconds a packet").isLessThan(20 * one + 20_000);
            assertThat(received(ns, COUNT - 1)).isPositive();
        }
    }

    private static void make(Namespace ns, int i) throws IOException {
        ns.configure().tunnel("t" + i).local("192.0.2.1").remote(peer(i)).add();
        assertThat(ns.devices().byName("t" + i).up()).isZero();
    }

    private static long used() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static void warmUp(Namespace ns) {
        for (int i = 0; i < 5; i++) {
            nanosAPacket(ns, 1);
        }
    }

    /// The time that a packet takes from the cable into its tunnel, where it ends as one for an address that
    /// the namespace does not have.
    private static long nanosAPacket(Namespace ns, int among) {
        long start = System.nanoTime();
        for (int i = 0; i < PACKETS; i++) {
            // A stride that visits all of them in an order of no use to a cache.
            receive(ns, FIRST_PEER + (int) ((long) i * 7919 % among));
        }
        return (System.nanoTime() - start) / PACKETS;
    }

    private static void receive(Namespace ns, int peer) {
        PacketBuffer p = ns.devices().buffers().lend(2 * Ipv4.MIN_HEADER_LENGTH);
        int at = p.put(2 * Ipv4.MIN_HEADER_LENGTH);
        Ipv4.emit(p.segment(), at, 0, 40, 1, 0, 0, 64, IpProtocol.IPIP, peer, HERE);
        Ipv4.emit(p.segment(), at + Ipv4.MIN_HEADER_LENGTH, 0, 20, 1, 0, 0, 64, IpProtocol.UDP, INNER, HERE + 99);
        p.protocol(EtherType.IPV4);
        ns.ip().receive(ns.devices().byName("net0"), p);
    }

    private static long received(Namespace ns, int i) {
        return ns.devices().byName("t" + i).statistics().get(Counter.RX_PACKETS);
    }
}
