package adit.linux;

import adit.linux.sys.Libc;
import adit.linux.sys.LibcSignal;
import adit.linux.sys.Signal;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A signal of this process that does nothing but end the system call that a thread waits in.
///
/// It is a real-time signal that nobody in the process has a handler for, and stays ours for good. Its handler is a
/// function of libc without effect, so it may come at any time and needs no Java. One that the JDK may want later
/// is passed over.
final class WakeSignal {
    /// There is none.
    static final int NONE = 0;

    private static final class Claimed {
        static final int NUMBER = claim();
    }

    private WakeSignal() {}

    /// The number of the process's one, which the first call installs; [#NONE] when no signal is free.
    static int number() {
        return Claimed.NUMBER;
    }

    /// Installs the handler for the highest free signal, and answers its number or [#NONE].
    static int claim() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment action = arena.allocate(Signal.ACTION_SIZE, Long.BYTES);
            MemorySegment former = arena.allocate(Signal.ACTION_SIZE, Long.BYTES);
            Signal.action(action, LibcSignal.harmlessHandler());
            for (int number = Signal.HIGHEST; number >= Signal.LOWEST; number--) {
                if (number != Signal.OF_JDK && isFree(number, former) && claim(number, action, former)) {
                    return number;
                }
            }
            return NONE;
        } catch (UnsupportedOperationException _) {
            // A libc that lacks one of the functions: the thread rests in poll.
            return NONE;
        }
    }

    private static boolean isFree(int number, MemorySegment former) {
        return LibcSignal.sigaction(Libc.errnoState(), number, MemorySegment.NULL, former) == 0
                && Signal.handler(former) == Signal.SIG_DFL;
    }

    private static boolean claim(int number, MemorySegment action, MemorySegment former) {
        if (LibcSignal.sigaction(Libc.errnoState(), number, action, former) != 0) {
            return false;
        }
        if (Signal.handler(former) == Signal.SIG_DFL) {
            return true;
        }
        // Somebody was quicker.
        LibcSignal.sigaction(Libc.errnoState(), number, former, MemorySegment.NULL);
        return false;
    }
}
