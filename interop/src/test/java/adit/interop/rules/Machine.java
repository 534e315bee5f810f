package adit.interop.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/// A box that is a whole machine: a Linux guest, or a namespace in memory. Besides its tunnels it has `ip`, and
/// what `ip` can set up and tell of.
///
/// Its interfaces are `wire`, the underlay, with 198.51.100.2/24, and `lan`, the overlay, with 203.0.113.2/24.
interface Machine extends TunnelBox {
    /// Its own address in the overlay.
    String LAN = "203.0.113.2";
    /// The name of the other network namespace that [#beside] makes.
    String BESIDE = "beside";
    /// The name that its own network namespace has as long as there is another.
    String MAIN = "main";

    /// Removes all tunnels and forgets all paths. Routes into 100.64.0.0/10 go, too.
    void bare();

    /// Runs command lines, given without `ip`, and answers what each came to. Refusals have error numbers
    /// alone.
    List<Ran> ip(String... lines);

    /// Runs command lines, none of which may be refused.
    default void set(String... lines) {
        List<Ran> ran = ip(lines);
        for (int i = 0; i < lines.length; i++) {
            assertThat(ran.get(i)).as("ip " + lines[i]).isEqualTo(new Ran(0, "", ""));
        }
    }

    /// What a command line that shows something shows.
    default String shown(String line) {
        Ran ran = ip(line).getFirst();
        assertThat(ran.err()).as("ip " + line).isEmpty();
        return ran.out();
    }

    /// Sets one of `/proc/sys`, named with dots.
    void sysctl(String key, int value);

    /// One of the counters of `/proc/net/snmp` and `/proc/net/netstat`, by its line and its name there.
    long counter(String line, String field);

    /// How many outer congestion marks on packets that know nothing of such marks have been noted.
    long unexpectedCongestion();

    /// The Ethernet addresses that the packets on the underlay went to the last time that something came out,
    /// one for each.
    List<String> stations();

    /// Has an inner packet arrive while nothing can come out on the underlay, and waits until it has been dealt
    /// with.
    void inject(Ipv4Packet inner);

    /// Has a program on the machine send a UDP datagram from [#LAN] and port 40000 to port 7 of `destination`:
    /// so many octets of data, which count up.
    Output datagram(String destination, int octets);

    /// Has these packets, each behind a virtio-net header of ten octets in little-endian order, arrive from a
    /// TUN device of the machine's own, which takes them whole.
    Output superPackets(byte[]... written);

    /// Gives the overlay IPv6: the machine has 2001:db8:1::2/64 there, and forwards.
    void overlay6();

    /// Sees to it that of all tunnel drivers the one for ipip alone is there.
    void ipipAlone();

    /// Becomes a member of a multicast group in the underlay.
    void join(String group);

    /// Makes another network namespace, called [#BESIDE], in which nothing is up but `lo`.
    void beside();

    /// Deletes that namespace, and waits until everything that went with it is gone.
    void besideNoMore();
}
