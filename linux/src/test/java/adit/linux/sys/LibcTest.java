package adit.linux.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adit.device.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class LibcTest {
    private static final int AF_UNIX = 1;
    private static final int SOCK_SEQPACKET = 5;
    private static final int SOCK_CLOEXEC = 0x80000;

    private final MemorySegment errno = Libc.errnoState();

    @Test
    void answersTheNegativeErrno() {
        try (Arena arena = Arena.ofConfined()) {
            assertThat(Libc.open(errno, arena.allocateFrom("/no/such/file"), Fcntl.O_RDONLY, 0))
                    .isEqualTo(-Errno.ENOENT);
            assertThat(Libc.read(errno, -1, arena.allocate(8), 0, 8)).isEqualTo(-Errno.EBADF);
            assertThat(Libc.ioctl(errno, -1, 0x800454cf, MemorySegment.NULL)).isEqualTo(-Errno.EBADF);
            assertThat(LibcSocket.socket(errno, 9999, 0, 0)).isEqualTo(-Errno.EAFNOSUPPORT);
            assertThat(LibcProcess.setns(errno, -1, 0)).isEqualTo(-Errno.EBADF);
        }
    }

    @Test
    void refusesRunsThatLeaveTheirSegment() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = arena.allocate(16);
            assertThatThrownBy(() -> Libc.read(errno, -1, s, 8, 9)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> Libc.readv(errno, -1, s, 2)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> Iovec.set(s, 0, s, 0, 17)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> Iovec.set(s, 0, MemorySegment.ofArray(new byte[8]), 0, 8))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void movesOctetsByEveryCallThatMovesThem() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pair = arena.allocate(8, 4);
            assertThat(LibcSocket.socketpair(errno, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
                    .isZero();
            int a = HostOrder.i32(pair, 0);
            int b = HostOrder.i32(pair, 4);
            MemorySegment out = arena.allocateFrom("one two");
            MemorySegment in = arena.allocate(16).fill((byte) 0xa5);

            assertThat(Libc.write(errno, a, out, 4, 3)).isEqualTo(3);
            assertThat(Libc.read(errno, b, in, 1, 15)).isEqualTo(3);
            assertThat(in.asSlice(0, 5).toArray(ValueLayout.JAVA_BYTE)).containsExactly(0xa5, 't', 'w', 'o', 0xa5);

            MemorySegment vectors = arena.allocate(2 * Iovec.SIZE, 8);
            Iovec.set(vectors, 0, out, 4, 3);
            Iovec.set(vectors, 1, out, 0, 3);
            assertThat(Libc.writev(errno, a, vectors, 2)).isEqualTo(6);
            Iovec.set(vectors, 0, in, 8, 2);
            Iovec.set(vectors, 1, in, 0, 4);
            assertThat(Libc.readv(errno, b, vectors, 2)).isEqualTo(6);
            assertThat(in.asSlice(8, 2).toArray(ValueLayout.JAVA_BYTE)).containsExactly('t', 'w');
            assertThat(in.asSlice(0, 5).toArray(ValueLayout.JAVA_BYTE)).containsExactly('o', 'o', 'n', 'e', 0xa5);

            Iovec.set(vectors, 0, out, 0, 3);
            MemorySegment messages = arena.allocate(2 * Message.MULTI_SIZE, 8);
            Message.vectors(messages, 0, vectors, 1);
            Message.vectors(messages, Message.MULTI_SIZE, vectors, 1);
            assertThat(LibcSocket.sendmmsg(errno, a, messages, 2, 0)).isEqualTo(2);
            assertThat(Message.moved(messages, Message.MULTI_SIZE)).isEqualTo(3);
            Iovec.set(vectors, 0, in, 0, 8);
            assertThat(LibcSocket.recvmmsg(errno, b, messages, 2, 0, MemorySegment.NULL))
                    .isEqualTo(2);
            assertThat(Message.moved(messages, 0)).isEqualTo(3);
            assertThat(in.asSlice(0, 3).toArray(ValueLayout.JAVA_BYTE)).containsExactly('o', 'n', 'e');

            assertThat(Libc.close(errno, a)).isZero();
            assertThat(Libc.close(errno, b)).isZero();
            assertThat(Libc.close(errno, b)).isEqualTo(-Errno.EBADF);
        }
    }

    @Test
    void pollsWhatIsReadyAndEndsAtTheTimeout() {
        try (Arena arena = Arena.ofConfined()) {
            int fd = Libc.eventfd(errno, 0, Fcntl.O_NONBLOCK | Fcntl.O_CLOEXEC);
            MemorySegment set = arena.allocate(2 * Poll.SIZE, 4);
            MemorySegment timeout = arena.allocate(Poll.TIMESPEC_SIZE, 8);
            Poll.set(set, 0, -1, Poll.POLLIN);
            Poll.set(set, 1, fd, Poll.POLLIN);
            Poll.timespec(timeout, 1_000);
            assertThat(Libc.ppoll(errno, set, 2, timeout)).isZero();
            MemorySegment one = arena.allocate(8, 8);
            HostOrder.put64(one, 0, 1);
            assertThat(Libc.write(errno, fd, one, 0, 8)).isEqualTo(8);
            assertThat(Libc.ppoll(errno, set, 2, MemorySegment.NULL)).isEqualTo(1);
            assertThat(Poll.ready(set, 1)).isEqualTo(Poll.POLLIN);
            assertThat(Libc.close(errno, fd)).isZero();
        }
    }

    @Test
    void saysWhereItCannotWork() {
        assertThatThrownBy(() -> Platform.require("Mac OS X", "aarch64"))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("adit.linux needs Linux on x86-64 or aarch64; this is Mac OS X on aarch64");
        assertThatThrownBy(() -> Platform.require("Linux", "riscv64"))
                .isInstanceOf(UnsupportedOperationException.class);
        Platform.require("Linux", "amd64");
    }
}
