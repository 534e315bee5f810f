package adit.program.host;

import static adit.program.host.TwoHosts.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import adit.port.Faults;
import adit.port.Stepper;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class MemoryHostTest {
    private static final Pings.Plan TEN = new Pings.Plan(10, SECOND / 10, 56, SECOND);

    @Test
    void answersPingsAfterTheRoundTripOfTheLine() {
        try (TwoHosts net = new TwoHosts(1500, Faults.NONE, 1)) {
            Pings pings = net.a.ping(TwoHosts.B, TEN);
            assertThat(net.stepper.run(10 * SECOND).end()).isEqualTo(Stepper.End.QUIET);
            assertThat(pings.received()).isEqualTo(10);
            assertThat(pings.isOver()).isTrue();
            // 84 octets twice over a line of 5 ms and 100 Mbit/s with an idle bucket: delay alone.
            assertThat(pings.roundTripNanos()).hasSize(10).containsOnly(10_000_000L);
            assertThat(net.b.answered()).isEqualTo(10);
            assertThat(net.time.getAsLong()).isEqualTo(900_000_000L + 10_000_000L);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1472, 1473, 4000, 8900})
    void carriesPingsOfAnySizeInFragmentsWhereTheyDoNotFit(int payload) {
        try (TwoHosts net = new TwoHosts(1500, Faults.NONE, 2)) {
            Pings pings = net.a.ping(TwoHosts.B, new Pings.Plan(3, SECOND, payload, SECOND));
            net.stepper.run(10 * SECOND);
            assertThat(pings.received()).isEqualTo(3);
            assertThat(net.a.underlay().counters().fragmented()).isEqualTo(payload > 1472 ? 3 : 0);
            assertThat(net.a.underlay().reassembler().wholes()).isEqualTo(payload > 1472 ? 3 : 0);
        }
    }

    @Test
    void givesUpPingsThatAreNotAnswered() {
        try (TwoHosts net = new TwoHosts(1500, Faults.NONE.withLoss(1), 3)) {
            Pings pings = net.a.ping(TwoHosts.B, TEN);
            Stepper.Outcome outcome = net.stepper.run(60 * SECOND, () -> pings.isOver());
            assertThat(outcome.end()).isEqualTo(Stepper.End.DONE);
            assertThat(pings.sent()).isEqualTo(10);
            assertThat(pings.received()).isZero();
            assertThat(net.time.getAsLong()).isEqualTo(900_000_000L + SECOND);
        }
    }

    @Test
    void countsAnswersThatComeTwice() {
        try (TwoHosts net = new TwoHosts(1500, Faults.NONE.withDuplication(1), 3)) {
            Pings pings = net.a.ping(TwoHosts.B, TEN);
            net.stepper.run(60 * SECOND);
            assertThat(pings.received()).isEqualTo(10);
            assertThat(pings.duplicates())
                    .as("two requests arrive, two answers each arrive twice")
                    .isEqualTo(30);
        }
    }

    private static BulkSender transfer(TwoHosts net, long octets) {
        TestData data = new TestData(octets, 42);
        BulkReceiver receiver = net.b.listen(5001);
        BulkSender sender = net.a.send(TwoHosts.B, 5001, data);
        net.stepper.run(10_000_000 * SECOND);
        assertThat(sender.state()).isEqualTo(BulkSender.State.FINISHED);
        assertThat(receiver.state()).isEqualTo(BulkReceiver.State.FINISHED);
        assertThat(receiver.received()).isEqualTo(octets);
        assertThat(receiver.digest()).isEqualTo(data.digest());
        assertThat(sender.acknowledged()).isEqualTo(octets);
        return sender;
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 1460, 1461, 100_000})
    void movesAnyAmountWithoutSendingAnythingTwiceOverACleanLine(long octets) {
        try (TwoHosts net = new TwoHosts(1500, Faults.NONE, 4)) {
            assertThat(transfer(net, octets).retransmissions()).isZero();
        }
    }

    @Test
    void fillsTheLineWhenItIsClean() {
        try (TwoHosts net = new TwoHosts(1500, Faults.NONE, 4)) {
            BulkReceiver receiver = net.b.listen(5001);
            BulkSender sender = net.a.send(TwoHosts.B, 5001, new TestData(10_000_000, 1));
            net.stepper.run(1_000 * SECOND);
            assertThat(receiver.received()).isEqualTo(10_000_000);
            // 6850 segments of 1500 octets at 100 Mbit/s take 0.822 s.
            assertThat(receiver.durationNanos()).isBetween(820_000_000L, 1_100_000_000L);
            assertThat(sender.timeouts()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0.01, 0, 0, 0, 3000000",
        "0.05, 0, 0, 0, 3000000",
        "0.20, 0, 0, 0, 300000",
        "0.40, 0, 0, 0, 30000",
        "0, 0.05, 0, 0, 3000000",
        "0, 0, 0.2, 0, 3000000",
        "0, 0, 0, 0.2, 3000000",
        "0.05, 0.05, 0.05, 0.05, 1000000"
    })
    void movesEverythingOverABadLine(
            double loss, double corruption, double duplication, double reordering, long octets) {
        try (TwoHosts net = new TwoHosts(1500, new Faults(loss, corruption, duplication, reordering), 5)) {
            transfer(net, octets);
            long corrupted =
                    net.faultsToA.count().corrupted() + net.faultsToB.count().corrupted();
            long copies =
                    net.faultsToA.count().duplicated() + net.faultsToB.count().duplicated();
            // A duplicate of a damaged packet is damaged too.
            assertThat(net.damaged()).as("every damaged packet was noticed").isBetween(corrupted, corrupted + copies);
        }
    }

    @Test
    void movesDataBothWaysAtOnceBesidePings() {
        try (TwoHosts net = new TwoHosts(1500, Faults.NONE.withLoss(0.01), 6)) {
            TestData toB = new TestData(2_000_000, 1);
            TestData toA = new TestData(1_500_000, 2);
            BulkReceiver atB = net.b.listen(5001);
            BulkReceiver atA = net.a.listen(5002);
            net.a.send(TwoHosts.B, 5001, toB);
            net.b.send(TwoHosts.A, 5002, toA);
            Pings pings = net.a.ping(TwoHosts.B, TEN);
            net.stepper.run(1_000_000 * SECOND);
            assertThat(atB.digest()).isEqualTo(toB.digest());
            assertThat(atA.digest()).isEqualTo(toA.digest());
            assertThat(pings.received()).isGreaterThan(5);
        }
    }

    @Test
    void sendsSmallerSegmentsWhenTheWayBecomesNarrower() {
        try (TwoHosts net = new TwoHosts(9000, Faults.NONE, 7)) {
            TestData data = new TestData(3_000_000, 3);
            BulkReceiver receiver = net.b.listen(5001);
            BulkSender sender = net.a.send(TwoHosts.B, 5001, data);
            net.stepper.run(net.time.getAsLong() + SECOND / 20);
            assertThat(sender.maximumSegmentSize()).isEqualTo(8960);
            net.cable.mtu(1300);
            net.stepper.run(1_000_000 * SECOND);
            assertThat(sender.maximumSegmentSize()).isEqualTo(1260);
            assertThat(receiver.digest()).isEqualTo(data.digest());
        }
    }

    @Test
    void isRefusedAtAPortWhereNobodyListens() {
        try (TwoHosts net = new TwoHosts(1500, Faults.NONE, 8)) {
            BulkSender sender = net.a.send(TwoHosts.B, 5001, new TestData(1_000, 3));
            net.stepper.run(100 * SECOND);
            assertThat(sender.state()).isEqualTo(BulkSender.State.FAILED);
            assertThat(net.b.dropped(HostDrop.NO_CONNECTION)).isEqualTo(1);
            assertThat(net.time.getAsLong()).as("by a reset, not by a timeout").isLessThan(SECOND);
        }
    }

    @Test
    void givesUpAPeerThatIsGone() {
        try (TwoHosts net = new TwoHosts(1500, Faults.NONE.withLoss(1), 9)) {
            BulkSender sender = net.a.send(TwoHosts.B, 5001, new TestData(1_000, 3));
            net.stepper.run(1_000_000 * SECOND);
            assertThat(sender.state()).isEqualTo(BulkSender.State.FAILED);
        }
    }

    @Test
    void doesTheSameForTheSameSeed() {
        assertThat(story(11)).isEqualTo(story(11)).isNotEqualTo(story(12));
    }

    private static List<Object> story(long seed) {
        Faults faults = new Faults(0.05, 0.02, 0.02, 0.02);
        try (TwoHosts net = new TwoHosts(1500, faults, seed)) {
            BulkReceiver receiver = net.b.listen(5001);
            BulkSender sender = net.a.send(TwoHosts.B, 5001, new TestData(500_000, 3));
            Stepper.Outcome outcome = net.stepper.run(1_000_000 * SECOND);
            List<Object> story = new ArrayList<>();
            story.add(outcome);
            story.add(net.time.getAsLong());
            story.add(sender.segments());
            story.add(sender.retransmissions());
            story.add(receiver.durationNanos());
            story.add(net.faultsToA.count());
            story.add(net.faultsToB.count());
            return story;
        }
    }
}
