package adit.packet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.foreign.ValueLayout;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PacketBufferTest {
    private static final int HEADROOM = 64;
    private static final int SIZE = 200;

    private final PacketPool pool = new PacketPool(2, HEADROOM, SIZE);
    private final PacketBuffer p = pool.lend();

    @AfterEach
    void everyBufferCameHome() {
        p.release();
        assertThat(pool.lent()).isZero();
        pool.close();
    }

    @Test
    void startsEmptyBehindThePoolsHeadroom() {
        assertThat(p.head()).isEqualTo(64);
        assertThat(p.headroom()).isEqualTo(64);
        assertThat(p.length()).isZero();
        assertThat(p.tailroom()).isEqualTo(200);
        assertThat(p.segment().byteSize()).isEqualTo(264);
    }

    @Test
    void movesItsFrontWithPushAndPullAndItsBackWithPutAndTrim() {
        assertThat(p.put(100)).as("the new octets start").isEqualTo(64);
        assertThat(p.put(20)).as("the new octets start").isEqualTo(164);
        assertThat(p.push(14)).as("the new header starts").isEqualTo(50);
        assertThat(p.length()).isEqualTo(134);
        assertThat(p.tailroom()).isEqualTo(80);

        assertThat(p.pull(34)).as("the octets left behind start").isEqualTo(50);
        assertThat(p.head()).isEqualTo(84);
        assertThat(p.length()).isEqualTo(100);

        p.trim(7);
        assertThat(p.length()).isEqualTo(7);
        assertThat(p.tailroom()).isEqualTo(264 - 84 - 7);
    }

    @Test
    void refusesToPushBeyondItsHeadroom() {
        p.push(HEADROOM);
        assertThat(p.head()).isZero();
        assertThatIllegalStateException().isThrownBy(() -> p.push(1)).withMessage("push 1 into headroom 0");
        assertThat(p.length()).as("unchanged by the refused push").isEqualTo(HEADROOM);
    }

    @Test
    void refusesToPutBeyondItsTailroom() {
        p.put(SIZE);
        assertThatIllegalStateException().isThrownBy(() -> p.put(1)).withMessage("put 1 into tailroom 0");
    }

    @Test
    void refusesToPullOrTrimToMoreThanItHas() {
        p.put(10);
        assertThatIllegalStateException().isThrownBy(() -> p.pull(11)).withMessage("pull 11 from length 10");
        assertThatIllegalStateException().isThrownBy(() -> p.trim(11)).withMessage("trim to 11 from length 10");
        assertThat(p.length()).isEqualTo(10);
    }

    @Test
    void refusesNegativeAmountsWhichWouldMoveTheWrongWay() {
        p.put(10);
        assertThatIllegalStateException().isThrownBy(() -> p.push(-1));
        assertThatIllegalStateException().isThrownBy(() -> p.pull(-1));
        assertThatIllegalStateException().isThrownBy(() -> p.put(-1));
        assertThatIllegalStateException().isThrownBy(() -> p.trim(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> p.reserve(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> p.reserve(HEADROOM + SIZE + 1));
        assertThat(p.head()).isEqualTo(HEADROOM);
        assertThat(p.length()).isEqualTo(10);
    }

    @Test
    void reservesAnyHeadroomUpToItsCapacity() {
        p.put(10);
        p.reserve(HEADROOM + SIZE);
        assertThat(p.length()).isZero();
        assertThat(p.tailroom()).isZero();
        assertThat(p.headroom()).isEqualTo(264);
    }

    @Test
    void keepsItsOctetsApartFromItsNeighbours() {
        PacketBuffer other = pool.lend();
        p.reserve(0);
        p.put(HEADROOM + SIZE);
        p.segment().fill((byte) 0xa5);
        other.reserve(0);
        other.put(HEADROOM + SIZE);
        other.segment().fill((byte) 0x5a);
        for (int i = 0; i < HEADROOM + SIZE; i++) {
            assertThat(p.segment().get(ValueLayout.JAVA_BYTE, i)).isEqualTo((byte) 0xa5);
        }
        other.release();
    }

    @Test
    void copiesItsOctetsAndAllThatTravelsBesideThem() throws ReflectiveOperationException {
        p.reserve(10);
        p.put(30);
        for (int i = 0; i < 30; i++) {
            p.segment().set(ValueLayout.JAVA_BYTE, p.head() + i, (byte) (i + 1));
        }
        fillWithDistinctValues(p);

        PacketBuffer copy = pool.lend();
        copy.segment().fill((byte) 0xa5);
        copy.copyFrom(p);
        assertThat(copy.head()).isEqualTo(10);
        assertThat(copy.length()).isEqualTo(30);
        for (int i = 0; i < 30; i++) {
            assertThat(copy.segment().get(ValueLayout.JAVA_BYTE, 10 + i)).isEqualTo((byte) (i + 1));
        }
        assertThat(copy.segment().get(ValueLayout.JAVA_BYTE, 9)).isEqualTo((byte) 0xa5);
        assertThat(copy.segment().get(ValueLayout.JAVA_BYTE, 40)).isEqualTo((byte) 0xa5);
        assertThat(beside(copy)).isEqualTo(beside(p)).doesNotContain("=0,", "=false,", "=null,");
        copy.release();
    }

    @Test
    void survivesACopyOfItself() {
        p.put(30);
        p.copyFrom(p);
        assertThat(p.length()).isEqualTo(30);
    }

    @Test
    void refusesACopyThatDoesNotFit() {
        try (PacketPool small = new PacketPool(1, 0, 100)) {
            PacketBuffer little = small.lend();
            p.put(150);
            assertThatIllegalStateException().isThrownBy(() -> little.copyFrom(p));
            little.release();
        }
    }

    @Test
    void forgetsEverythingWhenItIsLentAgain() throws ReflectiveOperationException {
        PacketBuffer fresh = pool.lend();
        String untouched = beside(fresh);
        fillWithDistinctValues(fresh);
        fresh.refuse(Refusal.FULL);
        fresh.reserve(3);
        fresh.put(5);
        assertThat(beside(fresh)).isNotEqualTo(untouched);
        fresh.release();

        PacketBuffer again = pool.lend();
        assertThat(again).isSameAs(fresh);
        assertThat(beside(again)).isEqualTo(untouched);
        assertThat(again.refusal()).isEqualTo(Refusal.NONE);
        assertThat(again.head()).isEqualTo(HEADROOM);
        assertThat(again.length()).isZero();
        again.release();
    }

    /// Gives every field beside the octets a value of its own that is not the default, found by reflection, so that a
    /// field added later can't be left out of a copy unnoticed.
    private static void fillWithDistinctValues(PacketBuffer p) throws ReflectiveOperationException {
        p.protocol(0x0800);
        p.flowHash(0x1111_1111);
        p.queue(3);
        p.vlan(0x8100_0042);
        p.mark(0x2222_2222);
        p.nextHop(0x0a01_0203);
        int value = 100;
        for (Object part : new Object[] {p.addressing(), p.metadata(), p.offload()}) {
            for (Field f : fields(part.getClass())) {
                if (f.getType() == boolean.class) {
                    f.setBoolean(part, true);
                } else if (f.getType() == int.class) {
                    f.setInt(part, value++);
                } else if (f.getType() == long.class) {
                    f.setLong(part, value++);
                } else {
                    Object[] constants = f.getType().getEnumConstants();
                    f.set(part, constants[constants.length - 1]);
                }
            }
        }
    }

    private static String beside(PacketBuffer p) throws ReflectiveOperationException {
        StringBuilder s = new StringBuilder();
        s.append(p.protocol()).append(' ').append(p.flowHash()).append(' ').append(p.queue());
        s.append(' ').append(p.vlan()).append(' ').append(p.mark()).append(' ').append(p.nextHop());
        for (Object part : new Object[] {p.addressing(), p.metadata(), p.offload()}) {
            for (Field f : fields(part.getClass())) {
                s.append(' ')
                        .append(f.getName())
                        .append('=')
                        .append(f.get(part))
                        .append(',');
            }
        }
        return s.toString();
    }

    private static Iterable<Field> fields(Class<?> type) {
        return Arrays.stream(type.getDeclaredFields())
                .filter(f -> !Modifier.isStatic(f.getModifiers()))
                .peek(f -> f.setAccessible(true))
                .toList();
    }
}
