package adit.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class PacketPoolTest {
    @Test
    void lendsEachBufferOnceAndThenNone() {
        try (PacketPool pool = new PacketPool(3, 16, 100)) {
            PacketBuffer a = pool.lend();
            PacketBuffer b = pool.lend();
            PacketBuffer c = pool.lend();
            assertThat(a).isNotNull().isNotSameAs(b).isNotSameAs(c);
            assertThat(b).isNotNull().isNotSameAs(c);
            assertThat(c).isNotNull();
            assertThat(pool.lend()).isNull();
            assertThat(pool.lent()).isEqualTo(3);
            b.release();
            assertThat(pool.lent()).isEqualTo(2);
            assertThat(pool.lend()).isSameAs(b);
            a.release();
            b.release();
            c.release();
            assertThat(pool.lent()).isZero();
        }
    }

    @Test
    void refusesASecondReleaseAndKeepsItsCount() {
        try (PacketPool pool = new PacketPool(2, 0, 100)) {
            PacketBuffer a = pool.lend();
            a.release();
            assertThatIllegalStateException().isThrownBy(a::release).withMessage("released twice");
            assertThat(pool.lent()).isZero();
            PacketBuffer b = pool.lend();
            PacketBuffer c = pool.lend();
            assertThat(b).isNotSameAs(c);
            b.release();
            c.release();
        }
    }

    @Test
    void refusesToCloseWhilePacketsAreOutAndClosesOnceTheyAreHome() {
        PacketPool pool = new PacketPool(2, 0, 100);
        PacketBuffer a = pool.lend();
        MemorySegment octets = a.segment();
        assertThatIllegalStateException().isThrownBy(pool::close).withMessage("1 packets are still out");
        octets.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
        a.release();
        pool.close();
        assertThatIllegalStateException().isThrownBy(() -> octets.get(ValueLayout.JAVA_BYTE, 0));
    }

    @Test
    void lendsNothingAfterAClose() {
        PacketPool pool = new PacketPool(2, 0, 100);
        pool.close();
        pool.close();
        assertThat(pool.lend()).isNull();
        assertThat(pool.lent()).isZero();
    }

    @Test
    void startsEachBufferOnACacheLineWhateverItsSize() {
        try (PacketPool pool = new PacketPool(3, 1, 99)) {
            PacketBuffer[] all = {pool.lend(), pool.lend(), pool.lend()};
            for (PacketBuffer p : all) {
                assertThat(p.segment().address() % 64).isZero();
                assertThat(p.segment().byteSize()).isEqualTo(100);
                p.release();
            }
        }
    }

    @Test
    void refusesSizesThatMakeNoSense() {
        assertThatIllegalArgumentException().isThrownBy(() -> new PacketPool(0, 0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new PacketPool(1, -1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new PacketPool(1, 0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new PacketPool(1, 2, Integer.MAX_VALUE));
    }
}
