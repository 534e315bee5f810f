package adit.interop;

import adit.interop.guest.FrameWire;
import adit.interop.guest.Guest;
import adit.interop.guest.KernelImage;
import adit.interop.guest.Nic;
import adit.interop.host.Host;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// A kernel at both ends: what this shows of the tunnels, and of the tests themselves, is what the others must
/// show.
@ParameterizedClass(name = "{0}")
@EnumSource(Tunnel.class)
class KernelToKernelTest extends Conversation {
    private static Guest near;
    private static Guest far;

    @BeforeAll
    static void boot() throws IOException {
        KernelImage kernel = Needs.kernel();
        near = Guest.boot(kernel, new Nic.Wire("under"));
        far = Guest.boot(kernel, new Nic.Wire("under"));
        FrameWire.join(near.wire("under"), far.wire("under"));
        near.run("ip address add 192.0.2.1/24 dev under; ip link set under up");
        far.run("ip address add 192.0.2.2/24 dev under; ip link set under up");
    }

    @AfterAll
    static void halt() {
        if (near != null) {
            near.close();
        }
        if (far != null) {
            far.close();
        }
    }

    @BeforeParameterizedClassInvocation
    static void setUp(Tunnel tunnel) {
        near.run(tunnel.near().setUp(NEAR, FAR));
        far.run(tunnel.setUp(FAR, NEAR));
    }

    @AfterParameterizedClassInvocation
    static void tearDown() {
        near.run(Tunnel.tearDown());
        far.run(Tunnel.tearDown());
    }

    @Override
    Host near() {
        return near;
    }

    @Override
    Host far() {
        return far;
    }
}
