package adit.fuzz;

import adit.device.InterfaceRequest;
import adit.ip.IpException;
import adit.netlink.MalformedMessageException;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.NetlinkMessage;
import adit.netlink.Rtnetlink;
import adit.netns.Namespace;
import adit.netns.NetlinkSession;
import adit.port.VirtualTime;
import adit.tun.Ifreq;
import adit.tun.TunFile;
import adit.tun.TunIoctl;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Whatever requests come to a namespace's rtnetlink, in whatever datagrams, it answers messages that can be read, or
/// nothing; what it tells listeners can be read too; it goes on, and every buffer comes back.
class RtnetlinkFuzzTest {
    private static final int MAX_DATAGRAMS = 16;
    private static final int MAX_LENGTH = 1_024;
    private static final int ROOM = 4_096;
    private static final int[] GROUPS = {
        Rtnetlink.RTNLGRP_LINK,
        Rtnetlink.RTNLGRP_NEIGH,
        Rtnetlink.RTNLGRP_IPV4_IFADDR,
        Rtnetlink.RTNLGRP_IPV4_ROUTE,
        Rtnetlink.RTNLGRP_IPV6_IFADDR,
        Rtnetlink.RTNLGRP_IPV6_ROUTE
    };

    /// Datagrams as they are, each behind its length.
    @FuzzTest
    void survivesAnyDatagrams(byte[] octets) throws IOException {
        Input input = new Input(octets);
        try (Scene scene = new Scene()) {
            for (int i = 0; i < MAX_DATAGRAMS && !input.isEmpty(); i++) {
                scene.send(input.counted(MAX_LENGTH));
            }
        }
    }

    /// Requests whose header is right: a type from RTM_NEWLINK on, flags, and a body behind its length.
    @FuzzTest
    void survivesAnyRequests(byte[] octets) throws IOException {
        Input input = new Input(octets);
        try (Scene scene = new Scene()) {
            for (int i = 0; i < MAX_DATAGRAMS && !input.isEmpty(); i++) {
                int type = Rtnetlink.RTM_NEWLINK + input.u8() % 64;
                int flags = 1 | input.u16();
                byte[] body = input.counted(MAX_LENGTH);
                MemorySegment s = MemorySegment.ofArray(new byte[ROOM]);
                MessageWriter w = new MessageWriter(s).message(type, flags, i, 0, m -> m.octets(body));
                scene.send(s.asSlice(0, w.length()));
            }
        }
    }

    /// A namespace with a TUN device, and somebody who hears of everything.
    private static final class Scene implements AutoCloseable {
        private final Arena arena = Arena.ofConfined();
        private final Namespace namespace =
                Namespace.builder().time(new VirtualTime()).seed(1).open();
        private final TunFile file = namespace.tun().open();
        private final NetlinkSession asking = namespace.netlink();
        private final NetlinkSession listening = namespace.netlink();

        Scene() {
            MemorySegment request = arena.allocate(Ifreq.SIZE, 8);
            InterfaceRequest.name(request, "tun0");
            InterfaceRequest.flags(request, TunIoctl.IFF_TUN | TunIoctl.IFF_NO_PI);
            if (file.ioctl(TunIoctl.TUNSETIFF, request) != 0) {
                throw new AssertionError("no device");
            }
            for (int group : GROUPS) {
                listening.join(group);
            }
        }

        void send(byte[] datagram) throws IpException {
            send(MemorySegment.ofArray(datagram));
        }

        void send(MemorySegment datagram) throws IpException {
            asking.send(datagram);
            readAll(asking);
            readAll(listening);
        }

        private static void readAll(NetlinkSession session) throws IpException {
            byte[] answer = session.receive();
            while (answer != null) {
                try {
                    MessageReader m = new MessageReader(MemorySegment.ofArray(answer), 0, answer.length);
                    int messages = 0;
                    while (m.next()) {
                        messages++;
                        NetlinkMessage.readRoute(m);
                    }
                    if (messages == 0) {
                        throw new AssertionError("a datagram without a message");
                    }
                } catch (MalformedMessageException e) {
                    throw new AssertionError("an answer that can't be read", e);
                }
                answer = session.receive();
            }
        }

        @Override
        public void close() {
            asking.close();
            listening.close();
            file.close();
            if (namespace.lent() != 0) {
                throw new AssertionError(namespace.lent() + " buffers did not come back");
            }
            namespace.close();
            arena.close();
        }
    }
}
