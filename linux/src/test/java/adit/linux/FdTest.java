package adit.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adit.device.Errno;
import adit.linux.sys.Fcntl;
import adit.linux.sys.HostOrder;
import adit.linux.sys.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FdTest {
    private static int flagsOf(int number) {
        return Libc.fcntl(Libc.errnoState(), number, Fcntl.F_GETFD, 0);
    }

    @Test
    void closesOnExecWhateverMadeIt() throws Exception {
        try (Fd opened = Fd.open("/dev/null", Fcntl.O_RDONLY);
                Fd copy = opened.duplicate();
                EventFd event = EventFd.open()) {
            for (Fd fd : List.of(opened, copy, event.fd())) {
                assertThat(flagsOf(fd.holdOrThrow())).isEqualTo(Fcntl.FD_CLOEXEC);
                fd.leave();
            }
        }
    }

    @Test
    void takesOverADescriptorOfSomebodyElse() throws Exception {
        int number;
        try (Arena arena = Arena.ofConfined()) {
            number = Libc.open(Libc.errnoState(), arena.allocateFrom("/dev/null"), Fcntl.O_RDONLY, 0);
        }
        assertThat(flagsOf(number)).isZero();
        try (Fd fd = Fd.adopt(number)) {
            assertThat(fd.isOpen()).isTrue();
            assertThat(flagsOf(number)).isEqualTo(Fcntl.FD_CLOEXEC);
        }
        assertThat(flagsOf(number)).isEqualTo(-Errno.EBADF);
        assertThatThrownBy(() -> Fd.adopt(number))
                .isInstanceOf(LinuxException.class)
                .hasMessageContaining("EBADF");
    }

    @Test
    void saysWhatFailedAndWhatToDo() {
        assertThatThrownBy(() -> Fd.open("/dev/net/no-such-tun", Fcntl.O_RDWR))
                .isInstanceOfSatisfying(LinuxException.class, e -> {
                    assertThat(e.call()).isEqualTo("open");
                    assertThat(e.errno()).isEqualTo(Errno.ENOENT);
                    assertThat(e.errnoName()).isEqualTo("ENOENT");
                    assertThat(e.hint()).contains("mknod /dev/net/tun c 10 200");
                })
                .hasMessageStartingWith(
                        "open /dev/net/no-such-tun: ENOENT (no such file or directory): no such file; for /dev/net/tun");
    }

    @Test
    void closesOnlyWhenTheLastUserLeaves() throws Exception {
        Fd fd = Fd.open("/dev/null", Fcntl.O_RDONLY);
        int number = fd.holdOrThrow();
        assertThat(fd.hold()).isEqualTo(number);
        fd.close();
        fd.close();
        assertThat(fd.isOpen()).isFalse();
        assertThat(fd.hold()).isEqualTo(-1);
        assertThatThrownBy(fd::holdOrThrow).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(fd::duplicate).isInstanceOf(ClosedChannelException.class);
        assertThat(flagsOf(number)).isEqualTo(Fcntl.FD_CLOEXEC);
        fd.leave();
        assertThat(flagsOf(number)).isEqualTo(Fcntl.FD_CLOEXEC);
        fd.leave();
        assertThat(flagsOf(number)).isEqualTo(-Errno.EBADF);
    }

    @Test
    void signalsSleepersWhenItIsClosed() throws Exception {
        try (EventFd before = EventFd.open();
                EventFd after = EventFd.open();
                EventFd forgotten = EventFd.open();
                Arena arena = Arena.ofConfined()) {
            Fd fd = Fd.open("/dev/null", Fcntl.O_RDONLY);
            fd.wakeOnClose(before);
            fd.wakeOnClose(forgotten);
            fd.forget(forgotten);
            fd.hold();
            fd.close();
            fd.wakeOnClose(after);
            fd.leave();
            MemorySegment counter = arena.allocate(8, 8);
            for (EventFd event : List.of(before, after, forgotten)) {
                int n = Libc.read(Libc.errnoState(), event.fd().holdOrThrow(), counter, 0, 8);
                event.fd().leave();
                assertThat(n).isEqualTo(event.equals(forgotten) ? -Errno.EAGAIN : 8);
            }
        }
    }

    private record Marked(EventFd event, int mark) {}

    /// Each eventfd holds its own number. Users take the number out and put it back, while others close it and
    /// open new ones: nobody ever meets the wrong number or a closed descriptor.
    @Test
    void neverLetsAUserMeetAReusedNumber() throws Exception {
        AtomicReference<Marked> current = new AtomicReference<>(marked(1));
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            List<Future<Long>> users = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                users.add(threads.submit(() -> use(current)));
            }
            for (int mark = 2; mark < 20_000; mark++) {
                current.getAndSet(marked(mark)).event().close();
            }
            current.getAndSet(new Marked(null, 0)).event().close();
            long met = 0;
            for (Future<Long> user : users) {
                met += user.get();
            }
            assertThat(met).isPositive();
        } finally {
            threads.shutdownNow();
        }
    }

    private static Marked marked(int mark) throws Exception {
        EventFd event = EventFd.open();
        try (Arena arena = Arena.ofConfined()) {
            put(event.fd().holdOrThrow(), arena.allocate(8, 8), mark);
            event.fd().leave();
        }
        return new Marked(event, mark);
    }

    private static void put(int held, MemorySegment counter, long mark) {
        HostOrder.put64(counter, 0, mark);
        assertThat(Libc.write(Libc.errnoState(), held, counter, 0, 8)).isEqualTo(8);
    }

    private static long use(AtomicReference<Marked> current) {
        long met = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment counter = arena.allocate(8, 8);
            while (true) {
                Marked marked = current.get();
                if (marked.mark() == 0) {
                    return met;
                }
                int held = marked.event().fd().hold();
                if (held < 0) {
                    continue;
                }
                try {
                    int n = Libc.read(Libc.errnoState(), held, counter, 0, 8);
                    if (n == 8) {
                        assertThat(HostOrder.i64(counter, 0)).isEqualTo(marked.mark());
                        put(held, counter, marked.mark());
                        met++;
                    } else {
                        // Another user has taken it out just now.
                        assertThat(n).isEqualTo(-Errno.EAGAIN);
                    }
                } finally {
                    marked.event().fd().leave();
                }
            }
        }
    }
}
