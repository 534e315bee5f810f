package adit.interop;

import static adit.interop.Conversation.FAR;
import static adit.interop.Conversation.NEAR;
import static org.assertj.core.api.Assertions.assertThat;

import adit.interop.Ping.Fragments;
import adit.interop.host.Outcome;
import adit.program.host.BulkReceiver;
import adit.program.host.TestData;
import java.io.IOException;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// Packets with MPLS labels between our engine, on real sockets, and a Linux kernel.
@ParameterizedClass(name = "{0}")
@EnumSource(
        value = Tunnel.class,
        names = {"MPLSIP", "ANY_WITH_MPLS", "FOU_WITH_MPLS", "GUE_WITH_MPLS"})
class LabelledConversationTest {
    private static final int TRANSFER = 2_000_000;

    private static Site site;
    private static LabelledHost near;

    @Parameter
    Tunnel tunnel;

    @BeforeParameterizedClassInvocation
    static void setUp(Tunnel tunnel) throws IOException {
        site = Site.shared();
        site.guest().run(Tunnel.tearDown());
        site.guest().run(tunnel.setUp(FAR, NEAR));
        near = new LabelledHost(site.namespace(), tunnel.specification(NEAR, FAR), NEAR, FAR, tunnel.mtu());
    }

    @AfterParameterizedClassInvocation
    static void tearDown() {
        if (near != null) {
            long foreign = near.foreign();
            near.close();
            near = null;
            assertThat(foreign).as("packets with a wrong label").isZero();
        }
    }

    @AfterAll
    static void leave() {
        if (site != null) {
            site.guest().run(Tunnel.tearDown());
        }
    }

    @Test
    void pingsFromTheFarEndComeBack() {
        for (Ping ping : new Ping[] {
            new Ping(84, Fragments.ALLOWED),
            new Ping(1400, Fragments.FORBIDDEN),
            new Ping(tunnel.mtu(), Fragments.FORBIDDEN),
            new Ping(5000, Fragments.ALLOWED)
        }) {
            Outcome outcome = ping.send(site.guest(), NEAR.overlay());
            assertThat(outcome.ok()).as("%s:%n%s", ping, outcome.output()).isTrue();
        }
    }

    @Test
    void pingsFromTheNearEndComeBack() {
        for (int length : new int[] {84, 1400, tunnel.mtu(), 5000}) {
            assertThat(near.ping(FAR.overlay(), length))
                    .as("of %d octets", length)
                    .isEqualTo(3);
        }
    }

    @Test
    void aTransferToTheFarEndArrivesUnchanged() {
        int port = Transfer.listen(site.guest());
        TestData data = new TestData(TRANSFER, 5);
        near.send(FAR.overlay(), port, data);
        assertThat(Transfer.arrived(site.guest())).isEqualTo(HexFormat.of().formatHex(data.digest()));
    }

    @Test
    void aTransferFromTheFarEndArrivesUnchanged() {
        int port = Transfer.freshPort();
        BulkReceiver receiver = near.listen(port);
        String sent = Transfer.send(site.guest(), NEAR.overlay(), port, TRANSFER);
        assertThat(HexFormat.of().formatHex(near.digest(receiver))).isEqualTo(sent);
    }
}
