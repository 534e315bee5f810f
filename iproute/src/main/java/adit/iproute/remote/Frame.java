package adit.iproute.remote;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/// One message on the socket.
///
/// ```
/// | payload's length, 4 octets | kind, 1 octet | payload |
/// ```
///
/// Numbers are big-endian, texts as `DataOutput.writeUTF` has them. A conversation begins with [Kind#OPEN]; each
/// request is answered by its reply before the next one is read. What is announced after [Kind#LISTEN] comes
/// unasked.
final class Frame {
    /// The version of all this, in [Kind#OPEN].
    static final int VERSION = 1;

    /// The longest payload: some times what netlink ever has in one datagram.
    static final int MAX_PAYLOAD = 1 << 20;

    /// What a message is. Its place here is its number on the wire.
    enum Kind {
        /// Request: the version (4), the name of the host, which may be empty.
        OPEN,
        /// Request: the netlink protocol (4), one netlink message.
        ASK,
        /// Request: multicast groups (4 each). Nothing but announcements follows.
        LISTEN,
        /// Request: name, flags (4), owner (8), group (8); -1 for none.
        TUN_ADD,
        /// Request: name, flags (4).
        TUN_DELETE,
        /// Request: name.
        TUN_ATTACHED,
        /// Request: name.
        DESCRIPTOR,
        /// Reply, or announcement: a datagram of netlink.
        DATAGRAM,
        /// Reply: done; behind datagrams, there are no more.
        DONE,
        /// Reply: an errno (4), and what was refused or why.
        REFUSED,
        /// Reply: how many (4), and of each the process (8) and the name.
        ATTACHED,
        /// Reply: a number (4).
        NUMBER;

        private static final Kind[] ALL = values();
    }

    /// What fills a payload.
    interface Filling {
        void fill(DataOutputStream out) throws IOException;
    }

    private final Kind kind;
    private final byte[] payload;

    /// A message of these octets, which are the frame's from then on.
    Frame(Kind kind, byte[] payload) {
        this.kind = kind;
        this.payload = payload;
    }

    static Frame of(Kind kind) {
        return new Frame(kind, new byte[0]);
    }

    /// What it is.
    Kind kind() {
        return kind;
    }

    /// Its octets, not a copy.
    byte[] payload() {
        return payload;
    }

    static Frame of(Kind kind, Filling filling) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(octets)) {
            filling.fill(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Frame(kind, octets.toByteArray());
    }

    /// The payload, to be read; it ends with an [EOFException].
    DataInputStream read() {
        return new DataInputStream(new ByteArrayInputStream(payload));
    }

    /// The next message; nothing when the other side has ended between two messages.
    ///
    /// @throws IOException also for what is no message
    static Optional<Frame> read(DataInputStream in) throws IOException {
        int first = in.read();
        if (first < 0) {
            return Optional.empty();
        }
        int length = first << 24 | in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int kind = in.readUnsignedByte();
        if (length < 0 || length > MAX_PAYLOAD || kind >= Kind.ALL.length) {
            throw new IOException("these are not the octets of adit ip");
        }
        byte[] payload = in.readNBytes(length);
        if (payload.length < length) {
            throw new EOFException("the other side has ended within a message");
        }
        return Optional.of(new Frame(Kind.ALL[kind], payload));
    }

    void write(DataOutputStream out) throws IOException {
        out.writeInt(payload.length);
        out.writeByte(kind.ordinal());
        out.write(payload);
        out.flush();
    }
}
