package adit.underlay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

import adit.packet.Offload;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.packet.Refusal;
import adit.port.Cable;
import adit.port.VirtualTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderUnderlayTest {
    private final PacketPool pool = new PacketPool(100, 64, 4096);
    private final VirtualTime time = new VirtualTime();
    private final Cable cable = new Cable(1500, 64);
    private final HeaderUnderlay underlay = underlay(OuterHeader.UdpChecksum.ON);
    private final PacketBatch batch = new PacketBatch(64);

    private HeaderUnderlay underlay(OuterHeader.UdpChecksum checksum) {
        return underlay(HeaderUnderlay.Accepts.TUNNELS, checksum);
    }

    private HeaderUnderlay underlay(HeaderUnderlay.Accepts accepts, OuterHeader.UdpChecksum checksum) {
        return new HeaderUnderlay(cable.left(), Raw.OURS, accepts, checksum, pool, time, new SplittableRandom(1));
    }

    @AfterEach
    void everyBufferCameHome() {
        batch.releaseAll();
        underlay.close();
        cable.close();
        assertThat(pool.lent()).isZero();
        pool.close();
    }

    // ---- helpers ----

    private void arrive(byte[]... packets) {
        PacketBatch wire = new PacketBatch(packets.length);
        for (byte[] p : packets) {
            wire.add(Raw.buffer(pool, p));
        }
        assertThat(cable.right().send(wire)).isEqualTo(packets.length);
    }

    private PacketBuffer receiveOne() {
        assertThat(underlay.receive(batch)).isEqualTo(1);
        return batch.get(batch.size() - 1);
    }

    private void assertDrops(Map<UnderlayDrop, Integer> expected) {
        for (UnderlayDrop reason : UnderlayDrop.values()) {
            assertThat(underlay.counters().dropped(reason))
                    .as("%s", reason)
                    .isEqualTo(expected.getOrDefault(reason, 0).longValue());
        }
    }

    private PacketBuffer payload(byte[] octets, int protocol) {
        PacketBuffer p = Raw.buffer(pool, octets);
        p.addressing().destination = Raw.PEER;
        p.addressing().protocol = protocol;
        p.addressing().timeToLive = 64;
        return p;
    }

    private List<byte[]> sent() {
        PacketBatch wire = new PacketBatch(64);
        cable.right().receive(wire);
        List<byte[]> all = new ArrayList<>();
        for (int i = 0; i < wire.size(); i++) {
            all.add(Raw.octets(wire.get(i)));
        }
        wire.releaseAll();
        return all;
    }

    // ---- inbound ----

    @ParameterizedTest
    @CsvSource({"4, 0800", "41, 86dd", "137, 8847"})
    void handsUpWhatATunnelUsesWithItsAddressingBesideTheOctets(int protocol, String etherType) {
        byte[] packet = Raw.ipv4(Raw.PEER, Raw.OURS, protocol, 0x1234, 0x4000, Raw.pattern(100));
        arrive(packet);
        PacketBuffer p = receiveOne();
        assertThat(Raw.octets(p)).isEqualTo(Raw.pattern(100));
        assertThat(p.protocol()).isEqualTo(Integer.parseInt(etherType, 16));
        assertThat(p.addressing().source).isEqualTo(Raw.PEER);
        assertThat(p.addressing().destination).isEqualTo(Raw.OURS);
        assertThat(p.addressing().protocol).isEqualTo(protocol);
        assertThat(p.addressing().tos).isEqualTo(0x28);
        assertThat(p.addressing().timeToLive).isEqualTo(61);
        assertThat(p.addressing().dontFragment).isTrue();
        assertThat(p.addressing().outerHeaderLength).isEqualTo(20);
        p.push(20);
        assertThat(Raw.octets(p)).as("the outer header still stands in front").isEqualTo(packet);
    }

    @Test
    void handsUpWhatStandsBehindTheOptionsOfTheOuterHeader() {
        byte[] plain = Raw.ipv4(Raw.PEER, Raw.OURS, 4, Raw.pattern(40));
        byte[] packet = new byte[68];
        System.arraycopy(plain, 0, packet, 0, 20);
        packet[0] = 0x47;
        Raw.put16(packet, 2, 68);
        System.arraycopy(Raw.hex("9404000001010101"), 0, packet, 20, 8);
        System.arraycopy(plain, 20, packet, 28, 40);
        Raw.put16(packet, 10, 0);
        Raw.put16(packet, 10, Raw.checksum(packet, 0, 28, 0));
        arrive(packet);
        PacketBuffer p = receiveOne();
        assertThat(Raw.octets(p)).isEqualTo(Raw.pattern(40));
        assertThat(p.addressing().outerHeaderLength).isEqualTo(28);
    }

    @Test
    void handsUpWhatAHostUsesToAHost() {
        HeaderUnderlay host = underlay(HeaderUnderlay.Accepts.HOST, OuterHeader.UdpChecksum.OFF);
        byte[] echo = Raw.icmpError(8, 0, 0x0001_0002, Raw.pattern(30));
        arrive(
                Raw.ipv4(Raw.PEER, Raw.OURS, 6, Raw.pattern(30)),
                icmp(echo),
                Raw.ipv4(Raw.PEER, Raw.OURS, 17, Raw.udp(Raw.PEER, Raw.OURS, 1, 2, Raw.pattern(7))),
                Raw.ipv4(Raw.PEER, Raw.OURS, 4, Raw.pattern(30)));
        assertThat(host.receive(batch)).isEqualTo(3);
        assertThat(Raw.octets(batch.get(0))).isEqualTo(Raw.pattern(30));
        assertThat(Raw.octets(batch.get(1))).isEqualTo(echo);
        assertThat(Raw.octets(batch.get(2))).isEqualTo(Raw.pattern(7));
        assertThat(host.counters().dropped(UnderlayDrop.UNKNOWN_PROTOCOL)).isEqualTo(1);
        assertThat(host.counters().errors()).isZero();
    }

    @Test
    void cutsOffThePaddingBehindTheTotalLength() {
        byte[] packet = Raw.ipv4(Raw.PEER, Raw.OURS, 4, Raw.pattern(21));
        arrive(Arrays.copyOf(packet, 64));
        assertThat(Raw.octets(receiveOne())).isEqualTo(Raw.pattern(21));
    }

    @Test
    void handsUpUdpWithItsPortsWhetherOrNotItHasAChecksum() {
        byte[] udp = Raw.udp(Raw.PEER, Raw.OURS, 40_000, 5_555, Raw.pattern(33));
        byte[] without = udp.clone();
        Raw.put16(without, 6, 0);
        arrive(Raw.ipv4(Raw.PEER, Raw.OURS, 17, udp), Raw.ipv4(Raw.PEER, Raw.OURS, 17, without));
        assertThat(underlay.receive(batch)).isEqualTo(2);
        for (int i = 0; i < 2; i++) {
            PacketBuffer p = batch.get(i);
            assertThat(Raw.octets(p)).isEqualTo(Raw.pattern(33));
            assertThat(p.addressing().sourcePort).isEqualTo(40_000);
            assertThat(p.addressing().destinationPort).isEqualTo(5_555);
            assertThat(p.addressing().outerHeaderLength).isEqualTo(28);
        }
    }

    @Test
    void forgetsWhatTravelledBesideTheOctetsAtTheSender() {
        PacketBatch wire = new PacketBatch(1);
        PacketBuffer p = Raw.buffer(pool, Raw.ipv4(Raw.PEER, Raw.OURS, 4, Raw.pattern(40)));
        p.mark(5);
        p.nextHop(6);
        p.offload().checksum = Offload.Checksum.VALID;
        p.addressing().sourcePort = 9;
        wire.add(p);
        cable.right().send(wire);
        receiveOne();
        assertThat(p.mark()).isZero();
        assertThat(p.nextHop()).isZero();
        assertThat(p.offload().checksum).isEqualTo(Offload.Checksum.UNKNOWN);
        assertThat(p.addressing().sourcePort).isZero();
    }

    /// Each reason to refuse, as one change to a good packet. The change is `offset=octets` in hex; the header
    /// checksum is made right again unless the change says otherwise.
    @ParameterizedTest
    @CsvSource({
        "ip, 0=55, BAD_VERSION",
        "ip, 0=44, BAD_LENGTH",
        "ip, 2=0013, BAD_LENGTH",
        "ip, 2=ffff, TRUNCATED",
        "ip, cut=19, TRUNCATED",
        "ip, cut=0, TRUNCATED",
        "ip, sum=1, BAD_HEADER_CHECKSUM",
        "ip, 16=c0000202, NOT_OURS",
        "ip, 16=ffffffff, NOT_OURS",
        "ip, 12=c0000201, OWN_SOURCE",
        "ip, 9=06, UNKNOWN_PROTOCOL",
        "ip, 9=2f, UNKNOWN_PROTOCOL",
        "udp, 24=0007, BAD_UDP",
        "udp, 24=0100, BAD_UDP",
        "udp, total=27, BAD_UDP",
        "udp, 26=1234, BAD_UDP_CHECKSUM",
        "udp, 40=ff, BAD_UDP_CHECKSUM",
        "icmp, total=27, BAD_ICMP",
        "icmp, 22=1234, BAD_ICMP",
        "echo, 0=45, NOT_AN_ERROR",
        "icmp-foreign, 0=45, FOREIGN_ERROR",
        "icmp-short, 0=45, FOREIGN_ERROR",
        "icmp-ihl, 0=45, FOREIGN_ERROR",
    })
    void dropsAndCountsWhatIsNotRight(String kind, String change, UnderlayDrop reason) {
        byte[] ours = Raw.ipv4(Raw.OURS, Raw.PEER, 4, Raw.pattern(8));
        byte[] optioned = ours.clone();
        optioned[0] = 0x46;
        byte[] good = switch (kind) {
            case "ip" -> Raw.ipv4(Raw.PEER, Raw.OURS, 4, Raw.pattern(44));
            case "udp" -> Raw.ipv4(Raw.PEER, Raw.OURS, 17, Raw.udp(Raw.PEER, Raw.OURS, 1, 2, Raw.pattern(36)));
            case "icmp" -> icmp(Raw.icmpError(3, 3, 0, ours));
            case "icmp-foreign" -> icmp(Raw.icmpError(3, 3, 0, Raw.ipv4(Raw.PEER, Raw.OURS, 4, new byte[8])));
            case "icmp-short" -> icmp(Raw.icmpError(3, 3, 0, Arrays.copyOf(ours, 27)));
            case "icmp-ihl" -> icmp(Raw.icmpError(3, 3, 0, optioned));
            default -> icmp(Raw.icmpError(8, 0, 0, Raw.pattern(30)));
        };
        arrive(spoil(good, change));
        assertThat(underlay.receive(batch)).isZero();
        assertDrops(new EnumMap<>(Map.of(reason, 1)));
        assertThat(underlay.counters().received()).isEqualTo(1);
        assertThat(underlay.counters().delivered()).isZero();
    }

    private static byte[] icmp(byte[] message) {
        return Raw.ipv4(Raw.PEER, Raw.OURS, 1, message);
    }

    private static byte[] spoil(byte[] good, String change) {
        byte[] bad = good.clone();
        String what = change.substring(0, change.indexOf('='));
        String value = change.substring(change.indexOf('=') + 1);
        switch (what) {
            case "cut" -> {
                return Arrays.copyOf(bad, Integer.parseInt(value));
            }
            case "sum" -> {
                bad[10] ^= 1;
                return bad;
            }
            case "total" -> Raw.put16(bad, 2, Integer.parseInt(value));
            default -> {
                byte[] octets = Raw.hex(value);
                System.arraycopy(octets, 0, bad, Integer.parseInt(what), octets.length);
            }
        }
        Raw.put16(bad, 10, 0);
        Raw.put16(bad, 10, Raw.checksum(bad, 0, 20, 0));
        return bad;
    }

    @Test
    void goesOnBehindBadPacketsToTheGoodOnes() {
        byte[] bad = Raw.ipv4(Raw.PEER, Raw.OURS, 6, new byte[20]);
        arrive(bad, bad, Raw.ipv4(Raw.PEER, Raw.OURS, 4, Raw.pattern(5)), bad);
        PacketBatch two = new PacketBatch(2);
        assertThat(underlay.receive(two)).as("the first two are bad").isEqualTo(1);
        assertThat(Raw.octets(two.get(0))).isEqualTo(Raw.pattern(5));
        two.releaseAll();
        assertDrops(Map.of(UnderlayDrop.UNKNOWN_PROTOCOL, 3));
    }

    @Test
    void survivesAnyOctetsAndAccountsForEachOfThem() {
        SplittableRandom dice = new SplittableRandom(4);
        int delivered = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] junk = new byte[dice.nextInt(80)];
            dice.nextBytes(junk);
            if (junk.length > 20 && dice.nextInt(4) > 0) {
                // Make most of them look right from outside, so that they come further.
                junk[0] = (byte) (0x45 + dice.nextInt(2));
                Raw.put16(junk, 2, junk.length - dice.nextInt(2));
                Raw.put16(junk, 6, dice.nextInt(3) == 0 ? dice.nextInt(0x10) | 0x2000 : 0);
                junk[9] = new byte[] {1, 4, 17, 41, (byte) 137}[dice.nextInt(5)];
                Raw.put32(junk, 16, Raw.OURS);
                Raw.put16(junk, 10, 0);
                Raw.put16(junk, 10, Raw.checksum(junk, 0, Math.min(junk.length, (junk[0] & 0xf) * 4), 0));
            }
            arrive(junk);
            assertThatNoException().isThrownBy(() -> underlay.receive(batch));
            delivered += batch.size();
            batch.releaseAll();
        }
        long dropped = 0;
        for (UnderlayDrop reason : UnderlayDrop.values()) {
            dropped += underlay.counters().dropped(reason);
        }
        Reassembler r = underlay.reassembler();
        long fragments = r.joined() + r.held();
        for (Reassembler.Drop reason : Reassembler.Drop.values()) {
            fragments += r.dropped(reason);
        }
        assertThat(underlay.counters().delivered()).isEqualTo(delivered).isPositive();
        // A whole packet put together may be dropped behind, so it counts on the side of what came.
        assertThat(delivered + dropped + fragments).isEqualTo(20_000 + r.wholes());
    }

    @Test
    void putsFragmentsTogetherBeforeItLooksInside() {
        byte[] udp = Raw.udp(Raw.PEER, Raw.OURS, 1, 2, Raw.pattern(2_000));
        byte[] first = Raw.ipv4(Raw.PEER, Raw.OURS, 17, 9, 0x2000, Arrays.copyOf(udp, 1_000));
        byte[] second = Raw.ipv4(Raw.PEER, Raw.OURS, 17, 9, 125, Arrays.copyOfRange(udp, 1_000, udp.length));
        arrive(second);
        assertThat(underlay.receive(batch)).isZero();
        assertThat(underlay.deadline()).isEqualTo(Reassembler.LINUX_TIMEOUT_NANOS);
        arrive(first);
        assertThat(Raw.octets(receiveOne())).isEqualTo(Raw.pattern(2_000));
        assertThat(underlay.counters().received()).isEqualTo(2);
        assertThat(underlay.counters().delivered()).isEqualTo(1);
        assertThat(underlay.reassembler().joined()).isEqualTo(2);
    }

    @Test
    void givesUpFragmentsWhoseRestNeverComes() {
        arrive(Raw.ipv4(Raw.PEER, Raw.OURS, 4, 9, 0x2000, Raw.pattern(800)));
        underlay.receive(batch);
        time.advanceTo(Reassembler.LINUX_TIMEOUT_NANOS);
        underlay.receive(batch);
        assertThat(underlay.reassembler().dropped(Reassembler.Drop.TIMED_OUT)).isEqualTo(1);
        assertThat(pool.lent()).isZero();
    }

    // ---- ICMP errors and path MTU ----

    private byte[] fragmentationNeeded(int destination, int mtu) {
        return icmp(Raw.icmpError(3, 4, mtu, Raw.ipv4(Raw.OURS, destination, 4, new byte[8])));
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5, 11, 12})
    void handsUpIcmpErrorsThatQuoteAPacketOfThisHost(int type) {
        byte[] message = Raw.icmpError(type, 1, 0, Raw.ipv4(Raw.OURS, Raw.PEER, 4, Raw.pattern(8)));
        arrive(Raw.ipv4(0x0a0b_0c0d, Raw.OURS, 1, message)); // a router in between reports
        PacketBuffer p = receiveOne();
        assertThat(p.addressing().protocol).isEqualTo(1);
        assertThat(p.addressing().source).isEqualTo(0x0a0b_0c0d);
        assertThat(Raw.octets(p)).as("from the ICMP type on").isEqualTo(message);
        assertThat(underlay.counters().errors()).isEqualTo(1);
    }

    @Test
    void learnsThePathMtuOfOneDestinationAndForgetsItAfterTenMinutes() {
        assertThat(underlay.path(Raw.OURS, Raw.PEER)).isEqualTo(Path.of(1500, 0));
        arrive(fragmentationNeeded(Raw.PEER, 1300));
        receiveOne();
        assertThat(underlay.path(Raw.OURS, Raw.PEER)).isEqualTo(Path.of(1300, 0));
        assertThat(underlay.path(0, Raw.PEER + 1)).isEqualTo(Path.of(1500, 0));
        time.advanceBy(600_000_000_000L - 1);
        assertThat(underlay.path(0, Raw.PEER).mtu()).isEqualTo(1300);
        time.advanceBy(1);
        assertThat(underlay.path(0, Raw.PEER).mtu()).isEqualTo(1500);
    }

    /// As Linux does it: below 552 octets the MTU is not believed but pinned at that, and an error never raises
    /// it.
    @ParameterizedTest
    @CsvSource({
        "1499, 1499, NO",
        "1500, 1500, NO",
        "9000, 1500, NO",
        "552, 552, NO",
        "551, 552, YES",
        "100, 552, YES",
        "68, 552, YES",
        "0, 552, YES"
    })
    void believesOnlySensibleMtus(int told, int believed, Path.Pinned pinned) {
        arrive(fragmentationNeeded(Raw.PEER, told));
        receiveOne();
        assertThat(underlay.path(0, Raw.PEER)).isEqualTo(new Path(believed, pinned, 0));
    }

    @Test
    void neverRaisesAPathMtuByAnError() {
        arrive(fragmentationNeeded(Raw.PEER, 1000), fragmentationNeeded(Raw.PEER, 1200));
        assertThat(underlay.receive(batch)).isEqualTo(2);
        assertThat(underlay.path(0, Raw.PEER).mtu()).isEqualTo(1000);
    }

    @Test
    void followsThePortsMtuBelowWhatItLearned() {
        arrive(fragmentationNeeded(Raw.PEER, 1300));
        receiveOne();
        cable.mtu(1200);
        assertThat(underlay.path(0, Raw.PEER).mtu()).isEqualTo(1200);
        cable.mtu(1400);
        assertThat(underlay.path(0, Raw.PEER).mtu()).isEqualTo(1300);
    }

    @Test
    void findsNoWayFromAForeignSourceOrToItself() {
        assertThat(underlay.path(Raw.OURS + 1, Raw.PEER).exists()).isFalse();
        assertThat(underlay.path(0, 0).exists()).isFalse();
        assertThat(underlay.path(0, Raw.OURS).exists()).isFalse();
    }

    // ---- outbound ----

    @Test
    void writesTheOuterHeaderAsTheAddressingSays() {
        PacketBuffer p = payload(Raw.pattern(100), 4);
        p.addressing().tos = 0xb9;
        p.addressing().dontFragment = true;
        batch.add(p);
        assertThat(underlay.send(batch)).isEqualTo(1);
        byte[] packet = sent().getFirst();
        assertThat(packet).hasSize(120);
        assertThat(Raw.checksum(packet, 0, 20, 0)).as("header checksum").isZero();
        byte[] masked = Arrays.copyOf(packet, 20);
        Raw.put16(masked, 4, 0); // identification: any
        Raw.put16(masked, 10, 0);
        assertThat(masked).isEqualTo(Raw.hex("45b90078 00004000 40040000 c0000201 c6336407"));
        assertThat(Arrays.copyOfRange(packet, 20, 120)).isEqualTo(Raw.pattern(100));
    }

    @ParameterizedTest
    @EnumSource
    void writesUdpWithOrWithoutChecksum(OuterHeader.UdpChecksum checksum) {
        PacketBuffer p = payload(Raw.pattern(101), 17);
        p.addressing().sourcePort = 40_000;
        p.addressing().destinationPort = 5_555;
        batch.add(p);
        assertThat(underlay(checksum).send(batch)).isEqualTo(1);
        byte[] udp = Raw.udp(Raw.OURS, Raw.PEER, 40_000, 5_555, Raw.pattern(101));
        if (checksum == OuterHeader.UdpChecksum.OFF) {
            Raw.put16(udp, 6, 0);
        }
        byte[] packet = sent().getFirst();
        assertThat(Arrays.copyOfRange(packet, 20, packet.length)).isEqualTo(udp);
    }

    @Test
    void fragmentsWhatIsTooLargeWhenItMay() {
        byte[] octets = Raw.pattern(3_000);
        batch.add(payload(octets, 4));
        assertThat(underlay.send(batch)).isEqualTo(1);
        List<byte[]> fragments = sent();
        assertThat(fragments).extracting(f -> f.length).containsExactly(1500, 1500, 60);
        byte[] joined = new byte[3_000];
        for (byte[] f : fragments) {
            int offset = (Raw.u16(f, 6) & 0x1fff) * 8;
            System.arraycopy(f, 20, joined, offset, f.length - 20);
            assertThat(Raw.checksum(f, 0, 20, 0)).isZero();
            assertThat(Raw.u16(f, 4)).isEqualTo(Raw.u16(fragments.getFirst(), 4));
        }
        assertThat(joined).isEqualTo(octets);
        assertThat(underlay.counters().sent()).isEqualTo(1);
        assertThat(underlay.counters().fragmented()).isEqualTo(1);
        assertThat(underlay.counters().fragments()).isEqualTo(3);
    }

    @Test
    void fragmentsToThePathMtuItLearnedAndRefusesWhatForbidsIt() {
        arrive(fragmentationNeeded(Raw.PEER, 1300));
        receiveOne();
        batch.releaseAll();
        PacketBuffer rigid = payload(Raw.pattern(1_281), 4);
        rigid.addressing().dontFragment = true;
        PacketBuffer fits = payload(Raw.pattern(1_280), 4);
        fits.addressing().dontFragment = true;
        batch.add(rigid);
        batch.add(payload(Raw.pattern(1_281), 4));
        batch.add(fits);
        assertThat(underlay.send(batch)).isEqualTo(2);
        assertThat(batch.size()).isEqualTo(1);
        assertThat(batch.get(0)).isSameAs(rigid);
        assertThat(rigid.refusal()).isEqualTo(Refusal.TOO_BIG);
        assertThat(Raw.octets(rigid)).as("as it was").isEqualTo(Raw.pattern(1_281));
        assertThat(sent()).extracting(f -> f.length).containsExactly(1300, 21, 1300);
    }

    @Test
    void leavesWhatItRefusesInItsOldOrderAndAsItWas() {
        PacketBatch mixed = new PacketBatch(64);
        for (int i = 0; i < 62; i++) {
            mixed.add(payload(Raw.pattern(40 + i), 4)); // fills the wire but for two places
        }
        underlay.send(mixed);
        PacketBuffer[] all = {
            payload(Raw.pattern(101), 4),
            payload(Raw.pattern(102), 4), // no way
            payload(Raw.pattern(103), 17),
            payload(Raw.pattern(1_600), 4), // too big and rigid
            payload(Raw.pattern(105), 17), // full from here on
            payload(Raw.pattern(106), 4), // not finished
            payload(Raw.pattern(107), 41),
        };
        all[1].addressing().source = Raw.PEER;
        all[3].addressing().dontFragment = true;
        all[5].offload().checksum = Offload.Checksum.PARTIAL;
        for (PacketBuffer p : all) {
            p.protocol(0x1234);
            batch.add(p);
        }
        assertThat(underlay.send(batch)).isEqualTo(2);
        int[] stay = {1, 3, 4, 5, 6};
        Refusal[] why = {Refusal.UNREACHABLE, Refusal.TOO_BIG, Refusal.FULL, Refusal.MALFORMED, Refusal.FULL};
        assertThat(batch.size()).isEqualTo(5);
        for (int i = 0; i < 5; i++) {
            PacketBuffer p = batch.get(i);
            assertThat(p).isSameAs(all[stay[i]]);
            assertThat(p.refusal()).isEqualTo(why[i]);
            assertThat(p.protocol()).isEqualTo(0x1234);
            assertThat(Raw.octets(p)).isEqualTo(Raw.pattern(p.length()));
        }
        assertThat(underlay.counters().sent()).isEqualTo(64);
    }

    @Test
    void refusesAsFullWhatItHasNoBuffersToFragment() {
        PacketBuffer big = payload(Raw.pattern(3_000), 4);
        PacketBatch rest = new PacketBatch(100);
        while (pool.lent() < pool.capacity() - 1) {
            rest.add(pool.lend());
        }
        batch.add(big);
        assertThat(underlay.send(batch)).isZero();
        assertThat(big.refusal()).isEqualTo(Refusal.FULL);
        assertThat(Raw.octets(big)).isEqualTo(Raw.pattern(3_000));
        rest.releaseAll();
    }

    @Test
    void countsAPacketSomeOfWhoseFragmentsThePortRefused() {
        PacketBatch many = new PacketBatch(64);
        for (int i = 0; i < 62; i++) {
            many.add(payload(Raw.pattern(40), 4));
        }
        underlay.send(many);
        batch.add(payload(Raw.pattern(3_000), 4));
        assertThat(underlay.send(batch)).isEqualTo(1);
        assertDrops(Map.of(UnderlayDrop.FRAGMENT_REFUSED, 1));
        assertThat(underlay.counters().sent()).isEqualTo(62);
        assertThat(underlay.counters().fragments()).isEqualTo(2);
    }

    @Test
    void refusesWhatIsLongerThanAnIpPacketCanBe() {
        try (PacketPool large = new PacketPool(1, 64, 70_000)) {
            PacketBuffer p = Raw.buffer(large, Raw.pattern(65_516));
            p.addressing().destination = Raw.PEER;
            p.addressing().protocol = 4;
            batch.add(p);
            assertThat(underlay.send(batch)).isZero();
            assertThat(p.refusal()).isEqualTo(Refusal.TOO_BIG);
            assertThat(p.length()).isEqualTo(65_516);
            batch.releaseAll();
        }
    }
}
