package adit.program.host;

import adit.packet.PacketBatch;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.port.Deadline;
import adit.port.Port;
import adit.port.Turn;
import adit.underlay.HeaderUnderlay;
import adit.underlay.OuterHeader;
import adit.wire.Icmp4;
import adit.wire.InternetChecksum;
import adit.wire.Ip4Address;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import adit.wire.Tcp;
import adit.wire.WireFault;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// An IPv4 host with one address on a port, as the stack behind a TUN device: it answers pings, sends pings and
/// moves [TestData] by TCP.
///
/// Its IP layer is a [HeaderUnderlay]: it checks headers, fragments and puts together, and heeds ICMP
/// "fragmentation needed", whereupon TCP sends smaller segments. Above it every ICMP and TCP checksum is
/// verified. What is not right is dropped and counted, here as [HostDrop] or there.
///
/// One turn takes in a burst, works off what is due and sends what there is room for. For one thread. Owns the
/// port and closes it.
public final class MemoryHost implements Turn, Deadline, AutoCloseable {
    private static final int BURST = 64;
    private static final int FIRST_EPHEMERAL_PORT = 49_152;
    private static final int QUOTED_PORTS = 8;

    private final Ip4Address address;
    private final HeaderUnderlay underlay;
    private final RandomGenerator random;
    private final Output output;
    private final long[] drops = new long[HostDrop.values().length];
    private final PacketBatch in = new PacketBatch(BURST);
    private final List<Pings> pings = new ArrayList<>();
    private final List<BulkSender> senders = new ArrayList<>();
    private final List<BulkReceiver> receivers = new ArrayList<>();
    private long now;
    private long answered;

    /// The host `address` on `port`. Buffers are lent from `pool`; they hold the port's MTU at least, and
    /// whatever larger packets the host is to send or put together. `random` chooses identifications, ports and
    /// sequence numbers.
    public MemoryHost(Ip4Address address, Port port, PacketPool pool, RandomGenerator random) {
        this.address = address;
        this.random = random;
        this.underlay = new HeaderUnderlay(
                port, address.bits(), HeaderUnderlay.Accepts.HOST, OuterHeader.UdpChecksum.ON, pool, () -> now, random);
        this.output = new Output(underlay, pool, address.bits(), () -> now, drops);
    }

    /// Begins to ping `destination`, with the first one in the next turn.
    public Pings ping(Ip4Address destination, Pings.Plan plan) {
        Pings run = new Pings(output, destination.bits(), random.nextInt(1, 0x10000), plan, now);
        pings.add(run);
        return run;
    }

    /// Begins to connect to `destination` and to send `data`.
    public BulkSender send(Ip4Address destination, int port, TestData data) {
        int localPort = random.nextInt(FIRST_EPHEMERAL_PORT, 0x10000);
        TcpFlow flow = new TcpFlow(output, localPort, destination.bits(), port);
        BulkSender sender = new BulkSender(flow, data, random.nextInt() & 0xffff_ffffL);
        senders.add(sender);
        return sender;
    }

    /// Begins to wait for one connection to `port`.
    public BulkReceiver listen(int port) {
        BulkReceiver receiver = new BulkReceiver(output, port, random.nextInt() & 0xffff_ffffL);
        receivers.add(receiver);
        return receiver;
    }

    @Override
    public int turn(long nowNanos) {
        now = nowNanos;
        int moved = underlay.receive(in);
        for (int i = 0; i < in.size(); i++) {
            receive(in.get(i));
        }
        in.clear();
        for (BulkReceiver receiver : receivers) {
            receiver.turn(now);
        }
        for (BulkSender sender : senders) {
            sender.turn(now);
        }
        for (Pings run : pings) {
            run.turn(now);
        }
        return moved + output.flush();
    }

    private void receive(PacketBuffer p) {
        switch (p.addressing().protocol) {
            case IpProtocol.ICMP -> receiveIcmp(p);
            case IpProtocol.TCP -> receiveTcp(p);
            default -> drop(p, HostDrop.NO_LISTENER);
        }
    }

    private void drop(PacketBuffer p, HostDrop reason) {
        drops[reason.ordinal()]++;
        p.release();
    }

    private void receiveIcmp(PacketBuffer p) {
        MemorySegment s = p.segment();
        int at = p.head();
        switch (Icmp4.type(s, at)) {
            case Icmp4.ECHO_REQUEST -> echo(p);
            case Icmp4.ECHO_REPLY -> answer(p);
            case Icmp4.DESTINATION_UNREACHABLE -> {
                if (Icmp4.code(s, at) == Icmp4.FRAGMENTATION_NEEDED) {
                    narrowed(s, at + Icmp4.HEADER_LENGTH, p.length() - Icmp4.HEADER_LENGTH);
                }
                p.release();
            }
            default -> drop(p, HostDrop.UNKNOWN_ICMP);
        }
    }

    private void echo(PacketBuffer p) {
        MemorySegment s = p.segment();
        int at = p.head();
        Icmp4.emit(s, at, p.length(), Icmp4.ECHO_REPLY, 0, Icmp4.restOfHeader(s, at));
        answered++;
        output.send(p, p.addressing().source, IpProtocol.ICMP, false);
    }

    private void answer(PacketBuffer p) {
        for (Pings run : pings) {
            if (run.matches(p)) {
                run.answer(p, now);
                p.release();
                return;
            }
        }
        drop(p, HostDrop.UNKNOWN_ECHO);
    }

    /// The IP layer has seen that the quote is of a packet of this host and holds the first octets behind its
    /// header.
    private void narrowed(MemorySegment s, int quote, int available) {
        int header = Ipv4.headerLength(s, quote);
        if (Ipv4.protocol(s, quote) != IpProtocol.TCP || available < header + QUOTED_PORTS) {
            return;
        }
        for (BulkSender sender : senders) {
            sender.narrowed(s, quote + header, Ipv4.destination(s, quote));
        }
    }

    private void receiveTcp(PacketBuffer p) {
        MemorySegment s = p.segment();
        int at = p.head();
        if (Tcp.fault(s, at, p.length()) != WireFault.NONE) {
            drop(p, HostDrop.BAD_TCP);
            return;
        }
        int source = p.addressing().source;
        int pseudoHeader = InternetChecksum.pseudoHeader4(source, address.bits(), IpProtocol.TCP, p.length());
        if (!Tcp.checksumValid(s, at, p.length(), pseudoHeader)) {
            drop(p, HostDrop.BAD_TCP_CHECKSUM);
            return;
        }
        if (deliver(p)) {
            p.release();
        } else {
            refuse(p);
            drop(p, HostDrop.NO_CONNECTION);
        }
    }

    private boolean deliver(PacketBuffer p) {
        for (BulkSender sender : senders) {
            if (sender.matches(p)) {
                sender.receive(p, now);
                return true;
            }
        }
        for (BulkReceiver receiver : receivers) {
            if (receiver.matches(p)) {
                receiver.receive(p, now);
                return true;
            }
        }
        return false;
    }

    /// Answers a segment for no connection by a reset. RFC 9293 section 3.10.7.1.
    private void refuse(PacketBuffer p) {
        MemorySegment s = p.segment();
        int at = p.head();
        int flags = Tcp.flags(s, at);
        if ((flags & Tcp.RST) != 0) {
            return;
        }
        TcpFlow flow = new TcpFlow(output, Tcp.destinationPort(s, at), p.addressing().source, Tcp.sourcePort(s, at));
        if ((flags & Tcp.ACK) != 0) {
            flow.send(Tcp.acknowledgmentNumber(s, at), 0, Tcp.RST, 0);
        } else {
            int length = p.length() - Tcp.headerLength(s, at) + Integer.bitCount(flags & (Tcp.SYN | Tcp.FIN));
            flow.send(0, Tcp.sequenceNumber(s, at) + length, Tcp.RST | Tcp.ACK, 0);
        }
    }

    /// When something is due though nothing comes in.
    @Override
    public long deadline() {
        long earliest = earlier(NEVER, underlay);
        for (Pings run : pings) {
            earliest = earlier(earliest, run);
        }
        for (BulkSender sender : senders) {
            earliest = earlier(earliest, sender);
        }
        for (BulkReceiver receiver : receivers) {
            earliest = earlier(earliest, receiver);
        }
        return earliest;
    }

    /// What is due already waits for room in the transmit queue, and not for a time.
    private long earlier(long earliest, Deadline other) {
        long deadline = other.deadline();
        return deadline > now ? Math.min(earliest, deadline) : earliest;
    }

    /// The host's address.
    public Ip4Address address() {
        return address;
    }

    /// How many packets were dropped above the IP layer for this reason.
    public long dropped(HostDrop reason) {
        return drops[reason.ordinal()];
    }

    /// How many pings of others were answered.
    public long answered() {
        return answered;
    }

    /// The IP layer, for its counts.
    public HeaderUnderlay underlay() {
        return underlay;
    }

    /// Releases all that waits and closes the port.
    @Override
    public void close() {
        output.close();
        underlay.close();
    }
}
