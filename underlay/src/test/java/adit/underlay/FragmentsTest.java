package adit.underlay;

import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.wire.Ipv4;
import adit.wire.WireFault;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FragmentsTest {
    private final PacketPool pool = new PacketPool(200, 32, 10_000);
    private final PacketBatch batch = new PacketBatch(200);

    @AfterEach
    void nothingIsOut() {
        batch.releaseAll();
        assertThat(pool.lent()).isZero();
        pool.close();
    }

    private PacketBuffer packet(byte[] octets) {
        PacketBuffer p = pool.lend();
        p.segment().fill((byte) 0xa5);
        MemorySegment.copy(octets, 0, p.segment(), ValueLayout.JAVA_BYTE, p.put(octets.length), octets.length);
        return p;
    }

    private static byte[] octets(PacketBuffer p) {
        return p.segment().asSlice(p.head(), p.length()).toArray(ValueLayout.JAVA_BYTE);
    }

    private static byte[] range(int first, int count) {
        byte[] octets = new byte[count];
        for (int i = 0; i < count; i++) {
            octets[i] = (byte) (first + i);
        }
        return octets;
    }

    /// What Linux 6.18 sent on a loopback interface of MTU 68 for a datagram of 100 octets with tos b9, ttl 77.
    @Test
    void splitsAsTheKernelDoes() {
        HexFormat hex = HexFormat.of();
        String fixed = "4d110000" + "7f0000027f000003";
        byte[] whole = hex.parseHex("45b900807e590000" + fixed + "10051234006c430a" + hex.formatHex(range(0, 100)));
        PacketBuffer p = packet(whole);
        Ipv4.fillChecksum(p.segment(), p.head());
        p.mark(7);

        assertThat(Fragments.split(p, 68, pool, batch)).isTrue();

        assertThat(batch.size()).isEqualTo(3);
        assertThat(hex.formatHex(octets(batch.get(0))))
                .isEqualTo("45b900447e5920004d11d0917f0000027f00000310051234006c430a" + hex.formatHex(range(0, 40)));
        assertThat(hex.formatHex(octets(batch.get(1))))
                .isEqualTo("45b900447e5920064d11d08b7f0000027f000003" + hex.formatHex(range(40, 48)));
        assertThat(hex.formatHex(octets(batch.get(2))))
                .isEqualTo("45b900207e59000c4d11f0a97f0000027f000003" + hex.formatHex(range(88, 12)));
        assertThat(batch.get(2).mark()).isEqualTo(7);
    }

    @Test
    void makesFragmentsThatJoinToTheWholeAtEveryLengthAndMtu() {
        SplittableRandom dice = new SplittableRandom(791);
        for (int round = 0; round < 3_000; round++) {
            int payload = dice.nextInt(0, 3_000);
            int mtu = dice.nextInt(68, 3_100);
            byte[] whole = new byte[20 + payload];
            dice.nextBytes(whole);
            PacketBuffer p = packet(whole);
            Ipv4.emit(p.segment(), p.head(), 3, 20 + payload, 0xbeef, 0, 0, 9, 4, 0x0a000001, 0x0a000002);

            assertThat(Fragments.split(p, mtu, pool, batch)).isTrue();

            byte[] joined = new byte[payload];
            int expected = 0;
            for (int i = 0; i < batch.size(); i++) {
                PacketBuffer f = batch.get(i);
                MemorySegment s = f.segment();
                int at = f.head();
                assertThat(Ipv4.fault(s, at, f.length())).isEqualTo(WireFault.NONE);
                assertThat(Ipv4.checksumValid(s, at)).isTrue();
                assertThat(f.length()).isEqualTo(Ipv4.totalLength(s, at)).isLessThanOrEqualTo(mtu);
                assertThat(Ipv4.identification(s, at)).isEqualTo(0xbeef);
                assertThat(Ipv4.fragmentOffset(s, at)).isEqualTo(expected);
                assertThat(Ipv4.flags(s, at)).isEqualTo(i < batch.size() - 1 ? Ipv4.MORE_FRAGMENTS : 0);
                int length = f.length() - 20;
                MemorySegment.copy(s, ValueLayout.JAVA_BYTE, at + 20, joined, expected, length);
                expected += length;
            }
            assertThat(joined).isEqualTo(Arrays.copyOfRange(whole, 20, whole.length));
            assertThat(batch.size()).isEqualTo(Fragments.count(payload, mtu));
            batch.releaseAll();
        }
    }

    @Test
    void splitsAMiddleFragmentIntoMiddleFragments() {
        PacketBuffer p = packet(new byte[20 + 96]);
        Ipv4.emit(p.segment(), p.head(), 0, 116, 1, Ipv4.MORE_FRAGMENTS, 480, 9, 4, 1, 2);
        assertThat(Fragments.split(p, 68, pool, batch)).isTrue();
        assertThat(batch.size()).isEqualTo(2);
        PacketBuffer last = batch.get(1);
        assertThat(Ipv4.fragmentOffset(last.segment(), last.head())).isEqualTo(528);
        assertThat(Ipv4.flags(last.segment(), last.head())).isEqualTo(Ipv4.MORE_FRAGMENTS);
    }

    @Test
    void changesNothingWhenThePoolOrTheBatchHasNoRoom() {
        PacketBuffer p = packet(new byte[20 + 100]);
        Ipv4.emit(p.segment(), p.head(), 0, 120, 1, 0, 0, 9, 4, 1, 2);
        byte[] before = octets(p);
        try (PacketPool empty = new PacketPool(1, 32, 100)) {
            assertThat(Fragments.split(p, 68, empty, batch)).isFalse();
        }
        assertThat(Fragments.split(p, 68, pool, new PacketBatch(2))).isFalse();
        assertThat(Fragments.split(p, 27, pool, batch)).isFalse();
        assertThat(batch.isEmpty()).isTrue();
        assertThat(octets(p)).isEqualTo(before);
        p.release();
    }
}
