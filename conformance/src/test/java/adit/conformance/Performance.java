package adit.conformance;

import adit.conformance.language.Scenario;
import adit.conformance.language.Scenario.Transcript;
import adit.conformance.world.World;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;

/// Performs scenarios, each in a world of its own, several at a time: in the kernel most of the time goes by
/// waiting for a device to be gone.
final class Performance {
    private static final int AT_ONCE = 8;

    private Performance() {}

    /// What became of each scenario, in their order.
    static List<Transcript> of(List<Scenario> scenarios, Supplier<World> worlds) {
        List<Future<Transcript>> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
            for (Scenario scenario : scenarios) {
                all.add(threads.submit(() -> {
                    try (World world = worlds.get()) {
                        return scenario.perform(world);
                    }
                }));
            }
        }
        List<Transcript> transcripts = new ArrayList<>();
        for (Future<Transcript> one : all) {
            transcripts.add(result(one));
        }
        return transcripts;
    }

    private static Transcript result(Future<Transcript> one) {
        try {
            return one.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
