package adit.program.doctor;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.zip.GZIPInputStream;

/// The files by which a kernel tells about itself. A file that is absent or can't be read has nothing to say.
///
/// @param root where they begin: `/`, or a tree that looks like it
record HostFiles(Path root) {
    private static final int CAP_NET_ADMIN = 12;
    private static final int CAP_NET_RAW = 13;

    /// Whether a tunnel module is there, and how.
    enum ModuleState {
        /// In use.
        LOADED("loaded"),
        /// Part of the kernel.
        BUILT_IN("built in"),
        /// There to be loaded.
        AVAILABLE("not loaded"),
        /// Not there.
        ABSENT("absent"),
        /// The kernel does not tell.
        UNKNOWN("unknown");

        private final String words;

        ModuleState(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    Path path(String absolute) {
        return root.resolve(absolute.substring(1));
    }

    Optional<String> text(String absolute) {
        try {
            return Optional.of(Files.readString(path(absolute), UTF_8));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /// A number that stands alone in a file.
    OptionalInt number(String absolute) {
        try {
            Optional<String> text = text(absolute).map(String::strip);
            return text.isPresent() ? OptionalInt.of(Integer.parseInt(text.get())) : OptionalInt.empty();
        } catch (NumberFormatException e) {
            return OptionalInt.empty();
        }
    }

    /// Whether this process has CAP_NET_ADMIN, by its effective set.
    boolean hasNetAdmin() {
        return hasCapability(CAP_NET_ADMIN);
    }

    /// Whether this process has CAP_NET_RAW.
    boolean hasNetRaw() {
        return hasCapability(CAP_NET_RAW);
    }

    private boolean hasCapability(int bit) {
        return text("/proc/self/status").stream()
                .flatMap(String::lines)
                .filter(line -> line.startsWith("CapEff:"))
                .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) >>> bit & 1) != 0);
    }

    /// How a module is there.
    ///
    /// @param module its name, with underscores
    /// @param option the kernel's configuration option for it
    ModuleState module(String module, String option) {
        if (text("/proc/modules").stream().flatMap(String::lines).anyMatch(l -> l.startsWith(module + " "))) {
            return ModuleState.LOADED;
        }
        Optional<String> setting = configuration().stream()
                .filter(line -> line.startsWith(option + "=") || line.equals("# " + option + " is not set"))
                .findFirst();
        if (setting.isPresent() && setting.get().endsWith("=y")) {
            return ModuleState.BUILT_IN;
        }
        String tree = "/lib/modules/"
                + text("/proc/sys/kernel/osrelease").map(String::strip).orElse("");
        if (lists(tree + "/modules.builtin", module)) {
            return ModuleState.BUILT_IN;
        }
        if (lists(tree + "/modules.dep", module)) {
            return ModuleState.AVAILABLE;
        }
        boolean told = setting.isPresent() || Files.exists(path(tree + "/modules.dep"));
        return told ? ModuleState.ABSENT : ModuleState.UNKNOWN;
    }

    /// Whether a line of an index of modules begins with this one's file.
    private boolean lists(String index, String module) {
        return text(index).stream()
                .flatMap(String::lines)
                .map(line ->
                        line.replaceFirst(":.*", "").replaceFirst(".*/", "").replace('-', '_'))
                .anyMatch(file -> file.startsWith(module + ".ko"));
    }

    private List<String> configuration() {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(path("/proc/config.gz")))) {
            return new String(in.readAllBytes(), UTF_8).lines().toList();
        } catch (IOException e) {
            return text("/boot/config-"
                            + text("/proc/sys/kernel/osrelease")
                                    .map(String::strip)
                                    .orElse(""))
                    .stream()
                    .flatMap(String::lines)
                    .toList();
        }
    }
}
