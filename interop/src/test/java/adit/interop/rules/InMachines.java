package adit.interop.rules;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.Parameter;

/// The same for rules about whole machines: a Linux guest and a namespace in memory, each bare at first.
abstract class InMachines {
    @Parameter
    World world;

    Machine machine;

    @BeforeEach
    final void open() {
        machine = world.machine();
    }

    @AfterEach
    final void close() {
        // Null where the world is missing here, and the test is skipped.
        if (machine != null) {
            machine.close();
        }
    }
}
