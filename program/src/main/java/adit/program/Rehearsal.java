package adit.program;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.List;
import picocli.CommandLine.Help.Ansi;

/// Runs the commands that a user waits for, with their output thrown away, so that the JVM can record what they load
/// and, of the packet path, which way it goes: code that the compiler knows in advance is fast after a tenth of the
/// packets. The launcher makes its start-up cache with this.
public final class Rehearsal {
    private static final String TUNNELS = """
            tunnels:
              - name: site-b
                local: 192.0.2.1
                remote: 198.51.100.7
                carrier: { type: fou, port: 5555 }
                addresses: [10.1.0.1/30]
                routes: [10.2.0.0/16]
                ttl: wrong
            """;
    private static final String PACKET = "45000014 00004000 40040000 c0000201 c6336407";

    private record Scene(String input, List<String> command) {
        Scene(String input, String... command) {
            this(input, List.of(command));
        }
    }

    private static final List<Scene> SCENES = List.of(
            new Scene("", "--help"),
            new Scene("", "version"),
            new Scene("", "no-such-command"),
            new Scene(TUNNELS, "up", "--check", "-"),
            new Scene(TUNNELS, "up", "--check", "--json", "-"),
            new Scene("", "lab", "--list"),
            new Scene("", "doctor"),
            new Scene(PACKET, "decode", "-"),
            demo("direct"),
            demo("fou"),
            demo("gue"));

    private Rehearsal() {}

    /// Long enough for the second compiler to be done with the path: what it has compiled here it compiles early in a
    /// tunnel, and what it has not it begins with under load.
    private static Scene demo(String carrier) {
        return new Scene("", "demo", "--size", "400", "--pings", "200", "--carrier", carrier);
    }

    /// Takes no arguments.
    public static void main(String[] args) {
        for (Scene scene : SCENES) {
            PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
            Terminal terminal = new Terminal(
                    new ByteArrayInputStream(scene.input.getBytes(UTF_8)), nowhere, nowhere, Ansi.ON, Ansi.ON);
            Adit.run(terminal, scene.command.toArray(String[]::new));
        }
    }
}
