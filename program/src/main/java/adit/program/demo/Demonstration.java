package adit.program.demo;

import java.io.IOException;
import java.util.List;
import java.util.function.LongConsumer;

/// A demonstration between two network namespaces of the kernel, set up and ready to run.
public sealed interface Demonstration extends AutoCloseable permits KernelDemo, LabelledDemo {
    /// The picture of what was made.
    List<String> topology();

    /// Sends the pings and the data.
    ///
    /// @param ping told of each round trip in nanoseconds, -1 for a ping that did not come back
    /// @param progress told now and then how many octets have arrived
    DemoResult run(LongConsumer ping, LongConsumer progress) throws IOException;

    /// Removes the tunnel, the cable and the hosts.
    @Override
    void close();
}
