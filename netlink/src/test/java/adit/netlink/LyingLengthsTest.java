package adit.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Whatever is cut off or claimed, reading answers a message or says that it is malformed, and never depends on what
/// stands behind the end.
class LyingLengthsTest {
    static Iterable<String> captures() {
        return Captures.all().keySet();
    }

    /// Reads the datagram twice, with different octets behind its end, and answers what both readings said.
    private static String outcome(byte[] datagram, int length) {
        String first = outcome(datagram, length, (byte) 0x00);
        assertThat(outcome(datagram, length, (byte) 0xff)).isEqualTo(first);
        return first;
    }

    private static String outcome(byte[] datagram, int length, byte behind) {
        byte[] memory = new byte[length + 128];
        Arrays.fill(memory, behind);
        System.arraycopy(datagram, 0, memory, 0, length);
        StringBuilder said = new StringBuilder();
        try {
            MessageReader m = new MessageReader(MemorySegment.ofArray(memory), 0, length);
            while (m.next()) {
                said.append(attempt(() -> FouMessage.read(m)));
                said.append(attempt(() -> FamilyMessage.read(m)));
                said.append(NetlinkMessage.readRoute(m));
            }
        } catch (MalformedMessageException e) {
            said.append(" malformed: ").append(e.getMessage());
        }
        return said.toString();
    }

    private static String attempt(Supplier<NetlinkMessage> read) {
        try {
            return read.get().toString();
        } catch (MalformedMessageException e) {
            return " not this family: " + e.getMessage();
        }
    }

    @ParameterizedTest
    @MethodSource("captures")
    void findsEachDatagramWellFormedAsItWasCaptured(String name) {
        byte[] datagram = Captures.octets(name);
        MessageReader m = new MessageReader(MemorySegment.ofArray(datagram), 0, datagram.length);
        long total = 0;
        while (m.next()) {
            total += Netlink.align(m.length());
            switch (name) {
                case "fou-request", "gue-request" -> FouMessage.read(m);
                case "family-request" -> FamilyMessage.read(m);
                default -> assertThat(NetlinkMessage.readRoute(m)).isPresent();
            }
        }
        assertThat(total).isEqualTo(datagram.length);
    }

    @ParameterizedTest
    @MethodSource("captures")
    void noticesACutAtEveryOctet(String name) {
        byte[] datagram = Captures.octets(name);
        int firstMessage =
                ByteBuffer.wrap(datagram).order(ByteOrder.LITTLE_ENDIAN).getInt(0);
        for (int length = 1; length < firstMessage; length++) {
            assertThat(outcome(datagram, length)).as("cut to %d", length).contains("malformed: ");
        }
    }

    @ParameterizedTest
    @MethodSource("captures")
    void staysWithinAMessageThatClaimsToBeShorterAtEveryOctet(String name) {
        byte[] datagram = Captures.octets(name);
        int firstMessage =
                ByteBuffer.wrap(datagram).order(ByteOrder.LITTLE_ENDIAN).getInt(0);
        int malformed = 0;
        for (int length = 0; length < firstMessage; length++) {
            byte[] cut = Arrays.copyOf(datagram, Math.max(4, length));
            ByteBuffer.wrap(cut).order(ByteOrder.LITTLE_ENDIAN).putInt(0, length);
            malformed += outcome(cut, cut.length).contains("malformed: ") ? 1 : 0;
        }
        assertThat(malformed).isGreaterThanOrEqualTo(16);
    }

    @ParameterizedTest
    @MethodSource("captures")
    void survivesEveryValueOfEveryPossibleLengthField(String name) {
        byte[] datagram = Captures.octets(name);
        for (int at = 0; at + 2 <= datagram.length; at += 4) {
            for (int lie : new int[] {0, 3, 4, 7, 0x7fff, 0xffff}) {
                byte[] lying = datagram.clone();
                ByteBuffer.wrap(lying).order(ByteOrder.LITTLE_ENDIAN).putShort(at, (short) lie);
                assertThat(outcome(lying, lying.length)).isNotNull();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("captures")
    void survivesOctetsChangedAtRandom(String name) {
        SplittableRandom dice = new SplittableRandom(name.hashCode());
        byte[] datagram = Captures.octets(name);
        for (int round = 0; round < 100; round++) {
            byte[] damaged = datagram.clone();
            for (int i = dice.nextInt(1, 8); i > 0; i--) {
                damaged[dice.nextInt(damaged.length)] = (byte) dice.nextInt();
            }
            assertThat(outcome(damaged, damaged.length)).isNotNull();
        }
    }
}
