package adit.interop.rules;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.Parameter;

/// Rules that are stated once and must hold in several worlds: the parameter of the class is the world, and each
/// test has a box of it.
abstract class InWorlds {
    @Parameter
    World world;

    TunnelBox box;

    @BeforeEach
    final void open() {
        box = world.box();
    }

    @AfterEach
    final void close() {
        // Null where the world is missing here, and the test is skipped.
        if (box != null) {
            box.close();
        }
    }
}
