package adit.tun;

import adit.bpf.Ancillary;
import adit.packet.PacketBuffer;
import java.util.concurrent.ThreadLocalRandom;

/// What a program may ask of a packet on its way out through `device`.
record Knowledge(TunTapDevice device) implements Ancillary<PacketBuffer> {
    @Override
    public int networkOffset(PacketBuffer p) {
        return device.headerLength();
    }

    @Override
    public int linkOffset(PacketBuffer p) {
        return 0;
    }

    @Override
    public int protocol(PacketBuffer p) {
        return p.protocol();
    }

    @Override
    public int packetType(PacketBuffer p) {
        return p.packetType().ordinal();
    }

    @Override
    public int interfaceIndex(PacketBuffer p) {
        return device.index();
    }

    @Override
    public int hardwareType(PacketBuffer p) {
        return device.hardwareType();
    }

    @Override
    public int mark(PacketBuffer p) {
        return p.mark();
    }

    @Override
    public int queue(PacketBuffer p) {
        return p.queue();
    }

    @Override
    public int flowHash(PacketBuffer p) {
        return p.flowHash();
    }

    @Override
    public int vlan(PacketBuffer p) {
        return p.vlan();
    }

    @Override
    public int random(PacketBuffer p) {
        return ThreadLocalRandom.current().nextInt();
    }
}
