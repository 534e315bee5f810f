package adit.bsdtun;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Counter;
import adit.device.Drop;
import adit.packet.PacketBuffer;
import adit.wire.EtherType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// From the stack to the send queue.
class OutputTest {
    /// NetBSD 3 answers success whatever happened.
    private static int told(BsdProfile profile, int errno) {
        return profile == BsdProfile.NETBSD_3 ? 0 : -errno;
    }

    @ParameterizedTest
    @EnumSource(BsdProfile.class)
    @Fact({"4.1", "9.8"})
    void whatIsSentWhileTheUnitIsNotReadyIsDropped(BsdProfile profile) throws Exception {
        try (Rig rig = new Rig(profile)) {
            rig.ifconfig.create("tun0").address("tun0", "10.0.0.1", "10.0.0.2");
            assertThat(rig.output(0, Rig.TO_PEER)).isEqualTo(told(profile, BsdErrno.EHOSTDOWN));
            assertThat(rig.device(0).statistics().drops()).isEqualTo(Map.of(Drop.HOST_DOWN, 1L));
            assertThat(rig.device(0).statistics().counters()).isEmpty();
            assertThat(rig.table.buffers().lent()).isZero();
        }
    }

    @Test
    @Fact("4.2")
    void tapsSeeThePacketWithItsFamilyBeforeTheFraming() throws Exception {
        try (Rig rig = new Rig(BsdProfile.NETBSD_3)) {
            BsdTunFile file = rig.ready();
            new BsdTunControl(file).framing(Framing.ADDRESS);
            List<String> seen = new ArrayList<>();
            FamilyTap tap = (family, p, direction) -> seen.add(direction + " " + family + " " + Rig.hex(p));
            rig.device(0).addFamilyTap(tap);
            rig.output(0, Rig.TO_PEER);
            rig.output6(0, Rig.TO_PEER_6);
            assertThat(seen)
                    .containsExactly("OUT 2 " + Rig.compact(Rig.TO_PEER), "OUT 24 " + Rig.compact(Rig.TO_PEER_6));
            rig.device(0).removeFamilyTap(tap);
            rig.output(0, Rig.TO_PEER);
            assertThat(seen).hasSize(2);
        }
    }

    @ParameterizedTest
    @EnumSource(BsdProfile.class)
    @Fact("4.3")
    void theDestinationStandsInFrontAsASockaddrOf16Octets(BsdProfile profile) throws Exception {
        try (Rig rig = new Rig(profile)) {
            BsdTunFile file = rig.ready();
            new BsdTunControl(file).framing(Framing.ADDRESS);
            rig.output(0, Rig.TO_PEER);
            assertThat(rig.read(file)).isEqualTo(Rig.compact(Rig.SOCKADDR_PEER + Rig.TO_PEER));
            PacketBuffer p = rig.packet(EtherType.IPV4, Rig.TO_PEER);
            p.nextHop(0x0a000009);
            rig.device(0).output(p);
            assertThat(rig.read(file)).as("by a gateway").startsWith("100200000a000009");
        }
    }

    @Test
    @Fact("4.3")
    void anIp6DestinationHas28Octets() throws Exception {
        try (Rig rig = new Rig(BsdProfile.NETBSD_3)) {
            BsdTunFile file = rig.ready();
            new BsdTunControl(file).framing(Framing.ADDRESS);
            rig.output6(0, Rig.TO_PEER_6);
            assertThat(rig.read(file)).isEqualTo(Rig.compact(Rig.SOCKADDR_PEER_6 + Rig.TO_PEER_6));
        }
    }

    @ParameterizedTest
    @EnumSource(BsdProfile.class)
    @Fact("4.4")
    void aPacketOfNoFamilyGoesOutWithoutFraming(BsdProfile profile) throws Exception {
        try (Rig rig = new Rig(profile)) {
            BsdTunFile file = rig.ready();
            new BsdTunControl(file).framing(Framing.ADDRESS);
            assertThat(rig.device(0).output(rig.packet(0, "c0ffee"))).isZero();
            assertThat(rig.read(file)).isEqualTo("c0ffee");
        }
    }

    @ParameterizedTest
    @EnumSource(BsdProfile.class)
    @Fact("4.5")
    void aFullQueueIsACollisionAndCalledAWrongFamily(BsdProfile profile) throws Exception {
        try (Rig rig = new Rig(profile)) {
            BsdTunFile file = rig.ready();
            assertThat(rig.device(0).txQueueLength(2)).isZero();
            for (int i = 0; i < 2; i++) {
                assertThat(rig.output(0, Rig.TO_PEER)).isZero();
            }
            assertThat(rig.output(0, Rig.TO_PEER)).isEqualTo(told(profile, BsdErrno.EAFNOSUPPORT));
            assertThat(rig.device(0).statistics().get(Counter.COLLISIONS)).isEqualTo(1);
            assertThat(rig.device(0).statistics().drops()).isEqualTo(Map.of(Drop.SEND_QUEUE_FULL, 1L));
            assertThat(rig.table.buffers().lent()).isEqualTo(2);
            assertThat(rig.read(file)).isNotEqualTo("EAGAIN");
            assertThat(rig.output(0, Rig.TO_PEER)).isZero();
        }
    }

    @Test
    @Fact("4.6")
    void whatIsSentCountsWithItsFraming() throws Exception {
        try (Rig rig = new Rig()) {
            BsdTunFile file = rig.ready();
            rig.output(0, Rig.TO_PEER);
            new BsdTunControl(file).framing(Framing.ADDRESS);
            rig.output(0, Rig.TO_PEER);
            assertThat(rig.device(0).statistics().counters())
                    .isEqualTo(Map.of(Counter.TX_PACKETS, 2L, Counter.TX_BYTES, 28L + 44L));
        }
    }

    @ParameterizedTest
    @EnumSource(BsdProfile.class)
    @Fact("4.7")
    void aPacketOfAnotherFamilyIsDropped(BsdProfile profile) throws Exception {
        try (Rig rig = new Rig(profile)) {
            BsdTunFile file = rig.ready();
            int answer = rig.device(0).output(rig.packet(EtherType.MPLS, "00001140"));
            assertThat(answer).isEqualTo(told(profile, BsdErrno.EAFNOSUPPORT));
            assertThat(rig.device(0).statistics().drops()).isEqualTo(Map.of(Drop.FAMILY_NOT_SUPPORTED, 1L));
            assertThat(rig.read(file)).isEqualTo("EAGAIN");
        }
    }

    @Test
    @Fact("4.8")
    void aPacketSignalsTheOwner() throws Exception {
        try (Rig rig = new Rig()) {
            BsdTunFile file = rig.ready();
            List<String> signals = new ArrayList<>();
            file.onSignal((owner, code, band) -> signals.add(owner + " " + code + " " + band));
            rig.output(0, Rig.TO_PEER);
            rig.ioctl(file, BsdIoctl.FIOASYNC, 1);
            rig.output(0, Rig.TO_PEER);
            assertThat(signals).as("nobody owns it").isEmpty();
            rig.ioctl(file, BsdIoctl.TIOCSPGRP, 9);
            rig.output(0, Rig.TO_PEER);
            // POLLIN | POLLRDNORM.
            assertThat(signals).containsExactly("-9 1 65");
            rig.ioctl(file, BsdIoctl.FIOASYNC, 0);
            rig.output(0, Rig.TO_PEER);
            assertThat(signals).hasSize(1);
        }
    }

    /// A buffer of 192 octets of headroom is long enough for any framing; a packet that has used its up is not.
    @ParameterizedTest
    @CsvSource({"NETBSD_3, 15, false", "NETBSD_10, 15, false", "NETBSD_10, 16, true"})
    @Fact("4.9")
    void withoutRoomForTheAddressThereIsNoBuffer(BsdProfile profile, int headroom, boolean fits) throws Exception {
        try (Rig rig = new Rig(profile)) {
            BsdTunFile file = rig.ready();
            new BsdTunControl(file).framing(Framing.ADDRESS);
            PacketBuffer p = rig.packet(EtherType.IPV4, "a5".repeat(200) + Rig.TO_PEER);
            p.pull(200);
            p.push(0);
            PacketBuffer tight = rig.packet(EtherType.IPV4, "");
            tight.reserve(headroom);
            java.lang.foreign.MemorySegment.copy(p.segment(), p.head(), tight.segment(), tight.put(28), 28);
            p.release();
            int answer = rig.device(0).output(tight);
            assertThat(answer).isEqualTo(fits ? 0 : told(profile, BsdErrno.ENOBUFS));
            assertThat(rig.device(0).statistics().get(Drop.NOMEM)).isEqualTo(fits ? 0 : 1);
        }
    }
}
