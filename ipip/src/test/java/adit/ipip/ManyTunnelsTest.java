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

/// Many tunnels in one namespace, each with IPv6. `-Dtunnels=100000` for more than CI has time for; what it took is
/// printed. `bench/run namespace` measures the same with care.
class ManyTunnelsTest {
    private static final int COUNT = Integer.getInteger("tunnels", 10_000);
    private static final int PACKETS = 20_000;
    private static final int ROUNDS = 8;
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
            make(ns, 0);
            TunnelIndex index =
                    ((IpipDevice) ns.devices().byName("t0")).lowerNamespace().index();
            long before = used();
            long lookupAlone = 0;
            long made = 1;
            for (int among = 1; among <= COUNT; among *= 10) {
                long start = System.nanoTime();
                for (; made < among; made++) {
                    make(ns, (int) made);
                }
                long took = System.nanoTime() - start;
                long octets = among < 1000 ? 0 : (used() - before) / among;
                long lookup = best(index, among);
                long packet = best(ns, among);
                System.out.printf(
                        "%d tunnels: %d ms to make and bring up the last of them, %d octets each; %d ns a lookup, %d ns a"
                                + " packet%n",
                        among, took / 1_000_000, octets, lookup, packet);
                lookupAlone = among == 1 ? lookup : lookupAlone;
                assertThat(octets).as("octets a tunnel").isLessThan(5_000);
                // Memory that is not in the cache costs something; chains that grow would cost a thousand times as
                // much.
                assertThat(lookup).as("nanoseconds a lookup among " + among).isLessThan(20 * lookupAlone + 5_000);
            }
            assertThat(received(ns, COUNT - 1)).isPositive();
        }
    }

    /// The quickest of some rounds of lookups, in nanoseconds each.
    private static long best(TunnelIndex index, int among) {
        long best = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            int found = 0;
            for (int i = 0; i < PACKETS; i++) {
                found += index.lookup(1, FIRST_PEER + (int) ((long) i * 7919 % among), HERE) == null ? 0 : 1;
            }
            best = Math.min(best, (System.nanoTime() - start) / PACKETS);
            assertThat(found).isEqualTo(PACKETS);
        }
        return best;
    }

    private static long best(Namespace ns, int among) {
        // Counters take their memory with the first packet.
        for (int i = 0; i < among; i++) {
            receive(ns, FIRST_PEER + i);
        }
        long best = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            best = Math.min(best, nanosAPacket(ns, among));
        }
        return best;
    }

    private static void make(Namespace ns, int i) throws IOException {
        ns.configure().tunnel("t" + i).local("192.0.2.1").remote(peer(i)).add();
        assertThat(ns.devices().byName("t" + i).up()).isZero();
    }

    private static long used() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
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
