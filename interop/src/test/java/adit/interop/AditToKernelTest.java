package adit.interop;

import static org.assertj.core.api.Assertions.assertThat;

import adit.interop.host.Host;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// `adit up` at the near end, on a kernel TUN device and real sockets, and a Linux kernel at the far one.
///
/// Labelled packets are left to [LabelledConversationTest]: what they need behind the TUN device is an MPLS
/// router, and many kernels have none.
@ParameterizedClass(name = "{0}")
@EnumSource(
        value = Tunnel.class,
        mode = EnumSource.Mode.EXCLUDE,
        names = {"MPLSIP", "ANY_WITH_MPLS", "FOU_WITH_MPLS", "GUE_WITH_MPLS"})
class AditToKernelTest extends Conversation {
    private static Site site;
    private static AditUp adit;

    @BeforeParameterizedClassInvocation
    static void setUp(Tunnel tunnel) {
        site = Site.shared();
        site.guest().run(Tunnel.tearDown());
        site.guest().run(tunnel.setUp(FAR, NEAR));
        adit = AditUp.start(site.namespace(), tunnel.near().configuration(NEAR, FAR));
    }

    @AfterParameterizedClassInvocation
    static void tearDown() {
        if (adit != null) {
            assertThat(adit.stop()).as("exit code").isZero();
            assertThat(adit.deviceIsUp()).as("the device is left behind").isFalse();
            adit = null;
        }
    }

    @AfterAll
    static void leave() {
        if (site != null) {
            site.guest().run(Tunnel.tearDown());
        }
    }

    @Test
    void countsWhatGoesThrough() {
        new Ping(500, Ping.Fragments.ALLOWED).send(near(), FAR.overlay());
        String status = adit.status();
        assertThat(AditUp.number(status, "tx_packets")).isGreaterThanOrEqualTo(3);
        assertThat(AditUp.number(status, "rx_packets")).isGreaterThanOrEqualTo(3);
        assertThat(AditUp.number(status, "tx_errors")).isZero();
        assertThat(AditUp.number(status, "rx_errors")).isZero();
    }

    /// Adit never asks for remote checksum offload, so it needs no room for it.
    @Override
    int nearMtu() {
        return tunnel == Tunnel.GUE_WITH_REMOTE_CHECKSUM ? Tunnel.GUE.mtu() : tunnel.mtu();
    }

    @Override
    Host near() {
        return site.namespace();
    }

    @Override
    Host far() {
        return site.guest();
    }
}
