package adit.bench.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;

/// Facts about the machine and the run, so that numbers can be judged.
final class Setting {
    /// The share of the machine above which numbers are not worth much.
    private static final double BUSY = 0.1;

    private Setting() {}

    /// The facts by name, in the order in which the page shows them.
    static Map<String, String> of(RunOptions options, Path root) throws IOException, InterruptedException {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("date", LocalDate.now(ZoneOffset.UTC).toString());
        facts.put("commit", commit(root));
        facts.put("processor", processor() + ", " + Runtime.getRuntime().availableProcessors() + " cores");
        facts.put("kernel", "Linux " + System.getProperty("os.version") + " " + System.getProperty("os.arch"));
        facts.put("JDK", System.getProperty("java.vm.vendor") + " " + Runtime.version());
        facts.put("iperf3", Shell.debianVersion("iperf3"));
        // A new namespace has what the machine has.
        facts.put(
                "TCP congestion control",
                Files.readString(Path.of("/proc/sys/net/ipv4/tcp_congestion_control"))
                        .strip());
        facts.put(
                "underlay",
                options.cable().shape().text() + ", MTU " + options.cable().mtu());
        facts.put(
                "rounds",
                options.rounds() + ", the programs in turn in each; one stream for "
                        + options.stream().toSeconds() + " s");
        double load = Usage.load(1000);
        facts.put(
                "other load before the start",
                "%.0f %% of the machine".formatted(load * 100)
                        + (load < BUSY ? "" : ", so read these numbers as a rehearsal"));
        return facts;
    }

    private static String commit(Path root) throws InterruptedException {
        String git = "git -c safe.directory=* -C " + root;
        try {
            String commit =
                    Shell.run((git + " rev-parse --short=12 HEAD").split(" ")).strip();
            String changes = Shell.run((git + " status --porcelain --untracked-files=no").split(" "));
            return commit + (changes.isBlank() ? "" : " with changes");
        } catch (IOException e) {
            return "unknown";
        }
    }

    private static String processor() throws IOException {
        return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse(System.getProperty("os.arch"));
    }
}
