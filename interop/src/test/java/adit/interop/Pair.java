package adit.interop;

import static adit.interop.Conversation.FAR;
import static adit.interop.Conversation.NEAR;

import adit.interop.host.Namespace;
import java.io.IOException;

/// Two namespaces of this machine, joined by a cable:
///
/// ```
/// near 192.0.2.1/24 ---- veth ---- 192.0.2.2/24 far
/// ```
record Pair(Namespace near, Namespace far) implements AutoCloseable {
    /// Makes them. Aborts the test where the machine does not allow it.
    static Pair make() throws IOException {
        Needs.root();
        Namespace near = Namespace.make();
        Namespace far = Namespace.make();
        near.run("""
                ip link add under type veth peer name under netns %s
                ip address add %s/24 dev under
                ip link set under up
                """.formatted(far.name(), NEAR.underlay()));
        far.run("ip address add %s/24 dev under; ip link set under up".formatted(FAR.underlay()));
        return new Pair(near, far);
    }

    @Override
    public void close() {
        near.close();
        far.close();
    }
}
