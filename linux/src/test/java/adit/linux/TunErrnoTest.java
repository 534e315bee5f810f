package adit.linux;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Errno;
import adit.packet.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TunErrnoTest {
    @ParameterizedTest
    @CsvSource({
        "11, FULL",
        "12, FULL",
        "105, FULL",
        "90, TOO_BIG",
        "22, MALFORMED",
        "1, DENIED",
        "13, DENIED",
        "5, DOWN",
        "77, DOWN",
        "9, DOWN",
        "14, DOWN",
    })
    void saysWhyAPacketWasRefused(int errno, Refusal refusal) {
        assertThat(TunErrno.refusal(errno)).isEqualTo(refusal);
    }

    @Test
    void tellsADeviceThatIsGoneFromOneThatIsDown() {
        assertThat(Errno.numbers().stream().filter(TunErrno::isGone))
                .containsExactlyInAnyOrder(Errno.EBADFD, Errno.EBADF, Errno.ENODEV);
        assertThat(TunErrno.isGone(Errno.EIO)).isFalse();
    }

    @Test
    void readsOnOnlyWhereAPacketWasTakenFromTheQueue() {
        assertThat(Errno.numbers().stream().filter(TunErrno::isLost))
                .containsExactlyInAnyOrder(Errno.EINVAL, Errno.ENOMEM, Errno.ENOBUFS);
    }

    @Test
    void triesTheNextPacketUnlessAllWouldMeetTheSameFate() {
        assertThat(Refusal.values())
                .filteredOn(TunErrno::isForAll)
                .containsExactlyInAnyOrder(Refusal.FULL, Refusal.DOWN);
    }
}
