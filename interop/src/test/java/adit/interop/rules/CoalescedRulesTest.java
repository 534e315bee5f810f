package adit.interop.rules;

import static org.assertj.core.api.Assertions.assertThat;

import adit.interop.rules.Outer.Checksum;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What a TUN device with NAPI joins inside FOU and GUE, on its way to a tunnel of the machine and on its way through
/// it: the same packets for a Linux kernel and for a namespace in memory, and the same octets and virtio-net headers on
/// the other side.
class CoalescedRulesTest {
    private static final String ROUTER = "10.1.0.1";
    private static final String BEYOND = "10.2.0.2";
    private static final int FOU = 5555;
    private static final int FOU6 = 5556;
    private static final int FOU_MPLS = 5557;
    private static final int GUE = 6080;
    private static final String PLAIN_GUE = "00040000";
    /// Sum from 20 octets on, and the field stands 36 octets behind the start.
    private static final String OPEN_TCP = "02040001 80000000 00140024";

    private static final byte[] NOTHING = new byte[Coalescing.HEADER];

    private static Map<Coalescing, List<Coalescing.Outcome>> guest;

    /// Packets that are written at once.
    ///
    /// @param name what is special about them
    /// @param out how many come out on the right
    record Script(Coalescing how, String name, int out, List<byte[]> packets) {
        @Override
        public String toString() {
            return how + ": " + name;
        }
    }

    private static byte[] behind(byte[] header, byte[] packet) {
        return ByteBuffer.allocate(header.length + packet.length)
                .put(header)
                .put(packet)
                .array();
    }

    private static Script script(Coalescing how, String name, int out, IntFunction<byte[]> packet) {
        return new Script(
                how,
                name,
                out,
                IntStream.range(0, 3)
                        .mapToObj(packet)
                        .map(octets -> behind(NOTHING, octets))
                        .toList());
    }

    /// A TCP segment inside.
    private static byte[] around(Outer outer, int number) {
        return outer.around(number, Ipv4Packet.IPIP, Flow.TCP4.packet(number));
    }

    /// The same in an outer header that differs for the second of three.
    private static IntFunction<byte[]> odd(Outer usual, Outer second) {
        return i -> around(i == 1 ? second : usual, i);
    }

    private static Outer fou(String destination) {
        return Outer.udp(destination, FOU);
    }

    private static Outer gue(String destination) {
        return Outer.udp(destination, GUE).gue(PLAIN_GUE);
    }

    private static Outer checked(Outer outer) {
        return outer.with(Checksum.RIGHT);
    }

    private static List<Script> scripts() {
        List<Script> all = new ArrayList<>();
        for (String to : List.of(ROUTER, BEYOND)) {
            boolean here = to.equals(ROUTER);
            int joined = here ? 1 : 3;
            Coalescing tcp = here ? Coalescing.TCP : Coalescing.TCP_FINISHED;
            Coalescing udp = here ? Coalescing.TCP_AND_UDP : Coalescing.TCP_AND_UDP_FINISHED;
            all.add(script(tcp, "an IP header", joined, i -> around(Outer.ipip(to), i)));
            all.add(script(tcp, "FOU", joined, i -> around(fou(to), i)));
            all.add(script(tcp, "FOU with a checksum", joined, i -> around(checked(fou(to)), i)));
            all.add(script(tcp, "GUE", joined, i -> around(gue(to), i)));
            all.add(script(tcp, "GUE with a checksum", joined, i -> around(checked(gue(to)), i)));
            all.add(script(tcp, "GUE of version 1", joined, i -> around(Outer.udp(to, GUE), i)));
            all.add(script(
                    tcp,
                    "GUE with words that mean nothing",
                    joined,
                    i -> around(gue(to).gue("02040000 12345678 9abcdef0"), i)));
            all.add(script(
                    tcp, "GUE with an empty private field", joined, i -> around(gue(to).gue("01040001 00000000"), i)));
            all.add(script(tcp, "another TTL around the second", 3, odd(fou(to), fou(to).withTtl(63))));
            all.add(script(tcp, "another DSCP around the second", 3, odd(fou(to), fou(to).withTos(0x20))));
            all.add(script(
                    tcp,
                    "DF around the second",
                    3,
                    odd(fou(to), fou(to).withFlagsAndOffset(Ipv4Packet.DONT_FRAGMENT))));
            all.add(script(
                    tcp,
                    "DF around all",
                    joined,
                    i -> around(fou(to).withFlagsAndOffset(Ipv4Packet.DONT_FRAGMENT), i)));
            all.add(script(
                    tcp, "another identification around the second", 3, odd(fou(to), fou(to).withIdentification(900))));
            all.add(script(tcp, "another source port of the second", 3, odd(fou(to), fou(to).from(7778))));
            all.add(script(tcp, "a checksum around the second", 3, odd(fou(to), checked(fou(to)))));
            all.add(script(
                    tcp,
                    "a wrong checksum around the second",
                    here ? 2 : 3,
                    odd(checked(fou(to)), fou(to).with(Checksum.WRONG))));
            all.add(script(tcp, "a UDP length that is too large", joined, i -> around(fou(to).withMore(4), i)));
            all.add(script(tcp, "a UDP length that is too small", joined, i -> around(fou(to).withMore(-4), i)));
            all.add(script(
                    tcp,
                    "a fragment around the second",
                    here ? 2 : 3,
                    odd(fou(to), fou(to).withFlagsAndOffset(Ipv4Packet.MORE_FRAGMENTS))));
            all.add(script(
                    tcp,
                    "other words in the second GUE header",
                    3,
                    odd(gue(to).gue("01040000 00000001"), gue(to).gue("01040000 00000002"))));
            all.add(script(tcp, "a control message second", here ? 2 : 3, odd(gue(to), gue(to).gue("20040000"))));
            all.add(script(
                    tcp,
                    "unknown flags in the second GUE header",
                    here ? 2 : 3,
                    odd(gue(to), gue(to).gue("00040002"))));
            all.add(script(
                    tcp, "unknown private flags", here ? 0 : 3, i -> around(gue(to).gue("01040001 40000000"), i)));
            all.add(script(tcp, "GUE of version 2", here ? 0 : 3, i -> around(gue(to).gue("80040000"), i)));
            all.add(script(
                    tcp, "a GUE header that says IPv6 of IPv4", here ? 0 : 3, i -> around(gue(to).gue("00290000"), i)));
            all.add(script(
                    tcp,
                    "a checksum left open",
                    joined,
                    i -> checked(gue(to).gue(OPEN_TCP)).around(i, 4, Flow.TCP4.packet(i, Flow.Checksum.OPEN))));
            all.add(script(
                    tcp,
                    "a checksum left open without one around",
                    3,
                    i -> gue(to).gue(OPEN_TCP).around(i, 4, Flow.TCP4.packet(i, Flow.Checksum.OPEN))));
            all.add(script(
                    tcp,
                    "a checksum left open that is wrong",
                    joined,
                    i -> checked(gue(to).gue(OPEN_TCP)).around(i, 4, Flow.TCP4.packet(i, Flow.Checksum.WRONG))));
            if (!here) {
                all.add(script(
                        tcp,
                        "a checksum left open from elsewhere",
                        3,
                        i -> checked(gue(to).gue("02040001 80000000 00160024")).around(i, 4, Flow.TCP4.packet(i))));
            }
            all.add(script(
                    tcp,
                    "an open checksum in front of its start",
                    here ? 0 : 3,
                    i -> checked(gue(to).gue("02040001 80000000 00140010")).around(i, 4, Flow.TCP4.packet(i))));
            all.add(script(
                    tcp,
                    "a wrong checksum inside of the second",
                    3,
                    i -> checked(fou(to))
                            .around(i, 4, Flow.TCP4.packet(i, i == 1 ? Flow.Checksum.WRONG : Flow.Checksum.RIGHT))));
            all.add(script(tcp, "a port that nobody has", here ? 0 : 3, i -> around(Outer.udp(to, 5999), i)));
            all.add(script(
                    tcp,
                    "FOU in an IP header",
                    3,
                    i -> Outer.ipip(to).around(i, 4, around(Outer.udp("10.2.0.3", FOU), i))));
            all.add(script(tcp, "FOU in FOU", 3, i -> fou(to).around(i, 4, around(Outer.udp("10.2.0.3", FOU), i))));
            all.add(script(
                    tcp,
                    "datagrams inside, which are not asked for",
                    3,
                    i -> fou(to).around(i, 4, Flow.UDP4.packet(i))));
            all.add(script(
                    tcp, "IPv6 in FOU", here ? 0 : 3, i -> Outer.udp(to, FOU6).around(i, 41, Flow.TCP6.packet(i))));
            all.add(script(
                    tcp,
                    "IPv6 in FOU with a checksum",
                    here ? 0 : 3,
                    i -> checked(Outer.udp(to, FOU6)).around(i, 41, Flow.TCP6.packet(i))));
            all.add(script(
                    tcp,
                    "IPv6 in GUE",
                    here ? 0 : 3,
                    i -> gue(to).gue("00290000").around(i, 41, Flow.TCP6.packet(i))));
            all.add(script(
                    tcp,
                    "MPLS in FOU waits, other things do not",
                    here ? 1 : 3,
                    i -> i == 1
                            ? Outer.udp("10.2.0.3", 5999).around(i, 4, Flow.TCP4.packet(i))
                            : around(Outer.udp(to, FOU_MPLS), i)));
            all.add(script(udp, "datagrams in FOU", 3, i -> fou(to).around(i, 4, Flow.UDP4.packet(i))));
            all.add(script(
                    udp,
                    "datagrams in GUE with a checksum",
                    3,
                    i -> checked(gue(to)).around(i, 4, Flow.UDP4.packet(i))));
            all.add(script(udp, "segments in GUE with a checksum", joined, i -> around(checked(gue(to)), i)));
            all.add(script(
                    udp,
                    "datagrams to a FOU port that are none",
                    here ? 0 : 3,
                    i -> fou(to).around(i, 4, new byte[40])));
            if (here) {
                all.add(script(Coalescing.LIST, "segments in FOU", 3, i -> around(fou(to), i)));
            }
            if (here) {
                all.add(script(
                        Coalescing.LIST, "segments in GUE with a checksum", 3, i -> around(checked(gue(to)), i)));
            }
            if (here) {
                all.add(script(Coalescing.LIST, "datagrams in FOU", 3, i -> fou(to).around(i, 4, Flow.UDP4.packet(i))));
            }
        }
        return all;
    }

    private static List<Script> of(Coalescing how) {
        return scripts().stream().filter(script -> script.how == how).toList();
    }

    @BeforeAll
    static void askTheGuest() {
        guest = new EnumMap<>(Coalescing.class);
        for (Coalescing how : Coalescing.values()) {
            guest.put(how, how.inGuest(of(how).stream().map(Script::packets).toList()));
        }
    }

    static Stream<Script> all() {
        return Arrays.stream(Coalescing.values()).flatMap(how -> of(how).stream());
    }

    @ParameterizedTest
    @MethodSource("all")
    void joins(Script script) {
        List<String> names = of(script.how).stream().map(Script::name).toList();
        Coalescing.Outcome real = guest.get(script.how).get(names.indexOf(script.name));
        Coalescing.Outcome ours = script.how.inMemory(script.packets);
        assertThat(ours).isEqualTo(real);
        assertThat(real.right()).hasSize(script.out);
    }
}
