package adit.bench.rig;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The threads of Adit's programs that move packets, as the JVM itself tells about them.
final class PacketThreads {
    /// Of a thread dump: `"adit-out-udp5555-0" #31 [123] daemon prio=5 os_prio=0 cpu=1.2ms elapsed=3.4s allocated=56K
    /// ...`.
    private static final Pattern THREAD =
            Pattern.compile("(?m)^\"adit-(?:in|out|there|back|both)\\b[^\\n]* allocated=([0-9.]+)([BKMG])");

    private PacketThreads() {}

    /// How many octets they have allocated so far; NaN when there are no such threads.
    static double allocated(List<Process> programs) throws InterruptedException {
        double sum = Double.NaN;
        for (Process program : programs) {
            if (!isJvm(program)) {
                continue;
            }
            try {
                Matcher m = THREAD.matcher(Shell.run(
                        Duration.ofSeconds(10),
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "jcmd")
                                        .toString(),
                                Long.toString(program.pid()),
                                "Thread.print",
                                "-e")));
                while (m.find()) {
                    int unit = "BKMG".indexOf(m.group(2));
                    sum = (Double.isNaN(sum) ? 0 : sum) + Double.parseDouble(m.group(1)) * (1L << (10 * unit));
                }
            } catch (IOException e) {
                // A JVM that does not say.
            }
        }
        return sum;
    }

    /// Others must not be asked: jcmd knocks with SIGQUIT, which ends them.
    private static boolean isJvm(Process program) {
        return program.toHandle()
                .info()
                .command()
                .filter(command -> command.endsWith("/java"))
                .isPresent();
    }
}
