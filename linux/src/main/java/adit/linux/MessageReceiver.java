package adit.linux;

import adit.linux.sys.Inet;
import adit.linux.sys.Iovec;
import adit.linux.sys.Libc;
import adit.linux.sys.LibcSocket;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Receives messages of a socket into buffers of a pool, several a call.
///
/// A buffer that stays empty is lent and released for nothing, so a call lends twice as many as the last one brought:
/// a socket with little to say costs little, and one with much to say is heard at full width a few calls later. While
/// messages are rare and small, a call asks for one ([OneAtATime]): for a second one the kernel would look in vain.
///
/// ```java
/// int n = messages.receive(held, most);
/// for (int i = 0; i < n; i++) {
///     PacketBuffer p = messages.take(i);      // null when it did not fit its buffer
/// }
/// ```
///
/// For one thread, whose pool lends the buffers. Every message of a call is taken before the next call.
final class MessageReceiver {
    private static final int FEWEST = 4;

    private final PacketPool pool;
    private final MemorySegment errno;
    private final MessageTable table;
    private final PacketBuffer[] buffers;
    private final OneAtATime one = new OneAtATime();
    private int appetite = FEWEST;
    private long starved;
    private long cut;

    /// Receives at most `mostAtOnce` messages a call, each with at most `controlSize` octets of control messages.
    MessageReceiver(Arena arena, PacketPool pool, int mostAtOnce, int controlSize) {
        this.pool = pool;
        errno = Libc.newErrnoState(arena);
        table = new MessageTable(arena, mostAtOnce, 1, controlSize);
        buffers = new PacketBuffer[mostAtOnce];
    }

    /// Receives at most `most` messages and answers how many came, or a negative errno. Never waits.
    int receive(int held, int most) {
        int wanted = one.isEnough() ? Math.min(most, 1) : Math.min(Math.min(most, buffers.length), appetite);
        return receive(held, lend(wanted), Inet.MSG_DONTWAIT);
    }

    /// Receives one message, and waits for it as long as the socket lets a thread wait, which `rest` is told. Answers
    /// 1, or a negative errno: EAGAIN when none came.
    int await(int held, RestInRead rest) {
        int lent = lend(1);
        long begun = System.nanoTime();
        int n = receive(held, lent, 0);
        rest.rested(System.nanoTime() - begun);
        return n;
    }

    private int receive(int held, int lent, int flags) {
        if (lent == 0) {
            return 0;
        }
        int n = LibcSocket.recvmmsg(errno, held, table.from(0), lent, flags, MemorySegment.NULL);
        for (int i = Math.max(n, 0); i < lent; i++) {
            buffers[i].release();
            buffers[i] = null;
        }
        appetite = Math.max(FEWEST, 2 * n);
        one.brought(n, n < 1 ? 0 : table.moved(0));
        return n;
    }

    private int lend(int wanted) {
        for (int i = 0; i < wanted; i++) {
            PacketBuffer p = pool.lend();
            if (p == null) {
                starved++;
                return i;
            }
            Iovec.set(table.vectorsFrom(i), 0, p.segment(), p.head(), p.tailroom());
            table.reset(i);
            buffers[i] = p;
        }
        return wanted;
    }

    /// The octets of message `index`, which are the caller's now; null when they were more than a buffer holds.
    PacketBuffer take(int index) {
        PacketBuffer p = buffers[index];
        buffers[index] = null;
        if ((table.flags(index) & Inet.MSG_TRUNC) != 0) {
            cut++;
            p.release();
            return null;
        }
        p.put(table.moved(index));
        return p;
    }

    /// What came beside the octets of each message: the sender's address and the control messages.
    MessageTable table() {
        return table;
    }

    /// How often there was no buffer to receive into.
    long starved() {
        return starved;
    }

    /// How many messages were longer than a buffer.
    long cut() {
        return cut;
    }
}
