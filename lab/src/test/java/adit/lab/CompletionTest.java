package adit.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompletionTest {
    private Lab lab;
    private LabShell shell;

    @BeforeEach
    void open() throws LabException {
        lab = Lab.open(Labs.routed(LabSpec.Time.VIRTUAL));
        shell = new LabShell(lab);
    }

    @AfterEach
    void close() {
        lab.close();
    }

    private List<String> after(String line) {
        return shell.mayFollow(CommandWords.split(line));
    }

    @Test
    void aLineBeginsWithAHostOrACommand() {
        assertThat(after(""))
                .contains("left", "router", "right", "ip", "ping", "cables", "quit")
                .isSorted();
    }

    @Test
    void behindAHostStandsWhatHostsDo() {
        assertThat(after("router")).containsExactly("drops", "ip", "ping", "sysctl", "trace", "udp");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ip                          | link,address,route,neighbour,tunnel,fou,-details
            ip -d                       | link,address
            right ip -4 -br             | address
            ip route                    | add,replace,get
            ip r                        | add,replace,get
            ip fou                      | add,delete,show
            ip link set                 | dev,eth0,lo
            ip link set eth0            | up,down,mtu
            ip link add t1 type         | ipip,dummy
            ip link add t1 type ipip    | local,remote,external,encap-dport
            router ip addr add ::1 dev  | eth0,eth1
            cable                       | near,far
            cable far                   | loss,cut,mend
            capture far                 | off
            ! left                      | ping,ip
            sysctl                      | net.ipv4.ip_forward=,net.mpls.conf.eth0.input=
            trace                       | udp,df
            """)
    void wordsOfferWhatFollows(String line, String offered) {
        assertThat(after(line)).contains(offered.split(","));
    }

    @Test
    void nothingIsOfferedWhereAnythingMayStand() {
        assertThat(after("wait")).isEmpty();
        assertThat(after("frobnicate now")).isEmpty();
    }
}
