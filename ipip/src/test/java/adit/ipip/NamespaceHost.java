package adit.ipip;

import adit.iproute.Ip;
import adit.iproute.IpHost;
import adit.iproute.TunTapControl;
import adit.netlink.NetlinkTransport;
import adit.netns.Namespace;
import adit.netns.NetlinkSession;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.MemorySegment;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
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

    @Override
    public List<byte[]> ask(int protocol, byte[] request) throws IOException {
        try (NetlinkSession session = namespace.netlink(protocol)) {
            session.send(MemorySegment.ofArray(request));
            List<byte[]> all = new ArrayList<>();
            for (byte[] next = session.receive(); next != null; next = session.receive()) {
                all.add(next);
            }
            return all;
        }
    }

    @Override
    public Announcements listen(int... groups) {
        throw new UnsupportedOperationException("nobody monitors here");
    }

    @Override
    public NetlinkTransport netlink() {
        return this;
    }

    @Override
    public TunTapControl tunTap() {
        throw new UnsupportedOperationException("no TUN devices here");
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
