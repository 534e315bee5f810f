package adit.packet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PacketNumberTest {
    @Test
    void findsEachBufferOfManyPoolsByANumberOfItsOwn() {
        List<PacketPool> pools = new ArrayList<>();
        List<PacketBuffer> out = new ArrayList<>();
        Set<Long> numbers = new HashSet<>();
        for (int i = 0; i < 40; i++) {
            PacketPool pool = i % 2 == 0 ? new PacketPool(3, 0, 10) : PacketPool.concurrent(3, 0, 10);
            pools.add(pool);
            for (int k = 0; k < 3; k++) {
                out.add(pool.lend());
            }
        }
        for (PacketBuffer p : out) {
            numbers.add(p.number());
            assertThat(PacketBuffer.numbered(p.number())).isSameAs(p);
        }
        assertThat(numbers).hasSize(out.size());
        out.forEach(PacketBuffer::release);
        pools.forEach(PacketPool::close);
    }

    @Test
    void findsNothingByTheNumberOfABufferWhosePoolIsClosed() {
        PacketPool pool = new PacketPool(1, 0, 10);
        PacketBuffer p = pool.lend();
        long number = p.number();
        p.release();
        assertThat(PacketBuffer.numbered(number)).isSameAs(p);
        pool.close();
        assertThat(PacketBuffer.numbered(number)).isNull();
    }
}
