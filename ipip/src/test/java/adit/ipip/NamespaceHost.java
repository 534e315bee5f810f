package adit.ipip;

import adit.iproute.Ip;
import adit.iproute.IpHost;
import adit.iproute.TunTapControl;
import adit.netlink.ErrorMessage;
import adit.netlink.LinkMessage;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netlink.NetlinkTransport;
import adit.netlink.Rtnetlink;
import adit.netns.Namespace;
import adit.netns.NetlinkSession;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.MemorySegment;
import java.nio.file.NoSuchFileException;
import java.util.List;

/// A namespace for the command `ip` to act on.
final class NamespaceHost implements IpHost, NetlinkTransport {
    private final Namespace namespace;

    NamespaceHost(Namespace namespace) {
        this.namespace = namespace;
    }

    /// What a run of `ip` came to.
    record Ran(int exitCode, String out, String err) {}

    /// Runs `ip` with the words of a line.
    static Ran ip(Namespace namespace, String line) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Ip ip = new Ip(
                new NamespaceHost(namespace),
                new ByteArrayInputStream(new byte[0]),
                new PrintWriter(out),
                new PrintWriter(err));
        return new Ran(ip.run(line.split(" ")), out.toString(), err.toString());
    }

    /// Sends a message of generic netlink that asks for no acknowledgement but that of an error, and answers
    /// the first thing that is said to it.
    static MessageReader talk(Namespace namespace, int type, MessageWriter.Body body) throws IOException {
        try (NetlinkSession session = namespace.netlink(Netlink.NETLINK_GENERIC)) {
            MemorySegment s = MemorySegment.ofArray(new byte[512]);
            MessageWriter w = new MessageWriter(s).message(type, Netlink.NLM_F_REQUEST | Netlink.NLM_F_ACK, 1, 0, body);
            session.send(s.asSlice(0, w.length()));
            byte[] answer = session.receive();
            MessageReader m = new MessageReader(MemorySegment.ofArray(answer), 0, answer.length);
            m.next();
            return m;
        }
    }

    /// Asks for a link to go to the namespace of this descriptor; 0 or an error number.
    static int setNamespace(Namespace namespace, String link, int descriptor) throws IOException {
        int index = namespace.devices().byName(link).index();
        return send(
                namespace,
                Rtnetlink.RTM_NEWLINK,
                0,
                LinkMessage.builder()
                        .index(index)
                        .namespace(new LinkMessage.Namespace.OfDescriptor(descriptor))
                        .build());
    }

    /// Sends a message of rtnetlink and answers 0 or an error number.
    static int send(Namespace namespace, int type, int flags, MessageWriter.Body body) throws IOException {
        try (NetlinkSession session = namespace.netlink()) {
            MemorySegment s = MemorySegment.ofArray(new byte[1024]);
            MessageWriter w =
                    new MessageWriter(s).message(type, Netlink.NLM_F_REQUEST | Netlink.NLM_F_ACK | flags, 1, 0, body);
            session.send(s.asSlice(0, w.length()));
            byte[] answer = session.receive();
            MessageReader m = new MessageReader(MemorySegment.ofArray(answer), 0, answer.length);
            m.next();
            return ErrorMessage.read(m).errno();
        }
    }

    @Override
    public List<byte[]> ask(int protocol, byte[] request) throws IOException {
        try (NetlinkSession session = namespace.netlink(protocol)) {
            session.option(Netlink.NETLINK_EXT_ACK, 1);
            session.option(Netlink.NETLINK_GET_STRICT_CHK, 1);
            return session.ask(request);
        }
    }

    @Override
    public Announcements listen(int... groups) {
        throw new AssertionError("no test here listens");
    }

    @Override
    public NetlinkTransport netlink() {
        return this;
    }

    @Override
    public TunTapControl tunTap() {
        throw new AssertionError("no test here makes TUN devices");
    }

    @Override
    public IpHost namespace(String name) throws NoSuchFileException {
        throw new NoSuchFileException(name);
    }

    @Override
    public int namespaceDescriptor(String name) {
        return -1;
    }

    @Override
    public void close() {}
}
