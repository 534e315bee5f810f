package adit.interop.rules;

import static org.assertj.core.api.Assertions.assertThat;

import adit.ipip.Ipip;
import adit.iproute.Ip;
import adit.iproute.IpHost;
import adit.iproute.TunTapControl;
import adit.netlink.ErrorMessage;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netlink.NetlinkTransport;
import adit.netns.Namespace;
import adit.netns.NetlinkSession;
import adit.port.VirtualTime;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// Our `ip` on a namespace in memory, and on others by their names.
final class NamespaceIp implements IpHost, NetlinkTransport {
    private final Namespace namespace;
    private final Map<String, Namespace> others;
    private Reasons reasons = Reasons.WITHHELD;

    /// Whether a refusal comes with the text that Adit gives to each.
    enum Reasons {
        /// It does.
        TOLD,
        /// The error number is all that is told, as Linux mostly has it.
        WITHHELD
    }

    NamespaceIp(Namespace namespace, Map<String, Namespace> others) {
        this.namespace = namespace;
        this.others = others;
    }

    /// A namespace like that of [GuestIp#alone]: `lo` is up, and a dummy `net0` with 192.0.2.1/24.
    static Namespace alone(Ipip ipip) {
        Namespace ns =
                Namespace.builder().time(new VirtualTime()).seed(7).with(ipip).open();
        NamespaceIp ip = new NamespaceIp(ns, Map.of());
        for (String line : List.of(
                "link set lo up",
                "link add net0 address 02:00:00:00:00:01 type dummy",
                "address add 192.0.2.1/24 dev net0",
                "link set net0 up")) {
            assertThat(ip.run(line, Reasons.TOLD)).as(line).isEqualTo(new Ran(0, "", ""));
        }
        return ns;
    }

    /// Runs a command line, given without `ip`.
    Ran run(String line, Reasons wanted) {
        reasons = wanted;
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Ip ip = new Ip(this, InputStream.nullInputStream(), new PrintWriter(out), new PrintWriter(err));
        int code = ip.run(line.strip().split("\\s+"));
        return new Ran(code, out.toString(), err.toString());
    }

    @Override
    public List<byte[]> ask(int protocol, byte[] request) throws IOException {
        try (NetlinkSession session = namespace.netlink(protocol)) {
            session.option(Netlink.NETLINK_EXT_ACK, 1);
            session.option(Netlink.NETLINK_GET_STRICT_CHK, 1);
            List<byte[]> answers = session.ask(request);
            return reasons == Reasons.TOLD
                    ? answers
                    : answers.stream().map(NamespaceIp::withoutText).toList();
        }
    }

    private static byte[] withoutText(byte[] datagram) {
        MessageReader m = new MessageReader(MemorySegment.ofArray(datagram), 0, datagram.length);
        if (!m.next() || m.type() != Netlink.NLMSG_ERROR) {
            return datagram;
        }
        ErrorMessage said = ErrorMessage.read(m);
        ErrorMessage bare = new ErrorMessage(
                said.errno(), said.request(), Optional.empty(), OptionalInt.empty(), OptionalInt.empty());
        MemorySegment s = MemorySegment.ofArray(new byte[datagram.length]);
        MessageWriter w = new MessageWriter(s).message(Netlink.NLMSG_ERROR, bare.flags(), m.sequence(), m.port(), bare);
        return s.asSlice(0, w.length()).toArray(ValueLayout.JAVA_BYTE);
    }

    @Override
    public NetlinkTransport netlink() {
        return this;
    }

    @Override
    public IpHost namespace(String name) throws NoSuchFileException {
        Namespace other = others.get(name);
        if (other == null) {
            throw new NoSuchFileException(name);
        }
        return new NamespaceIp(other, others);
    }

    @Override
    public int namespaceDescriptor(String name) {
        Namespace other = others.get(name);
        return other == null ? -1 : other.descriptor();
    }

    @Override
    public Announcements listen(int... groups) {
        throw new AssertionError("no test here listens");
    }

    @Override
    public TunTapControl tunTap() {
        throw new AssertionError("no test here makes TUN devices");
    }

    @Override
    public void close() {
        // The namespaces are their maker's.
    }
}
