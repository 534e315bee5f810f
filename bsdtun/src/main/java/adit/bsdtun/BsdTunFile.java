package adit.bsdtun;

import adit.device.Counter;
import adit.packet.PacketBuffer;
import java.lang.foreign.MemorySegment;

/// An open `/dev/tunN`.
///
/// This is the level of system calls. Nothing here throws for what a file or a unit can answer: a call answers
/// what NetBSD's would, octets or a negative [BsdErrno]. [BsdTunControl] has the ioctls in words.
///
/// One read answers one packet, one write takes one, with the [Framing] of the unit in front. Whether reads
/// wait (FIONBIO), whether SIGIO is sent (FIOASYNC) and the framing are properties of the unit. They stay when
/// the file is closed, and the next opener has them.
///
/// Memory is the caller's for the duration of a call. Where octets named by a call lie outside of the segment,
/// the answer is EFAULT. All methods may be called from any threads at once. Closing wakes whoever waits.
public final class BsdTunFile implements AutoCloseable {
    private final BsdTunDriver driver;
    private final TunUnit unit;
    private volatile boolean closed;
    private volatile SignalHandler handler;

    BsdTunFile(BsdTunDriver driver, TunUnit unit) {
        this.driver = driver;
        this.unit = unit;
    }

    BsdTunDriver driver() {
        return driver;
    }

    /// The unit, for the calls of this package.
    TunUnit tunUnit() {
        return unit;
    }

    /// The number of the unit.
    public int unit() {
        return unit.number();
    }

    // ---- Packets

    /// Moves one packet into `length` octets at `at`, and answers how many octets it put there; the rest of a
    /// longer packet is lost. Without a packet it waits, or answers EWOULDBLOCK after FIONBIO.
    ///
    /// ENXIO when the interface was destroyed, also during the wait, whether or not it was made anew; EHOSTDOWN
    /// before it has an address; EINTR when the thread is interrupted, which stays so; EFAULT when the memory
    /// is not all there, and then the packet is lost; EBADF once closed. With a length of 0 the answer is 0,
    /// and no packet is lost.
    public int read(MemorySegment s, long at, int length) {
        if (closed) {
            return -BsdErrno.EBADF;
        }
        if (length == 0) {
            // The file system answers this itself.
            return 0;
        }
        BsdTunDevice device = unit.device();
        if (device == null) {
            return -BsdErrno.ENXIO;
        }
        if (!unit.has(TunFlags.READY)) {
            return device.equals(unit.device()) ? -BsdErrno.EHOSTDOWN : -BsdErrno.ENXIO;
        }
        PacketBuffer p = device.dequeue();
        if (p == null) {
            if (unit.has(TunFlags.NBIO)) {
                return -BsdErrno.EWOULDBLOCK;
            }
            PacketBuffer[] found = new PacketBuffer[1];
            int answer = unit.readers().await(() -> look(device, found), -1);
            p = found[0];
            if (p == null) {
                return answer;
            }
        }
        int octets = Math.min(p.length(), length);
        if (at < 0 || length < 0 || at > s.byteSize() - octets) {
            device.statistics().add(Counter.RX_ERRORS, 1);
            octets = -BsdErrno.EFAULT;
        } else {
            MemorySegment.copy(p.segment(), p.head(), s, at, octets);
        }
        p.release();
        return octets;
    }

    /// What a reader who waits looks for: the end of its interface, a packet, or a reason to wait no longer.
    private int look(BsdTunDevice device, PacketBuffer[] found) {
        if (closed) {
            return -BsdErrno.EBADF;
        }
        if (unit.device() != device) {
            return -BsdErrno.ENXIO;
        }
        found[0] = device.dequeue();
        if (found[0] != null) {
            return 1;
        }
        return unit.has(TunFlags.NBIO) ? -BsdErrno.EWOULDBLOCK : 0;
    }

    /// Moves one packet into `into`.
    public int read(MemorySegment into) {
        return read(into, 0, (int) Math.min(into.byteSize(), Integer.MAX_VALUE));
    }

    /// Hands `length` octets at `at` to the stack as one packet with its framing, and answers `length`. The
    /// interface need not be up, nor have an address.
    ///
    /// ENXIO when the interface was destroyed; EIO when the framing is cut, nothing is behind it, or more than
    /// 1500 octets are; EAFNOSUPPORT for a family that is neither AF_INET nor AF_INET6; ENOBUFS when there is
    /// no buffer, or the input queue is full; EFAULT when the memory is not all there; EBADF once closed.
    public int write(MemorySegment s, long at, int length) {
        return closed ? -BsdErrno.EBADF : WritePath.write(driver, unit, s, at, length);
    }

    /// Hands `packet` to the stack.
    public int write(MemorySegment packet) {
        return write(packet, 0, (int) Math.min(packet.byteSize(), Integer.MAX_VALUE));
    }

    // ---- Waiting

    /// Which of `events`, of [BsdPoll], hold now: none when the interface was destroyed; writing always. Does
    /// not wait: that is a [Kqueue]'s.
    public int poll(int events) {
        BsdTunDevice device = unit.device();
        if (closed || device == null) {
            return 0;
        }
        int ready = BsdPoll.POLLOUT | BsdPoll.POLLWRNORM;
        if (device.hasPacket()) {
            ready |= BsdPoll.POLLIN | BsdPoll.POLLRDNORM;
        }
        return events & ready;
    }

    /// Has `signals` called where the owner (FIOSETOWN) would get SIGIO, once that is wanted (FIOASYNC); null
    /// for no longer. It ends with the file.
    public void onSignal(SignalHandler signals) {
        handler = signals;
    }

    void signal(int owner, int code, int band) {
        SignalHandler told = handler;
        if (told != null) {
            told.signal(owner, code, band);
        }
    }

    // ---- Control

    /// Any ioctl of [BsdIoctl], with memory for its argument in the host's byte order; others are ENOTTY.
    /// EFAULT when the memory is shorter than the number says; ENXIO when the interface was destroyed.
    public int ioctl(int command, MemorySegment argument) {
        return closed ? -BsdErrno.EBADF : FileIoctls.ioctl(this, command, argument);
    }

    /// Whether the file is open.
    public boolean isOpen() {
        return !closed;
    }

    /// Closes the file and wakes whoever waits on it. The interface stays, and goes down; packets that wait to
    /// be read are lost. If it was destroyed before, the unit is gone too. Closing again does nothing.
    @Override
    public void close() {
        driver.lock().lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            driver.closed(unit);
            handler = null;
        } finally {
            driver.lock().unlock();
        }
    }

    @Override
    public String toString() {
        return "/dev/" + BsdTunDriver.NAME + unit.number();
    }
}
