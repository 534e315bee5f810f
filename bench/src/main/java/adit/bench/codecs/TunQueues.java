package adit.bench.codecs;

import adit.device.DeviceTable;
import adit.device.InterfaceRequest;
import adit.tun.Ifreq;
import adit.tun.MemoryTunFile;
import adit.tun.TunDriver;
import adit.tun.TunIoctl;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A TUN device in memory that is up and has so many queues.
final class TunQueues implements AutoCloseable {
    private final DeviceTable table;
    private final MemoryTunFile[] files;

    TunQueues(DeviceTable table, int count) {
        this.table = table;
        this.files = new MemoryTunFile[count];
        TunDriver driver = new TunDriver(table);
        try (Arena arena = Arena.ofConfined()) {
            for (int i = 0; i < count; i++) {
                MemorySegment request = arena.allocate(Ifreq.SIZE, 8);
                InterfaceRequest.name(request, "t0");
                InterfaceRequest.flags(request, TunIoctl.IFF_TUN | TunIoctl.IFF_NO_PI | TunIoctl.IFF_MULTI_QUEUE);
                files[i] = driver.open();
                files[i].blocking(false);
                if (files[i].ioctl(TunIoctl.TUNSETIFF, request) != 0) {
                    throw new IllegalStateException("no queue " + i);
                }
            }
        }
        files[0].device().up();
    }

    int count() {
        return files.length;
    }

    MemoryTunFile file(int number) {
        return files[number];
    }

    /// Every buffer has to be back.
    @Override
    public void close() {
        for (MemoryTunFile file : files) {
            file.close();
        }
        if (table.buffers().lent() != 0) {
            throw new IllegalStateException(table.buffers().lent() + " buffers did not come back");
        }
        table.buffers().close();
    }
}
