package adit.fuzz;

import adit.device.InterfaceRequest;
import adit.netns.Namespace;
import adit.port.VirtualTime;
import adit.tun.Ifreq;
import adit.tun.TunFile;
import adit.tun.TunIoctl;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Whatever is written to a TUN or TAP file in memory, with whatever framing in front, is taken whole or refused with
/// an errno; the stack behind it answers or drops; every buffer comes back.
class TunWriteFuzzTest {
    private static final int MAX_PACKETS = 8;
    private static final int MAX_LENGTH = 3_000;
    private static final int LAST_ERRNO = 133;
    private static final Integer[] KINDS = {TunIoctl.IFF_TUN, TunIoctl.IFF_TAP};
    private static final Integer[] FRAMINGS = {
        TunIoctl.IFF_NO_PI, 0, TunIoctl.IFF_NO_PI | TunIoctl.IFF_VNET_HDR, TunIoctl.IFF_VNET_HDR
    };

    /// The kind of device; the framing; packets, each behind its length.
    @FuzzTest
    void takesOrRefusesAnyWrite(byte[] octets) throws IOException {
        Input input = new Input(octets);
        // Closing is refused while a packet is out.
        try (Arena arena = Arena.ofConfined();
                Namespace namespace =
                        Namespace.builder().time(new VirtualTime()).seed(1).open();
                TunFile file = namespace.tun().open()) {
            MemorySegment request = arena.allocate(Ifreq.SIZE, 8);
            InterfaceRequest.name(request, "tun0");
            InterfaceRequest.flags(request, input.oneOf(KINDS) | input.oneOf(FRAMINGS));
            if (file.ioctl(TunIoctl.TUNSETIFF, request) != 0) {
                throw new AssertionError("no device");
            }
            file.blocking(false);
            namespace.configure().link("tun0").up();
            namespace.configure().address("tun0", "10.0.0.1/24");
            namespace.forwarding(true);
            MemorySegment packet = arena.allocate(MAX_LENGTH);
            MemorySegment back = arena.allocate(0x1_0000);
            for (int i = 0; i < MAX_PACKETS && !input.isEmpty(); i++) {
                byte[] one = input.counted(MAX_LENGTH);
                MemorySegment.copy(MemorySegment.ofArray(one), 0, packet, 0, one.length);
                int answer = file.write(packet, 0, one.length);
                if (answer != one.length && (answer >= 0 || answer < -LAST_ERRNO)) {
                    throw new AssertionError(answer + " to a write of " + one.length);
                }
                while (file.read(back) > 0) {
                    // What the stack has to say to it.
                }
            }
        }
    }
}
