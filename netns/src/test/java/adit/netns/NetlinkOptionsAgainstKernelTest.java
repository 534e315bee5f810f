package adit.netns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.ip.IpException;
import adit.linux.Netns;
import adit.netlink.IfLink;
import adit.netlink.LinkMessage;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netlink.RouteMessage;
import adit.netlink.Rtnetlink;
import adit.port.VirtualTime;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The options of a netlink socket to the running kernel and of one in memory: which there are, which groups, and what
/// acknowledgements look like with them, octet for octet.
class NetlinkOptionsAgainstKernelTest {
    private static final int MOST_OPTIONS = 20;
    private static final int HEADER = 16;
    private static final int REQUEST = Netlink.NLM_F_REQUEST;
    private static final int ACK = Netlink.NLM_F_ACK;
    private static final int PORT_IN_QUOTE = 32;

    private interface Body {
        void run(KernelRtnetlink kernel, NetlinkSession session) throws Exception;
    }

    private static void meet(Body body) throws Exception {
        assumeTrue(System.getProperty("os.version").startsWith("6.18."), "needs Linux 6.18, which this follows");
        Needs.namespaces();
        try (Netns kernel = Netns.create();
                Namespace memory =
                        Namespace.builder().time(new VirtualTime()).seed(1).open();
                NetlinkSession session = memory.netlink()) {
            kernel.call(() -> {
                try (KernelRtnetlink socket = new KernelRtnetlink()) {
                    body.run(socket, session);
                }
                return null;
            });
        }
    }

    @Test
    void hasTheKernelsOptions() throws Exception {
        meet((kernel, session) -> {
            for (int option = 0; option < MOST_OPTIONS; option++) {
                for (int value : new int[] {1, 0, 39, 40, -1, 1000}) {
                    assertThat(set(session, option, value))
                            .as("option %d to %d", option, value)
                            .isEqualTo(kernel.option(option, value));
                }
            }
        });
    }

    private static int set(NetlinkSession session, int option, int value) {
        try {
            session.option(option, value);
            return 0;
        } catch (IpException e) {
            return -e.errno();
        }
    }

    @Test
    void acknowledgesAsTheKernelDoes() throws Exception {
        meet((kernel, session) -> {
            for (int setting = 0; setting < 4; setting++) {
                int extended = setting & 1;
                int capped = setting >> 1;
                for (int[] option :
                        new int[][] {{Netlink.NETLINK_EXT_ACK, extended}, {Netlink.NETLINK_CAP_ACK, capped}}) {
                    assertThat(kernel.option(option[0], option[1])).isZero();
                    session.option(option[0], option[1]);
                }
                for (Map.Entry<String, byte[]> request : requests(extended != 0).entrySet()) {
                    assertThat(answers(RtnetlinkServer.of(session), request.getValue()))
                            .as("%s, extended %d, capped %d", request.getKey(), extended, capped)
                            .isEqualTo(answers(kernel, request.getValue()));
                }
            }
        });
    }

    /// Of requests for changes Linux's own words are not followed everywhere.
    private static Map<String, byte[]> requests(boolean withoutWords) {
        Map<String, byte[]> all = new LinkedHashMap<>();
        LinkMessage loopback = LinkMessage.of(1);
        LinkMessage absent = LinkMessage.of(99);
        all.put("change", message(Rtnetlink.RTM_NEWLINK, REQUEST | ACK, loopback));
        all.put("change without acknowledgement", message(Rtnetlink.RTM_NEWLINK, REQUEST, loopback));
        all.put("no request", message(Rtnetlink.RTM_NEWLINK, ACK, loopback));
        all.put("no request and no acknowledgement", message(Rtnetlink.RTM_NEWLINK, 0, loopback));
        all.put("control message", message(Netlink.NLMSG_NOOP, REQUEST | ACK, loopback));
        all.put("type below links", message(Netlink.NLMSG_MIN_TYPE - 1, REQUEST | ACK, loopback));
        all.put("nothing", message(Rtnetlink.RTM_NEWLINK, REQUEST | ACK, _ -> {}));
        all.put("nothing to dump", message(Rtnetlink.RTM_GETLINK, REQUEST | ACK | Netlink.NLM_F_DUMP, _ -> {}));
        if (!withoutWords) {
            all.put("unknown type", message(200, REQUEST | ACK, loopback));
            all.put("absent", message(Rtnetlink.RTM_GETLINK, REQUEST, absent));
            all.put("absent by name", message(Rtnetlink.RTM_GETLINK, REQUEST, LinkMessage.of("none")));
            all.put("absent to delete", message(Rtnetlink.RTM_DELLINK, REQUEST | ACK, absent));
            all.put(
                    "odd length",
                    message(Rtnetlink.RTM_GETROUTE, REQUEST, w -> w.u8(2).u8(1).u8(1)));
            all.put("too long a name", message(Rtnetlink.RTM_NEWLINK, REQUEST, w -> {
                loopback.writeTo(w);
                w.string(IfLink.IFLA_IFNAME, "n".repeat(30));
            }));
            all.put(
                    "route without a way",
                    message(
                            Rtnetlink.RTM_NEWROUTE,
                            REQUEST | Netlink.NLM_F_CREATE,
                            RouteMessage.builder(Netlink.AF_INET).build()));
        }
        return all;
    }

    private static byte[] message(int type, int flags, MessageWriter.Body body) {
        MemorySegment s = MemorySegment.ofArray(new byte[512]);
        MessageWriter w = new MessageWriter(s).message(type, flags, 5, 0, body);
        return s.asSlice(0, w.length()).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    }

    private static List<String> answers(RtnetlinkServer server, byte[] request) throws Exception {
        MemorySegment s = Arena.ofAuto().allocate(request.length, 8);
        MemorySegment.copy(request, 0, s, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, request.length);
        List<String> all = new ArrayList<>();
        for (byte[] datagram : server.exchange(s)) {
            // Sockets have numbers of their own.
            for (int i = 12; i < HEADER; i++) {
                datagram[i] = 0;
            }
            assertThat(datagram).hasSizeGreaterThan(PORT_IN_QUOTE);
            all.add(HexFormat.of().formatHex(datagram));
        }
        return all;
    }
}
