package adit.netns;

import static org.assertj.core.api.Assertions.assertThat;

import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netlink.RouteMessage;
import adit.netlink.Rtnetlink;
import adit.port.VirtualTime;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Who asks for the routes of no particular family is told of those of each, family after family in the order of their
/// numbers, as Linux's `rtnl_dump_all` goes through them: IPv4, IPv6, labels.
class AllFamiliesTest {
    private static final int HEADER = 16;

    @Test
    void tellsOfTheRoutesOfEachFamily() throws Exception {
        try (Namespace ns = Namespace.builder().time(new VirtualTime()).seed(1).open()) {
            ns.configure().dummy("d0").link("d0").up();
            ns.configure().address("d0", "10.0.0.1/24").address("d0", "2001:db8::1/64");
            ns.ip().mpls().platformLabels(1000);
            ns.configure().label(100).as(200).via("10.0.0.2").add();
            for (int strict : List.of(0, 1)) {
                try (NetlinkSession session = ns.netlink()) {
                    session.option(Netlink.NETLINK_GET_STRICT_CHK, strict);
                    List<String> each = new ArrayList<>(routes(session, Netlink.AF_INET));
                    each.addAll(routes(session, Netlink.AF_INET6));
                    List<String> labels = routes(session, Netlink.AF_MPLS);
                    each.addAll(labels);
                    assertThat(labels).hasSize(1);
                    assertThat(routes(session, Netlink.AF_UNSPEC)).isEqualTo(each);
                }
            }
        }
    }

    private static List<String> routes(NetlinkSession session, int family) throws Exception {
        MessageWriter.Body all = RouteMessage.builder(family)
                .table(Rtnetlink.RT_TABLE_UNSPEC)
                .protocol(0)
                .type(0)
                .build();
        MemorySegment s = MemorySegment.ofArray(new byte[64]);
        new MessageWriter(s).message(Rtnetlink.RTM_GETROUTE, Netlink.NLM_F_REQUEST | Netlink.NLM_F_DUMP, 1, 0, all);
        List<String> rows = new ArrayList<>();
        session.send(s.asSlice(0, HEADER + 12));
        for (byte[] datagram = session.receive(); datagram != null; datagram = session.receive()) {
            MessageReader m = new MessageReader(MemorySegment.ofArray(datagram), 0, datagram.length);
            while (m.next()) {
                if (m.type() == Rtnetlink.RTM_NEWROUTE) {
                    rows.add(HexFormat.of().formatHex(m.octets(), HEADER, m.length()));
                }
            }
        }
        return rows;
    }
}
