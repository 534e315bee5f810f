package adit.linux;

import adit.linux.sys.Errno;
import adit.linux.sys.Inet;
import adit.linux.sys.Iovec;
import adit.linux.sys.Libc;
import adit.linux.sys.LibcSocket;
import adit.linux.sys.Message;
import adit.packet.Addressing;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.packet.Refusal;
import adit.underlay.Fragments;
import adit.underlay.Identifications;
import adit.underlay.OuterHeader;
import adit.underlay.Path;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/// The sending half of a raw underlay: writes the outer header and gives whole IP packets to the kernel.
///
/// A packet that is larger than the path and may be fragmented is fragmented here, since the kernel does not
/// fragment what comes with its header. Fragments go out in the same call as everything else; when one is
/// refused, its packet is.
///
/// For one thread.
final class RawSender {
    private static final int MAX_MESSAGES = 128;
    private static final int CONTROL_SIZE = Message.controlSpace(Inet.PACKET_INFO_SIZE);
    /// The most octets of one fragment. A path that takes more gets smaller ones than it could.
    private static final int MAX_FRAGMENT = 9_216;

    private static final int FRAGMENTS_AT_ONCE = 64;

    private final Fd fd;
    private final Paths paths;
    private final OuterHeader header;
    private final PacketPool fragmentPool;
    private final PacketBatch fragments = new PacketBatch(FRAGMENTS_AT_ONCE);
    /// Fragments of this run, to be released when it is over.
    private final PacketBatch lent = new PacketBatch(FRAGMENTS_AT_ONCE);

    private final MemorySegment errno;
    private final MemorySegment messages;
    private final MemorySegment controls;
    private final MemorySegment vectors;
    private final MemorySegment[] messagesFrom = new MemorySegment[MAX_MESSAGES];
    private final MemorySegment[] nameOf = new MemorySegment[MAX_MESSAGES];
    /// Which packet of the batch each message is of.
    private final int[] packetOf = new int[MAX_MESSAGES];
    private int messageCount;

    RawSender(Fd fd, Paths paths) {
        this.fd = fd;
        this.paths = paths;
        this.header = new OuterHeader(new Identifications(new SplittableRandom()), OuterHeader.UdpChecksum.OFF);
        this.fragmentPool = new PacketPool(FRAGMENTS_AT_ONCE, OuterHeader.IPV4_LENGTH, MAX_FRAGMENT);
        Arena arena = Arena.ofAuto();
        errno = Libc.newErrnoState(arena);
        messages = arena.allocate((long) MAX_MESSAGES * Message.MULTI_SIZE, 8);
        controls = arena.allocate((long) MAX_MESSAGES * CONTROL_SIZE, 8);
        vectors = arena.allocate((long) MAX_MESSAGES * Iovec.SIZE, 8);
        MemorySegment names = arena.allocate((long) MAX_MESSAGES * Inet.ADDRESS_SIZE, 8);
        for (int i = 0; i < MAX_MESSAGES; i++) {
            long at = (long) i * Message.MULTI_SIZE;
            messagesFrom[i] = messages.asSlice(at);
            nameOf[i] = names.asSlice((long) i * Inet.ADDRESS_SIZE, Inet.ADDRESS_SIZE);
            Message.name(messages, at, nameOf[i]);
            Message.vectors(messages, at, vectors.asSlice((long) i * Iovec.SIZE, Iovec.SIZE), 1);
            Message.control(messages, at, controls.asSlice((long) i * CONTROL_SIZE, CONTROL_SIZE));
        }
    }

    int send(PacketBatch batch) {
        int size = batch.size();
        int held = fd.hold();
        if (held < 0) {
            for (int i = 0; i < size; i++) {
                batch.get(i).refuse(Refusal.DOWN);
            }
            return 0;
        }
        try {
            messageCount = 0;
            for (int i = 0; i < size; i++) {
                PacketBuffer p = batch.get(i);
                p.refuse(Refusal.NONE);
                if (!add(p, i)) {
                    transmit(held, batch);
                    add(p, i);
                }
            }
            transmit(held, batch);
        } finally {
            fd.leave();
        }
        return takeSent(batch);
    }

    private static int takeSent(PacketBatch batch) {
        int size = batch.size();
        int kept = 0;
        for (int i = 0; i < size; i++) {
            PacketBuffer p = batch.get(i);
            if (p.refusal() == Refusal.NONE) {
                p.release();
            } else {
                batch.set(kept++, p);
            }
        }
        batch.truncate(kept);
        return size - kept;
    }

    /// Adds the packet at `index` to the run. Answers false, and does nothing, when the run has no room for it.
    private boolean add(PacketBuffer p, int index) {
        if (messageCount == MAX_MESSAGES) {
            return false;
        }
        Addressing a = p.addressing();
        Path path = a.dontFragment ? Path.NONE : paths.path(a.source, a.destination);
        boolean large = path.exists() && OuterHeader.IPV4_LENGTH + p.length() > path.mtu();
        if (large && (messageCount > 0 || !lent.isEmpty())) {
            return false;
        }
        if (p.headroom() < OuterHeader.IPV4_LENGTH || !header.push(p)) {
            p.refuse(Refusal.TOO_BIG);
        } else if (large) {
            addFragments(p, index, Math.min(path.mtu(), MAX_FRAGMENT));
        } else {
            addMessage(p, index);
        }
        return true;
    }

    private void addFragments(PacketBuffer p, int index, int mtu) {
        if (!Fragments.split(p, mtu, fragmentPool, fragments)) {
            p.refuse(Refusal.TOO_BIG);
            return;
        }
        for (int i = 0; i < fragments.size(); i++) {
            addMessage(fragments.get(i), index);
            if (i > 0) {
                lent.add(fragments.get(i));
            }
        }
        fragments.clear();
    }

    private void addMessage(PacketBuffer p, int index) {
        int k = messageCount++;
        packetOf[k] = index;
        Addressing a = p.addressing();
        Iovec.set(vectors, k, p.segment(), p.head(), p.length());
        Inet.putAddress(nameOf[k], 0, a.destination, 0);
        int control = 0;
        if (a.link != 0) {
            long at = (long) k * CONTROL_SIZE;
            long info = Message.putControl(controls, at, Inet.SOL_IP, Inet.IP_PKTINFO, Inet.PACKET_INFO_SIZE);
            Inet.putPacketInfo(controls, info, a.link, 0);
            control = CONTROL_SIZE;
        }
        Message.controlLength(messages, (long) k * Message.MULTI_SIZE, control);
    }

    private void transmit(int held, PacketBatch batch) {
        int done = 0;
        boolean retried = false;
        while (done < messageCount) {
            int n = LibcSocket.sendmmsg(errno, held, messagesFrom[done], messageCount - done, Inet.MSG_DONTWAIT);
            if (n > 0) {
                done += n;
                retried = false;
            } else if (!retried && n != -Errno.EAGAIN) {
                retried = true;
            } else {
                refuse(batch.get(packetOf[done]), -n);
                done++;
                retried = false;
            }
        }
        messageCount = 0;
        lent.releaseAll();
    }

    private void refuse(PacketBuffer p, int error) {
        Refusal why = SocketErrno.refusal(error);
        if (why == Refusal.TOO_BIG || why == Refusal.UNREACHABLE) {
            paths.stale(p.addressing().destination);
        }
        p.refuse(why);
    }

    /// Frees the memory for fragments. After the last [#send].
    void close() {
        fragmentPool.close();
    }
}
