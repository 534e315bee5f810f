package adit.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class InterfaceRequestTest {
    private final byte[] octets = new byte[40];
    private final MemorySegment request = MemorySegment.ofArray(octets);

    InterfaceRequestTest() {
        Arrays.fill(octets, (byte) 0xa5);
    }

    @Test
    void writesANameAndZeroesTheRest() {
        InterfaceRequest.name(request, "tun0");
        byte[] expected = Arrays.copyOf("tun0".getBytes(StandardCharsets.US_ASCII), 40);
        assertThat(octets).isEqualTo(expected);
    }

    @Test
    void readsANameUpToItsNulOrFifteenOctets() {
        InterfaceRequest.name(request, "fifteen-octets-");
        octets[15] = 'x';
        assertThat(InterfaceRequest.name(request)).isEqualTo("fifteen-octets-");
        octets[3] = 0;
        assertThat(InterfaceRequest.name(request)).isEqualTo("fif");
        octets[0] = 0;
        assertThat(InterfaceRequest.name(request)).isEmpty();
    }

    @Test
    void refusesANameOfSixteenOctets() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> InterfaceRequest.name(request, "sixteen-octets--"))
                .withMessage("interface name of 16 octets: sixteen-octets--");
        assertThatIllegalArgumentException().isThrownBy(() -> InterfaceRequest.name(request, "\u00fc".repeat(8)));
    }

    @Test
    void readsAndWritesTheUnionInTheHostsOrder() {
        boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        InterfaceRequest.value(request, 0x01020304);
        assertThat(Arrays.copyOfRange(octets, 15, 21))
                .containsExactly(0xa5, little ? 4 : 1, little ? 3 : 2, little ? 2 : 3, little ? 1 : 4, 0xa5);
        assertThat(InterfaceRequest.value(request)).isEqualTo(0x01020304);
        assertThat(InterfaceRequest.flags(request)).isEqualTo(little ? 0x0304 : 0x0102);
        InterfaceRequest.flags(request, 0xfedc);
        assertThat(InterfaceRequest.flags(request)).isEqualTo(0xfedc);
        assertThat(octets[18]).isEqualTo((byte) (little ? 2 : 3));
    }
}
