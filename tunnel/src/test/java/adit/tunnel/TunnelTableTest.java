package adit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adit.wire.Ip4Address;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Which tunnel a packet from the underlay belongs to.
class TunnelTableTest {
    private static final Ip4Address HERE = Rig.HERE;
    private static final Ip4Address THERE = Rig.THERE;
    private static final Ip4Address ANY = Ip4Address.ANY;
    private static final int NET0 = 2;
    private static final int NET1 = 3;

    private final Tunnel exact = new Tunnel(TunnelSpec.of("exact", HERE, THERE));
    private final Tunnel remoteOnly = new Tunnel(TunnelSpec.of("remote", ANY, THERE));
    private final Tunnel localOnly = new Tunnel(TunnelSpec.of("local", HERE, ANY));
    private final Tunnel external = new Tunnel(TunnelSpec.external("external"));
    private final Tunnel fallback = new Tunnel(TunnelSpec.of("tunl0", ANY, ANY));

    private static Tunnel bound(String name, Ip4Address local, Ip4Address remote, int link) {
        return new Tunnel(TunnelSpec.of(name, local, remote).link(link));
    }

    private static Tunnel lookup(TunnelTable<Tunnel> table) {
        return table.lookup(NET0, THERE.bits(), HERE.bits());
    }

    @Test
    void prefersExactThenRemoteThenLocalThenExternalThenTheFallbackAndPassesOverWhatIsDown() {
        TunnelTable<Tunnel> table =
                TunnelTable.of(List.of(external, localOnly, remoteOnly, exact)).withFallback(fallback);
        assertThat(lookup(table)).isSameAs(exact);
        exact.up(false);
        assertThat(lookup(table)).isSameAs(remoteOnly);
        remoteOnly.up(false);
        assertThat(lookup(table)).isSameAs(localOnly);
        localOnly.up(false);
        assertThat(lookup(table)).isSameAs(external);
        external.up(false);
        assertThat(lookup(table)).isSameAs(fallback);
        fallback.up(false);
        assertThat(lookup(table)).isNull();
        exact.up(true);
        assertThat(lookup(table)).isSameAs(exact);
    }

    @Test
    void findsNothingForAnotherPeerOrAnotherLocalAddress() {
        TunnelTable<Tunnel> table = TunnelTable.of(List.of(exact));
        assertThat(table.lookup(NET0, THERE.bits(), HERE.bits() + 1)).isNull();
        assertThat(table.lookup(NET0, THERE.bits() + 1, HERE.bits())).isNull();
        assertThat(table.lookup(NET0, HERE.bits(), THERE.bits())).isNull();
    }

    @Test
    void prefersWithinAClassTheTunnelBoundToTheArrivalDevice() {
        Tunnel here = bound("here", HERE, THERE, NET0);
        assertThat(lookup(TunnelTable.of(List.of(here, exact)))).isSameAs(here);
        assertThat(lookup(TunnelTable.of(List.of(exact, here)))).isSameAs(here);
    }

    @Test
    void prefersABoundTunnelOfALowerClassToAnUnboundOneOfAHigher() {
        Tunnel here = bound("here", HERE, ANY, NET0);
        assertThat(lookup(TunnelTable.of(List.of(exact, here)))).isSameAs(here);
    }

    @Test
    void prefersABoundTunnelOfALowerClassToOneBoundElsewhere() {
        Tunnel elsewhere = bound("elsewhere", HERE, THERE, NET1);
        Tunnel here = bound("here", HERE, ANY, NET0);
        assertThat(lookup(TunnelTable.of(List.of(elsewhere, here)))).isSameAs(here);
    }

    @Test
    void takesATunnelBoundElsewhereWhenNothingElseMatches() {
        Tunnel elsewhere = bound("elsewhere", HERE, THERE, NET1);
        assertThat(lookup(TunnelTable.of(List.of(elsewhere)).withFallback(fallback)))
                .isSameAs(elsewhere);
    }

    @Test
    void remembersTheOldestOfTheExactOnesAndTheNewestOfTheOthers() {
        Tunnel older = bound("older", HERE, THERE, NET1);
        Tunnel newer = bound("newer", HERE, THERE, NET1 + 1);
        assertThat(lookup(TunnelTable.of(List.of(older, newer)))).isSameAs(older);
        Tunnel olderLocal = bound("olderLocal", HERE, ANY, NET1);
        Tunnel newerLocal = bound("newerLocal", HERE, ANY, NET1 + 1);
        assertThat(lookup(TunnelTable.of(List.of(olderLocal, newerLocal)))).isSameAs(newerLocal);
    }

    @Test
    void findsAWildcardTunnelOnlySinceLinux57() {
        Tunnel wildcard = bound("wildcard", ANY, ANY, NET0);
        assertThat(lookup(TunnelTable.of(List.of(wildcard)))).isSameAs(wildcard);
        TunnelTable<Tunnel> before = TunnelTable.empty(LookupProfile.BEFORE_LINUX_5_7);
        assertThat(lookup(before.with(List.of(wildcard)))).isNull();
        assertThat(lookup(before.with(List.of(wildcard)).withFallback(fallback)))
                .isSameAs(fallback);
        assertThat(lookup(before.with(List.of(wildcard, external)).withFallback(fallback)))
                .isSameAs(external);
    }

    @Test
    void prefersANewerWildcardTunnelToTheFallback() {
        Tunnel wildcard = bound("wildcard", ANY, ANY, NET1);
        TunnelTable<Tunnel> table = TunnelTable.of(List.of(wildcard)).withFallback(fallback);
        assertThat(lookup(table)).isSameAs(wildcard);
        assertThat(table.lookup(0, THERE.bits(), HERE.bits()))
                .as("the fallback is bound to nothing, as the packet")
                .isSameAs(fallback);
    }

    @Test
    void findsTheTunnelOfAMulticastGroupByThePacketsDestination() {
        Ip4Address group = Ip4Address.parse("239.1.2.3");
        Tunnel member = new Tunnel(TunnelSpec.of("group", HERE, group));
        TunnelTable<Tunnel> table = TunnelTable.of(List.of(member, exact));
        assertThat(table.lookup(NET0, THERE.bits(), group.bits())).isSameAs(member);
        assertThat(table.lookup(NET0, group.bits(), HERE.bits()))
                .as("nobody sends from a group")
                .isNull();
        assertThat(table.find(HERE, group, 0)).isSameAs(member);
    }

    @Test
    void findsAnExactDuplicateUpOrDown() {
        TunnelTable<Tunnel> table = TunnelTable.of(List.of(exact, localOnly)).withFallback(fallback);
        exact.up(false);
        assertThat(table.find(HERE, THERE, 0)).isSameAs(exact);
        assertThat(table.find(HERE, THERE, NET0)).isNull();
        assertThat(table.find(HERE, ANY, 0)).isSameAs(localOnly);
        assertThat(table.find(ANY, THERE, 0)).isNull();
        assertThat(table.find(ANY, ANY, 0)).isSameAs(fallback);
    }

    @ParameterizedTest
    @CsvSource({"IPIP", "ANY"})
    void refusesASecondTunnelWithTheSameEndsWhateverItsModeOrMark(Mode mode) {
        TunnelTable<Tunnel> table = TunnelTable.of(List.of(exact));
        Tunnel twin = new Tunnel(TunnelSpec.of("twin", HERE, THERE).mode(mode).mark(7));
        assertThatThrownBy(() -> table.with(List.of(twin)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'exact'")
                .hasMessageContaining("'twin'")
                .hasMessageContaining("198.51.100.7");
        Tunnel onAnotherLink = bound("link", HERE, THERE, NET0);
        assertThat(table.with(List.of(onAnotherLink)).entries()).containsExactly(onAnotherLink, exact);
    }

    @Test
    void refusesTwoAlikeInOneChange() {
        Tunnel twin = new Tunnel(TunnelSpec.of("twin", HERE, THERE));
        assertThatThrownBy(() -> TunnelTable.of(List.of(exact, twin))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesASecondExternalTunnelAndAWildcardBesideTheFallback() {
        TunnelTable<Tunnel> table = TunnelTable.of(List.of(external)).withFallback(fallback);
        assertThatThrownBy(() -> table.with(List.of(new Tunnel(TunnelSpec.external("second")))))
                .hasMessageContaining("external");
        assertThatThrownBy(() -> table.with(List.of(new Tunnel(TunnelSpec.of("wildcard", ANY, ANY)))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void isNotChangedByWhatIsMadeFromIt() {
        TunnelTable<Tunnel> one = TunnelTable.of(List.of(exact));
        TunnelTable<Tunnel> two = one.with(List.of(localOnly));
        TunnelTable<Tunnel> none = two.without(exact).without(localOnly).without(remoteOnly);
        assertThat(one.entries()).containsExactly(exact);
        assertThat(two.entries()).containsExactly(localOnly, exact);
        assertThat(none.entries()).isEmpty();
        assertThat(lookup(none)).isNull();
        assertThat(lookup(one)).isSameAs(exact);
    }

    @Test
    void answersInAMappedTableWhatWasMadeOfEachTunnel() {
        record Named(Tunnel tunnel, String text) implements TunnelTable.Entry {}
        TunnelTable<Named> table =
                TunnelTable.of(List.of(exact, localOnly)).withFallback(fallback).map(t -> new Named(t, t + "!"));
        assertThat(table.lookup(NET0, THERE.bits(), HERE.bits()).text()).isEqualTo("exact!");
        assertThat(table.lookup(NET0, THERE.bits() + 1, HERE.bits()).text()).isEqualTo("local!");
        assertThat(table.lookup(NET0, THERE.bits(), HERE.bits() + 1).text()).isEqualTo("tunl0!");
    }

    @ParameterizedTest
    @EnumSource
    void agreesWithAWalkThroughAllTunnelsOnRandomTables(LookupProfile profile) {
        long seed = 20260101;
        Random random = new Random(seed);
        int[] addresses = {0, 0x0a000001, 0x0a000002, 0x0a000003, 0xe0000001, 0xe0000002};
        for (int round = 0; round < 2000; round++) {
            TunnelTable<Tunnel> table = TunnelTable.empty(profile);
            List<Tunnel> newestFirst = new ArrayList<>();
            Tunnel rest = null;
            if (random.nextBoolean()) {
                rest = new Tunnel(TunnelSpec.of("tunl0", ANY, ANY));
                rest.up(random.nextInt(4) != 0);
                table = table.withFallback(rest);
            }
            for (int i = random.nextInt(25); i > 0; i--) {
                Tunnel t = random(random, addresses, "t" + i);
                try {
                    table = table.with(List.of(t));
                    newestFirst.addFirst(t);
                } catch (IllegalArgumentException e) {
                    // There is one like it: so would the kernel refuse it.
                    assertThat(e).hasMessageContaining(t.spec().name());
                }
            }
            List<Tunnel> all = new ArrayList<>(newestFirst);
            if (rest != null) {
                all.add(rest);
            }
            LinearLookup linear = new LinearLookup(profile, all, rest);
            for (int i = 0; i < 50; i++) {
                int link = random.nextInt(4);
                // The underlay delivers nothing that comes from nowhere or from a group.
                int remote = addresses[1 + random.nextInt(3)];
                int local = addresses[1 + random.nextInt(5)];
                assertThat(table.lookup(link, remote, local))
                        .as("seed %d, round %d: %s from %x to %x by %d", seed, round, all, remote, local, link)
                        .isSameAs(linear.lookup(link, remote, local));
            }
        }
    }

    private static Tunnel random(Random random, int[] addresses, String name) {
        Tunnel t;
        if (random.nextInt(12) == 0) {
            t = new Tunnel(TunnelSpec.external(name));
        } else {
            int local = addresses[random.nextInt(4)];
            int remote;
            do {
                remote = addresses[random.nextInt(6)];
            } while (remote == local && remote != 0);
            t = bound(name, new Ip4Address(local), new Ip4Address(remote), random.nextInt(4));
        }
        t.up(random.nextInt(4) != 0);
        return t;
    }

    /// The longest run of occupied slots bounds what a lookup can cost; hashing that fails would show here and
    /// not in a time that depends on the machine.
    @Test
    void findsEachOf100000Tunnels() {
        List<Tunnel> many = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            // Neighbouring addresses, as networks have them.
            many.add(new Tunnel(TunnelSpec.of("t" + i, HERE, new Ip4Address(0x0a000000 + i))));
        }
        TunnelTable<Tunnel> table = TunnelTable.of(many);
        for (int i = 0; i < many.size(); i++) {
            assertThat(table.lookup(NET0, 0x0a000000 + i, HERE.bits())).isSameAs(many.get(i));
        }
        assertThat(table.lookup(NET0, 0x0a000000 + many.size(), HERE.bits())).isNull();
        assertThat(table.longestProbe()).isLessThan(32);
    }
}
