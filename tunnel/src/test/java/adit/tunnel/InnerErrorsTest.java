package adit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import adit.underlay.Path;
import adit.wire.Ip4Address;
import adit.wire.Ip6Address;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// ICMP errors to the senders of inner packets: their octets, and about which packets there are none.
class InnerErrorsTest {
    private static final ReplySource ROUTER =
            new ReplySource(Ip4Address.parse("10.1.0.1"), Ip6Address.parse("fd01::1"));

    static List<String[]> kernelRows() {
        return Recorded.rows("kernel_icmp_errors.tsv");
    }

    @ParameterizedTest
    @MethodSource("kernelRows")
    void lookAsTheKernelWritesThem(String name, int mtu, String packet, String answer) {
        try (Rig rig = new Rig(Rig.spec().mode(Mode.ANY), ROUTER)) {
            rig.underlay.path = Path.of(mtu + 20, 1);
            rig.send(Octet.hex(packet));
            if (answer.equals("-")) {
                assertThat(rig.overlay.sent).isEmpty();
                assertThat(rig.underlay.sent).hasSize(1);
            } else {
                assertThat(mask(rig.delivered().octets())).isEqualTo(mask(Octet.hex(answer)));
            }
        }
    }

    /// Without what is the sender's own choice: IPv4 identification and with it the header checksum, IPv6 flow
    /// label.
    private static String mask(byte[] packet) {
        byte[] masked = packet.clone();
        if (masked[0] >> 4 == 4) {
            Arrays.fill(masked, 4, 6, (byte) 0);
            Arrays.fill(masked, 10, 12, (byte) 0);
        } else {
            masked[1] &= (byte) 0xf0;
            Arrays.fill(masked, 2, 4, (byte) 0);
        }
        return Octet.hex(masked);
    }

    /// RFC 791: the source is at octet 12. RFC 8200: the source is at octet 8, and the destination at 24.
    @Test
    void areFromAnAddressForIpv4AloneWhenOneIsSaid() {
        try (Rig rig = new Rig(Rig.spec().mode(Mode.ANY), ReplySource.fixed(Ip4Address.parse("10.1.0.1")))) {
            rig.send(big4().build());
            byte[] told = rig.overlay.sent.getFirst().octets();
            assertThat(Arrays.copyOfRange(told, 12, 16)).isEqualTo(new byte[] {10, 1, 0, 1});
            byte[] packet = Octet.ip6().length(1481).build();
            rig.send(packet);
            told = rig.overlay.sent.get(1).octets();
            assertThat(Arrays.copyOfRange(told, 8, 24)).isEqualTo(Arrays.copyOfRange(packet, 24, 40));
        }
    }

    @Test
    void haveAValidIpv4HeaderChecksumAndAnIdentificationOfTheirOwn() {
        try (Rig rig = new Rig(Rig.spec())) {
            rig.send(Octet.ip4().df().length(1481).build());
            rig.send(Octet.ip4().df().length(1481).build());
            byte[] first = rig.overlay.sent.get(0).octets();
            byte[] second = rig.overlay.sent.get(1).octets();
            assertThat(Octet.checksum(Arrays.copyOf(first, 20))).isZero();
            assertThat(Octet.checksum(Arrays.copyOfRange(first, 20, first.length)))
                    .isZero();
            assertThat(Octet.u16(second, 4)).isNotEqualTo(Octet.u16(first, 4));
            assertThat(first).hasSize(576);
        }
    }

    @Test
    void comeFromTheInnerDestinationUnlessToldOtherwise() {
        try (Rig rig = new Rig(Rig.spec().mode(Mode.ANY))) {
            rig.send(Octet.ip4().df().length(1481).build());
            rig.send(Octet.ip6().length(1481).build());
            byte[] v4 = rig.overlay.sent.get(0).octets();
            assertThat(Octet.hex(Arrays.copyOfRange(v4, 12, 20))).isEqualTo("0a020002" + "0a010001");
            assertThat(rig.overlay.sent.get(0).protocol()).isEqualTo(0x0800);
            byte[] v6 = rig.overlay.sent.get(1).octets();
            assertThat(Octet.hex(Arrays.copyOfRange(v6, 8, 40)))
                    .isEqualTo("20010db8000000020000000000000002" + "20010db8000000010000000000000001");
            assertThat(rig.overlay.sent.get(1).protocol()).isEqualTo(0x86dd);
            byte[] pseudo = Octet.join(Arrays.copyOfRange(v6, 8, 40), Octet.hex("000004d8" + "0000003a"));
            assertThat(Octet.checksum(pseudo, Arrays.copyOfRange(v6, 40, v6.length)))
                    .isZero();
        }
    }

    @Test
    void areSentAboutIcmpQueriesAloneAndNotAboutUnknownTypes() {
        for (int type = 0; type < 256; type++) {
            try (Rig rig = new Rig(Rig.spec())) {
                rig.send(big4().protocol(1).payload(icmp(type)).build());
                boolean query = type == 0 || type == 8 || (type >= 13 && type <= 18);
                assertThat(rig.overlay.sent).as("type %d", type).hasSize(query ? 1 : 0);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 0x1e, 0xe1, 0xff})
    void keepTheServiceButNotThePrecedenceOfTheInnerPacket(int tos) {
        try (Rig rig = new Rig(Rig.spec())) {
            rig.send(Octet.ip4().df().tos(tos).length(1481).build());
            // Linux: (tos & IPTOS_TOS_MASK) | IPTOS_PREC_INTERNETCONTROL.
            assertThat(rig.delivered().octets()[1]).isEqualTo((byte) ((tos & 0x1e) | 0xc0));
        }
    }

    @Test
    void areNotSentAboutAnIcmpMessageThatEndsBeforeItsType() {
        try (Rig rig = new Rig(Rig.spec().mode(Mode.ANY))) {
            rig.underlay.path = Path.of(30, 1);
            rig.send(Octet.ip4().df().protocol(1).payload(new byte[0]).build());
            assertThat(rig.overlay.sent).isEmpty();
            assertThat(rig.counted()).isEqualTo(Map.of("TOO_BIG", 1L, "NOT_TOLD", 1L, "tx_errors", 1L));
        }
        try (Rig rig = new Rig(TunnelSpec.of("t1", Rig.HERE, Ip4Address.ANY).mode(Mode.ANY))) {
            rig.send(Octet.ip6().nextHeader(58).payload(new byte[0]).build());
            assertThat(rig.overlay.sent).isEmpty();
            assertThat(rig.counted()).isEqualTo(Map.of("NO_IPV4_NEXT_HOP", 1L, "NOT_TOLD", 1L, "tx_errors", 1L));
        }
    }

    @Test
    void doNotQuotePaddingBehindThePacket() {
        try (Rig rig = new Rig(Rig.spec())) {
            rig.underlay.path = Path.of(420, 1);
            byte[] inner = Octet.ip4().df().length(450).build();
            rig.send(Octet.join(inner, new byte[10]));
            assertThat(rig.delivered().octets()).hasSize(28 + 450);
            assertThat(rig.delivered().hex()).endsWith(Octet.hex(inner));
        }
    }

    @Test
    void goToThePortForReplies() {
        RecordingPort replies = new RecordingPort();
        try (Rig rig = new Rig(Rig.spec(), b -> b.replies(replies, ReplySource.INNER_DESTINATION))) {
            rig.send(Octet.ip4().df().length(1481).build());
            assertThat(rig.overlay.sent).isEmpty();
            assertThat(replies.sent).hasSize(1);
        }
    }

    private static byte[] icmp(int type) {
        byte[] message = Octet.payload(1461);
        message[0] = (byte) type;
        return message;
    }

    private static Octet.Ip4 big4() {
        return Octet.ip4().df().length(1481);
    }

    private static Octet.Ip6 big6() {
        return Octet.ip6().length(1481);
    }

    /// A fragment header: next header, reserved, offset and flags, identification.
    private static byte[] fragment6(String offsetAndFlags) {
        return Octet.join(Octet.hex("fd00" + offsetAndFlags + "01020304"), Octet.payload(1433));
    }

    static Stream<byte[]> packetsWithoutAnAnswer() {
        byte[] shortHeader = big4().build();
        shortHeader[0] = 0x44;
        byte[] longerThanItIs = big4().build();
        Octet.put16(longerThanItIs, 2, 1482);
        return Stream.of(
                big4().fragmentAt(1480).build(),
                big4().from("0.0.0.0").build(),
                big4().from("0.1.2.3").build(),
                big4().from("127.0.0.1").build(),
                big4().from("224.0.0.1").build(),
                big4().from("240.0.0.1").build(),
                big4().from("255.255.255.255").build(),
                big4().to("224.0.0.1").build(),
                big4().to("255.255.255.255").build(),
                big4().protocol(1).payload(icmp(3)).build(),
                big4().protocol(1).payload(icmp(4)).build(),
                big4().protocol(1).payload(icmp(5)).build(),
                big4().protocol(1).payload(icmp(11)).build(),
                big4().protocol(1).payload(icmp(12)).build(),
                shortHeader,
                longerThanItIs,
                big6().from("00000000000000000000000000000000").build(),
                big6().from("ff020000000000000000000000000001").build(),
                big6().to("ff020000000000000000000000000001").build(),
                big6().nextHeader(58).payload(icmp(1)).build(),
                big6().nextHeader(58).payload(icmp(127)).build(),
                big6().nextHeader(58).payload(icmp(137)).build(),
                big6().nextHeader(60)
                        .payload(Octet.join(Octet.hex("3a00010400000000"), icmp(2)))
                        .build(),
                big6().nextHeader(44).payload(fragment6("0009")).build());
    }

    @ParameterizedTest
    @MethodSource("packetsWithoutAnAnswer")
    void areNeverSentAbout(byte[] packet) {
        try (Rig rig = new Rig(Rig.spec().mode(Mode.ANY))) {
            rig.send(packet);
            assertThat(rig.underlay.sent).isEmpty();
            assertThat(rig.overlay.sent).isEmpty();
            assertThat(rig.counted()).isEqualTo(Map.of("TOO_BIG", 1L, "NOT_TOLD", 1L, "tx_errors", 1L));
        }
    }

    static Stream<byte[]> packetsWithAnAnswer() {
        Octet.Ip4 first = big4();
        first.moreFragments = true;
        return Stream.of(
                first.build(),
                big4().protocol(1).payload(icmp(8)).build(),
                big4().from("223.255.255.255").to("223.255.255.255").build(),
                big6().nextHeader(58).payload(icmp(128)).build(),
                big6().nextHeader(44).payload(fragment6("0001")).build());
    }

    @ParameterizedTest
    @MethodSource("packetsWithAnAnswer")
    void areSentAbout(byte[] packet) {
        try (Rig rig = new Rig(Rig.spec().mode(Mode.ANY))) {
            rig.send(packet);
            assertThat(rig.overlay.sent).hasSize(1);
            assertThat(rig.counted()).isEqualTo(Map.of("TOO_BIG", 1L, "TOLD_TOO_BIG", 1L, "tx_errors", 1L));
        }
    }

    @Test
    void aboutSizeAreNotLimitedInRate() {
        try (Rig rig = new Rig(Rig.spec(), b -> b.replyLimit(new RateLimit(1, 1)))) {
            for (int i = 0; i < 5; i++) {
                rig.send(big4().build());
            }
            assertThat(rig.overlay.sent).hasSize(5);
        }
    }

    @Test
    void areDroppedWhenNoBufferIsLeft() {
        try (Rig rig = new Rig(Rig.spec())) {
            var p = rig.buffer(big4().build());
            p.protocol(0x0800);
            rig.overlay.queued.add(p);
            var rest = new java.util.ArrayList<adit.packet.PacketBuffer>();
            while (rig.pool.lent() < rig.pool.capacity()) {
                rest.add(rig.pool.lend());
            }
            rig.outbound.turn(rig.now);
            rest.forEach(adit.packet.PacketBuffer::release);
            assertThat(rig.overlay.sent).isEmpty();
            assertThat(rig.counted()).isEqualTo(Map.of("TOO_BIG", 1L, "NOT_TOLD", 1L, "tx_errors", 1L));
        }
    }

    @Test
    void thatTheOverlayRefusesAreGone() {
        try (Rig rig = new Rig(Rig.spec())) {
            rig.overlay.refusal = adit.packet.Refusal.FULL;
            rig.send(big4().build());
            assertThat(rig.overlay.sent).isEmpty();
        }
    }
}
