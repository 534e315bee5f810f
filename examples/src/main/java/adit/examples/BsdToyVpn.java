package adit.examples;

import adit.bsdtun.BsdTunDriver;
import adit.bsdtun.BsdTunFile;
import adit.bsdtun.Ifconfig;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;

/// [ToyVpn] as a BSD program. What it does when it is open is the same, line by line: without packet information on
/// one side and without addresses on the other, both drivers speak of bare packets.
public record BsdToyVpn(BsdTunFile tun, DatagramChannel peer) implements AutoCloseable {
    /// Opens `/dev/tun<unit>`, whose interface is to be between `local` and `remote`, and carries between it and the
    /// connected `peer`. The addresses come first: BSD's driver has nothing to read before.
    public static BsdToyVpn open(BsdTunDriver driver, int unit, String local, String remote, DatagramChannel peer)
            throws IOException {
        BsdToyVpn vpn = new BsdToyVpn(driver.open(unit), peer);
        try {
            new Ifconfig(driver.socket()).address("tun" + unit, local, remote);
        } catch (IOException e) {
            vpn.close();
            throw e;
        }
        Thread.ofPlatform().start(() -> vpn.carry(true));
        Thread.ofPlatform().start(() -> vpn.carry(false));
        return vpn;
    }

    private void carry(boolean outbound) {
        ByteBuffer packet = ByteBuffer.allocateDirect(0xffff);
        MemorySegment memory = MemorySegment.ofBuffer(packet);
        for (int n = 0; n >= 0 && peer.isOpen(); ) {
            try {
                if (outbound) {
                    n = tun.read(memory);
                    peer.write(packet.clear().limit(Math.max(n, 0)));
                } else {
                    peer.read(packet.clear());
                    tun.write(memory, 0, packet.position());
                }
            } catch (IOException e) {
                // The peer is not there yet, or no longer.
            }
        }
    }

    @Override
    public void close() throws IOException {
        peer.close();
        tun.close();
    }
}
