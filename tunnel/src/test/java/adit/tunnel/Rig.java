package adit.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import adit.packet.Addressing;
import adit.packet.PacketBuffer;
import adit.packet.PacketPool;
import adit.wire.Ip4Address;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/// One tunnel between a recording overlay and a recording underlay, stepped by hand.
///
/// Outer addresses are 192.0.2.1 here and 198.51.100.7 there, and inner packets go from 10.1.0.1 to 10.2.0.2,
/// unless a test says otherwise. Closing checks that every packet has come back, and that an observer was shown a
/// packet for each reason that was counted.
final class Rig implements AutoCloseable {
    static final Ip4Address HERE = Ip4Address.parse("192.0.2.1");
    static final Ip4Address THERE = Ip4Address.parse("198.51.100.7");
    private static final int HEADROOM = 64;

    final PacketPool pool = new PacketPool(64, HEADROOM, 4096);
    final RecordingPort overlay = new RecordingPort();
    final RecordingUnderlay underlay = new RecordingUnderlay();
    final Tunnel tunnel;
    final Outbound outbound;
    final Inbound inbound;
    /// The reasons of the packets that were shown to an observer.
    private final Set<Drop> shown = EnumSet.noneOf(Drop.class);

    long now = 1_000_000_000_000L;

    Rig(TunnelSpec spec) {
        this(spec, builder -> {});
    }

    Rig(TunnelSpec spec, Consumer<Outbound.Builder> options) {
        this(new Tunnel(spec, 77), options);
    }

    /// The same, where ICMP errors for inner senders come from `source`.
    Rig(TunnelSpec spec, ReplySource source) {
        this(new Tunnel(spec, 77), source, builder -> {});
    }

    Rig(Tunnel tunnel, Consumer<Outbound.Builder> options) {
        this(tunnel, ReplySource.INNER_DESTINATION, options);
    }

    private Rig(Tunnel tunnel, ReplySource source, Consumer<Outbound.Builder> options) {
        this.tunnel = tunnel;
        Outbound.Builder builder = Outbound.of(tunnel, overlay, underlay, pool)
                .replies(overlay, source)
                .drops((p, reason) -> shown.add(reason));
        options.accept(builder);
        outbound = builder.build();
        inbound = Inbound.of(underlay, pool)
                .drops((p, reason) -> shown.add(reason))
                .build();
        inbound.serve(TunnelTable.of(List.of(tunnel)), t -> overlay);
    }

    static TunnelSpec spec() {
        return TunnelSpec.of("t1", HERE, THERE);
    }

    /// A buffer with these octets, all else in it junk.
    PacketBuffer buffer(byte[] octets) {
        PacketBuffer p = pool.lend();
        p.segment().fill((byte) 0xa5);
        MemorySegment.copy(octets, 0, p.segment(), ValueLayout.JAVA_BYTE, p.put(octets.length), octets.length);
        return p;
    }

    /// Has the overlay send this packet, whose first four bits say what it is, and takes a turn.
    void send(byte[] inner) {
        int version = inner.length == 0 ? 4 : (inner[0] & 0xff) >> 4;
        send(inner, version == 4 ? 0x0800 : version == 6 ? 0x86dd : 0x8847, p -> {});
    }

    /// The same for a packet of this EtherType, changed by `change`.
    void send(byte[] inner, int etherType, Consumer<PacketBuffer> change) {
        PacketBuffer p = buffer(inner);
        p.protocol(etherType);
        change.accept(p);
        overlay.queued.add(p);
        outbound.turn(now);
    }

    /// Has the underlay receive this payload from there to here, directly after the outer header.
    void receive(int protocol, byte[] payload) {
        receive(protocol, payload, a -> {});
    }

    /// The same, addressed otherwise.
    void receive(int protocol, byte[] payload, Consumer<Addressing> change) {
        PacketBuffer p = buffer(payload);
        Addressing a = p.addressing();
        a.source = THERE.bits();
        a.destination = HERE.bits();
        a.protocol = protocol;
        a.timeToLive = 60;
        change.accept(a);
        underlay.arrived.add(p);
        inbound.turn(now);
    }

    /// Has the underlay receive this UDP payload.
    void receiveUdp(int port, byte[] payload) {
        receive(17, payload, a -> {
            a.sourcePort = 40000;
            a.destinationPort = port;
        });
    }

    /// Has the underlay receive this whole outer IPv4 packet, whose headers it takes off and leaves in front of
    /// the payload, as an underlay over raw IP does.
    void receiveWhole(byte[] outer) {
        receiveWhole(outer, a -> {});
    }

    /// The same, addressed otherwise.
    void receiveWhole(byte[] outer, Consumer<Addressing> change) {
        PacketBuffer p = buffer(outer);
        Addressing a = p.addressing();
        int header = (outer[0] & 0xf) * 4;
        a.protocol = outer[9] & 0xff;
        a.tos = outer[1] & 0xff;
        a.timeToLive = outer[8] & 0xff;
        a.source = Octet.u16(outer, 12) << 16 | Octet.u16(outer, 14);
        a.destination = Octet.u16(outer, 16) << 16 | Octet.u16(outer, 18);
        if (a.protocol == 17) {
            a.sourcePort = Octet.u16(outer, header);
            a.destinationPort = Octet.u16(outer, header + 2);
            header += 8;
        }
        a.outerHeaderLength = header;
        change.accept(a);
        p.pull(header);
        underlay.arrived.add(p);
        inbound.turn(now);
    }

    /// The only packet that went out below.
    RecordingUnderlay.Packet sent() {
        assertThat(underlay.sent).hasSize(1);
        return underlay.sent.getFirst();
    }

    /// The only packet that went up, or back to an inner sender.
    RecordingPort.Packet delivered() {
        assertThat(overlay.sent).hasSize(1);
        return overlay.sent.getFirst();
    }

    /// Every counter that is not 0, of both directions: link statistics by their kernel names, drops and events
    /// by theirs, those of no tunnel with `stray ` in front.
    Map<String, Long> counted() {
        Map<String, Long> counted = new TreeMap<>();
        List<TunnelCounters> both = new ArrayList<>();
        both.add(outbound.counters());
        both.add(inbound.counters(tunnel));
        for (LinkStatistic statistic : LinkStatistic.values()) {
            put(counted, statistic.kernelName(), LinkStatistics.of(both).value(statistic));
        }
        both.forEach(counters -> put(counted, "", counters));
        put(counted, "stray ", inbound.strays());
        return counted;
    }

    private static void put(Map<String, Long> counted, String prefix, TunnelCounters counters) {
        for (Drop drop : Drop.values()) {
            put(counted, prefix + drop.name(), counters.drops(drop));
        }
        for (Event event : Event.values()) {
            put(counted, prefix + event.name(), counters.events(event));
        }
    }

    private static void put(Map<String, Long> counted, String name, long value) {
        if (value != 0) {
            counted.merge(name, value, Long::sum);
        }
    }

    private void assertAllWasShown() {
        Set<Drop> counted = EnumSet.noneOf(Drop.class);
        for (TunnelCounters counters : List.of(outbound.counters(), inbound.counters(tunnel), inbound.strays())) {
            for (Drop drop : Drop.values()) {
                if (counters.drops(drop) > 0) {
                    counted.add(drop);
                }
            }
        }
        assertThat(shown).as("reasons shown to an observer").isEqualTo(counted);
    }

    @Override
    public void close() {
        assertAllWasShown();
        assertThat(pool.lent()).as("packets not given back").isZero();
        pool.close();
    }
}
