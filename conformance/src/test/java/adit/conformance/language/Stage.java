package adit.conformance.language;

import adit.conformance.world.PageEnd;
import adit.conformance.world.TunHandle;
import adit.conformance.world.World;
import adit.device.Errno;
import adit.tun.IoVectors;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/// What a scenario has to do with while it is performed: the world, the files by their names in the scenario,
/// and calls that other threads make.
public final class Stage implements AutoCloseable {
    /// Of a buffer, every octet is there.
    static final int ALL = -1;

    private static final byte JUNK = (byte) 0xa5;
    // Long enough for a thread to reach its system call, or to come back from it, on a busy machine.
    private static final long SETTLE_MILLIS = 100;
    private static final long PATIENCE_MILLIS = 1500;

    private final World world;
    private final Map<String, TunHandle> files = new LinkedHashMap<>();
    private final Map<String, CompletableFuture<String>> calls = new HashMap<>();
    private final Programs programs;

    Stage(World world) {
        this.world = world;
        programs = new Programs();
    }

    World world() {
        return world;
    }

    Programs programs() {
        return programs;
    }

    TunHandle file(String name) {
        TunHandle file = files.get(name);
        if (file == null) {
            throw new IllegalStateException("no file " + name);
        }
        return file;
    }

    boolean has(String name) {
        return files.containsKey(name);
    }

    /// Opens another file and attaches it to a device.
    String more(String device, String flags) {
        String name = "more" + files.size();
        int answer = open(name, World.Blocking.ANSWERS);
        return answer < 0
                ? Words.answer(answer)
                : IoctlArgument.parse(List.of("TUNSETIFF", "name=" + device, "flags=" + flags))
                        .call(file(name), programs);
    }

    int open(String name, World.Blocking blocking) {
        TunHandle file = world.open(blocking);
        if (file.opened() >= 0) {
            TunHandle before = files.put(name, file);
            if (before != null) {
                before.close();
            }
        }
        return file.opened();
    }

    int close(String name) {
        if (!has(name)) {
            return -Errno.EBADF;
        }
        int answer = file(name).close();
        files.remove(name);
        return answer;
    }

    /// Reads into buffers of `sizes` octets that are full of junk before, and says what the call answered, what
    /// it left, and whether it wrote behind what it answered. Of the last buffer only `there` octets are there,
    /// or all when that is negative.
    static String read(TunHandle file, int[] sizes, int there) {
        int cut = there < 0 ? sizes[sizes.length - 1] : there;
        try (Arena arena = Arena.ofShared();
                PageEnd end = new PageEnd(cut)) {
            IoVectors into = new IoVectors(sizes.length);
            for (int i = 0; i < sizes.length; i++) {
                boolean last = i == sizes.length - 1;
                MemorySegment s = last && there >= 0 ? end.memory() : arena.allocate(Math.max(1, sizes[i]));
                into.add(s.fill(JUNK), 0, sizes[i]);
            }
            int answer = file.read(into);
            byte[] octets = octets(into, cut);
            int moved = Math.clamp(answer, 0, octets.length);
            String left = Words.octets(Arrays.copyOf(octets, moved));
            for (int i = moved; i < octets.length; i++) {
                if (octets[i] != JUNK) {
                    return Words.answer(answer) + ":" + left + " and wrote octet " + i;
                }
            }
            return answer < 0 ? Words.answer(answer) : answer + ":" + left;
        }
    }

    /// What stands in the places, of the last as far as it is there.
    private static byte[] octets(IoVectors places, int lastLength) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < places.count(); i++) {
            int length = i == places.count() - 1 ? Math.min(lastLength, places.length(i)) : places.length(i);
            all.writeBytes(places.segment(i).asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
        }
        return all.toByteArray();
    }

    /// Writes each element of `parts` as one buffer. Of the last only `there` octets are there, or all when that
    /// is negative.
    static int write(TunHandle file, byte[][] parts, int there) {
        try (Arena arena = Arena.ofConfined();
                PageEnd end = new PageEnd(Math.max(0, there))) {
            IoVectors from = new IoVectors(parts.length);
            for (int i = 0; i < parts.length; i++) {
                boolean last = i == parts.length - 1;
                int length = last && there >= 0 ? Math.min(there, parts[i].length) : parts[i].length;
                MemorySegment s = last && there >= 0 ? end.memory() : arena.allocate(Math.max(1, length));
                MemorySegment.copy(parts[i], 0, s, ValueLayout.JAVA_BYTE, 0, length);
                from.add(s, 0, parts[i].length);
            }
            return file.write(from);
        }
    }

    /// Lets another thread make a call, and gives it time to get as far as it comes.
    void start(String name, Supplier<String> call) throws InterruptedException {
        CompletableFuture<String> result = new CompletableFuture<>();
        calls.put(name, result);
        Thread.ofPlatform().daemon().name("scenario-" + name).start(() -> {
            try {
                result.complete(call.get());
            } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
            }
        });
        Thread.sleep(SETTLE_MILLIS);
    }

    /// What became of a call of another thread.
    String finish(String name) throws Exception {
        CompletableFuture<String> call = calls.get(name);
        if (call == null) {
            throw new IllegalStateException("no call " + name);
        }
        try {
            return call.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return "blocked";
        }
    }

    @Override
    public void close() {
        world.become(World.Caller.ROOT);
        files.values().forEach(TunHandle::close);
        files.clear();
        if (calls.values().stream().allMatch(CompletableFuture::isDone)) {
            programs.close();
        }
    }
}
