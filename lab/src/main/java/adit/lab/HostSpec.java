package adit.lab;

import java.util.List;

/// A host of a lab. Its loopback is up from the start.
///
/// @param name its name
/// @param sysctls what is written to its `/proc/sys`, in this order: before the
///     first command, or, where it is a device's, behind the last one
/// @param commands command lines of `ip`, without `ip` itself, in the order in which they are run
/// @param programs what runs on it
public record HostSpec(String name, List<Sysctl> sysctls, List<Command> commands, List<ProgramSpec> programs) {
    /// Copies the lists.
    public HostSpec {
        sysctls = List.copyOf(sysctls);
        commands = List.copyOf(commands);
        programs = List.copyOf(programs);
    }

    /// One setting.
    ///
    /// @param key its name with dots, such as `net.ipv4.ip_forward`
    /// @param value its value
    /// @param where it was written, such as `lab.yaml:7:5`; empty when nowhere
    public record Sysctl(String key, int value, String where) {}

    /// One command line.
    ///
    /// @param text as it is typed behind `ip`
    /// @param where it was written, such as `lab.yaml:7:5`; empty when nowhere
    public record Command(String text, String where) {}
}
