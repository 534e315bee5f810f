package adit.lab;

import static adit.lab.Labs.run;
import static org.assertj.core.api.Assertions.assertThat;

import adit.lab.Labs.Said;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class LabShellTest {
    private Lab lab;
    private LabShell shell;

    @BeforeEach
    void open() throws LabException {
        lab = Lab.open(Labs.routed(LabSpec.Time.VIRTUAL));
        shell = new LabShell(lab);
    }

    @AfterEach
    void close() {
        assertThat(lab.lent()).isZero();
        lab.close();
    }

    @Test
    void aHostsNameMakesItThePresentOne() {
        assertThat(shell.prompt()).isEqualTo("left> ");
        assertThat(run(shell, "right").code()).isZero();
        assertThat(shell.prompt()).isEqualTo("right> ");
        assertThat(run(shell, "ip -br addr show eth0").out()).contains("10.0.2.2/24");
        assertThat(run(shell, "left ip -br addr show eth0").out()).contains("10.0.1.2/24");
        assertThat(run(shell, "hosts").out()).isEqualTo("  left  lo eth0\n  router  lo eth0 eth1\n* right  lo eth0\n");
    }

    @Test
    void quitEndsIt() {
        assertThat(shell.hasEnded()).isFalse();
        run(shell, "quit");
        assertThat(shell.hasEnded()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                frobnicate|frobnicate is neither a command nor a host; hosts are left, router, right; try help
                left frobnicate|on a host there is no frobnicate; try help
                ping|something is missing: ping ADDRESS
                ping 10.0.2.2 -c 0|-c is a number from 1 to 100000, not 0
                ping 10.0.2.2 -q|ping has no option -q; known are -c, -i, -s, -t
                ping 10.0.2.2 -i 5|expected a time such as 10ms, 200us or 1.5s, not "5"
                cable|something is missing: cable NAME
                cable far fast|a cable has loss, delay, rate and queue, and can be cut and mended; not fast
                cable sea|there is no cable sea; cables are near, far
                capture far|something is missing: capture CABLE FILE.pcapng, or capture CABLE off
                wait|something is missing: wait TIME, such as wait 5s
                trace zz|that is neither two addresses nor a packet in hexadecimal
                trace 45|a packet in hexadecimal is a whole IPv4 packet, header first
                trace any 2001:db8::1 udp 7|over IPv6 a trace is a ping from any
                sysctl net.ipv4.ip_forward|sysctl KEY=VALUE, such as net.ipv4.ip_forward=1
                sysctl net.ipv4.forward=1|there is no setting net.ipv4.forward; known are net.ipv4.ip_forward, net.ipv4.conf.all.send_redirects, net.ipv4.conf.default.send_redirects, net.ipv6.conf.all.forwarding, net.mpls.platform_labels, net.ipv4.conf.DEV.send_redirects, net.mpls.conf.DEV.input
                sysctl net.ipv4.ip_forward=2|net.ipv4.ip_forward is 0 or 1, not 2
                ip link show "lo|a quote is not closed
                """)
    void saysWhatIsWrongWithALine(String line, String complaint) {
        Said said = run(shell, line);
        assertThat(said.err()).isEqualTo(complaint + "\n");
        assertThat(said.code()).isEqualTo(LabShell.SENSELESS);
        assertThat(said.out()).isEmpty();
    }

    @Test
    void sendsWhoeverWantsToMonitorToAnotherTerminal() {
        assertThat(run(shell, "ip -t mon link").err()).contains("adit ip --on routed -n left monitor");
    }

    @Test
    void anExclamationMarkTurnsTheOutcomeRound() {
        assertThat(run(shell, "! ping -c 1 10.0.9.9").code()).isZero();
        assertThat(run(shell, "! ping -c 1 10.0.2.2").code()).isOne();
    }

    @Test
    void answersWithTheExitCodesOfIp() {
        assertThat(run(shell, "ip link show nothing").code()).isOne();
        assertThat(run(shell, "ip frobnicate").code()).isOne();
        assertThat(run(shell, "ip route add 10.0.0.0/8 via 10.9.9.9").code()).isEqualTo(2);
        assertThat(run(shell, "ip -frobnicate").code()).isEqualTo(255);
    }

    @Test
    void passesOverEmptyLinesAndComments() {
        assertThat(run(shell, "").code()).isZero();
        assertThat(run(shell, "   # nothing").code()).isZero();
        assertThat(run(shell, "ip -br link show lo # loopback").out()).startsWith("lo ");
    }

    @Test
    void helpNamesEveryCommand() {
        assertThat(run(shell, "help").out())
                .contains("ip ...", "ping", "udp", "trace", "drops", "sysctl", "hosts", "cable", "capture", "wait");
        assertThat(run(shell, "help").out().lines()).allMatch(l -> l.length() <= 80);
    }

    @Test
    void showsDropsByTheirReasons() {
        run(shell, "ping -c 1 10.0.9.9");
        assertThat(run(shell, "router drops").out())
                .isEqualTo("       1  there is no route to the destination [IP_INNOROUTES]\n");
    }

    @Test
    void sysctlTurnsForwardingOff() {
        assertThat(run(shell, "router sysctl net.ipv4.ip_forward=0").code()).isZero();
        assertThat(run(shell, "ping -c 1 10.0.2.2").code()).isOne();
    }
}
