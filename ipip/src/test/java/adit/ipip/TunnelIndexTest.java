package adit.ipip;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Device;
import adit.ip.IpException;
import adit.netns.Namespace;
import adit.netns.TunnelWords;
import adit.wire.Ip4Address;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The index against a list that is searched from end to end, while tunnels come, go, change, rise and fall. Few
/// addresses, so that many tunnels share them; more tunnels than the first table has room for.
class TunnelIndexTest {
    private static final long SEED = 20;
    private static final int STEPS = 4_000;
    private static final int LOOKUPS = 10;
    private static final List<String> LOCALS = List.of("0.0.0.0", "192.0.2.1", "192.0.2.7", "192.0.2.8", "224.1.2.3");
    private static final List<String> LINKS = List.of("", "net0", "lo");

    /// Oldest first.
    private final List<IpipDevice> tunnels = new ArrayList<>();

    private int made;

    @ParameterizedTest
    @EnumSource(Profile.class)
    void answersWhatAListWould(Profile profile) throws IOException {
        Random random = new Random(SEED);
        try (Hosts hosts = new Hosts(Ipip.of(profile))) {
            Namespace ns = hosts.a;
            ns.ip().configuration().ip6OnNewLinks(false);
            tunnels.add((IpipDevice) ns.devices().byName("tunl0"));
            TunnelIndex index = tunnels.getFirst().lowerNamespace().index();
            int found = 0;
            for (int step = 0; step < STEPS; step++) {
                change(ns, random);
                for (int i = 0; i < LOOKUPS; i++) {
                    int remote = address(sender(random));
                    int local = address(LOCALS.get(random.nextInt(LOCALS.size())));
                    int link = random.nextInt(3);
                    IpipDevice expected = lookup(profile, link, remote, local);
                    assertThat(index.lookup(link, remote, local))
                            .as("step %d, link %d", step, link)
                            .isSameAs(expected);
                    found += expected == null ? 0 : 1;
                }
            }
            assertThat(found).isGreaterThan(STEPS);
            assertThat(tunnels).hasSizeGreaterThan(80);
        }
    }

    private static int address(String text) {
        return Ip4Address.parse(text).bits();
    }

    /// Nothing comes from 0.0.0.0.
    private static String sender(Random random) {
        String remote = remote(random);
        return remote.equals("0.0.0.0") ? "198.51.100.1" : remote;
    }

    private static String remote(Random random) {
        int kind = random.nextInt(8);
        return kind == 0 ? "0.0.0.0" : kind == 1 ? "224.1.2.3" : "198.51.100." + random.nextInt(40);
    }

    private void change(Namespace ns, Random random) throws IpException {
        int what = random.nextInt(10);
        IpipDevice one = tunnels.get(random.nextInt(tunnels.size()));
        if (what < 4) {
            add(ns, random);
        } else if (what < 6) {
            assertThat(one.up()).isZero();
        } else if (what < 8) {
            one.down();
        } else if (what == 8 && !one.name().equals("tunl0") && tunnels.size() > 100) {
            assertThat(one.delete()).isZero();
            tunnels.remove(one);
        } else if (what == 9) {
            change(ns, one, random);
        }
    }

    private static TunnelWords words(Namespace ns, String name, Random random) {
        TunnelWords t = ns.configure().tunnel(name);
        t.local(LOCALS.get(random.nextInt(LOCALS.size()))).remote(remote(random));
        String link = LINKS.get(random.nextInt(LINKS.size()));
        return link.isEmpty() ? t : t.dev(link);
    }

    private void add(Namespace ns, Random random) {
        String name = "t" + made++;
        try {
            words(ns, name, random).add();
        } catch (IpException _) {
            // There is one like it already.
            return;
        }
        tunnels.add((IpipDevice) ns.devices().byName(name));
    }

    /// A tunnel that was changed is the newest.
    private void change(Namespace ns, IpipDevice one, Random random) {
        try {
            words(ns, one.name(), random).change();
        } catch (IpException _) {
            return;
        }
        tunnels.remove(one);
        tunnels.add(one);
    }

    // ---- The slow way

    private IpipDevice lookup(Profile profile, int link, int remote, int local) {
        boolean group = isGroup(local);
        IpipDevice candidate = null;
        for (IpipDevice t : tunnels.reversed()) {
            if (t.isUp() && local(t) == local && remote(t) == remote && !isGroup(remote)) {
                if (t.link() == link) {
                    return t;
                }
                candidate = t;
            }
        }
        for (int step = 2; step <= (profile == Profile.LINUX_5_4 ? 3 : 4); step++) {
            for (IpipDevice t : tunnels.reversed()) {
                boolean fits = switch (step) {
                    case 2 -> remote(t) == remote && local(t) == 0 && !isGroup(remote);
                    case 3 -> (local(t) == local && remote(t) == 0) || (group && remote(t) == local);
                    default -> local(t) == 0 && remote(t) == 0;
                };
                if (t.isUp() && fits) {
                    if (t.link() == link) {
                        return t;
                    }
                    candidate = candidate == null ? t : candidate;
                }
            }
        }
        Device tunl0 = tunnels.stream()
                .filter(t -> t.name().equals("tunl0"))
                .findFirst()
                .orElseThrow();
        return candidate != null ? candidate : tunl0.isUp() ? (IpipDevice) tunl0 : null;
    }

    private static int local(IpipDevice t) {
        return t.parameters().local();
    }

    private static int remote(IpipDevice t) {
        return t.parameters().remote();
    }

    private static boolean isGroup(int address) {
        return address >>> 28 == 0xe;
    }
}
