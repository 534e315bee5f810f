package adit.tun;

import adit.bpf.Ancillary;
import adit.bpf.Filter;
import adit.bpf.Program;
import adit.packet.PacketBuffer;
import adit.wire.Ethernet;
import java.util.concurrent.ThreadLocalRandom;

/// A classic BPF program at a TAP's queue: what it answers is how many octets of a frame to keep, 0 for none.
/// Immutable.
final class SocketFilter {
    private final Program program;
    private final Filter filter;
    private final Knowledge knowledge;

    SocketFilter(Program program, TunTapDevice device) {
        this.program = program;
        this.filter = program.compile();
        this.knowledge = new Knowledge(device);
    }

    int length() {
        return program.length();
    }

    /// How many octets of the frame to keep; 0 drops it.
    int keep(PacketBuffer p) {
        int answer = filter.run(p.segment(), p.head(), p.length(), p, knowledge);
        return Filter.kept(answer, p.length());
    }

    /// What the program may ask of a frame on its way out.
    private record Knowledge(TunTapDevice device) implements Ancillary<PacketBuffer> {
        @Override
        public int networkOffset(PacketBuffer p) {
            return Ethernet.HEADER_LENGTH;
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
}
