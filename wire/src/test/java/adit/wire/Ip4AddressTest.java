package adit.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Ip4AddressTest {
    @ParameterizedTest
    @CsvSource({
        "0.0.0.0, 00000000",
        "192.0.2.1, c0000201",
        "1.2.3.4, 01020304",
        "255.255.255.255, ffffffff",
        "10.200.30.99, 0ac81e63",
    })
    void readsAndWritesFourNumbers(String text, String bits) {
        Ip4Address address = Ip4Address.parse(text);
        assertThat(address.bits()).isEqualTo(Integer.parseUnsignedInt(bits, 16));
        assertThat(address).hasToString(text);
        assertThat(IpAddress.parse(text)).isEqualTo(address);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "``, a number from 0 to 255 expected at position 1",
                "1, '.' expected at position 2",
                "1.2.3, '.' expected at position 6",
                "1.2.3., a number from 0 to 255 expected at position 7",
                "1.2.3.4.5, nothing more expected at position 8",
                "1.2.3.256, a number from 0 to 255 expected at position 7",
                "1.2.3.1000, a number from 0 to 255 expected at position 7",
                "1..3.4, a number from 0 to 255 expected at position 3",
                "01.2.3.4, a leading zero at position 1",
                "1.2.3.04, a leading zero at position 7",
                "0x7f.0.0.1, '.' expected at position 2",
                "-1.2.3.4, a number from 0 to 255 expected at position 1",
                "` 1.2.3.4`, a number from 0 to 255 expected at position 1",
                "`1.2.3.4 `, nothing more expected at position 8",
                "1.2.3.4/8, nothing more expected at position 8",
                "localhost, a number from 0 to 255 expected at position 1",
                "\u0661.2.3.4, a number from 0 to 255 expected at position 1",
            })
    void saysWhatIsWrongWithOtherText(String text, String why) {
        assertThatThrownBy(() -> Ip4Address.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + text + "\"")
                .hasMessageContaining(why)
                .hasMessageContaining("such as 192.0.2.1");
    }

    @Test
    void isMadeOfFourNumbers() {
        assertThat(Ip4Address.of(192, 0, 2, 255)).hasToString("192.0.2.255");
        assertThatThrownBy(() -> Ip4Address.of(192, 0, 256, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("192.0.256.1");
        assertThatThrownBy(() -> Ip4Address.of(-1, 0, 0, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void standsInOctets() {
        MemorySegment s = Golden.junk(4 + 2 * Golden.AT);
        Ip4Address.parse("1.2.3.244").emit(s, Golden.AT);
        Golden.assertWritten(s, "010203f4");
        assertThat(Ip4Address.read(s, Golden.AT)).hasToString("1.2.3.244");
    }

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0, unspecified thisNetwork",
        "0.1.2.3, thisNetwork",
        "126.255.255.255, ''",
        "127.0.0.0, loopback",
        "127.255.255.255, loopback",
        "128.0.0.0, ''",
        "169.253.255.255, ''",
        "169.254.0.0, linkLocal",
        "169.254.255.255, linkLocal",
        "223.255.255.255, ''",
        "224.0.0.0, multicast",
        "239.255.255.255, multicast",
        "240.0.0.0, ''",
        "255.255.255.255, broadcast",
    })
    void knowsItsKind(String text, String kinds) {
        Ip4Address a = Ip4Address.parse(text);
        assertThat(a.isUnspecified()).isEqualTo(kinds.contains("unspecified"));
        assertThat(a.isThisNetwork()).isEqualTo(kinds.contains("thisNetwork"));
        assertThat(a.isLoopback()).isEqualTo(kinds.contains("loopback"));
        assertThat(a.isLinkLocal()).isEqualTo(kinds.contains("linkLocal"));
        assertThat(a.isMulticast()).isEqualTo(kinds.contains("multicast"));
        assertThat(a.isBroadcast()).isEqualTo(kinds.contains("broadcast"));
        assertThat(a.length()).isEqualTo(4);
    }

    @Test
    void ordersAsUnsignedNumbers() {
        assertThat(Ip4Address.parse("127.255.255.255")).isLessThan(Ip4Address.parse("128.0.0.0"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"example.com", "a.b.c.d", "face:b00k::1", "::1%lo", "[::1]", "1.2.3.4:80"})
    void neverAsksAResolver(String text) {
        assertThatThrownBy(() -> IpAddress.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(text);
    }
}
