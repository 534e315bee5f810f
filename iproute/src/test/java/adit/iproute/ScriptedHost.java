package adit.iproute;

import adit.netlink.NetlinkTransport;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.NoSuchFileException;

/// A host that is nothing but a [ScriptedTransport].
final class ScriptedHost implements IpHost {
    final ScriptedTransport transport = new ScriptedTransport();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    /// Runs `ip` with the words of a line, and answers its exit code.
    int run(String line) {
        Ip ip = new Ip(this, new ByteArrayInputStream(new byte[0]), new PrintWriter(out), new PrintWriter(err));
        return ip.run(line.split(" "));
    }

    String out() {
        return out.toString();
    }

    String err() {
        return err.toString();
    }

    @Override
    public NetlinkTransport netlink() {
        return transport;
    }

    @Override
    public TunTapControl tunTap() {
        throw new UnsupportedOperationException();
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
