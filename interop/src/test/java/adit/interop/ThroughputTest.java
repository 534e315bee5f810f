package adit.interop;

import static adit.interop.Conversation.FAR;
import static adit.interop.Conversation.NEAR;
import static org.assertj.core.api.Assertions.assertThat;

import adit.interop.host.Namespace;
import adit.interop.host.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// iperf3 between two of us at full speed, each way: the kernels at both ends find no segment damaged. For two
/// seconds, or as many as `-Diperf.seconds=10` says.
class ThroughputTest {
    private static final int SECONDS = Integer.getInteger("iperf.seconds", 2);
    private static final Duration LIMIT = Duration.ofSeconds(60 + 10L * SECONDS);

    /// What the kernel counts of headers and checksums that are wrong, in /proc/net/snmp.
    private static final String[] DAMAGE = {
        "Ip.InHdrErrors", "Icmp.InCsumErrors", "Tcp.InErrs", "Tcp.InCsumErrors", "Udp.InCsumErrors"
    };

    @ParameterizedTest
    @EnumSource(names = {"IPIP", "FOU", "FOU_WITH_CHECKSUM", "GUE", "GUE_WITH_CHECKSUM"})
    void noSegmentIsDamaged(Tunnel tunnel) throws IOException {
        Needs.program("iperf3", "iperf3");
        try (Pair pair = Pair.make();
                AditUp near = AditUp.start(pair.near(), tunnel.configuration(NEAR, FAR));
                AditUp far = AditUp.start(pair.far(), tunnel.configuration(FAR, NEAR))) {
            pair.far().run("iperf3 -s -D -I %s/iperf3.pid".formatted(pair.far().scratch()));
            run(tunnel, "there", pair.near(), "");
            run(tunnel, "back", pair.near(), "-R");
            for (Namespace end : new Namespace[] {pair.near(), pair.far()}) {
                Map<String, Long> counters = snmp(end);
                assertThat(counters.get("Tcp.InSegs")).isGreaterThan(100);
                for (String name : DAMAGE) {
                    assertThat(counters.get(name))
                            .as("%s in %s, of %s", name, end.name(), counters)
                            .isZero();
                }
            }
            for (AditUp up : new AditUp[] {near, far}) {
                assertThat(up.running()).isTrue();
                String status = up.status();
                assertThat(AditUp.number(status, "rx_errors")).as(status).isZero();
            }
        }
    }

    private static void run(Tunnel tunnel, String way, Namespace near, String options) {
        String client = "iperf3 -c %s -t %d --connect-timeout 5000 -J %s".formatted(FAR.overlay(), SECONDS, options);
        // The server may not listen yet.
        Outcome outcome =
                near.exec("for i in 1 2 3 4 5; do %s && exit; sleep 1; done; exit 1".formatted(client), LIMIT);
        assertThat(outcome.ok()).as(outcome.output()).isTrue();
        double received = number(outcome.output(), "sum_received", "bits_per_second");
        double retransmits = number(outcome.output(), "sum_sent", "retransmits");
        assertThat(received).isPositive();
        System.out.printf(
                "iperf3 over %s, %s: %d s, %.0f Mbit/s, %.0f retransmits%n",
                tunnel, way, SECONDS, received / 1e6, retransmits);
    }

    /// A number in an object of iperf3's report.
    private static double number(String json, String object, String name) {
        Matcher number = Pattern.compile("\"" + object + "\":\\s*\\{[^}]*\"" + name + "\":\\s*([0-9.e+]+)")
                .matcher(json);
        assertThat(number.find()).as("%s of %s in %s", name, object, json).isTrue();
        return Double.parseDouble(number.group(1));
    }

    /// Pairs of lines: names, then values, each after the protocol's name.
    private static Map<String, Long> snmp(Namespace namespace) {
        Map<String, Long> counters = new HashMap<>();
        String[] lines = namespace.run("cat /proc/net/snmp").split("\n");
        for (int i = 0; i + 1 < lines.length; i += 2) {
            String[] names = lines[i].split(" ");
            String[] values = lines[i + 1].split(" ");
            for (int k = 1; k < names.length; k++) {
                counters.put(names[0].replace(":", ".") + names[k], Long.parseLong(values[k]));
            }
        }
        return counters;
    }
}
