package adit.lab;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// A host in memory, on virtual time, that commands of `ip` are tried on.
abstract class RulesRig {
    private Lab lab;
    private LabHost host;

    @BeforeEach
    void open() throws Exception {
        lab = Lab.open(new LabSpec(
                "rules",
                "",
                LabSpec.Time.VIRTUAL,
                1,
                List.of(new HostSpec("h", List.of(), List.of(), List.of())),
                List.of()));
        host = lab.host("h").orElseThrow();
        ip("link set lo up");
    }

    @AfterEach
    void close() {
        lab.close();
    }

    /// What a command says.
    String ip(String words) {
        StringWriter said = new StringWriter();
        PrintWriter writer = new PrintWriter(said);
        host.ip(writer, writer, words.split(" "));
        return said.toString();
    }

    void set(String key, int value) {
        host.sysctl(key, value);
    }

    /// Lets time pass.
    void pass(int seconds) throws IOException {
        lab.run(lab.now() + seconds * 1_000_000_000L, () -> false);
    }

    List<String> lines(String words) {
        return ip(words).lines().map(String::strip).toList();
    }
}
