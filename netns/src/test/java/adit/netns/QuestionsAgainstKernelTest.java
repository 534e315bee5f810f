package adit.netns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.linux.Netns;
import adit.netlink.ErrorMessage;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netlink.Rtnetlink;
import adit.port.VirtualTime;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Random questions for one link, one neighbour or the way to one address, right and wrong, to the running kernel and
/// to a namespace in memory, with NETLINK_GET_STRICT_CHK and without: the same error numbers, and where the kernel
/// says what is wrong with the question, the same words, places and expectations octet for octet. `-Dquestions.seed=N`
/// asks others.
class QuestionsAgainstKernelTest {
    private static final int COUNT = Integer.getInteger("questions.count", 12_000);
    private static final int HEADER = 16;
    private static final int FLOW_LABEL = 31;
    private static final int LOOPBACK = 1;

    private final Random random = new Random(Long.getLong("questions.seed", 1));

    @Test
    void refusesAsTheKernelDoes() throws Exception {
        assumeTrue(System.getProperty("os.version").startsWith("6.18."), "needs Linux 6.18, which this follows");
        Needs.namespaces();
        List<String> differences = new ArrayList<>();
        try (Netns kernel = Netns.create();
                Namespace memory =
                        Namespace.builder().time(new VirtualTime()).seed(1).open();
                NetlinkSession session = memory.netlink()) {
            kernel.call(() -> {
                try (KernelRtnetlink socket = new KernelRtnetlink()) {
                    for (int option : List.of(Netlink.NETLINK_EXT_ACK, Netlink.NETLINK_CAP_ACK)) {
                        assertThat(socket.option(option, 1)).isZero();
                        session.option(option, 1);
                    }
                    for (int i = 0; i < COUNT && differences.size() < 10; i++) {
                        int strict = i & 1;
                        assertThat(socket.option(Netlink.NETLINK_GET_STRICT_CHK, strict))
                                .isZero();
                        session.option(Netlink.NETLINK_GET_STRICT_CHK, strict);
                        byte[] question = question(strict);
                        String expected = answer(socket, question, true);
                        String ours = answer(RtnetlinkServer.of(session), question, expected.contains(" words "));
                        if (!ours.equals(expected)) {
                            differences.add("\nstrict " + strict + " "
                                    + HexFormat.of().formatHex(question, HEADER, question.length) + " of type "
                                    + question[4] + ": kernel " + expected + ", ours " + ours);
                        }
                    }
                }
                return null;
            });
        }
        assertThat(differences).isEmpty();
    }

    private byte[] question(int strict) {
        int type = List.of(Rtnetlink.RTM_GETLINK, Rtnetlink.RTM_GETNEIGH, Rtnetlink.RTM_GETROUTE)
                .get(random.nextInt(3));
        boolean ip4 = random.nextBoolean();
        byte[] body = body(type, ip4);
        if (random.nextInt(3) == 0) {
            int at = 1 + random.nextInt(body.length - 1);
            body[at] = (byte) (random.nextBoolean() ? 1 << random.nextInt(8) : random.nextInt(4));
        }
        int length = random.nextInt(12) == 0 ? 1 + random.nextInt(body.length) : body.length;
        byte[] attributes = attributes(type, ip4, strict);
        MemorySegment s = MemorySegment.ofArray(new byte[1024]);
        MessageWriter w = new MessageWriter(s).message(type, Netlink.NLM_F_REQUEST, 1, 0, all -> {
            all.octets(Arrays.copyOf(body, length));
            if (length == body.length) {
                all.octets(attributes);
            }
        });
        return s.asSlice(0, w.length()).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    }

    private static byte[] body(int type, boolean ip4) {
        byte[] body = new byte[type == Rtnetlink.RTM_GETLINK ? 16 : 12];
        body[0] = (byte) (ip4 ? Netlink.AF_INET : Netlink.AF_INET6);
        if (type == Rtnetlink.RTM_GETROUTE) {
            body[1] = (byte) (ip4 ? 32 : 128);
        } else {
            body[4] = LOOPBACK;
        }
        return body;
    }

    /// What is left behind attributes is warned of, which ours does only where it is refused.
    private byte[] attributes(int type, boolean ip4, int strict) {
        MemorySegment s = MemorySegment.ofArray(new byte[1024]);
        MessageWriter w = new MessageWriter(s);
        if (type != Rtnetlink.RTM_GETLINK && random.nextInt(6) != 0) {
            byte[] address = new byte[ip4 ? 4 : 16];
            address[0] = (byte) (ip4 ? 10 : 0x20);
            address[address.length - 1] = 9;
            w.octets(Rtnetlink.RTA_DST, address);
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            int attribute = random.nextInt(type == Rtnetlink.RTM_GETLINK ? 72 : 34);
            int length = attribute == FLOW_LABEL ? 4 : random.nextInt(3) == 0 ? random.nextInt(20) : 4;
            int flags = random.nextInt(6) == 0 ? Netlink.NLA_F_NESTED : 0;
            // Devices are asked for that are there, and nobody's next hops.
            byte[] payload = new byte[length];
            if (length > 0 && random.nextBoolean()) {
                payload[0] = LOOPBACK;
            }
            w.octets(attribute | flags, payload);
        }
        if (strict != 0 && random.nextInt(20) == 0) {
            w.u8(1).u8(0);
        }
        return s.asSlice(0, w.length()).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    }

    /// An answer counts for what it is: what stands in it is other tests' matter. Of errors without words ours may have
    /// some.
    private static String answer(RtnetlinkServer server, byte[] question, boolean withWords) throws Exception {
        MemorySegment s = Arena.ofAuto().allocate(question.length, 8);
        MemorySegment.copy(question, 0, s, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, question.length);
        List<String> all = new ArrayList<>();
        for (byte[] datagram : server.exchange(s)) {
            MessageReader m = new MessageReader(MemorySegment.ofArray(datagram), 0, datagram.length);
            while (m.next()) {
                if (m.type() != Netlink.NLMSG_ERROR) {
                    all.add("type " + m.type());
                    continue;
                }
                ErrorMessage end = ErrorMessage.read(m);
                boolean says = end.text().isPresent() || end.missingType().isPresent();
                byte[] octets = m.octets();
                all.add("errno " + end.errno()
                        + (withWords && says
                                ? " words " + HexFormat.of().formatHex(octets, HEADER + 4 + HEADER, octets.length)
                                : ""));
            }
        }
        return all.toString();
    }
}
