package adit.interop.host;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/// Something on this machine that must not outlive the test: a namespace, a qemu process.
///
/// A shell of its own makes it, then waits for its standard input to end, then takes it away. The input is a
/// pipe from this JVM, so it ends on [#close] and on any death of the JVM, SIGKILL included; and there is one
/// way of taking away, not two. The shell is in a session of its own, where a Ctrl-C meant for Maven does not
/// reach it; and what it says after the thing is made goes nowhere, because writing to a dead JVM would end it
/// before its work is done.
public final class Keeper implements AutoCloseable {
    private static final String MADE = "made";

    private final Process shell;

    private Keeper(Process shell) {
        this.shell = shell;
    }

    /// Runs the script `make`, and later, in the same shell, the script `unmake`. Throws with what `make` said
    /// when it fails; nothing is left then but what it left itself, and `unmake` has run.
    public static Keeper make(String make, String unmake) throws IOException {
        String script = """
                trap '' HUP INT TERM
                unmake() {
                set +e
                %s
                }
                trap unmake EXIT
                set -e
                %s
                echo %s
                exec > /dev/null 2>&1
                read -r end
                """.formatted(unmake, make, MADE);
        Process shell = new ProcessBuilder("setsid", "sh", "-c", script)
                .redirectErrorStream(true)
                .start();
        BufferedReader said = new BufferedReader(new InputStreamReader(shell.getInputStream(), StandardCharsets.UTF_8));
        StringBuilder before = new StringBuilder();
        for (String line = said.readLine(); !MADE.equals(line); line = said.readLine()) {
            if (line == null) {
                throw new IOException(before.toString().strip());
            }
            before.append(line).append('\n');
        }
        return new Keeper(shell);
    }

    /// Takes the thing away and waits until it is gone. Closing again does nothing.
    @Override
    public void close() {
        try {
            shell.getOutputStream().close();
            if (!shell.waitFor(2, TimeUnit.MINUTES)) {
                throw new IllegalStateException("taking away takes too long; process " + shell.pid() + " is at it");
            }
        } catch (IOException e) {
            throw new IllegalStateException("cannot reach process " + shell.pid(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
