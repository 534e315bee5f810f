package adit.bsdtun;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// poll, kqueue, and the hook of a queueing discipline.
@Timeout(60)
class ReadinessTest {
    private static final int ALL = BsdPoll.POLLIN | BsdPoll.POLLRDNORM | BsdPoll.POLLOUT | BsdPoll.POLLWRNORM;

    @Test
    @Fact("8.1")
    void afterADestructionNothingIsReady() throws Exception {
        try (Rig rig = new Rig()) {
            BsdTunFile file = rig.ready();
            rig.output(0, Rig.TO_PEER);
            rig.driver.destroy(0);
            assertThat(file.poll(ALL)).isZero();
        }
    }

    @Test
    @Fact("8.2")
    void readingTakesAPacketAndWritingIsAlwaysReady() throws Exception {
        try (Rig rig = new Rig();
                BsdTunFile file = rig.open(0)) {
            assertThat(file.poll(ALL)).as("before there is an address").isEqualTo(0x4);
            rig.ifconfig.address("tun0", "10.0.0.1", "10.0.0.2");
            assertThat(file.poll(ALL)).isEqualTo(0x4);
            rig.output(0, Rig.TO_PEER);
            assertThat(file.poll(ALL)).isEqualTo(0x45);
            assertThat(file.poll(BsdPoll.POLLRDNORM)).isEqualTo(0x40);
            assertThat(file.poll(BsdPoll.POLLIN)).isEqualTo(0x1);
            rig.read(file);
            assertThat(file.poll(ALL)).isEqualTo(0x4);
        }
    }

    @Test
    @Fact("8.3")
    void theReadFilterTellsTheLengthOfTheFirstPacket() throws Exception {
        try (Rig rig = new Rig();
                Kqueue kqueue = new Kqueue()) {
            BsdTunFile file = rig.ready();
            Kevents events = new Kevents(4);
            assertThat(kqueue.change(file, Kqueue.EVFILT_READ, Kqueue.EV_ADD, "mine"))
                    .isZero();
            assertThat(kqueue.await(events, 0)).isZero();
            new BsdTunControl(file).framing(Framing.ADDRESS);
            rig.output(0, Rig.TO_PEER);
            rig.output(0, Rig.TO_PEER);
            for (int i = 0; i < 2; i++) {
                assertThat(kqueue.await(events, 0)).isEqualTo(1);
                assertThat(events.data(0)).isEqualTo(44);
                assertThat(events.file(0)).isSameAs(file);
                assertThat(events.filter(0)).isEqualTo(Kqueue.EVFILT_READ);
                assertThat(events.userData(0)).isEqualTo("mine");
                assertThat(events.count()).isEqualTo(1);
            }
            rig.read(file);
            rig.read(file);
            assertThat(kqueue.await(events, 0)).isZero();
        }
    }

    @Test
    @Fact("8.4")
    void theWriteFilterHoldsAlways() throws Exception {
        try (Rig rig = new Rig();
                Kqueue kqueue = new Kqueue();
                BsdTunFile file = rig.open(0)) {
            Kevents events = new Kevents(4);
            assertThat(kqueue.change(file, Kqueue.EVFILT_WRITE, Kqueue.EV_ADD, null))
                    .isZero();
            assertThat(kqueue.await(events, 0)).isEqualTo(1);
            assertThat(events.filter(0)).isEqualTo(Kqueue.EVFILT_WRITE);
            rig.driver.destroy(0);
            assertThat(kqueue.await(events, 0)).isEqualTo(1);
        }
    }

    /// 1 as an error number is EPERM.
    @ParameterizedTest
    @CsvSource({"NETBSD_3, 1", "NETBSD_10, 22"})
    @Fact({"8.5", "9.9"})
    void anyOtherFilterIsRefused(BsdProfile profile, int errno) throws Exception {
        try (Rig rig = new Rig(profile);
                Kqueue kqueue = new Kqueue();
                BsdTunFile file = rig.open(0)) {
            assertThat(kqueue.change(file, 3, Kqueue.EV_ADD, null)).isEqualTo(-errno);
            assertThat(kqueue.change(file, 3, Kqueue.EV_DELETE, null)).isEqualTo(-BsdErrno.ENOENT);
        }
    }

    @Test
    @Fact("8.6")
    void aFilterOnADestroyedInterfaceIsTakenAndNeverTells() throws Exception {
        try (Rig rig = new Rig();
                Kqueue kqueue = new Kqueue()) {
            BsdTunFile file = rig.ready();
            rig.driver.destroy(0);
            assertThat(kqueue.change(file, Kqueue.EVFILT_READ, Kqueue.EV_ADD, null))
                    .isZero();
            assertThat(kqueue.change(file, 99, Kqueue.EV_ADD, null)).isZero();
            rig.driver.create(0);
            rig.ifconfig.address("tun0", "10.0.0.1", "10.0.0.2");
            rig.output(0, Rig.TO_PEER);
            assertThat(kqueue.await(new Kevents(4), 0)).isZero();
        }
    }

    @Test
    void aFilterFollowsTheUnitIntoItsNextLife() throws Exception {
        try (Rig rig = new Rig();
                Kqueue kqueue = new Kqueue()) {
            BsdTunFile file = rig.ready();
            kqueue.change(file, Kqueue.EVFILT_READ, Kqueue.EV_ADD, null);
            rig.driver.destroy(0);
            rig.driver.create(0);
            rig.output(0, Rig.TO_PEER);
            assertThat(kqueue.await(new Kevents(1), 0)).isEqualTo(1);
            file.close();
            assertThat(kqueue.await(new Kevents(1), 0)).isZero();
        }
    }

    @Test
    void filtersAreTakenAwayDisabledToldOnceAndCleared() throws Exception {
        try (Rig rig = new Rig();
                Kqueue kqueue = new Kqueue()) {
            BsdTunFile file = rig.ready();
            Kevents events = new Kevents(1);
            rig.output(0, Rig.TO_PEER);
            kqueue.change(file, Kqueue.EVFILT_READ, Kqueue.EV_ADD | Kqueue.EV_ONESHOT, null);
            assertThat(kqueue.await(events, 0)).isEqualTo(1);
            assertThat(kqueue.await(events, 0)).isZero();
            assertThat(kqueue.change(file, Kqueue.EVFILT_READ, Kqueue.EV_DELETE, null))
                    .isEqualTo(-BsdErrno.ENOENT);
            kqueue.change(file, Kqueue.EVFILT_READ, Kqueue.EV_ADD | Kqueue.EV_CLEAR, null);
            assertThat(kqueue.await(events, 0)).isEqualTo(1);
            assertThat(kqueue.await(events, 0)).isZero();
            rig.output(0, Rig.TO_PEER);
            assertThat(kqueue.await(events, 0)).isEqualTo(1);
            kqueue.change(file, Kqueue.EVFILT_READ, Kqueue.EV_DISABLE, null);
            rig.output(0, Rig.TO_PEER);
            assertThat(kqueue.await(events, 0)).isZero();
            kqueue.change(file, Kqueue.EVFILT_READ, Kqueue.EV_ENABLE, null);
            assertThat(kqueue.await(events, 0)).isEqualTo(1);
            kqueue.change(file, Kqueue.EVFILT_READ, Kqueue.EV_DELETE, null);
            rig.output(0, Rig.TO_PEER);
            assertThat(kqueue.await(events, 0)).isZero();
        }
    }

    @Test
    void aKqueueWaitsForAPacketAndForItsOwnEnd() throws Exception {
        try (Rig rig = new Rig()) {
            Kqueue kqueue = new Kqueue();
            BsdTunFile file = rig.ready();
            kqueue.change(file, Kqueue.EVFILT_READ, Kqueue.EV_ADD, null);
            CompletableFuture<Integer> first = CompletableFuture.supplyAsync(() -> kqueue.await(new Kevents(1), -1));
            rig.output(0, Rig.TO_PEER);
            assertThat(first.get(50, TimeUnit.SECONDS)).isEqualTo(1);
            rig.read(file);
            CompletableFuture<Integer> second = CompletableFuture.supplyAsync(() -> kqueue.await(new Kevents(1), -1));
            kqueue.close();
            assertThat(second.get(50, TimeUnit.SECONDS)).isEqualTo(-BsdErrno.EBADF);
            assertThat(kqueue.change(file, Kqueue.EVFILT_READ, Kqueue.EV_ADD, null))
                    .isEqualTo(-BsdErrno.EBADF);
        }
    }

    @Test
    @Fact("8.7")
    void aQueueingDisciplineKeepsPacketsBackAndTellsWhenTheyMayLeave() throws Exception {
        try (Rig rig = new Rig()) {
            BsdTunFile file = rig.ready();
            List<String> signals = new ArrayList<>();
            file.onSignal((owner, code, band) -> signals.add(owner + " " + code + " " + band));
            rig.output(0, Rig.TO_PEER);
            BsdTunControl control = new BsdTunControl(file);
            control.asynchronous(true);
            control.owner(5);
            rig.device(0).start();
            assertThat(signals).as("without a discipline").isEmpty();
            AtomicBoolean mayLeave = new AtomicBoolean();
            rig.device(0).regulator(mayLeave::get);
            assertThat(rig.read(file)).isEqualTo("EAGAIN");
            assertThat(file.poll(BsdPoll.POLLIN)).isEqualTo(BsdPoll.POLLIN);
            control.blocking(true);
            CompletableFuture<String> reader = CompletableFuture.supplyAsync(() -> rig.read(file));
            mayLeave.set(true);
            rig.device(0).start();
            assertThat(reader.get(50, TimeUnit.SECONDS)).isEqualTo(Rig.compact(Rig.TO_PEER));
            assertThat(signals).allMatch("5 2 4"::equals);
            signals.clear();
            rig.device(0).start();
            assertThat(signals).as("without a packet").isEmpty();
        }
    }

    /// From `sys/errno.h`.
    @Test
    @Fact("8.8")
    void errorNumbersAreNetbsds() {
        int[] numbers = {1, 4, 5, 6, 16, 22, 25, 35, 47, 55, 64};
        assertThat(new int[] {
                    BsdErrno.EPERM,
                    BsdErrno.EINTR,
                    BsdErrno.EIO,
                    BsdErrno.ENXIO,
                    BsdErrno.EBUSY,
                    BsdErrno.EINVAL,
                    BsdErrno.ENOTTY,
                    BsdErrno.EWOULDBLOCK,
                    BsdErrno.EAFNOSUPPORT,
                    BsdErrno.ENOBUFS,
                    BsdErrno.EHOSTDOWN
                })
                .containsExactly(numbers);
        assertThat(BsdErrno.name(64)).isEqualTo("EHOSTDOWN");
        assertThat(BsdErrno.text(64)).isEqualTo("host is down");
        assertThat(BsdErrno.of(adit.device.Errno.EADDRNOTAVAIL)).isEqualTo(49);
        assertThat(BsdErrno.of(adit.device.Errno.EBADFD))
                .as("what NetBSD lacks")
                .isEqualTo(BsdErrno.EINVAL);
    }
}
