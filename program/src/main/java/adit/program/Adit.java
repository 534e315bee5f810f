package adit.program;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The command `adit`, and the way into the program.
///
/// Exit codes are those of [ExitCode]. What was asked for goes to the standard output, everything else to the
/// standard error. Help that was asked for is output and ends well; help that was not asked for is never
/// printed: a wrong word is answered by one line on what is wrong and one on where to read more.
@Command(
        name = "adit",
        description = "IP tunnels in user space: ipip, mplsip, FOU and GUE on a TUN device.",
        synopsisSubcommandLabel = "COMMAND",
        optionListHeading = "%nOptions:%n",
        commandListHeading = "%nCommands:%n",
        footerHeading = "%nExit codes:%n",
        footer = {
            "  0  done",
            "  1  the command line or the configuration is wrong",
            "  2  it failed while running",
            "",
            "`adit COMMAND --help` tells more about a command."
        })
public final class Adit implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-V", "--version"},
            description = "Print the version and exit.")
    private boolean version;

    private final Terminal terminal;

    private Adit(Terminal terminal) {
        this.terminal = terminal;
    }

    /// Runs `adit` with the arguments of the process and ends the process.
    public static void main(String[] args) {
        // Numbers are for programs too, and stand in English text: no digits or commas of the user's language.
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
        StandardOutput output = new StandardOutput();
        Terminal terminal = Terminal.ofProcess(output);
        int code = run(terminal, args);
        terminal.flush();
        Optional<String> lost = output.fault();
        if (lost.isPresent()) {
            terminal.complain("can't write the output: " + lost.get());
            code = ExitCode.RUNTIME;
        }
        // Threads that a failed command left behind must not keep the process.
        System.exit(code);
    }

    /// Runs one command line and answers its exit code.
    static int run(Terminal terminal, String... args) {
        boolean ip = args.length > 0 && args[0].equals(IpCommand.NAME);
        if (ip && !(args.length == 2 && args[1].equals("--help"))) {
            return IpCommand.run(terminal, List.of(args).subList(1, args.length), System.getenv());
        }
        return commandLine(terminal).execute(args);
    }

    /// All commands, with their output going to `terminal`.
    static CommandLine commandLine(Terminal terminal) {
        CommandLine root = new CommandLine(new Adit(terminal));
        root.addSubcommand(new DemoCommand(terminal));
        root.addSubcommand(new UpCommand(terminal, Optional.of(new KernelUp())));
        root.addSubcommand(new StatusCommand(terminal));
        root.addSubcommand(new LabCommand(terminal));
        root.addSubcommand(new IpCommand(terminal));
        root.addSubcommand(new DoctorCommand(terminal));
        root.addSubcommand(new DecodeCommand(terminal));
        root.addSubcommand(new VersionCommand(terminal));
        root.addSubcommand(new CommandLine.HelpCommand());
        prepare(root, terminal);
        root.getSubcommands().values().forEach(c -> prepare(c, terminal));
        return root;
    }

    private static void prepare(CommandLine c, Terminal terminal) {
        if (!c.getCommandSpec().optionsMap().containsKey("--help")) {
            c.getCommandSpec()
                    .addOption(CommandLine.Model.OptionSpec.builder("-h", "--help")
                            .usageHelp(true)
                            .description("Print this help and exit.")
                            .build());
        }
        c.setOut(terminal.out());
        c.setErr(terminal.err());
        c.setColorScheme(CommandLine.Help.defaultColorScheme(terminal.outColours()));
        c.setUsageHelpWidth(80);
        c.setUsageHelpAutoWidth(false);
        c.setCaseInsensitiveEnumValuesAllowed(true);
        c.setParameterExceptionHandler(new WrongUsage(terminal));
        c.setExecutionExceptionHandler(failed(terminal));
    }

    /// The JDK says no more than the path in these cases.
    private static String words(java.io.IOException e) {
        return switch (e) {
            case NoSuchFileException missing -> "there is no " + missing.getFile() + ", or no folder to put it into";
            case AccessDeniedException denied -> "no right to open " + denied.getFile();
            case FileAlreadyExistsException other -> other.getFile() + " is there already, and no folder";
            default -> e.getMessage();
        };
    }

    private static IExecutionExceptionHandler failed(Terminal terminal) {
        return (Exception e, CommandLine command, CommandLine.ParseResult parsed) -> {
            if (e instanceof Failure failure) {
                terminal.complain(failure.getMessage());
                failure.remedy().ifPresent(terminal::advise);
                return failure.exitCode();
            }
            if (e instanceof java.io.IOException io) {
                terminal.complain(words(io));
                return ExitCode.RUNTIME;
            }
            terminal.complain("this is a defect of Adit:");
            e.printStackTrace(terminal.err());
            return ExitCode.RUNTIME;
        };
    }

    @Override
    public void run() {
        if (version) {
            new VersionCommand(terminal).run();
        } else {
            throw new ParameterException(spec.commandLine(), "which command?");
        }
    }
}
