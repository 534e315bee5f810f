package adit.tun;

import adit.device.Errno;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ScatteringByteChannel;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.util.Objects;

/// A TUN file as Java programs expect one: a channel for byte buffers, heap or direct, that throws what went
/// wrong.
///
/// A read answers one packet and never part of one; what does not fit into the buffer is lost. A write takes a
/// whole packet. Both have the framing of the device in front. Without a packet a read waits, or answers 0 if
/// the channel was [#configureBlocking]-ed so.
///
/// Several threads may read, write and close at once. Closing ends all waits with
/// [java.nio.channels.AsynchronousCloseException]; interrupting a thread that waits closes the channel, as for
/// every [java.nio.channels.InterruptibleChannel]. A selector can't wait for it, because selectors know the
/// JDK's own channels alone: see [TunPoller].
///
/// ```java
/// try (TunChannel tun = TunChannel.open(opener, TunSpec.tun("tun0"))) {
///     ByteBuffer packet = ByteBuffer.allocateDirect(1500);
///     tun.read(packet);
/// }
/// ```
public final class TunChannel extends AbstractInterruptibleChannel
        implements ByteChannel, GatheringByteChannel, ScatteringByteChannel {
    private final TunFile file;
    private final TunControl control;
    private final String name;

    private TunChannel(TunFile file, TunControl control, String name) {
        this.file = file;
        this.control = control;
        this.name = name;
    }

    /// Opens a file and attaches it to the device that `spec` names, or makes it.
    public static TunChannel open(TunOpener opener, TunSpec spec) throws IOException {
        TunFile file = opener.open();
        try {
            TunControl control = new TunControl(file);
            if (spec.index() != 0) {
                control.nextIndex(spec.index());
            }
            return new TunChannel(file, control, control.attach(spec));
        } catch (Throwable t) {
            file.close();
            throw t;
        }
    }

    /// The file, for calls that answer rather than throw. Stays this channel's.
    public TunFile file() {
        return file;
    }

    /// The control calls.
    public TunControl control() {
        return control;
    }

    /// The name that the device had when this was attached.
    public String name() {
        return name;
    }

    /// Says whether a read waits for a packet; so it does at first.
    public TunChannel configureBlocking(boolean block) {
        file.blocking(block);
        return this;
    }

    /// Whether a read waits for a packet.
    public boolean isBlocking() {
        return file.blocking();
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        if (into.isReadOnly()) {
            throw new IllegalArgumentException("a read-only buffer");
        }
        int n = read(MemorySegment.ofBuffer(into));
        into.position(into.position() + n);
        return n;
    }

    /// Moves a packet into `into` and answers how many octets it put there; 0 when there is none and the
    /// channel does not wait.
    public int read(MemorySegment into) throws IOException {
        return transfer("read", () -> file.read(into));
    }

    @Override
    public long read(ByteBuffer[] into) throws IOException {
        return read(into, 0, into.length);
    }

    @Override
    public long read(ByteBuffer[] into, int offset, int length) throws IOException {
        IoVectors vectors = vectors(into, offset, length);
        int n = transfer("readv", () -> file.read(vectors));
        advance(into, offset, length, n);
        return n;
    }

    @Override
    public int write(ByteBuffer packet) throws IOException {
        int n = write(MemorySegment.ofBuffer(packet));
        packet.position(packet.position() + n);
        return n;
    }

    /// Hands a packet to the stack and answers its length.
    public int write(MemorySegment packet) throws IOException {
        return transfer("write", () -> file.write(packet));
    }

    @Override
    public long write(ByteBuffer[] from) throws IOException {
        return write(from, 0, from.length);
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) throws IOException {
        IoVectors vectors = vectors(from, offset, length);
        int n = transfer("writev", () -> file.write(vectors));
        advance(from, offset, length, n);
        return n;
    }

    private interface Call {
        int answer();
    }

    private int transfer(String call, Call system) throws IOException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
        boolean completed = false;
        begin();
        try {
            int n = system.answer();
            completed = n != -Errno.EBADF || file.isOpen();
            if (n == -Errno.EINTR) {
                close();
                throw new ClosedByInterruptException();
            }
            if (n == -Errno.EAGAIN || !completed) {
                // The second is a close meanwhile, for which end() throws.
                return 0;
            }
            if (n < 0) {
                throw new TunException(call, name, -n);
            }
            return n;
        } finally {
            end(completed);
        }
    }

    private static IoVectors vectors(ByteBuffer[] buffers, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, buffers.length);
        IoVectors vectors = new IoVectors(length);
        for (int i = offset; i < offset + length; i++) {
            vectors.add(MemorySegment.ofBuffer(buffers[i]), 0, buffers[i].remaining());
        }
        return vectors;
    }

    private static void advance(ByteBuffer[] buffers, int offset, int length, int octets) {
        int left = octets;
        for (int i = offset; i < offset + length && left > 0; i++) {
            int n = Math.min(left, buffers[i].remaining());
            buffers[i].position(buffers[i].position() + n);
            left -= n;
        }
    }

    /// Closes the file. A device that is not persistent goes with its last file.
    @Override
    protected void implCloseChannel() {
        file.close();
    }

    @Override
    public String toString() {
        return name + ", " + file;
    }
}
