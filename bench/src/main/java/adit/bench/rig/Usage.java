package adit.bench.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// What processes and the machine have used so far, from /proc (proc(5)).
///
/// @param programSeconds processor time of some processes and their children
/// @param machineSeconds processor time of the whole machine that was neither idle nor waiting
/// @param overlayOctets octets that a device of [Host#B] has received
/// @param overlayPackets packets that it has received and sent, a super-packet being one
record Usage(double programSeconds, double machineSeconds, double overlayOctets, double overlayPackets) {
    /// USER_HZ: fixed at 100 in the kernel's interface on every architecture that matters here.
    private static final double TICKS_PER_SECOND = 100;

    /// What has been used up to now. `resident` is any process in the namespace of [Host#B].
    static Usage now(List<Process> programs, Process resident, String device) throws IOException {
        double ticks = 0;
        for (ProcessHandle process : tree(programs)) {
            String stat = read(Path.of("/proc", Long.toString(process.pid()), "stat"));
            // The name in parentheses may hold anything; user and system time are fields 14 and 15.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
            ticks += fields.length > 12 ? Double.parseDouble(fields[11]) + Double.parseDouble(fields[12]) : 0;
        }
        String[] counters = counters(resident, device);
        return new Usage(
                ticks / TICKS_PER_SECOND,
                busy(),
                Double.parseDouble(counters[1]),
                Double.parseDouble(counters[2]) + Double.parseDouble(counters[10]));
    }

    /// The resident memory of the largest process tree among some, in octets; NaN when there is none.
    static double memory(List<Process> programs) throws IOException {
        double most = Double.NaN;
        for (Process program : programs) {
            double sum = 0;
            for (ProcessHandle process : tree(List.of(program))) {
                for (String line : read(Path.of("/proc", Long.toString(process.pid()), "status"))
                        .split("\n")) {
                    if (line.startsWith("VmRSS:")) {
                        sum += Double.parseDouble(line.replaceAll("[^0-9]", "")) * 1024;
                    }
                }
            }
            most = Double.isNaN(most) ? sum : Math.max(most, sum);
        }
        return most;
    }

    /// The share of the machine that is busy during a time, 0 to 1.
    static double load(long millis) throws IOException, InterruptedException {
        double before = busy();
        Thread.sleep(millis);
        return (busy() - before) / (millis / 1000.0 * Runtime.getRuntime().availableProcessors());
    }

    private static double busy() throws IOException {
        // cpu user nice system idle iowait irq softirq steal
        String[] fields = read(Path.of("/proc/stat")).split("\n")[0].split("\\s+");
        double ticks = 0;
        for (int i : new int[] {1, 2, 3, 6, 7}) {
            ticks += Double.parseDouble(fields[i]);
        }
        return ticks / TICKS_PER_SECOND;
    }

    /// A device's row of /proc/net/dev: its name, eight counters of what it received, eight of what it sent.
    private static String[] counters(Process resident, String device) throws IOException {
        for (String line :
                read(Path.of("/proc", Long.toString(resident.pid()), "net/dev")).split("\n")) {
            String[] fields = line.strip().split("[:\\s]+");
            if (fields[0].equals(device)) {
                return fields;
            }
        }
        throw new IOException("no device " + device);
    }

    private static List<ProcessHandle> tree(List<Process> programs) {
        return programs.stream()
                .flatMap(p -> Stream.concat(Stream.of(p.toHandle()), p.descendants()))
                .toList();
    }

    /// A file's text, empty when its process has just gone.
    private static String read(Path file) throws IOException {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            return "";
        }
    }
}
