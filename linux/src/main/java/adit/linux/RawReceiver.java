package adit.linux;

import adit.device.Errno;
import adit.linux.sys.Inet;
import adit.linux.sys.Message;
import adit.packet.Addressing;
import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.wire.Icmp4;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.WireFault;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// The receiving half of a raw underlay. The kernel has reassembled the packet and checked its header; it hands
/// it over whole.
///
/// There is a socket for each protocol and one for ICMP. The one that brought the last packets is asked first, and
/// when it has more the others are not asked: a call for each would delay every packet. One call in eight asks all of
/// them, the others first, so that nobody is kept waiting behind a full one. For one thread, whose pool lends the
/// buffers.
final class RawReceiver {
    private static final int MAX_MESSAGES = 64;
    private static final int CONTROL_SIZE = 64;
    /// One call in that many asks all sockets.
    private static final int ALL_EVERY = 8;

    private final List<Fd> sockets;
    private final boolean[] carried = new boolean[256];
    private final Paths paths;
    private final int local;

    /// One for each socket: what one brought says nothing about the next.
    private final MessageReceiver[] receivers;
    /// Who brought the last packets.
    private int first;

    private final RestInRead rest = RestInRead.withTimeout();
    private int calls;
    private long foreignErrors;

    RawReceiver(List<Fd> sockets, RawSpec spec, PacketPool pool, Paths paths) {
        this.sockets = sockets;
        for (int protocol : spec.protocols()) {
            carried[protocol] = true;
        }
        this.paths = paths;
        this.local = spec.local().bits();
        Arena arena = Arena.ofAuto();
        receivers = new MessageReceiver[sockets.size()];
        for (int i = 0; i < receivers.length; i++) {
            receivers[i] = new MessageReceiver(arena, pool, MAX_MESSAGES, CONTROL_SIZE);
        }
        // Who waits at one protocol's socket would let the packets of another wait.
        rest.want(spec.protocols().size() == 1);
    }

    int receive(PacketBatch into) {
        int before = into.size();
        int count = sockets.size();
        if (count == 0) {
            return 0;
        }
        if (rest.take() && into.room() > 0) {
            await(sockets.getFirst(), receivers[0], into);
            return into.size() - before;
        }
        calls++;
        boolean all = calls % ALL_EVERY == 0;
        int at = all ? after(first, count) : first;
        for (int i = 0; i < count && into.room() > 0; i++) {
            int room = into.room();
            // The others have something now and then: an ICMP error, or a second protocol.
            if (all || i == 0 || sockets.get(at).takeEvents() != 0) {
                receive(sockets.get(at), receivers[at], into);
            }
            if (into.room() < room) {
                first = at;
                if (!all) {
                    break;
                }
            }
            at = after(at, count);
        }
        return into.size() - before;
    }

    private static int after(int at, int count) {
        return at + 1 < count ? at + 1 : 0;
    }

    private void receive(Fd fd, MessageReceiver messages, PacketBatch into) {
        int held = fd.hold();
        if (held < 0) {
            return;
        }
        int n;
        try {
            n = messages.receive(held, into.room());
            if (n < 0 && n != -Errno.EAGAIN) {
                // Interrupted, or the echo of an ICMP error about a packet sent: it is reported once.
                n = messages.receive(held, into.room());
            }
        } finally {
            fd.leave();
        }
        take(messages, n, into);
    }

    /// Receives one message, and waits for it.
    private void await(Fd fd, MessageReceiver messages, PacketBatch into) {
        int held = fd.hold();
        if (held < 0) {
            return;
        }
        int n;
        try {
            n = messages.await(held, rest);
        } finally {
            fd.leave();
        }
        take(messages, n, into);
    }

    private void take(MessageReceiver messages, int count, PacketBatch into) {
        for (int i = 0; i < count; i++) {
            PacketBuffer p = messages.take(i);
            if (p != null && take(p, link(messages.table(), i))) {
                into.add(p);
            } else if (p != null) {
                p.release();
            }
        }
    }

    /// Takes off the outer header of a packet that came in by the interface `link`. Answers false when it is none of
    /// ours.
    private boolean take(PacketBuffer p, int link) {
        MemorySegment s = p.segment();
        int at = p.head();
        if (Ipv4.fault(s, at, p.length()) != WireFault.NONE) {
            return false;
        }
        p.trim(Ipv4.totalLength(s, at));
        Addressing a = p.addressing();
        a.source = Ipv4.source(s, at);
        a.destination = Ipv4.destination(s, at);
        a.protocol = Ipv4.protocol(s, at);
        a.tos = Ipv4.tos(s, at);
        a.timeToLive = Ipv4.timeToLive(s, at);
        a.dontFragment = Ipv4.dontFragment(s, at);
        a.outerHeaderLength = Ipv4.headerLength(s, at);
        a.link = link;
        p.pull(a.outerHeaderLength);
        if (a.protocol == IpProtocol.ICMP) {
            return isAboutUs(p);
        }
        if (local != 0 && local != a.destination) {
            return false;
        }
        Coalesced.describe(p);
        return true;
    }

    /// Whether an ICMP message is whole and quotes a packet of a protocol that is carried here. What it says of
    /// the path to the quoted destination is asked for anew.
    private boolean isAboutUs(PacketBuffer p) {
        MemorySegment s = p.segment();
        int at = p.head();
        int quote = at + Icmp4.HEADER_LENGTH;
        // The kernel hands ICMP messages to raw sockets before it looks at them.
        if (Icmp4.fault(s, at, p.length()) != WireFault.NONE
                || !Icmp4.checksumValid(s, at, p.length())
                || !quotesUs(s, quote, p.length() - Icmp4.HEADER_LENGTH)) {
            foreignErrors++;
            return false;
        }
        paths.stale(Ipv4.destination(s, quote));
        return true;
    }

    /// Whether the `available` octets at `quote` begin a packet that a tunnel here may have sent.
    private boolean quotesUs(MemorySegment s, int quote, int available) {
        return Icmp4.isQuote(s, quote, available)
                && carried[Ipv4.protocol(s, quote)]
                && (local == 0 || Ipv4.source(s, quote) == local);
    }

    private static int link(MessageTable table, int index) {
        MemorySegment controls = table.controls();
        long info = Message.findControl(
                controls, table.controlAt(index), table.controlEnd(index), Inet.SOL_IP, Inet.IP_PKTINFO);
        return info < 0 ? 0 : Inet.packetInfoLink(controls, info);
    }

    RestInRead rest() {
        return rest;
    }

    /// How often there was no buffer to receive into.
    long starved() {
        long sum = 0;
        for (MessageReceiver each : receivers) {
            sum += each.starved();
        }
        return sum;
    }

    /// How many packets were longer than a buffer.
    long cut() {
        long sum = 0;
        for (MessageReceiver each : receivers) {
            sum += each.cut();
        }
        return sum;
    }

    /// How many ICMP errors were damaged or about somebody else's packets.
    long foreignErrors() {
        return foreignErrors;
    }
}
