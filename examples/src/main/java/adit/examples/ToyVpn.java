package adit.examples;

import adit.device.Errno;
import adit.device.InterfaceRequest;
import adit.linux.KernelTunDriver;
import adit.tun.*;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;

/// Carries IP packets between a TUN device and a peer in UDP datagrams. It keeps no secrets: it is a toy.
public record ToyVpn(TunFile tun, DatagramChannel peer) implements AutoCloseable {
    /// Makes the device `name` where `opener` makes devices, and carries between it and the connected `peer`.
    public static ToyVpn open(TunOpener opener, String name, DatagramChannel peer) throws IOException {
        ToyVpn vpn = new ToyVpn(opener.open(), peer);
        MemorySegment request = Arena.ofAuto().allocate(Ifreq.SIZE, 8);
        InterfaceRequest.name(request, name);
        InterfaceRequest.flags(request, TunIoctl.IFF_TUN | TunIoctl.IFF_NO_PI);
        int answer = vpn.tun.ioctl(TunIoctl.TUNSETIFF, request);
        if (answer < 0) {
            vpn.close();
            throw new IOException("TUNSETIFF " + name + ": " + Errno.name(-answer));
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

    /// `ToyVpn NAME LOCAL-PORT PEER PEER-PORT`, as root; then `ip address add ... dev NAME`.
    public static void main(String[] args) throws IOException {
        DatagramChannel peer = DatagramChannel.open().bind(new InetSocketAddress(Integer.parseInt(args[1])));
        open(new KernelTunDriver(), args[0], peer.connect(new InetSocketAddress(args[2], Integer.parseInt(args[3]))));
    }
}
