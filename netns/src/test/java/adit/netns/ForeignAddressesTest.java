package adit.netns;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Errno;
import adit.netlink.ErrorMessage;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netlink.RouteMessage;
import adit.netlink.Rtnetlink;
import adit.wire.IpAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Requests of IPv6 with addresses of IPv4 in them are refused, and whoever sent them may go on.
class ForeignAddressesTest {
    private static final IpAddress IP4 = IpAddress.parse("192.0.2.1");
    private static final IpAddress IP6 = IpAddress.parse("2001:db8::");

    private static int answer(int type, MessageWriter.Body request) throws Exception {
        try (Namespace ns = Namespace.open();
                NetlinkSession session = ns.netlink()) {
            ns.configure().link("lo").up();
            RtnetlinkClient client = new RtnetlinkClient(RtnetlinkServer.of(session), _ -> {});
            List<Integer> errors = new ArrayList<>();
            client.exchange(type, Netlink.NLM_F_ACK | Netlink.NLM_F_CREATE, request, m -> {
                assertThat(m.type()).isEqualTo(Netlink.NLMSG_ERROR);
                errors.add(ErrorMessage.read(m).errno());
            });
            client.request(
                    Rtnetlink.RTM_NEWROUTE,
                    Netlink.NLM_F_CREATE,
                    RouteMessage.builder(Netlink.AF_INET6)
                            .destination(IP6, 32)
                            .device(1)
                            .build());
            assertThat(errors).hasSize(1);
            return errors.getFirst();
        }
    }

    private static RouteMessage.Builder route() {
        return RouteMessage.builder(Netlink.AF_INET6).type(Rtnetlink.RTN_UNICAST);
    }

    @Test
    void asTheDestinationOrTheSourceOfAQuestion() throws Exception {
        assertThat(answer(Rtnetlink.RTM_GETROUTE, route().destination(IP4, 128).build()))
                .isEqualTo(Errno.EINVAL);
        assertThat(answer(
                        Rtnetlink.RTM_GETROUTE,
                        route().destination(IP6, 128).source(IP4, 128).build()))
                .isEqualTo(Errno.EINVAL);
    }

    @Test
    void asTheGatewayOrThePreferredSourceOfARoute() throws Exception {
        RouteMessage.Builder byGateway =
                route().destination(IP6, 48).device(1).gateway(IP4).flags(Rtnetlink.RTNH_F_ONLINK);
        assertThat(answer(Rtnetlink.RTM_NEWROUTE, byGateway.build())).isNotZero();
        RouteMessage.Builder fromSource = route().destination(IP6, 48).device(1).preferredSource(IP4);
        assertThat(answer(Rtnetlink.RTM_NEWROUTE, fromSource.build())).isNotZero();
    }
}
