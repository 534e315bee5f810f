package adit.program;

import java.util.List;

/// Variables by which an environment gives options to every JVM. A JVM says on its standard error that it took some,
/// which no program under test has said.
final class JvmEnvironment {
    private static final List<String> VARIABLES = List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");

    private JvmEnvironment() {}

    /// Takes them out of what a process is started with.
    static void clear(ProcessBuilder builder) {
        builder.environment().keySet().removeAll(VARIABLES);
    }
}
