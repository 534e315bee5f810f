package adit.wire;

import static adit.wire.Golden.AT;
import static adit.wire.Golden.assertWritten;
import static adit.wire.Golden.at;
import static adit.wire.Golden.exactly;
import static adit.wire.Golden.junk;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinkCodecsTest {
    @Nested
    class OfEthernet {
        private static final String HEADER = "f1 02 03 04 05 06 a1 b2 c3 d4 e5 f6 88b5";

        @Test
        void readsEveryField() {
            MemorySegment s = at(HEADER);
            assertThat(Ethernet.destination(s, AT)).isEqualTo(0xf10203040506L);
            assertThat(Ethernet.source(s, AT)).isEqualTo(0xa1b2c3d4e5f6L);
            assertThat(Ethernet.etherType(s, AT)).isEqualTo(0x88b5);
        }

        @Test
        void emitsEveryField() {
            MemorySegment s = junk(14 + 2 * AT);
            Ethernet.emit(s, AT, 0xf10203040506L, 0xa1b2c3d4e5f6L, 0x88b5);
            assertWritten(s, HEADER);
        }
    }

    @Nested
    class OfVlan {
        // Priority 5, drop eligible, identifier 0xbcd: 101 1 101111001101.
        private static final String TAG = "bbcd 86dd";

        @Test
        void readsEveryField() {
            MemorySegment s = at(TAG);
            assertThat(Vlan.priority(s, AT)).isEqualTo(5);
            assertThat(Vlan.dropEligible(s, AT)).isTrue();
            assertThat(Vlan.identifier(s, AT)).isEqualTo(0xbcd);
            assertThat(Vlan.control(s, AT)).isEqualTo(0xbbcd);
            assertThat(Vlan.etherType(s, AT)).isEqualTo(EtherType.IPV6);
        }

        @Test
        void tellsDropEligibilityFromItsNeighbours() {
            assertThat(Vlan.dropEligible(exactly("efff 0800"), 0)).isFalse();
            assertThat(Vlan.dropEligible(exactly("1000 0800"), 0)).isTrue();
        }

        @Test
        void emitsEveryField() {
            MemorySegment s = junk(4 + 2 * AT);
            Vlan.emit(s, AT, 0xbbcd, 0x86dd);
            assertWritten(s, TAG);
        }

        @Test
        void isAnnouncedByTwoTypes() {
            assertThat(Vlan.isTag(0x8100)).isTrue();
            assertThat(Vlan.isTag(0x88a8)).isTrue();
            assertThat(Vlan.isTag(0x0800)).isFalse();
        }
    }

    @Nested
    class OfArp {
        private static final String PACKET = "0001 0800 06 04 0203 a1b2c3d4e5f6 c0000201 f10203040506 c6336407";

        @Test
        void readsEveryFieldFromWhereRfc826PutsIt() {
            MemorySegment s = at(PACKET);
            assertThat(Arp.hardwareType(s, AT)).isEqualTo(1);
            assertThat(Arp.protocolType(s, AT)).isEqualTo(0x0800);
            assertThat(Arp.operation(s, AT)).isEqualTo(0x0203);
            assertThat(Arp.senderHardware(s, AT)).isEqualTo(0xa1b2c3d4e5f6L);
            assertThat(Arp.senderProtocol(s, AT)).isEqualTo(0xc0000201);
            assertThat(Arp.targetHardware(s, AT)).isEqualTo(0xf10203040506L);
            assertThat(Arp.targetProtocol(s, AT)).isEqualTo(0xc6336407);
        }

        @Test
        void emitsEveryFieldWhereRfc826PutsIt() {
            MemorySegment s = junk(28 + 2 * AT);
            Arp.emit(s, AT, 0x0203, 0xa1b2c3d4e5f6L, 0xc0000201, 0xf10203040506L, 0xc6336407);
            assertWritten(s, PACKET);
        }

        @ParameterizedTest
        @CsvSource({
            "0001 0800 06 04, NONE",
            "0006 0800 06 04, BAD_FIELD",
            "0001 86dd 06 04, BAD_FIELD",
            "0001 0800 08 04, BAD_LENGTH",
            "0001 0800 06 10, BAD_LENGTH",
        })
        void refusesOtherKinds(String start, WireFault fault) {
            MemorySegment s = exactly(start + "0001" + "00".repeat(20));
            assertThat(Arp.fault(s, 0, 28)).isEqualTo(fault);
        }
    }

    @Nested
    class OfTunPi {
        @Test
        void hasFlagsInHostOrderAndTheProtocolInNetworkOrder() {
            // This machine's order, as the kernel writes it: 0201 is 1 and 2 in little-endian octets.
            boolean little = java.nio.ByteOrder.nativeOrder() == java.nio.ByteOrder.LITTLE_ENDIAN;
            String header = little ? "0302 86dd" : "0203 86dd";
            MemorySegment s = at(header);
            assertThat(TunPi.flags(s, AT)).isEqualTo(0x0203);
            assertThat(TunPi.isStripped(s, AT)).isTrue();
            assertThat(TunPi.protocol(s, AT)).isEqualTo(0x86dd);
            MemorySegment written = junk(4 + 2 * AT);
            TunPi.emit(written, AT, 0x0203, 0x86dd);
            assertWritten(written, header);
        }
    }
}
