package adit.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What every codec promises: after `fault` answered NONE no accessor leaves the octets, and no header that is
/// cut short gets past `fault`.
class CodecSafetyTest {
    /// How a codec looks at octets.
    @FunctionalInterface
    interface Fault {
        WireFault of(MemorySegment s, long at, int available);
    }

    /// A codec, with a good header whose every octet is needed.
    record Codec(Class<?> type, Fault fault, String header) {
        @Override
        public String toString() {
            return type.getSimpleName();
        }
    }

    // Accessors that say which headers they are for; their own tests cover them.
    private static final Set<String> CONDITIONAL = Set.of(
            "Gue.privateFlags",
            "Gue.remoteChecksumStart",
            "Gue.remoteChecksumOffset",
            "VirtioNet.hashValue",
            "VirtioNet.hashReport",
            "VirtioNet.outerTransportOffset",
            "VirtioNet.innerNetworkOffset");

    static Stream<Codec> codecs() {
        return Stream.of(
                new Codec(Ethernet.class, Ethernet::fault, "020304050607 08090a0b0c0d 0800"),
                new Codec(Vlan.class, Vlan::fault, "bbcd 0800"),
                new Codec(Arp.class, Arp::fault, "0001 0800 06 04 0001" + "11".repeat(20)),
                new Codec(Ipv4.class, Ipv4::fault, "46 00 001a 1234 4000 40 11 0000 c0000201 c6336407 01010100 abcd"),
                new Codec(Ipv6.class, Ipv6::fault, "60000000 0003 11 40" + "ab".repeat(32) + "010203"),
                new Codec(Icmp4.class, Icmp4::fault, "08 00 1234 5678 9abc"),
                new Codec(Icmp6.class, Icmp6::fault, "80 00 1234 5678 9abc"),
                new Codec(Udp.class, Udp::fault, "1234 5678 000b 0000 414243"),
                new Codec(Tcp.class, Tcp::fault, "1234 5678 01020304 05060708 60 10 ffff 0000 0000 01010100"),
                new Codec(Mpls.class, Mpls::fault, "12345 0 40 12345 0 40 54321 1 40"),
                new Codec(Gue.class, Gue::fault, "02 04 0001 00000000 00000000"),
                new Codec(TunPi.class, TunPi::fault, "0000 0800"),
                new Codec(VirtioNet.class, (s, at, n) -> VirtioNet.fault(s, at, n, 10), "00".repeat(10)));
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void noticesEveryTruncation(Codec codec) {
        byte[] header = Golden.bytes(codec.header());
        for (int length = 0; length < header.length; length++) {
            // The segment ends where the header is cut, so looking further throws.
            MemorySegment s = Golden.exactly(Arrays.copyOf(header, length));
            assertThat(codec.fault().of(s, 0, length)).as("%d octets", length).isEqualTo(WireFault.TRUNCATED);
        }
        assertThat(codec.fault().of(Golden.exactly(header), 0, header.length)).isEqualTo(WireFault.NONE);
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void countsFromWhereItIsTold(Codec codec) {
        byte[] header = Golden.bytes(codec.header());
        MemorySegment s = Golden.at(codec.header());
        assertThat(codec.fault().of(s, Golden.AT, header.length)).isEqualTo(WireFault.NONE);
        assertThat(codec.fault().of(s, Golden.AT, header.length - 1)).isEqualTo(WireFault.TRUNCATED);
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void lettingOctetsThroughMakesEveryAccessorSafe(Codec codec) {
        byte[] header = Golden.bytes(codec.header());
        List<Method> accessors = accessors(codec.type());
        assertThat(accessors).isNotEmpty();
        int[] passed = new int[1];
        Property.forAll(8200, 4_000, dice -> {
            MemorySegment s = Golden.exactly(damaged(header, dice));
            int available = (int) s.byteSize();
            if (codec.fault().of(s, 0, available) == WireFault.NONE) {
                passed[0]++;
                accessors.forEach(accessor -> call(accessor, s));
            }
        });
        assertThat(passed[0]).as("damaged headers that pass").isGreaterThan(100);
    }

    private static byte[] damaged(byte[] header, SplittableRandom dice) {
        byte[] octets = Arrays.copyOf(header, dice.nextInt(header.length * 2));
        for (int i = 0; i < dice.nextInt(6) && octets.length > 0; i++) {
            octets[dice.nextInt(octets.length)] = (byte) dice.nextInt();
        }
        return octets;
    }

    private static List<Method> accessors(Class<?> codec) {
        return Arrays.stream(codec.getMethods())
                .filter(m -> Modifier.isStatic(m.getModifiers()))
                .filter(m -> m.getReturnType() != void.class)
                .filter(m -> Arrays.equals(m.getParameterTypes(), new Class<?>[] {MemorySegment.class, long.class}))
                .filter(m -> !CONDITIONAL.contains(codec.getSimpleName() + "." + m.getName()))
                .toList();
    }

    private static void call(Method accessor, MemorySegment s) {
        try {
            accessor.invoke(null, s, 0L);
        } catch (InvocationTargetException e) {
            throw new AssertionError(accessor.getName() + " on " + s.byteSize() + " octets", e.getCause());
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }
}
