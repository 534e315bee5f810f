package adit.netns;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.PacketTap;
import adit.offload.Coalescer.Transports;
import adit.tun.MemoryTunFile;
import adit.tun.ReceiveOffload;
import adit.tun.TunControl;
import adit.tun.TunIoctl;
import adit.tun.TunSpec;
import adit.tun.TunTapDevice;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A TUN device in another namespace than the one its file was opened in, on real time.
class MovedDeviceTest {
    private static final long HOLD_NANOS = 100_000_000;
    /// A segment of TCP from 10.0.0.2 to 10.0.0.1 with one octet, and its sums by RFC 1071 done by hand.
    private static final String SEGMENT =
            "4500002900010000400666cc0a0000020a000001" + "000500060000000100000001501020001ac40000" + "61";

    /// When a packet is written that NAPI is to hold.
    enum Written {
        BEFORE,
        AFTER
    }

    /// tun(4) of Linux answers TUNGETDEVNETNS with a descriptor of the namespace where the device is; here it is a
    /// number that the driver knows.
    @Test
    void saysInWhichNamespaceItIs() throws Exception {
        try (Namespace from = Namespace.open();
                Namespace to = from.beside();
                MemoryTunFile file = from.tun().open()) {
            new TunControl(file).attach(TunSpec.tun("t0"));
            int first = file.ioctl(TunIoctl.TUNGETDEVNETNS, 0);
            assertThat(from.tun().namespace(first)).isSameAs(from.devices());
            from.move("t0", to, "");
            int second = file.ioctl(TunIoctl.TUNGETDEVNETNS, 0);
            assertThat(from.tun().namespace(second)).isSameAs(to.devices());
            assertThat(from.tun().namespace(first)).isSameAs(from.devices());
            assertThat(file.ioctl(TunIoctl.TUNGETDEVNETNS, 0)).isEqualTo(second);
        }
    }

    @ParameterizedTest
    @EnumSource
    void handsUpWhatNapiHasHeld(Written written) throws Exception {
        try (Namespace from = Namespace.open();
                Namespace to = from.beside();
                MemoryTunFile file = from.tun().open()) {
            new TunControl(file).attach(TunSpec.tun("t0").with(TunSpec.Option.NAPI));
            TunTapDevice device = file.device();
            device.receiveOffload(new ReceiveOffload(Transports.TCP, HOLD_NANOS, 0));
            Semaphore seen = new Semaphore(0);
            device.addTap((d, p, direction) -> {
                if (direction == PacketTap.Direction.RECEIVED) {
                    seen.release();
                }
            });
            MemorySegment segment = MemorySegment.ofArray(HexFormat.of().parseHex(SEGMENT));
            device.up();
            if (written == Written.BEFORE) {
                assertThat(file.write(segment)).isEqualTo(41);
            }
            from.move("t0", to, "");
            device.up();
            if (written == Written.AFTER) {
                assertThat(file.write(segment)).isEqualTo(41);
            }
            assertThat(seen.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
        }
    }
}
