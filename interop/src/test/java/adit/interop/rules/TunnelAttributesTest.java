package adit.interop.rules;

import static org.assertj.core.api.Assertions.assertThat;

import adit.ipip.Ipip;
import adit.ipip.Profile;
import adit.netlink.ErrorMessage;
import adit.netlink.IfLink;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netlink.Rtnetlink;
import adit.netns.Namespace;
import adit.netns.NetlinkSession;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// RTM_NEWLINK with attributes that `ip` would never send: too short, too long, of nonsense. The same octets for
/// a Linux kernel and for a namespace in memory.
class TunnelAttributesTest {
    private static final String ALL = "-d link show type ipip";
    private static final int LAST = 21;

    /// A request for a tunnel with this attribute beside a remote address.
    private static byte[] request(int number, int attribute, byte... payload) {
        MemorySegment s = MemorySegment.ofArray(new byte[256]);
        MessageWriter w = new MessageWriter(s);
        w.message(
                Rtnetlink.RTM_NEWLINK,
                Netlink.NLM_F_REQUEST | Netlink.NLM_F_ACK | Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL,
                number,
                0,
                m -> m.i32(0)
                        .i32(0)
                        .i32(0)
                        .i32(0)
                        .nested(
                                IfLink.IFLA_LINKINFO,
                                info -> info.string(IfLink.IFLA_INFO_KIND, "ipip")
                                        .nested(
                                                IfLink.IFLA_INFO_DATA,
                                                d -> d.be32(IfLink.IFLA_IPTUN_REMOTE, 0x0a00_0000 + number)
                                                        .octets(attribute, payload))));
        return s.asSlice(0, w.length()).toArray(ValueLayout.JAVA_BYTE);
    }

    private static List<byte[]> requests() {
        List<byte[]> requests = new ArrayList<>();
        for (int attribute = 1; attribute <= LAST; attribute++) {
            for (int length = 0; length <= 5; length++) {
                byte[] ones = new byte[length];
                Arrays.fill(ones, (byte) 1);
                requests.add(request(requests.size() + 1, attribute, ones));
            }
        }
        for (int value = 0; value < 256; value += value < 8 || (value > 132 && value < 140) ? 1 : 5) {
            requests.add(request(requests.size() + 1, IfLink.IFLA_IPTUN_PROTO, (byte) value));
        }
        for (int value = 0; value < 10; value++) {
            requests.add(request(requests.size() + 1, IfLink.IFLA_IPTUN_ENCAP_TYPE, (byte) value, (byte) 0));
        }
        for (int value = 0; value < 3; value++) {
            requests.add(request(requests.size() + 1, IfLink.IFLA_IPTUN_PMTUDISC, (byte) value));
            requests.add(request(requests.size() + 1, IfLink.IFLA_IPTUN_TTL, (byte) value));
            requests.add(request(requests.size() + 1, IfLink.IFLA_IPTUN_TOS, (byte) value));
        }
        return requests;
    }

    private static List<String> ours(List<byte[]> requests) throws IOException {
        List<String> answers = new ArrayList<>();
        try (Namespace ns = NamespaceIp.alone(Ipip.of(Profile.LINUX_6_12))) {
            for (byte[] request : requests) {
                try (NetlinkSession session = ns.netlink()) {
                    session.send(MemorySegment.ofArray(request));
                    byte[] answer = session.receive();
                    MessageReader m = new MessageReader(MemorySegment.ofArray(answer), 0, answer.length);
                    assertThat(m.next()).isTrue();
                    answers.add(Integer.toString(ErrorMessage.read(m).errno()));
                }
            }
            new NamespaceIp(ns, Map.of())
                    .run(ALL, NamespaceIp.Reasons.TOLD)
                    .out()
                    .lines()
                    .forEach(answers::add);
        }
        return answers;
    }

    @Test
    void takesAndRefusesWhatLinuxDoes(@TempDir Path directory) throws IOException {
        GuestProgram program = GuestProgram.compile("netlink-request", directory);
        List<byte[]> requests = requests();
        List<String> real =
                program.run(requests.stream().map(HexFormat.of()::formatHex).toList(), ALL);
        List<String> ours = ours(requests);
        for (int i = 0; i < requests.size(); i++) {
            assertThat(ours.get(i))
                    .as(HexFormat.of().formatHex(requests.get(i)))
                    .isEqualTo(real.get(i));
        }
        assertThat(String.join("\n", ours)).isEqualTo(String.join("\n", real));
    }
}
