package adit.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrefixTest {
    @ParameterizedTest
    @CsvSource({
        "10.2.0.0/16, 10.2.0.0, 10.2.255.255, 10.1.255.255, 10.3.0.0",
        "10.2.0.0/15, 10.2.0.0, 10.3.255.255, 10.1.255.255, 10.4.0.0",
        "192.0.2.4/30, 192.0.2.4, 192.0.2.7, 192.0.2.3, 192.0.2.8",
        "192.0.2.5/32, 192.0.2.5, 192.0.2.5, 192.0.2.4, 192.0.2.6",
        "128.0.0.0/1, 128.0.0.0, 255.255.255.255, 127.255.255.255, 0.0.0.0",
    })
    void holdsTheAddressesFromItsFirstToItsLast(String text, String first, String last, String below, String above) {
        Ip4Prefix prefix = Ip4Prefix.parse(text);
        assertThat(prefix.contains(Ip4Address.parse(first))).isTrue();
        assertThat(prefix.contains(Ip4Address.parse(last))).isTrue();
        assertThat(prefix.contains(Ip4Address.parse(below))).isFalse();
        assertThat(prefix.contains(Ip4Address.parse(above))).isFalse();
        assertThat(prefix.broadcast()).hasToString(last);
        assertThat(prefix).hasToString(text);
        assertThat(IpPrefix.parse(text)).isEqualTo(prefix);
    }

    @Test
    void holdsEverythingWithoutABit() {
        assertThat(Ip4Prefix.ALL.contains(-1)).isTrue();
        assertThat(Ip4Prefix.ALL.contains(0)).isTrue();
        assertThat(Ip4Prefix.parse("0.0.0.0/0")).isEqualTo(Ip4Prefix.ALL);
        assertThat(Ip6Prefix.ALL.contains(-1, -1)).isTrue();
        assertThat(Ip6Prefix.parse("::/0")).isEqualTo(Ip6Prefix.ALL);
    }

    @ParameterizedTest
    @CsvSource({"0, 0.0.0.0", "1, 128.0.0.0", "8, 255.0.0.0", "23, 255.255.254.0", "32, 255.255.255.255"})
    void hasAMask(int length, String mask) {
        assertThat(Ip4Prefix.of(Ip4Address.ANY, length).netmask()).hasToString(mask);
    }

    @Test
    void holdsSmallerPrefixesInside() {
        Ip4Prefix prefix = Ip4Prefix.parse("10.0.0.0/8");
        assertThat(prefix.contains(Ip4Prefix.parse("10.2.0.0/16"))).isTrue();
        assertThat(prefix.contains(prefix)).isTrue();
        assertThat(prefix.contains(Ip4Prefix.parse("0.0.0.0/0"))).isFalse();
        assertThat(prefix.contains(Ip4Prefix.parse("11.0.0.0/16"))).isFalse();
        Ip6Prefix six = Ip6Prefix.parse("2001:db8::/32");
        assertThat(six.contains(Ip6Prefix.parse("2001:db8:1::/48"))).isTrue();
        assertThat(six.contains(Ip6Prefix.ALL)).isFalse();
    }

    @Test
    void agreesWithArithmeticOnBigNumbersAtEveryLength() {
        Property.forAll(6, 20_000, dice -> {
            Ip6Address network = new Ip6Address(dice.nextLong(), dice.nextLong());
            int length = dice.nextInt(129);
            Ip6Prefix prefix = Ip6Prefix.of(network, length);
            // Flip one bit: inside when it lies behind the prefix.
            int bit = dice.nextInt(128);
            Ip6Address other = bit < 64
                    ? new Ip6Address(network.high() ^ 1L << (63 - bit), network.low())
                    : new Ip6Address(network.high(), network.low() ^ 1L << (127 - bit));
            assertThat(prefix.contains(other)).isEqualTo(bit >= length);
            BigInteger shifted = number(network).shiftRight(128 - length).shiftLeft(128 - length);
            assertThat(number(prefix.address())).isEqualTo(shifted);
        });
    }

    private static BigInteger number(Ip6Address address) {
        return new BigInteger("%016x%016x".formatted(address.high(), address.low()), 16);
    }

    @Test
    void takesAnAddressForItself() {
        assertThat(Ip4Prefix.parse("192.0.2.1")).hasToString("192.0.2.1/32");
        assertThat(Ip6Prefix.parse("2001:db8::1")).hasToString("2001:db8::1/128");
    }

    @Test
    void isOfOneFamily() {
        assertThat(Ip4Prefix.ALL.contains(Ip6Address.ANY)).isFalse();
        assertThat(Ip6Prefix.ALL.contains(Ip4Address.ANY)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "10.2.0.1/16, the network is 10.2.0.0/16",
                "10.2.0.0/33, a prefix length from 0 to 32 expected at position 10",
                "10.2.0.0/, a prefix length from 0 to 32 expected at position 10",
                "10.2.0.0/-1, a prefix length from 0 to 32 expected at position 10",
                "10.2.0.0/08, a leading zero at position 10",
                "10.2.0.0/16/2, nothing more expected at position 12",
                "10.2.0.0/255.255.0.0, a prefix length from 0 to 32 expected at position 10",
                "10.2/16, '.' expected at position 5",
                "/16, a number from 0 to 255 expected at position 1",
                "2001:db8::1/32, the network is 2001:db8::/32",
                "2001:db8::/129, a prefix length from 0 to 128 expected at position 12",
                "2001:db8:/32, ends with a single :",
                "::%1/8, expected at position 3",
            })
    void saysWhatIsWrongWithOtherText(String text, String why) {
        assertThatThrownBy(() -> IpPrefix.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(text)
                .hasMessageContaining(why);
    }

    @Test
    void keepsTheHostBitsOfAnInterfaceAddress() {
        Ip4InterfaceAddress four = Ip4InterfaceAddress.parse("10.1.0.1/30");
        assertThat(four).hasToString("10.1.0.1/30");
        assertThat(four.network()).hasToString("10.1.0.0/30");
        Ip6InterfaceAddress six = Ip6InterfaceAddress.parse("2001:db8::1/64");
        assertThat(six).hasToString("2001:db8::1/64");
        assertThat(six.network()).hasToString("2001:db8::/64");
        assertThatThrownBy(() -> Ip4InterfaceAddress.parse("10.1.0.1/40"))
                .hasMessageContaining("not an IPv4 interface address: \"10.1.0.1/40\"");
    }
}
