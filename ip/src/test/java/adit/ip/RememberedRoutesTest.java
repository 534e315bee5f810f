package adit.ip;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// A change of routes or addresses is heeded by the next packet of a flow whose way is remembered.
class RememberedRoutesTest {
    /// UDP from 10.1.0.9 to 10.9.0.9, TTL 64, four octets of payload; the header checksum was summed by hand.
    private static final byte[] PACKET = HexFormat.of()
            .parseHex("45000020000100004011" + "66b1" + "0a010009" + "0a090009" + "0001000200" + "0c0000" + "61626364");

    private final TestHost host = new TestHost();
    private final TestLink a = host.link("a");
    private final TestLink b = host.link("b");
    private final TestLink c = host.link("c");

    RememberedRoutesTest() throws IpException {
        host.address(a, "10.1.0.1/24").address(b, "10.2.0.1/24").address(c, "10.3.0.1/24");
        host.stack.forwarding(true);
        host.route(RouteType.UNICAST, "10.0.0.0/8", null, "10.2.0.2");
    }

    private void bring() {
        for (int i = 0; i < 3; i++) {
            host.in(a, PACKET);
        }
    }

    private void expect(int viaB, int viaC, int back) {
        assertThat(b.take()).hasSize(viaB);
        assertThat(c.take()).hasSize(viaC);
        assertThat(a.take()).hasSize(back);
    }

    @Test
    void aNarrowerRouteTakesOverAndGivesBack() throws IpException {
        bring();
        expect(3, 0, 0);
        host.route(RouteType.UNICAST, "10.9.0.0/16", null, "10.3.0.2");
        bring();
        expect(0, 3, 0);
        c.down();
        bring();
        expect(3, 0, 0);
        host.close();
    }

    @Test
    void aRouteThatRejectsIsHeeded() throws IpException {
        bring();
        expect(3, 0, 0);
        host.route(RouteType.BLACKHOLE, "10.9.0.0/16", null, null);
        bring();
        expect(0, 0, 0);
        assertThat(host.stack.counters().get(IpDrop.IP_REJECTED)).isEqualTo(3);
        host.close();
    }

    @Test
    void anAddressThatBecomesThisHostsIsNoLongerHandedOnNorComesIn() throws IpException {
        bring();
        expect(3, 0, 0);
        host.address(c, "10.9.0.9/32");
        bring();
        // There is no socket: the sender hears of it.
        expect(0, 0, 3);
        host.stack.configuration().delete(host.stack.of(c), host.ip4("10.9.0.9"), 32);
        host.address(c, "10.1.0.9/32");
        bring();
        expect(0, 0, 0);
        assertThat(host.stack.counters().get(IpDrop.IP_INVALID_SOURCE)).isEqualTo(3);
        host.close();
    }

    @Test
    void forwardingThatIsSwitchedOffIsHeeded() {
        bring();
        expect(3, 0, 0);
        host.stack.forwarding(false);
        bring();
        expect(0, 0, 0);
        assertThat(host.stack.counters().get(IpDrop.IP_NOT_FORWARDING)).isEqualTo(3);
        host.close();
    }
}
