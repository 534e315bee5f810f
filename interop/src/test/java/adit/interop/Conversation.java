package adit.interop;

import static org.assertj.core.api.Assertions.assertThat;

import adit.interop.Ping.Fragments;
import adit.interop.host.Host;
import adit.interop.host.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/// What must go through every tunnel, whoever stands at its near end.
abstract class Conversation {
    static final Side NEAR = new Side("192.0.2.1", "10.1.0.1", 100);
    static final Side FAR = new Side("192.0.2.2", "10.1.0.2", 200);

    private static final int TRANSFER = 2_000_000;

    @Parameter
    Tunnel tunnel;

    /// The largest packet that the near end sends in one piece.
    int nearMtu() {
        return tunnel.mtu();
    }

    /// The near end of the tunnel under test.
    abstract Host near();

    /// Its far end, a Linux kernel.
    abstract Host far();

    @Test
    void pingsComeBackBothWays() {
        bothWays(new Ping(84, Fragments.ALLOWED));
    }

    @Test
    void packetsOf1400OctetsGoThroughWithAndWithoutDontFragment() {
        bothWays(new Ping(1400, Fragments.FORBIDDEN));
        bothWays(new Ping(1400, Fragments.ALLOWED));
    }

    @Test
    void thePacketThatJustFitsGoesThroughInOnePiece() {
        bothWays(new Ping(tunnel.mtu(), Fragments.FORBIDDEN));
    }

    @Test
    void theNextLargerPacketIsRefusedWithTheLimit() {
        assertRefused(near(), FAR, nearMtu());
        assertRefused(far(), NEAR, tunnel.mtu());
    }

    @Test
    void oversizePacketsGoThroughInPiecesWhenTheyMay() {
        bothWays(new Ping(tunnel.mtu() + 1, Fragments.ALLOWED));
        bothWays(new Ping(5000, Fragments.ALLOWED));
    }

    @Test
    void aTransferToTheFarEndArrivesUnchanged() {
        assertArrives(Transfer.run(near(), far(), FAR.overlay(), TRANSFER));
    }

    @Test
    void aTransferFromTheFarEndArrivesUnchanged() {
        assertArrives(Transfer.run(far(), near(), NEAR.overlay(), TRANSFER));
    }

    private void bothWays(Ping ping) {
        assertAnswered(ping, near(), FAR);
        assertAnswered(ping, far(), NEAR);
    }

    private static void assertAnswered(Ping ping, Host from, Side to) {
        Outcome outcome = ping.send(from, to.overlay());
        assertThat(outcome.ok())
                .as("%s from %s to %s:%n%s", ping, from.name(), to.overlay(), outcome.output())
                .isTrue();
    }

    private static void assertRefused(Host from, Side to, int mtu) {
        Outcome outcome = new Ping(mtu + 1, Fragments.FORBIDDEN).send(from, to.overlay());
        assertThat(outcome.output()).contains("0 received").containsPattern("mtu ?= ?" + mtu);
    }

    private static void assertArrives(Transfer.Sums sums) {
        assertThat(sums.arrived()).isEqualTo(sums.sent());
    }
}
