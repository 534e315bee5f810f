package adit.netns.offload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.ip.IpCounter;
import adit.linux.Netns;
import adit.netns.Needs;
import adit.offload.Coalescer.Transports;
import adit.offload.Gro;
import adit.tun.ReceiveOffload;
import adit.tun.TunIoctl;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Super-packets and what becomes of them, through a router of the running kernel and through one in memory,
/// each between two TUN or TAP files: the answers of the calls, the octets that come out on either side, the
/// virtio-net headers in front of them, the statistics of both devices and the counters of the IP layer
/// (`/proc/net/snmp`, `snmp6` and `netstat`, as far as [IpCounter] has them) are the same.
class OffloadAgainstKernelTest {
    private static final int PACKETS = 400;
    /// Other packets than the usual ones: `-Doffload.seed=N`.
    private static final long SEED = Long.getLong("offload.seed", 0) << 20;

    private static final int ALL_OFFLOADS = 0x6f;
    private static final int TUNNELS = 0x1ef;
    private static final int NAPI_TUN = Layout.TUN | TunIoctl.IFF_NAPI;
    private static final int NAPI_TAP = Layout.TAP | TunIoctl.IFF_NAPI;
    private static final int ATTEMPTS = 5;
    private static final int SETTLE_MILLIS = 50;
    private static final int SHOWN = 230;
    private static final int ENOUGH = 80;

    @BeforeAll
    static void needsTheKernelThatIsFollowed() {
        Needs.tun();
        assumeTrue(
                System.getProperty("os.version").startsWith("6.18."),
                "needs Linux 6.18, which is what the driver in memory follows");
    }

    /// What became of packets that were written together.
    private record Outcome(List<String> written, List<String> right, List<String> left) {
        static Outcome of(Router router, List<String> packets) throws Exception {
            List<String> written = new ArrayList<>();
            for (String packet : packets) {
                String[] parts = packet.split(" ");
                for (String eraser : Eraser.before(router.layout.left(), parts[0], parts[1])) {
                    router.writeRaw(eraser);
                }
                written.add(
                        parts.length < 3
                                ? router.write(parts[0], parts[1])
                                : router.write(parts[0], parts[1], parts[2]));
            }
            return new Outcome(
                    written,
                    cleaned(router.right(), router.layout.right()),
                    cleaned(router.left(), router.layout.left()));
        }

        private static List<String> cleaned(List<String> read, Layout.End end) {
            return read.stream().map(r -> Masks.mask(r, end)).toList();
        }

        String brief() {
            return written + " right " + right.size() + " "
                    + right.stream().map(Outcome::shorten).toList() + " left "
                    + left.stream().map(Outcome::shorten).toList();
        }

        private static String shorten(String hex) {
            return hex.substring(0, Math.min(hex.length(), SHOWN)) + "(" + hex.length() / 2 + ")";
        }
    }

    private static void compare(Layout layout, List<List<String>> scripts) throws Exception {
        try (Netns kernel = Netns.create()) {
            kernel.call(() -> {
                compareInside(layout, scripts);
                return null;
            });
        }
    }

    private static void compareInside(Layout layout, List<List<String>> scripts) throws Exception {
        List<String> differences = new ArrayList<>();
        boolean repeated = false;
        boolean timed = layout.receive().flushTimeoutNanos() > 0;
        try (Router theirs = new KernelRouter(layout);
                Router ours = new OurRouter(layout)) {
            for (List<String> script : scripts) {
                Outcome mine = Outcome.of(ours, script);
                Outcome real = Outcome.of(theirs, script);
                // A tick of the kernel's clock between two writes parts what belongs together. And another packet may
                // have come between one and its eraser.
                for (int i = 1; i < ATTEMPTS && !real.equals(mine); i++) {
                    repeated = true;
                    mine = Outcome.of(ours, script);
                    real = Outcome.of(theirs, script);
                }
                if (!real.equals(mine)) {
                    differences.add(
                            "script " + script.stream().map(Outcome::shorten).toList() + "\n  kernel " + real.brief()
                                    + "\n  ours   " + mine.brief());
                }
            }
            assertThat(differences)
                    .as(differences.size() + " of " + scripts.size() + " differ")
                    .isEmpty();
            if (!timed && !repeated) {
                compareCounters(ours, theirs);
                assertThat(ours.waiting()).as("packets that wait for fragments").isEqualTo(theirs.waiting());
            }
            // What went out more than once counts differently.
            String same = timed || repeated ? "left rx.*" : ".*";
            assertThat(ours.counters().stream().filter(c -> c.matches(same)))
                    .as("statistics")
                    .containsExactlyElementsOf(theirs.counters().stream()
                            .filter(c -> c.matches(same))
                            .toList());
        }
    }

    /// Again while they differ: the kernel may say something by itself between two lines of what is read.
    private static void compareCounters(Router ours, Router theirs) throws Exception {
        List<String> differences = differences(ours.counted(), theirs.counted());
        for (int i = 1; i < ATTEMPTS && !differences.isEmpty(); i++) {
            Thread.sleep(SETTLE_MILLIS);
            differences = differences(ours.counted(), theirs.counted());
        }
        assertThat(differences).as("counters of the IP layer").isEmpty();
    }

    private static List<String> differences(Map<IpCounter, Long> ours, Map<IpCounter, Long> theirs) {
        List<String> differences = new ArrayList<>();
        theirs.forEach((counter, value) -> {
            if (!value.equals(ours.get(counter))) {
                differences.add(counter + ": kernel " + value + ", ours " + ours.get(counter));
            }
        });
        return differences;
    }

    private static List<List<String>> one(int count, java.util.function.Supplier<String> packets) {
        List<List<String>> scripts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            scripts.add(List.of(packets.get()));
        }
        return scripts;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 7, 0x67, ALL_OFFLOADS})
    void cutsForAReaderWithTheseOffloads(int offloads) throws Exception {
        RandomSupers random = new RandomSupers(SEED + offloads);
        compare(Layout.tuns(offloads), one(PACKETS, random::sound));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, ALL_OFFLOADS})
    void answersHeadersThatLie(int offloads) throws Exception {
        RandomSupers random = new RandomSupers(SEED + 100 + offloads);
        compare(Layout.tuns(offloads), one(2 * PACKETS, random::lying));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, ALL_OFFLOADS})
    void answersWhatWasDamaged(int offloads) throws Exception {
        RandomSupers random = new RandomSupers(SEED + 1700 + offloads);
        RandomDamage damage = new RandomDamage(SEED + 1700 + offloads, random::sound);
        compare(Layout.tuns(offloads), one(2 * PACKETS, damage::next));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, ALL_OFFLOADS})
    void answersDamagedFrames(int offloads) throws Exception {
        RandomSupers random = new RandomSupers(SEED + 1800 + offloads);
        RandomDamage damage = new RandomDamage(SEED + 1800 + offloads, () -> random.sound(14));
        compare(
                Layout.taps(offloads).withLeft(Layout.TAP, 10).withRight(Layout.TAP, 12, offloads),
                one(2 * PACKETS, damage::next));
    }

    /// A sender to whom there is no route is told nothing, which counts.
    @Test
    void countsErrorsThatHaveNoRoute() throws Exception {
        String nowhere = "82140a01000000000000000000000001";
        String there = "fd020000000000000000000000000002";
        String router = "fd010000000000000000000000000001";
        List<String> packets = List.of(
                Packets.ip6(0, 64, 59, nowhere, "94040000000000000000000000000001", "00".repeat(20)),
                Packets.ip6(0, 1, 59, nowhere, there, "00".repeat(20)),
                Packets.ip6(0, 64, 59, nowhere, there, "00".repeat(1800)),
                Packets.ip6(0, 64, 99, nowhere, router, "00".repeat(20)),
                Packets.ip6(0, 64, 59, nowhere, router, "00".repeat(20)),
                Packets.ip6(0, 64, 0, nowhere, router, "6300010400000000"),
                Packets.ip6(0, 64, 58, nowhere, router, "c800000000000000"),
                Packets.ip6(0, 64, 6, nowhere, router, "00".repeat(20)),
                Packets.ip6(0, 64, 17, nowhere, router, Packets.udp(7, 9, "00".repeat(20))),
                Packets.ip6(0, 64, 0, nowhere, there, "3b00c10400000000"),
                Packets.ip4("03e8", "4000", 59, "c0a80109", "c0a80209", "00".repeat(20)),
                Packets.ip4("03e8", "4000", 59, "c0a80109", "0a020002", "00".repeat(1800)));
        compare(
                Layout.tuns(0),
                packets.stream().map(p -> List.of("00".repeat(10) + " " + p)).toList());
    }

    /// Of UDP in IPv6, a length field of 0 means all that is there: with a right sum nobody listens, with a wrong one
    /// or none it is damaged. In IPv4 it is too short.
    @Test
    void takesDatagramsWithoutALength() throws Exception {
        String from6 = "fd010000000000000000000000000002";
        String router6 = "fd010000000000000000000000000001";
        String unsummed = Packets.udp(7, 9, "5a".repeat(20)).replaceFirst("^(.{8})....", "$10000");
        List<String> packets = List.of(
                Packets.ip6(0, 64, 17, from6, router6, checked(from6, router6, unsummed, Packets.Finish.FINISHED)),
                Packets.ip6(0, 64, 17, from6, router6, checked(from6, router6, unsummed, Packets.Finish.WRONG)),
                Packets.ip6(0, 64, 17, from6, router6, unsummed),
                Packets.ip6(0, 64, 17, from6, router6, "0007000900000000"),
                Packets.ip4("03e8", "4000", 17, "c0a80102", "c0a80101", unsummed));
        compare(
                Layout.tuns(0),
                packets.stream().map(p -> List.of("00".repeat(10) + " " + p)).toList());
    }

    /// Fragments to the router that are nothing, too long, of a length that no fragment has, or begin without a whole
    /// transport header; each alone and after a good one of the same packet.
    @Test
    void answersFragmentsThatCannotBe() throws Exception {
        List<String> odd = List.of(
                fragment6(17, 0x0001, "00".repeat(12)),
                fragment6(17, 0x0008, ""),
                fragment6(17, 0xfff8, "00".repeat(40)),
                fragment6(6, 0x0001, "00".repeat(16)),
                fragment6(6, 0x0001, "00".repeat(24)),
                fragment6(17, 0x0001, ""),
                fragment6(17, 0x0001, "00".repeat(8)),
                fragment6(58, 0x0001, ""),
                fragment6(60, 0x0001, "1100010400000000"),
                fragment6(60, 0x0001, "1101010400000000"),
                fragment6(60, 0x0001, "0601010400000000" + "00".repeat(24)),
                fragment6(59, 0x0001, "00".repeat(8)),
                fragment6(44, 0x0001, "0600000100000001" + "00".repeat(16)),
                fragment6(99, 0x0001, "00".repeat(8)),
                fragment4("2000", "00".repeat(4)),
                fragment4("0005", ""),
                fragment4("2000", ""));
        List<List<String>> scripts = new ArrayList<>();
        for (String packet : odd) {
            scripts.add(List.of(packet));
            String number = Packets.word(scripts.size());
            boolean six = packet.contains(" 6");
            String good = six ? fragment6(17, 0x0011, "00".repeat(16)) : fragment4("2002", "00".repeat(16));
            scripts.add(List.of(numbered(good, number), numbered(packet, number)));
        }
        compare(Layout.tuns(0), scripts);
    }

    private static String numbered(String written, String number) {
        String[] parts = written.split(" ");
        return parts[0] + " " + RandomSupers.mended(parts[1].replace("abcd", number));
    }

    private static String fragment6(int next, int place, String payload) {
        String header = Packets.word(next).substring(2) + "00" + Packets.word(place) + "0000abcd";
        String from = "fd010000000000000000000000000002";
        return "00".repeat(10) + " "
                + Packets.ip6(0, 64, 44, from, "fd010000000000000000000000000001", header + payload);
    }

    private static String fragment4(String place, String payload) {
        return "00".repeat(10) + " " + Packets.ip4("abcd", place, 17, "0a010002", "0a010001", payload);
    }

    private static String checked(String from, String to, String datagram, Packets.Finish finish) {
        return Packets.checked(from, to, 17, datagram, 6, finish);
    }

    /// Segments of TCP in IPv4, the header says of a datagram in IPv6: nothing that goes on is too long, and nothing
    /// can be cut.
    @Test
    void countsNoPacketAsTooBigThatCannotBeCut() throws Exception {
        String datagram = Packets.udp(1000, 2000, "ff".repeat(1440));
        String packet = Packets.ip6(
                0, 64, 17, "fd010000000000000000000000000002", "fd020000000000000000000000000002", datagram);
        for (int type : new int[] {1, 4, 0x81, 0x84}) {
            compare(Layout.tuns(1), List.of(List.of(Packets.vnet(0, type, 0, 1440, 0, 0) + " " + packet)));
        }
    }

    /// Said to be TCP, with a TCP header that is or is not in the linear part of Linux's buffer: because the virtio-net
    /// header says so, for the checksum, or because Linux looks for a socket early.
    @ParameterizedTest
    @ValueSource(ints = {20, 40, 48, 52, 53, 60, 61, 64, 65, 66, 67, 80, 200})
    void takesNoLengthFromBehindTheHeaders(int length) throws Exception {
        String from6 = "fd010000000000000000000000000002";
        String to6 = "fd020000000000000000000000000002";
        String options = "0703040007030400070304000703040007030400";
        String full = "ff".repeat(5000);
        List<String> packets = List.of(
                Packets.ip6(0, 64, 17, from6, to6, full),
                Packets.ip6(0, 64, 6, from6, to6, full),
                Packets.ip6(0, 64, 51, from6, to6, full),
                Packets.ip6(0, 64, 0, from6, to6, "0600010400000000" + full),
                Packets.ip4("03e8", "4000", 17, "0a010002", "0a020002", full),
                Packets.ip4("03e8", "4000", 6, "0a010002", "0a020002", full),
                Packets.ip4("03e8", "6000", 6, "0a010002", "0a020002", full),
                Packets.ip4(options, 0, 64, "03e8", "4000", 6, "0a010002", "0a020002", full),
                Packets.ip4(options, 0, 64, "03e8", "4000", 17, "0a010002", "0a020002", full));
        List<List<String>> scripts = new ArrayList<>();
        for (String packet : packets) {
            for (int type : new int[] {1, 4}) {
                scripts.add(List.of(Packets.vnet(0, type, length, 1432, 0, 0) + " " + packet));
                scripts.add(List.of(Packets.vnet(1, type, length, 1432, 40, 16) + " " + packet));
                scripts.add(List.of(Packets.vnet(1, type, length, 1432, 45, 16) + " " + packet));
            }
        }
        compare(Layout.tuns(0), scripts);
    }

    /// As many pieces as a super-packet can be cut into.
    @Test
    void cutsIntoAsManyAsThereAre() throws Exception {
        String data = Packets.bytes(64_000, 3);
        String from = "0a010002";
        String to = "0a020002";
        String datagram = Packets.checked(from, to, 17, Packets.udp(7, 9, data), 6, Packets.Finish.PARTIAL);
        compare(
                Layout.tuns(0),
                List.of(List.of(
                        Packets.vnet(1, 3, 0, 2, 20, 6) + " " + Packets.ip4("03e8", "0000", 17, from, to, datagram))));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, ALL_OFFLOADS})
    void cutsFrames(int offloads) throws Exception {
        RandomSupers random = new RandomSupers(SEED + 200 + offloads);
        compare(
                Layout.taps(offloads).withLeft(Layout.TAP, 10).withRight(Layout.TAP, 12, offloads),
                one(PACKETS, () -> random.sound(14)));
    }

    /// Whatever stands in front of a transport header.
    @ParameterizedTest
    @ValueSource(ints = {0, 1, ALL_OFFLOADS, TUNNELS})
    void cutsBehindOtherHeaders(int offloads) throws Exception {
        int header = offloads == TUNNELS ? 24 : 10;
        RandomLayers random = new RandomLayers(SEED + 1900 + offloads, false, header);
        compare(
                Layout.tuns(offloads).withLeft(Layout.TUN, header).withRight(Layout.TUN, header, offloads),
                one(2 * PACKETS, random::next));
    }

    /// The same in frames, with VLAN tags and labels.
    @ParameterizedTest
    @ValueSource(ints = {0, 1, ALL_OFFLOADS, TUNNELS})
    void cutsFramesBehindOtherHeaders(int offloads) throws Exception {
        RandomLayers random = new RandomLayers(SEED + 2000 + offloads, true, 24);
        compare(Layout.taps(offloads), one(2 * PACKETS, random::next));
    }

    @Test
    void fragmentsSegmentsThatAreTooLong() throws Exception {
        for (int offloads : new int[] {0, 1, ALL_OFFLOADS}) {
            RandomSupers random = new RandomSupers(SEED + 300);
            compare(Layout.tuns(offloads).withMtu(1280), one(PACKETS / 2, random::sound));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, ALL_OFFLOADS, 0x83, 0x1e1, TUNNELS})
    void cutsWhatIsInUdpTunnels(int offloads) throws Exception {
        RandomTunnels random = new RandomTunnels(SEED + offloads);
        compare(Layout.taps(offloads), one(PACKETS, random::sound));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, TUNNELS})
    void answersHeadersThatLieOfUdpTunnels(int offloads) throws Exception {
        RandomTunnels random = new RandomTunnels(SEED + 400 + offloads);
        compare(Layout.taps(offloads), one(2 * PACKETS, random::lying));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, TUNNELS})
    void cutsWhatIsInUdpTunnelsBetweenTuns(int offloads) throws Exception {
        RandomTunnels random = new RandomTunnels(SEED + 500 + offloads).without();
        compare(
                Layout.tuns(offloads).withLeft(Layout.TUN, 24).withRight(Layout.TUN, 24, offloads),
                one(PACKETS, random::sound));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, ALL_OFFLOADS})
    void recordsRoutesAndTimes(int offloads) throws Exception {
        RandomOptions random = new RandomOptions(SEED + 900);
        compare(Layout.tuns(offloads), one(2 * PACKETS, random::next));
    }

    /// Every protocol and next header, to the router and on its way, but for those that a Linux may be built without:
    /// PIM and UDP-Lite.
    @Test
    void knowsProtocols() throws Exception {
        List<List<String>> scripts = new ArrayList<>();
        String from6 = "fd010000000000000000000000000002";
        for (int protocol = 0; protocol < 256; protocol++) {
            for (int octets : protocol == 103 || protocol == 136 ? new int[] {} : new int[] {0, 4, 8, 20, 40}) {
                for (String fill : List.of("00", "45", "ff")) {
                    String payload = fill.repeat(octets);
                    for (String packet : List.of(
                            Packets.ip4("03e8", "4000", protocol, "0a010002", "0a010001", payload),
                            Packets.ip6(0, 64, protocol, from6, "fd010000000000000000000000000001", payload),
                            Packets.ip6(0, 64, protocol, from6, "fd020000000000000000000000000002", payload))) {
                        scripts.add(List.of("00".repeat(10) + " " + packet));
                    }
                }
            }
        }
        compare(Layout.tuns(0), scripts);
    }

    /// Options of IPv4 of every type and of several lengths, on their way and to the router.
    @ParameterizedTest
    @ValueSource(strings = {"0a020002", "0a010001"})
    void knowsOptionsOfIpv4(String to) throws Exception {
        List<List<String>> scripts = new ArrayList<>();
        for (int type = 0; type < 256; type++) {
            for (int length : new int[] {0, 1, 2, 3, 4, 7, 8, 11, 12, 40}) {
                for (int first : new int[] {0, 4, 5, 8}) {
                    String option = Packets.word(type << 8 | length) + Packets.word(first << 8) + "00".repeat(8);
                    String packet = Packets.ip4(option, 0, 64, "03e8", "4000", 59, "0a010002", to, "00".repeat(8));
                    scripts.add(List.of("00".repeat(10) + " " + packet));
                }
            }
        }
        compare(Layout.tuns(0), scripts);
    }

    /// Options of IPv6 of every type, in both headers that have them, at every alignment and of several lengths.
    @ParameterizedTest
    @ValueSource(ints = {0, 60})
    void knowsOptionsOfIpv6(int header) throws Exception {
        String from = "fd010000000000000000000000000002";
        String to = header == 0 ? "fd020000000000000000000000000002" : "fd010000000000000000000000000001";
        List<List<String>> scripts = new ArrayList<>();
        for (int type = 0; type < 256; type++) {
            for (int before = 0; before < 4; before++) {
                for (int length : new int[] {0, 2, 4, 6, 10}) {
                    String option = "00".repeat(before) + Packets.word(type << 8 | length) + "00".repeat(length);
                    int units = (option.length() / 2 + 2 + 7) / 8;
                    int padding = units * 8 - 2 - option.length() / 2;
                    String options = Packets.word(59 << 8 | (units - 1)) + option + "00".repeat(padding);
                    scripts.add(List.of("00".repeat(10) + " " + Packets.ip6(0, 64, header, from, to, options)));
                }
            }
        }
        compare(Layout.tuns(0), scripts);
    }

    /// Linux asks an option of the packet for room that it has not got, and says nothing.
    @ParameterizedTest
    @ValueSource(
            strings = {"0708040000000000", "070c040000000000aaaaaaaa", "4408050000000000", "440a050000000000aa000000"})
    void answersOptionsWithTooLittleRoom(String options) throws Exception {
        compare(Layout.tuns(0), RandomOptions.every(options).map(List::of).toList());
    }

    @Test
    void looksAtWhatIsWrittenThroughNapi() throws Exception {
        for (int flags : new int[] {NAPI_TUN, NAPI_TAP, NAPI_TAP | TunIoctl.IFF_NAPI_FRAGS}) {
            RandomStreams random = new RandomStreams(SEED + 600, (flags & TunIoctl.IFF_TAP) != 0);
            compare(Layout.tuns(ALL_OFFLOADS).withLeft(flags, 10), random.scripts(PACKETS / 3));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void coalescesTcp(boolean tap) throws Exception {
        RandomStreams random = new RandomStreams(SEED + 700, tap);
        compare(
                Layout.tuns(ALL_OFFLOADS)
                        .withLeft(tap ? NAPI_TAP : NAPI_TUN, 10)
                        .receiving(ReceiveOffload.USUAL.holding(10_000_000)),
                random.scripts(PACKETS / 7));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, ALL_OFFLOADS})
    void coalescesTcpAndUdp(int offloads) throws Exception {
        RandomStreams random = new RandomStreams(SEED + 800, false);
        compare(
                Layout.tuns(offloads)
                        .withLeft(NAPI_TUN, 10)
                        .receiving(new ReceiveOffload(Transports.TCP_AND_UDP, 10_000_000, 0)),
                random.scripts(PACKETS / 7));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, ALL_OFFLOADS})
    void coalescesTcpInTunnels(int offloads) throws Exception {
        RandomStreams random = RandomStreams.inTunnels(SEED + 1000 + offloads, false);
        compare(
                Layout.tuns(offloads).withLeft(NAPI_TUN, 10).receiving(ReceiveOffload.USUAL.holding(10_000_000)),
                random.scripts(PACKETS / 4));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, ALL_OFFLOADS})
    void coalescesTcpAndUdpInTunnels(int offloads) throws Exception {
        RandomStreams random = RandomStreams.inTunnels(SEED + 1100 + offloads, false);
        compare(
                Layout.tuns(offloads)
                        .withLeft(NAPI_TUN, 10)
                        .receiving(new ReceiveOffload(Transports.TCP_AND_UDP, 10_000_000, 0)),
                random.scripts(PACKETS / 4));
    }

    @Test
    void coalescesTcpAndUdpInTunnelsInFrames() throws Exception {
        RandomStreams random = RandomStreams.inTunnels(SEED + 1200, true);
        compare(
                Layout.taps(TUNNELS)
                        .withLeft(NAPI_TAP, 10)
                        .receiving(new ReceiveOffload(Transports.TCP_AND_UDP, 10_000_000, 0)),
                random.scripts(PACKETS / 4));
    }

    /// A device with so small an MTU has no IPv6, and errors about that are not sent without limit.
    @ParameterizedTest
    @ValueSource(ints = {0, ALL_OFFLOADS})
    void fragmentsWhatWasCoalescedInTunnels(int offloads) throws Exception {
        RandomStreams random = RandomStreams.inTunnels(SEED + 1300 + offloads, false);
        List<List<String>> scripts = random.scripts(PACKETS / 3).stream()
                .filter(script -> script.stream().allMatch(packet -> packet.contains(" 4")))
                .toList();
        compare(
                Layout.tuns(offloads)
                        .withLeft(NAPI_TUN, 10)
                        .withMtu(200)
                        .receiving(ReceiveOffload.USUAL.holding(10_000_000)),
                scripts);
    }

    /// Without a time to hold anything, packets only pass by.
    @Test
    void looksAtWhatIsWrittenInTunnelsThroughNapi() throws Exception {
        RandomStreams random = RandomStreams.inTunnels(SEED + 1400, false);
        compare(Layout.tuns(ALL_OFFLOADS).withLeft(NAPI_TUN, 10), random.scripts(PACKETS / 2));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, ALL_OFFLOADS})
    void listsPackets(int offloads) throws Exception {
        RandomStreams random = new RandomStreams(SEED + 1500, false);
        compare(
                Layout.tuns(offloads)
                        .withLeft(NAPI_TUN, 10)
                        .receiving(ReceiveOffload.USUAL.holding(10_000_000).as(Gro.Form.LIST)),
                random.scripts(PACKETS / 4));
    }

    /// A super-packet does not join a list, but ends it.
    @ParameterizedTest
    @ValueSource(ints = {0, ALL_OFFLOADS})
    void endsAListWithASuperPacket(int offloads) throws Exception {
        List<List<String>> scripts = new ArrayList<>();
        for (Packets.Finish finish : List.of(Packets.Finish.PARTIAL, Packets.Finish.FINISHED)) {
            for (int length : new int[] {80, 90, 100}) {
                scripts.add(List.of(
                        datagram(1, 0, 90, Packets.Finish.PARTIAL),
                        datagram(2, 30, length, Packets.Finish.PARTIAL),
                        datagram(3, 0, 90, finish)));
            }
        }
        compare(
                Layout.tuns(offloads)
                        .withLeft(NAPI_TUN, 10)
                        .receiving(ReceiveOffload.USUAL.holding(10_000_000).as(Gro.Form.LIST)),
                scripts);
    }

    /// A datagram of an open checksum or not, to be cut into `size` octets each unless that is 0.
    private static String datagram(int identification, int size, int length, Packets.Finish finish) {
        String from = "0a010002";
        String to = "0a020002";
        String checked = Packets.checked(
                from, to, 17, Packets.udp(1001, 2000, Packets.bytes(length, identification)), 6, finish);
        boolean partial = finish == Packets.Finish.PARTIAL;
        return Packets.vnet(partial ? 1 : 0, size == 0 ? 0 : 5, 0, size, partial ? 20 : 0, partial ? 6 : 0) + " "
                + Packets.ip4(Packets.word(identification), "4000", 17, from, to, checked);
    }

    /// Of a list of segments in a tunnel Linux reads how long its packets are where nobody has written it, and takes
    /// short ones for too long.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void listsPacketsInTunnels(boolean tap) throws Exception {
        RandomStreams random = RandomStreams.inTunnels(SEED + 1600, tap).ofAtLeast(ENOUGH);
        compare(
                Layout.tuns(ALL_OFFLOADS)
                        .withLeft(tap ? NAPI_TAP : NAPI_TUN, 10)
                        .receiving(ReceiveOffload.USUAL.holding(10_000_000).as(Gro.Form.LIST)),
                random.scripts(PACKETS / 4));
    }

    /// Datagrams to the router itself, where nobody listens.
    @ParameterizedTest
    @ValueSource(strings = {"SUPER_PACKET", "LIST"})
    void refusesWhatWasCoalescedOnce(Gro.Form form) throws Exception {
        List<List<String>> scripts = List.of(
                datagramsToTheRouter("0a010002", "0a010001"),
                datagramsToTheRouter("fd010000000000000000000000000002", "fd010000000000000000000000000001"));
        compare(
                Layout.tuns(0)
                        .withLeft(NAPI_TUN, 10)
                        .receiving(new ReceiveOffload(Transports.TCP_AND_UDP, form, 10_000_000, 0)),
                scripts);
    }

    private static List<String> datagramsToTheRouter(String from, String to) {
        List<String> script = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            String datagram = Packets.udp(7, 9, Packets.bytes(100, i));
            String checked = Packets.checked(from, to, 17, datagram, 6, Packets.Finish.FINISHED);
            String packet = from.length() == 8
                    ? Packets.ip4(Packets.word(100 + i), "4000", 17, from, to, checked)
                    : Packets.ip6(0, 64, 17, from, to, checked);
            script.add("00".repeat(10) + " " + packet);
        }
        return script;
    }
}
