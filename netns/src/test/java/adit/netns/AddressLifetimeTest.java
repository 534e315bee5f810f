package adit.netns;

import static org.assertj.core.api.Assertions.assertThat;

import adit.ip.InterfaceAddress;
import adit.ip.IpConfiguration;
import adit.ip.IpInterface;
import adit.ip.Lifetime;
import adit.port.Deadline;
import adit.port.VirtualTime;
import adit.wire.IpAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Addresses that are good for some time: RFC 4862 section 5.5.4.
class AddressLifetimeTest {
    private static final long SECOND = 1_000_000_000L;

    private final VirtualTime time = new VirtualTime();
    private Namespace ns;
    private IpInterface link;

    @BeforeEach
    void open() throws Exception {
        ns = Namespace.builder().time(time).seed(1).open();
        ns.configure().veth("v0", "v1").link("v0").up();
        link = ns.ip().of(ns.devices().byName("v0"));
    }

    @AfterEach
    void close() {
        ns.close();
    }

    private void add(String address, int length, Lifetime lifetime) throws Exception {
        IpAddress local = IpAddress.parse(address);
        ns.ip()
                .configuration()
                .add(
                        link,
                        new InterfaceAddress(local, local, length, Optional.empty(), 0, 0, "v0", 0, lifetime),
                        IpConfiguration.Existing.REPLACE);
    }

    private List<String> addresses(String family) {
        return (family.equals("ip4") ? link.addresses4() : link.addresses6())
                .stream()
                        .filter(a -> !a.local().isLinkLocal())
                        .map(a -> a + ((a.flags() & InterfaceAddress.DEPRECATED) == 0 ? "" : " deprecated"))
                        .toList();
    }

    private boolean hasRouteTo(String address) {
        return ns.ip()
                .configuration()
                .routes()
                .lookup(IpAddress.parse(address), Optional.empty())
                .isPresent();
    }

    private void advance(long seconds) {
        time.advanceBy(seconds * SECOND);
        ns.turn(time.getAsLong());
    }

    @ParameterizedTest
    @CsvSource({"ip4, 10.0.0.1, 24, 10.0.0.9", "ip6, fd00::1, 64, fd00::9"})
    void deprecatesAnAddressAndTakesItAwayWithItsRoutes(String family, String own, int length, String other)
            throws Exception {
        add(own, length, new Lifetime(time.getAsLong(), 5, 9));
        String whole = own + "/" + length;
        assertThat(ns.deadline()).isEqualTo(time.getAsLong() + 5 * SECOND);
        advance(4);
        assertThat(addresses(family)).containsExactly(whole);
        advance(1);
        assertThat(addresses(family)).containsExactly(whole + " deprecated");
        assertThat(hasRouteTo(other)).isTrue();
        assertThat(ns.deadline()).isEqualTo(time.getAsLong() + 4 * SECOND);
        advance(4);
        assertThat(addresses(family)).isEmpty();
        assertThat(hasRouteTo(other)).isFalse();
        assertThat(ns.deadline()).isEqualTo(Deadline.NEVER);
    }

    @Test
    void beginsAnewWhenItIsGivenOnceMore() throws Exception {
        add("10.0.0.1", 24, new Lifetime(time.getAsLong(), 5, 9));
        advance(6);
        add("10.0.0.1", 24, new Lifetime(time.getAsLong(), 5, 9));
        assertThat(addresses("ip4")).containsExactly("10.0.0.1/24");
        advance(8);
        assertThat(addresses("ip4")).containsExactly("10.0.0.1/24 deprecated");
        advance(1);
        assertThat(addresses("ip4")).isEmpty();
    }

    @Test
    void takesWhatSharesTheLinkOfAPrimaryAddressWithIt() throws Exception {
        add("10.0.0.1", 24, new Lifetime(time.getAsLong(), 3, 3));
        add("10.0.0.2", 24, Lifetime.FOREVER);
        advance(3);
        assertThat(addresses("ip4")).isEmpty();
    }
}
