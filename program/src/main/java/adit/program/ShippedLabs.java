package adit.program;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/// The labs that come with Adit.
final class ShippedLabs {
    private static final List<String> NAMES = List.of("two-sites", "hub", "mpls", "routed");

    private ShippedLabs() {}

    /// Their names.
    static List<String> names() {
        return NAMES;
    }

    /// The file of the lab of that name; nothing when there is none.
    static Optional<byte[]> file(String name) throws IOException {
        if (!NAMES.contains(name)) {
            return Optional.empty();
        }
        try (InputStream in = ShippedLabs.class.getResourceAsStream("labs/" + name + ".yaml")) {
            return Optional.of(in.readAllBytes());
        }
    }
}
