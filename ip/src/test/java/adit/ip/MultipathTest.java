package adit.ip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import adit.device.Device;
import adit.wire.Ip4Address;
import adit.wire.Ip6Address;
import adit.wire.IpAddress;
import adit.wire.IpPrefix;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Ipv6;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Which of several next hops packets take: flows in the proportion of the weights, and none to the dead.
class MultipathTest {
    private static final int FLOWS = 4096;
    /// About five times what chance would make of so many flows; the hash is the same each time.
    private static final int TOLERANCE = 140;

    private final TestHost host = new TestHost();
    private final TestLink in = host.link("in");
    private final TestLink a = host.link("a");
    private final TestLink b = host.link("b");

    MultipathTest() throws IpException {
        host.address(in, "10.1.0.1/24").address(a, "10.2.0.1/24").address(b, "10.3.0.1/24");
        host.address(in, "2001:db8:1::1/64").address(a, "2001:db8:2::1/64").address(b, "2001:db8:3::1/64");
        host.stack.forwarding(true);
        add("10.9.0.0/16", hop("10.2.0.2", 1), hop("10.3.0.2", 3));
        add("2001:db8:9::/64", hop("2001:db8:2::2", 1), hop("2001:db8:3::2", 3));
        for (TestLink link : List.of(in, a, b)) {
            link.keeps = false;
        }
    }

    @AfterEach
    void close() {
        host.close();
    }

    private static RouteRequest.Hop hop(String gateway, int weight) {
        return new RouteRequest.Hop(
                Optional.empty(), Optional.of(IpAddress.parse(gateway)), weight, RouteRequest.Reach.ROUTED);
    }

    private void add(String to, RouteRequest.Hop... hops) throws IpException {
        Route.Spec spec = new Route.Spec(
                IpPrefix.parse(to),
                Route.TABLE_MAIN,
                RouteType.UNICAST,
                0,
                4,
                0,
                1,
                Optional.empty(),
                Route.Metrics.NONE);
        host.stack
                .configuration()
                .routes()
                .add(new RouteRequest(spec, List.of(hops)), Set.of(RouteRequest.Flag.CREATE));
    }

    private void forward4() {
        byte[] octets = new byte[Ipv4.MIN_HEADER_LENGTH];
        MemorySegment s = MemorySegment.ofArray(octets);
        int from = Ip4Address.parse("10.1.0.9").bits();
        int to = Ip4Address.parse("10.9.0.0").bits();
        for (int flow = 0; flow < FLOWS; flow++) {
            Ipv4.emit(s, 0, 0, octets.length, 1, 0, 0, 64, IpProtocol.UDP, from, to + flow);
            host.in(in, octets);
        }
    }

    private void forward6() {
        byte[] octets = new byte[Ipv6.HEADER_LENGTH];
        MemorySegment s = MemorySegment.ofArray(octets);
        Ip6Address from = Ip6Address.parse("2001:db8:1::9");
        Ip6Address to = Ip6Address.parse("2001:db8:9::");
        for (int flow = 0; flow < FLOWS; flow++) {
            Ip6Address destination = new Ip6Address(to.high(), to.low() + flow);
            Ipv6.emit(s, 0, 0, 0, 0, IpProtocol.NO_NEXT_HEADER, 64, from, destination);
            host.in(in, octets);
        }
    }

    private void expect(int byA, int byB) {
        assertThat(a.count).isCloseTo(byA, within((long) TOLERANCE));
        assertThat(b.count).isCloseTo(byB, within((long) TOLERANCE));
        assertThat(a.count + b.count).isEqualTo(byA + byB);
        a.count = 0;
        b.count = 0;
    }

    @Test
    void flowsAreSharedByWeight() {
        forward4();
        expect(FLOWS / 4, FLOWS * 3 / 4);
        forward6();
        expect(FLOWS / 4, FLOWS * 3 / 4);
    }

    @Test
    void theLiveTakeOverFromTheDeadUntilTheseAreBack() throws IpException {
        b.down();
        forward4();
        forward6();
        assertThat(a.count).isEqualTo(2 * FLOWS);
        a.count = 0;
        b.up();
        forward4();
        expect(FLOWS / 4, FLOWS * 3 / 4);
        forward6();
        expect(FLOWS / 4, FLOWS * 3 / 4);
    }

    @Test
    void aFlowKeepsItsNextHop() {
        forward4();
        long first = a.count;
        forward4();
        assertThat(a.count).isEqualTo(2 * first);
    }

    @Test
    void packetsMadeHereAreSharedAsWellWhateverTheirLastOctets() {
        int byA = 0;
        Route route = host.stack.fib4.lookup((long) host.ip4("10.9.0.0").bits() << 32, 0, 0, null);
        for (int flow = 0; flow < FLOWS; flow++) {
            NextHop hop = host.stack.output4.hop(route, 0, host.ip4("10.9.0.0").bits() + flow);
            byA += hop.device().equals(a) ? 1 : 0;
        }
        assertThat(byA).isCloseTo(FLOWS / 4, within(TOLERANCE));
    }

    @Test
    void packetsFromAnAddressOfOneNextHopsLinkTakeThat() {
        for (String[] one : new String[][] {{"10.2.0.1", "a"}, {"10.3.0.1", "b"}}) {
            for (int flow = 0; flow < FLOWS; flow++) {
                IpAddress to = new Ip4Address(host.ip4("10.9.0.0").bits() + flow);
                Device out = host.stack
                        .configuration()
                        .hop(
                                host.stack.fib4.lookup(AddressBits.high(to), 0, 0, null),
                                host.ip4(one[0]),
                                to,
                                Optional.empty())
                        .device();
                assertThat(out.name()).isEqualTo(one[1]);
            }
        }
    }
}
