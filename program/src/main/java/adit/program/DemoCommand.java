package adit.program;

import adit.capture.CaptureFile;
import adit.linux.LinuxException;
import adit.port.Faults;
import adit.port.FaultyPort;
import adit.port.Port;
import adit.program.demo.DemoPlan;
import adit.program.demo.DemoResult;
import adit.program.demo.Demonstration;
import adit.program.demo.KernelDemo;
import adit.program.demo.LabelledDemo;
import adit.program.memory.MemoryDemo;
import adit.program.memory.MemoryDemoOptions;
import adit.program.memory.MemoryDemoResult;
import adit.program.up.TunnelHost.Wiring;
import adit.tunnel.Carrier;
import adit.tunnel.Mode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `adit demo`.
@Command(
        name = "demo",
        description = "Show a tunnel at work between two hosts made for it.",
        optionListHeading = "%nOptions:%n",
        footerHeading = "%nExamples:%n",
        footer = {
            "  adit demo                           two network namespaces of the kernel",
            "  adit demo --memory --loss 5%%        all in memory, on a bad line",
            "  adit demo --carrier gue --pcap demo.pcapng",
            "",
            "Without the right to make namespaces the hosts are in memory. Ends with 0 only",
            "if all pings came back and the transfer's checksum matched."
        })
final class DemoCommand implements Callable<Integer> {
    /// What carries the tunnel, in words.
    enum CarrierName {
        DIRECT,
        FOU,
        GUE
    }

    private static final int FOU_PORT = 5555;
    private static final int GUE_PORT = 6080;
    private static final long MEBI = 1 << 20;
    private static final int MOST_MEGABYTES = 8192;

    private final Terminal terminal;

    @Option(names = "--memory", description = "Both hosts in the memory of this process; needs no privilege.")
    private boolean memory;

    @Option(names = "--carrier", defaultValue = "direct", description = "direct, fou or gue; direct if left out.")
    private CarrierName carrier;

    @Option(names = "--mode", defaultValue = "ipip", description = "ipip, mplsip or any; ipip if left out.")
    private Mode mode;

    @Option(
            names = "--loss",
            paramLabel = "SHARE",
            defaultValue = "0",
            description = "Lose this share of the packets each way, such as 5%%.")
    private String loss;

    @Option(names = "--pings", paramLabel = "N", defaultValue = "10", description = "Send N pings; 10 if left out.")
    private int pings;

    @Option(
            names = "--size",
            paramLabel = "MB",
            defaultValue = "64",
            description = "Transfer MB megabytes; 64 if left out.")
    private int megabytes;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Where chance starts; 1 if left out.")
    private long seed;

    @Option(
            names = "--pcap",
            paramLabel = "FILE",
            description = "Record all packets, with the drops' reasons, as pcapng.")
    private Path pcap;

    @Option(names = "--json", description = "Report as JSON.")
    private boolean json;

    DemoCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        DemoPlan plan = plan();
        DemoReport report = new DemoReport(terminal, json);
        if (!memory) {
            try (DemoCapture capture = DemoCapture.open(pcap)) {
                return kernel(plan, capture, report) ? ExitCode.OK : ExitCode.RUNTIME;
            } catch (KernelUnavailable e) {
                report.say(e.getMessage() + "; the hosts are in memory");
            }
        }
        try (DemoCapture capture = DemoCapture.open(pcap)) {
            return memory(plan, capture, report) ? ExitCode.OK : ExitCode.RUNTIME;
        }
    }

    private DemoPlan plan() {
        try {
            if (megabytes < 1 || megabytes > MOST_MEGABYTES) {
                throw new IllegalArgumentException(
                        "--size " + megabytes + " is not from 1 to " + MOST_MEGABYTES + " megabytes");
            }
            return new DemoPlan(mode, spec(carrier), pings, megabytes * MEBI, share(loss), seed);
        } catch (IllegalArgumentException e) {
            throw Failure.usage(e.getMessage(), "see adit demo --help");
        }
    }

    private static Carrier spec(CarrierName name) {
        return switch (name) {
            case DIRECT -> new Carrier.Direct();
            case FOU -> new Carrier.Fou(FOU_PORT, FOU_PORT, Carrier.UdpChecksum.OFF);
            case GUE -> new Carrier.Gue(GUE_PORT, GUE_PORT, Carrier.UdpChecksum.OFF);
        };
    }

    /// Reads `5%` or `0.05`.
    private static double share(String text) {
        try {
            double share = text.endsWith("%")
                    ? Double.parseDouble(text.substring(0, text.length() - 1)) / 100
                    : Double.parseDouble(text);
            if (!(share >= 0 && share < 1)) {
                throw new IllegalArgumentException("--loss " + text + " is not from 0 to below 100%");
            }
            return share;
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("--loss '" + text + "' is no share; write 5% or 0.05", e);
        }
    }

    /// The namespaces or devices can't be made here.
    private static final class KernelUnavailable extends IOException {
        private static final long serialVersionUID = 1;

        KernelUnavailable(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    private boolean kernel(DemoPlan plan, DemoCapture capture, DemoReport report) throws IOException {
        AtomicReference<Throwable> defect = new AtomicReference<>();
        try (Demonstration demo = open(plan, capture, defect)) {
            report.begin("two network namespaces of the kernel", plan, demo.topology());
            DemoResult result = demo.run(report::ping, report::progress);
            report.end(result);
            if (defect.get() != null) {
                throw new IllegalStateException("a worker ended", defect.get());
            }
            return result.succeeded();
        }
    }

    private static Demonstration open(DemoPlan plan, DemoCapture capture, AtomicReference<Throwable> defect)
            throws IOException {
        Wiring a = wiring(plan, capture, defect, "a");
        Wiring b = wiring(plan, capture, defect, "b");
        try {
            // The stacks of most kernels speak no MPLS, so labelled packets come from hosts of ours.
            return plan.mode() == Mode.MPLSIP ? LabelledDemo.open(plan, a, b) : KernelDemo.open(plan, a, b);
        } catch (LinuxException e) {
            throw new KernelUnavailable(e);
        }
    }

    private static Wiring wiring(DemoPlan plan, DemoCapture capture, AtomicReference<Throwable> defect, String host) {
        UnaryOperator<Port> overlay = port -> {
            Port recorded = capture.around(host + "/tun", port, plan.mode());
            return plan.loss() == 0
                    ? recorded
                    : FaultyPort.losing(recorded, plan.loss(), new SplittableRandom(plan.seed() + host.hashCode()));
        };
        return new Wiring(
                _ -> {},
                t -> defect.compareAndSet(null, t),
                overlay,
                UnaryOperator.identity(),
                () -> capture.drops(host, CaptureFile.WALL_CLOCK));
    }

    private boolean memory(DemoPlan plan, DemoCapture capture, DemoReport report) {
        MemoryDemoOptions options = MemoryDemoOptions.DEFAULT
                .withMode(plan.mode())
                .withCarrier(plan.carrier())
                .withFaults(Faults.NONE.withLoss(plan.loss()))
                .withPings(plan.pings())
                .withOctets(plan.octets())
                .withSeed(plan.seed());
        report.begin("two hosts in memory, on virtual time", plan, DemoReport.MEMORY_TOPOLOGY);
        MemoryDemoResult result = MemoryDemo.run(options, capture, (nanos, done, octets) -> report.progress(octets));
        report.end(result);
        return result.succeeded();
    }

    @Override
    public String toString() {
        return "demo " + mode.name().toLowerCase(Locale.ROOT);
    }
}
