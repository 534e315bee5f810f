package adit.iproute;

import adit.netlink.ErrorMessage;
import adit.netlink.FamilyMessage;
import adit.netlink.Genl;
import adit.netlink.LinkMessage;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netlink.NetlinkTransport;
import adit.netlink.Rtnetlink;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// Remembers what is asked, says yes to every change, and knows a few links and the family of FOU.
final class ScriptedTransport implements NetlinkTransport {
    static final int FOU = 28;

    private static final Map<String, Integer> LINKS = Map.of("lo", 1, "v0", 3);

    /// The changes that were asked for, header and all.
    final List<byte[]> changes = new ArrayList<>();
    /// What will be announced, one datagram after the other.
    final List<byte[]> announcements = new ArrayList<>();

    @Override
    public List<byte[]> ask(int protocol, byte[] request) {
        MessageReader m = new MessageReader(MemorySegment.ofArray(request), 0, request.length);
        m.next();
        if (protocol == Netlink.NETLINK_GENERIC && m.type() == Genl.GENL_ID_CTRL) {
            return List.of(
                    message(
                            Genl.GENL_ID_CTRL,
                            new FamilyMessage(
                                    Genl.CTRL_CMD_NEWFAMILY,
                                    Optional.of("fou"),
                                    OptionalInt.of(FOU),
                                    OptionalInt.of(1))),
                    message(Netlink.NLMSG_ERROR, ErrorMessage.answer(m, 0, "")));
        }
        if (m.type() == Rtnetlink.RTM_GETLINK) {
            String name = LinkMessage.read(m).name().orElse("");
            Integer index = LINKS.get(name);
            return index == null
                    ? List.of(message(Netlink.NLMSG_ERROR, ErrorMessage.answer(m, 19, "")))
                    : List.of(
                            message(
                                    Rtnetlink.RTM_NEWLINK,
                                    LinkMessage.builder()
                                            .index(index)
                                            .name(name)
                                            .build()),
                            message(Netlink.NLMSG_ERROR, ErrorMessage.answer(m, 0, "")));
        }
        changes.add(request);
        return List.of(message(Netlink.NLMSG_ERROR, ErrorMessage.answer(m, 0, "")));
    }

    private static byte[] message(int type, MessageWriter.Body body) {
        MemorySegment s = MemorySegment.ofArray(new byte[1024]);
        long length = new MessageWriter(s).message(type, 0, 0, 0, body).length();
        return s.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    }

    @Override
    public Announcements listen(int... groups) {
        List<byte[]> left = new ArrayList<>(announcements);
        return new Announcements() {
            @Override
            public Optional<byte[]> next(Duration limit) throws IOException {
                if (left.isEmpty()) {
                    throw new EOFException();
                }
                return Optional.of(left.removeFirst());
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void close() {}
}
