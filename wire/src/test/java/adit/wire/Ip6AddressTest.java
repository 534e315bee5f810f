package adit.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.MemorySegment;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Ip6AddressTest {
    private static Ip6Address ofHex(String hex) {
        return Ip6Address.read(Golden.exactly(hex), 0);
    }

    // The examples of RFC 4291 section 2.2 and 2.5.5.
    @ParameterizedTest
    @CsvSource({
        "ABCD:EF01:2345:6789:ABCD:EF01:2345:6789, abcdef0123456789abcdef0123456789",
        "2001:DB8:0:0:8:800:200C:417A, 20010db80000000000080800200c417a",
        "2001:DB8::8:800:200C:417A, 20010db80000000000080800200c417a",
        "FF01:0:0:0:0:0:0:101, ff010000000000000000000000000101",
        "FF01::101, ff010000000000000000000000000101",
        "0:0:0:0:0:0:0:1, 00000000000000000000000000000001",
        "::1, 00000000000000000000000000000001",
        "::, 00000000000000000000000000000000",
        "0:0:0:0:0:0:13.1.68.3, 0000000000000000000000000d014403",
        "::13.1.68.3, 0000000000000000000000000d014403",
        "0:0:0:0:0:FFFF:129.144.52.38, 00000000000000000000ffff81903426",
        "::FFFF:129.144.52.38, 00000000000000000000ffff81903426",
        "1::, 00010000000000000000000000000000",
        "1:2:3:4:5:6:7::, 00010002000300040005000600070000",
        "::2:3:4:5:6:7:8, 00000002000300040005000600070008",
        "1:2::255.255.255.255, 000100020000000000000000ffffffff",
        "0001:0002:0003:0004:0005:0006:0007:0008, 00010002000300040005000600070008",
    })
    void readsEveryFormOfRfc4291(String text, String hex) {
        assertThat(Ip6Address.parse(text)).isEqualTo(ofHex(hex));
        assertThat(IpAddress.parse(text)).isEqualTo(ofHex(hex));
    }

    // The examples of RFC 5952 sections 1, 2 and 4.
    @ParameterizedTest
    @CsvSource({
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:0db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8::1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8::0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:0db8::1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8:0:0:1::1, 2001:db8::1:0:0:1",
        "2001:DB8:0:0:1::1, 2001:db8::1:0:0:1",
        "2001:db8:aaaa:bbbb:cccc:dddd:eeee:0001, 2001:db8:aaaa:bbbb:cccc:dddd:eeee:1",
        "2001:db8:aaaa:bbbb:cccc:dddd:0:1, 2001:db8:aaaa:bbbb:cccc:dddd:0:1",
        "2001:db8:0:0:0:0:2:1, 2001:db8::2:1",
        "2001:db8::1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "0:0:0:0:0:0:0:0, ::",
        "1:0:0:0:0:0:0:0, 1::",
        "::ffff:c000:201, ::ffff:192.0.2.1",
        "::fffe:c000:201, ::fffe:c000:201",
        "::192.0.2.1, ::c000:201",
    })
    void writesTheOneFormOfRfc5952(String text, String canonical) {
        assertThat(Ip6Address.parse(text)).hasToString(canonical);
    }

    @Test
    void writesZeroGroupsInAllTheirPlacesAsPythonDoes() throws IOException {
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(getClass().getResourceAsStream("ip6-text.tsv"), StandardCharsets.UTF_8))) {
            lines.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
                String[] columns = line.split("\t");
                assertThat(ofHex(columns[0])).hasToString(columns[1]);
                assertThat(Ip6Address.parse(columns[1])).isEqualTo(ofHex(columns[0]));
            });
        }
    }

    @Test
    void readsTextAsTheJdkDoes() {
        Property.forAll(4291, 20_000, dice -> {
            String text = randomText(dice);
            ByteBuffer octets;
            try {
                InetAddress address = Inet6Address.ofLiteral(text);
                if (address.getAddress().length == 4) {
                    // The JDK turns mapped addresses into IPv4 ones.
                    assertThat(Ip6Address.parse(text).isIp4Mapped()).isTrue();
                    return;
                }
                octets = ByteBuffer.wrap(address.getAddress());
            } catch (IllegalArgumentException e) {
                assertThatThrownBy(() -> Ip6Address.parse(text)).isInstanceOf(IllegalArgumentException.class);
                return;
            }
            Ip6Address expected = new Ip6Address(octets.getLong(), octets.getLong());
            assertThat(Ip6Address.parse(text)).as(text).isEqualTo(expected);
        });
    }

    // Mostly addresses, some spoilt: groups, now and then a gap, a dotted end, a doubled or missing colon.
    private static String randomText(SplittableRandom dice) {
        StringBuilder text = new StringBuilder();
        int groups = 6 + dice.nextInt(3);
        int gap = dice.nextInt(12);
        for (int i = 0; i < groups; i++) {
            if (i == gap) {
                text.append(i == 0 ? "::" : ":");
                i += dice.nextInt(4);
            }
            text.append(Integer.toHexString(dice.nextInt(0x10000) >>> dice.nextInt(16)));
            if (i < groups - 1) {
                text.append(':');
            }
        }
        if (dice.nextInt(4) == 0) {
            text.append(":10.2.").append(dice.nextInt(300)).append(".4");
        }
        if (dice.nextInt(6) == 0) {
            text.insert(dice.nextInt(text.length()), ":g.".charAt(dice.nextInt(3)));
        }
        return text.toString();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "``, only 0 groups",
                ":, a group of 1 to 4 hexadecimal digits expected at position 1",
                ":::, a group of 1 to 4 hexadecimal digits expected at position 3",
                "1, only 1 groups",
                "1:2:3:4:5:6:7, only 7 groups",
                "1:2:3:4:5:6:7:8:9, more than 8 groups",
                "1:2:3:4:5:6:7:, ends with a single :",
                ":1:2:3:4:5:6:7, a group of 1 to 4 hexadecimal digits expected at position 1",
                "1::2::3, more than one ::",
                "1:2:3:4:5:6:7:8::, :: stands for no group",
                "1::2:3:4:5:6:7:8, :: stands for no group",
                "12345::, a group of 1 to 4 hexadecimal digits expected at position 1",
                "g::, a group of 1 to 4 hexadecimal digits expected at position 1",
                "::1.2.3, '.' expected at position 8",
                "::1.2.3.256, a number from 0 to 255 expected at position 9",
                "::01.2.3.4, a leading zero at position 3",
                "1:2:3:4:5:6:7:1.2.3.4, no room for an IPv4 address behind 7 groups",
                "::1.2.3.4:5, nothing more expected at position 10",
                "fe80::1%eth0, ':' expected at position 8",
                "`::1 `, ':' expected at position 4",
                "::\u0661, a group of 1 to 4 hexadecimal digits expected at position 3",
            })
    void saysWhatIsWrongWithOtherText(String text, String why) {
        assertThatThrownBy(() -> Ip6Address.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + text + "\"")
                .hasMessageContaining(why)
                .hasMessageContaining("such as 2001:db8::1");
    }

    @ParameterizedTest
    @CsvSource({
        "::, unspecified",
        "::1, loopback",
        "::2, ''",
        "::ffff, ''",
        "::1:0, compatible",
        "::192.0.2.1, compatible",
        "::ffff:192.0.2.1, mapped",
        "fe7f:ffff::, ''",
        "fe80::1, linkLocal",
        "febf:ffff::1, linkLocal",
        "fec0::1, ''",
        "ff00::, multicast",
        "feff::, ''",
        "2001:db8::1, ''",
    })
    void knowsItsKind(String text, String kinds) {
        Ip6Address a = Ip6Address.parse(text);
        assertThat(a.isUnspecified()).isEqualTo(kinds.contains("unspecified"));
        assertThat(a.isLoopback()).isEqualTo(kinds.contains("loopback"));
        assertThat(a.isLinkLocal()).isEqualTo(kinds.contains("linkLocal"));
        assertThat(a.isMulticast()).isEqualTo(kinds.contains("multicast"));
        assertThat(a.isIp4Mapped()).isEqualTo(kinds.contains("mapped"));
        assertThat(a.isIp4Compatible()).isEqualTo(kinds.contains("compatible"));
        assertThat(a.length()).isEqualTo(16);
    }

    @Test
    void embedsIpv4() {
        Ip4Address address = Ip4Address.parse("192.0.2.200");
        assertThat(Ip6Address.mapped(address)).hasToString("::ffff:192.0.2.200");
        assertThat(Ip6Address.mapped(address).embeddedIp4()).isEqualTo(address);
    }

    @Test
    void standsInOctets() {
        MemorySegment s = Golden.junk(16 + 2 * Golden.AT);
        new Ip6Address(0x1011121314151617L, 0xe8e9eaebecedeeefL).emit(s, Golden.AT);
        Golden.assertWritten(s, "1011121314151617 e8e9eaebecedeeef");
        assertThat(Ip6Address.read(s, Golden.AT).group(0)).isEqualTo(0x1011);
        assertThat(Ip6Address.read(s, Golden.AT).group(3)).isEqualTo(0x1617);
        assertThat(Ip6Address.read(s, Golden.AT).group(7)).isEqualTo(0xeeef);
    }

    @Test
    void ordersAsUnsignedNumbers() {
        assertThat(Ip6Address.parse("7fff::")).isLessThan(Ip6Address.parse("8000::"));
        assertThat(Ip6Address.parse("1::7fff:0:0:0")).isLessThan(Ip6Address.parse("1::8000:0:0:0"));
    }
}
