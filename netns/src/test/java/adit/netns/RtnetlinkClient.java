package adit.netns;

import static org.assertj.core.api.Assertions.assertThat;

import adit.netlink.ErrorMessage;
import adit.netlink.LinkMessage;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netlink.Rtnetlink;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Somebody who asks the running kernel, or a namespace in memory, by rtnetlink.
final class RtnetlinkClient {
    private final RtnetlinkServer server;
    private final Consumer<MessageReader> notifications;
    private int sequence;

    /// `notifications` is shown what the server says of itself.
    RtnetlinkClient(RtnetlinkServer server, Consumer<MessageReader> notifications) {
        this.server = server;
        this.notifications = notifications;
    }

    /// Asks for a change of a link, which is granted.
    void change(LinkMessage link) throws IOException {
        request(Rtnetlink.RTM_NEWLINK, 0, link);
    }

    /// Asks for a change, which is granted.
    void request(int type, int flags, MessageWriter.Body body) throws IOException {
        List<Integer> errors = new ArrayList<>();
        exchange(type, flags | Netlink.NLM_F_ACK, body, m -> {
            assertThat(m.type()).isEqualTo(Netlink.NLMSG_ERROR);
            errors.add(ErrorMessage.read(m).errno());
        });
        assertThat(errors).containsExactly(0);
    }

    /// Asks, and shows `answers` each message of the answer.
    void exchange(int type, int flags, MessageWriter.Body body, Consumer<MessageReader> answers) throws IOException {
        for (byte[] datagram : server.exchange(octets(type, flags, body))) {
            MessageReader m = new MessageReader(MemorySegment.ofArray(datagram), 0, datagram.length);
            while (m.next()) {
                (m.sequence() == sequence ? answers : notifications).accept(m);
            }
        }
    }

    private MemorySegment octets(int type, int flags, MessageWriter.Body body) {
        MemorySegment s = Arena.ofAuto().allocate(1024, 8);
        MessageWriter w = new MessageWriter(s);
        w.message(type, Netlink.NLM_F_REQUEST | flags, ++sequence, 0, body);
        return s.asSlice(0, w.length());
    }
}
