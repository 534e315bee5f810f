package adit.linux.sys;

import java.util.Locale;
import java.util.Set;

/// Where these calls can work: Linux on x86-64 or aarch64, whose numbers and layouts agree in all that is used
/// here.
public final class Platform {
    private static final Set<String> ARCHITECTURES = Set.of("amd64", "x86_64", "aarch64");

    private Platform() {}

    /// Throws [UnsupportedOperationException] anywhere else.
    public static void require() {
        require(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
    }

    static void require(String system, String architecture) {
        if (!system.equals("Linux") || !ARCHITECTURES.contains(architecture.toLowerCase(Locale.ROOT))) {
            throw new UnsupportedOperationException(
                    "adit.linux needs Linux on x86-64 or aarch64; this is " + system + " on " + architecture);
        }
    }
}
