package adit.iproute;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Requests in octets, against those of iproute2 for the same words. `requests.txt` says where they come from.
class RequestsTest {
    private static final int FIRST_NUMBER = 8;
    private static final int BODY = 16;

    @TestFactory
    Stream<DynamicTest> asksInTheOctetsOfIproute2() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        String command = "";
        for (String line : lines()) {
            if (line.startsWith("# ip ")) {
                command = line.substring("# ip ".length());
            } else if (!line.startsWith("#") && !line.isBlank()) {
                String words = command;
                tests.add(DynamicTest.dynamicTest(
                        "ip " + words, () -> compare(words, HexFormat.of().parseHex(line))));
            }
        }
        assertThat(tests).hasSizeGreaterThan(8);
        return tests.stream();
    }

    private static List<String> lines() throws IOException {
        try (InputStream in = RequestsTest.class.getResourceAsStream("requests.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }

    /// Length, type, flags and body are compared; the number and the port are each conversation's own.
    private static void compare(String words, byte[] golden) {
        ScriptedHost host = new ScriptedHost();
        assertThat(host.run(words)).as(host.err()).isZero();
        assertThat(host.transport.changes).hasSize(1);
        byte[] asked = host.transport.changes.getFirst();
        HexFormat hex = HexFormat.ofDelimiter(" ");
        assertThat(hex.formatHex(asked, 0, FIRST_NUMBER)).isEqualTo(hex.formatHex(golden, 0, FIRST_NUMBER));
        assertThat(hex.formatHex(asked, BODY, asked.length)).isEqualTo(hex.formatHex(golden, BODY, golden.length));
    }
}
