package adit.wire;

import static adit.wire.Golden.AT;
import static adit.wire.Golden.assertWritten;
import static adit.wire.Golden.at;
import static adit.wire.Golden.exactly;
import static adit.wire.Golden.junk;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GueTest {
    @Test
    void readsEveryFieldOfAHeaderWithRemoteChecksumOffload() {
        // Version 0, no control, 3 further words, of which the last is unknown padding.
        MemorySegment s = at("03 89 0001 80000000 0124 0356 deadbeef" + "00".repeat(0x358));
        assertThat(Gue.version(s, AT)).isZero();
        assertThat(Gue.isControl(s, AT)).isFalse();
        assertThat(Gue.headerLength(s, AT)).isEqualTo(16);
        assertThat(Gue.protocolOrControlType(s, AT)).isEqualTo(0x89);
        assertThat(Gue.flags(s, AT)).isEqualTo(1);
        assertThat(Gue.hasPrivateFlags(s, AT)).isTrue();
        assertThat(Gue.privateFlags(s, AT)).isEqualTo(0x80000000);
        assertThat(Gue.hasRemoteChecksum(s, AT)).isTrue();
        assertThat(Gue.remoteChecksumStart(s, AT)).isEqualTo(0x0124);
        assertThat(Gue.remoteChecksumOffset(s, AT)).isEqualTo(0x0356);
        assertThat(Gue.payloadOffset(s, AT)).isEqualTo(16);
        assertThat(Gue.payloadProtocol(s, AT)).isEqualTo(IpProtocol.MPLS);
        assertThat(Gue.fault(s, AT, 16 + 0x358)).isEqualTo(WireFault.NONE);
    }

    @Test
    void readsTheFirstOctetBitByBit() {
        assertThat(Gue.version(exactly("3f"), 0)).isZero();
        assertThat(Gue.version(exactly("40"), 0)).isEqualTo(1);
        assertThat(Gue.version(exactly("80"), 0)).isEqualTo(2);
        assertThat(Gue.version(exactly("c0"), 0)).isEqualTo(3);
        assertThat(Gue.isControl(exactly("20"), 0)).isTrue();
        assertThat(Gue.isControl(exactly("df"), 0)).isFalse();
        assertThat(Gue.headerLength(exactly("1f"), 0)).isEqualTo(128);
        assertThat(Gue.headerLength(exactly("e0"), 0)).isEqualTo(4);
    }

    @Test
    void emitsWhatLinuxEmits() {
        MemorySegment plain = junk(4 + 2 * AT);
        Gue.emit(plain, AT, IpProtocol.MPLS);
        assertWritten(plain, "00 89 0000");
        MemorySegment remote = junk(12 + 2 * AT);
        Gue.emitRemoteChecksum(remote, AT, IpProtocol.IPIP, 20, 26);
        assertWritten(remote, "02 04 0001 80000000 0014 001a");
    }

    @ParameterizedTest
    @CsvSource({"45, 4", "4f, 4", "60, 41", "6f, 41"})
    void takesVersion1ForAnIpPacket(String octet, int protocol) {
        MemorySegment s = exactly(octet + "000000");
        assertThat(Gue.fault(s, 0, 4)).isEqualTo(WireFault.NONE);
        assertThat(Gue.payloadProtocol(s, 0)).isEqualTo(protocol);
        assertThat(Gue.payloadOffset(s, 0)).isZero();
        assertThat(Gue.hasRemoteChecksum(s, 0)).isFalse();
    }

    // What the receiver of a Linux 6 kernel takes and drops.
    @ParameterizedTest
    @CsvSource({
        "00 04 0000, NONE, plain IPIP",
        "00 89 0000, NONE, plain MPLS",
        "01 04 0000 00000000, NONE, an extra word",
        "1f 04 0000 " + ALL_WORDS + ", NONE, as many extra words as there can be",
        "01 04 0001 00000000, NONE, private flags without any set",
        "02 04 0001 00000000 00000000, NONE, private flags and an extra word",
        "02 04 0001 80000000 00000000 0000, NONE, remote checksum in a payload of two octets",
        "20 04 0000, BAD_FIELD, a control message",
        "21 04 0000 00000000, BAD_FIELD, a control message with a word",
        "80 04 0000, BAD_VERSION, version 2",
        "c0 04 0000, BAD_VERSION, version 3",
        "50 00 0000, BAD_VERSION, version 1 with neither IPv4 nor IPv6",
        "70 00 0000, BAD_VERSION, version 1 with neither IPv4 nor IPv6",
        "00 04 8000, BAD_FIELD, an unknown flag",
        "00 04 0002, BAD_FIELD, an unknown flag",
        "01 04 0003 00000000, BAD_FIELD, an unknown flag beside the known one",
        "01 04 0001 40000000, BAD_FIELD, an unknown private flag",
        "01 04 0001 00000001, BAD_FIELD, an unknown private flag",
        "00 04 0001, BAD_LENGTH, private flags that do not fit",
        "01 04 0000, TRUNCATED, more words than octets",
        "1f 04 0000 00000000, TRUNCATED, more words than octets",
        "00 04 00, TRUNCATED, a short header",
        "45 00 00, TRUNCATED, a short packet of version 1",
        "01 04 0001 80000000 0000 0000, BAD_LENGTH, remote checksum outside the header",
        "02 04 0001 80000000 0001 0000 00, BAD_LENGTH, a checksum field outside the payload",
        "02 04 0001 80000000 0005 0000 00000000, BAD_LENGTH, a checksum that starts outside the payload",
        "02 04 0001 80000000 0000 ffff 00000000, BAD_LENGTH, a checksum field outside the payload",
        "02 04 0001 80000000 0003 0002 00000000, BAD_LENGTH, a checksum field in front of its start",
        "00 00 0000, BAD_FIELD, protocol 0",
    })
    void takesWhatLinuxTakes(String hex, WireFault fault, String why) {
        MemorySegment s = exactly(hex);
        assertThat(Gue.fault(s, 0, (int) s.byteSize())).as(why).isEqualTo(fault);
    }

    // 31 words.
    private static final String ALL_WORDS =
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
                    + "000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
                    + "00000000000000000000000000000000000000000000000000000000000000000000000000000000";
}
