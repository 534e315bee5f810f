package adit.program;

import java.lang.reflect.Proxy;

/// Signals of the operating system. Java has them in `jdk.unsupported` alone, which the compiler warns of
/// without a way to answer that one knows; so they are reached by reflection, here and nowhere else.
final class Signals {
    private Signals() {}

    /// Runs `action`, on a thread of its own, each time the process is sent the signal, such as `TERM`. The
    /// signal has no other effect then. Answers false when the JVM keeps that signal to itself.
    static boolean on(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {handler}, (self, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            action.run();
                        }
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }
}
