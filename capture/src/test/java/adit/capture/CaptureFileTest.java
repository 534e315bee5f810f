package adit.capture;

import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class CaptureFileTest {
    private static final int INTERFACES = 3;
    private static final int PACKETS = 20_000;

    /// A thread that drains while packets are recorded sees some lanes before and some after them.
    @Test
    void noPacketIsOvertakenByOneThatWasRecordedAfterIt() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (PacketPool pool = new PacketPool(1, 0, 100);
                CaptureFile file = new CaptureFile(Channels.newChannel(out), 65_536, () -> Samples.START)) {
            List<CaptureLane> lanes = new ArrayList<>();
            for (int i = 0; i < INTERFACES; i++) {
                lanes.add(file.add("eth" + i, LinkType.RAW, "").lane());
            }
            PacketBuffer p = pool.lend();
            p.put(40);
            p.segment().fill((byte) 0xa5);
            Thread drainer = Thread.ofPlatform().start(() -> {
                int moved = 0;
                while (moved < PACKETS) {
                    moved += file.drain();
                }
            });
            for (int i = 0; i < PACKETS; i++) {
                lanes.get(i % INTERFACES).record(p, Direction.INBOUND, Samples.START + i);
            }
            join(drainer);
            p.release();
        }
        List<CapturedPacket> packets =
                Samples.read(new ByteArrayInputStream(out.toByteArray())).packets();
        assertThat(packets).hasSize(PACKETS);
        for (int i = 0; i < PACKETS; i++) {
            assertThat(packets.get(i).nanos()).as("time of packet " + i).hasValue(Samples.START + i);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
