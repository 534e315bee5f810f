package adit.netns;

import static org.assertj.core.api.Assertions.assertThat;

import adit.linux.sys.Libc;
import adit.linux.sys.LibcSocket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// A NETLINK_ROUTE socket of the namespace that the calling thread is in.
final class KernelRtnetlink implements RtnetlinkServer, AutoCloseable {
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_ADD_MEMBERSHIP = 1;
    private static final int NETLINK_GET_STRICT_CHK = 12;

    private final int fd = LibcSocket.socket(Libc.errnoState(), AF_NETLINK, SOCK_RAW_CLOEXEC, 0);
    private final MemorySegment buffer = Arena.ofAuto().allocate(1 << 17, 8);

    /// Hears of what is said to a multicast group.
    void join(int group) {
        set(NETLINK_ADD_MEMBERSHIP, group);
    }

    /// Has the kernel heed what requests for dumps say is wanted, and refuse those that say more.
    void lookStrictly() {
        set(NETLINK_GET_STRICT_CHK, 1);
    }

    /// Sets an option of the level SOL_NETLINK, and answers 0 or a negative errno.
    int option(int option, int value) {
        MemorySegment number = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_INT, value);
        return LibcSocket.setsockopt(Libc.errnoState(), fd, SOL_NETLINK, option, number, Integer.BYTES);
    }

    private void set(int option, int value) {
        assertThat(option(option, value)).isZero();
    }

    /// The kernel has answered when sending returns; parts of a dump come as they are read.
    @Override
    public List<byte[]> exchange(MemorySegment request) {
        int sent = LibcSocket.sendto(Libc.errnoState(), fd, request, request.byteSize(), 0, MemorySegment.NULL, 0);
        assertThat(sent).isEqualTo((int) request.byteSize());
        return heard();
    }

    /// What has been said meanwhile.
    List<byte[]> heard() {
        List<byte[]> answers = new ArrayList<>();
        while (true) {
            int n = LibcSocket.recvfrom(
                    Libc.errnoState(),
                    fd,
                    buffer,
                    buffer.byteSize(),
                    MSG_DONTWAIT,
                    MemorySegment.NULL,
                    MemorySegment.NULL);
            if (n <= 0) {
                return answers;
            }
            answers.add(buffer.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE));
        }
    }

    @Override
    public void close() {
        Libc.close(Libc.errnoState(), fd);
    }
}
