package adit.program.memory;

import adit.port.FaultyPort;
import adit.tunnel.Drop;
import adit.tunnel.Event;
import adit.underlay.Reassembler;
import adit.underlay.UnderlayCounters;
import adit.underlay.UnderlayDrop;
import java.util.ArrayList;
import java.util.List;

/// What became of all packets in one direction, from the device of one station to the device of the other, when
/// nothing is under way any more. Every number was counted by itself, so that they can disagree.
///
/// @param from the name of the sending station
/// @param to the name of the receiving station
/// @param handedIn packets that the sender's tunnel took from its device
/// @param droppedOutbound those it dropped
/// @param encapsulated those it sent
/// @param errorsToPeer ICMP errors that the sender's station sent to the other besides
/// @param extraFragments by how many fragments the outer packets became more
/// @param droppedFragments outer packets of which not all fragments could be sent
/// @param onWire outer packets that the line took
/// @param line what the line did to them
/// @param offWire outer packets that came out of the line
/// @param droppedUnderlay those that the receiver's underlay dropped, fragments counted singly
/// @param mergedFragments by how many fragments the outer packets became fewer
/// @param droppedInbound those that the receiver's tunnel dropped before it counted them as received
/// @param errorsHeard ICMP errors among them
/// @param decapsulated inner packets that the receiver's tunnel counted as received
/// @param droppedDelivery those that the receiver's device refused
/// @param errorsToHost ICMP errors that the receiver's tunnel wrote to its own host besides
/// @param handedOut packets that the receiver's device took
public record Journey(
        String from,
        String to,
        long handedIn,
        long droppedOutbound,
        long encapsulated,
        long errorsToPeer,
        long extraFragments,
        long droppedFragments,
        long onWire,
        FaultyPort.Count line,
        long offWire,
        long droppedUnderlay,
        long mergedFragments,
        long droppedInbound,
        long errorsHeard,
        long decapsulated,
        long droppedDelivery,
        long errorsToHost,
        long handedOut) {

    static Journey of(Station from, Station to) {
        UnderlayCounters sender = from.underlay.counters();
        Reassembler reassembler = to.underlay.reassembler();
        long droppedUnderlay = reassembler.held();
        for (Reassembler.Drop reason : Reassembler.Drop.values()) {
            droppedUnderlay += reassembler.dropped(reason);
        }
        for (UnderlayDrop reason : UnderlayDrop.values()) {
            droppedUnderlay += reason == UnderlayDrop.FRAGMENT_REFUSED
                    ? 0
                    : to.underlay.counters().dropped(reason);
        }
        return new Journey(
                from.identity.name(),
                to.identity.name(),
                from.device.receivedPackets(),
                dropped(from, Drop.Side.OUTBOUND),
                from.outbound.counters().txPackets(),
                from.events(Event.TOLD_NO_TUNNEL),
                sender.fragments() - sender.fragmented(),
                sender.dropped(UnderlayDrop.FRAGMENT_REFUSED),
                from.wire.sentPackets(),
                to.faults.count(),
                to.wire.receivedPackets(),
                droppedUnderlay,
                reassembler.joined() - reassembler.wholes(),
                dropped(to, Drop.Side.INBOUND) + dropped(to, Drop.Side.STRAY),
                to.events(Event.ICMP_HEARD),
                to.inbound.counters(to.tunnel).rxPackets(),
                dropped(to, Drop.Side.DELIVERY),
                to.events(Event.TOLD_TOO_BIG) + to.events(Event.TOLD_UNREACHABLE),
                to.device.sentPackets());
    }

    private static long dropped(Station station, Drop.Side side) {
        long sum = 0;
        for (Drop reason : Drop.values()) {
            sum += reason.side() == side ? station.drops(reason) : 0;
        }
        return sum;
    }

    /// Each step at which more or fewer packets went on than came and were dropped, in words; empty when every
    /// packet is accounted for.
    public List<String> discrepancies() {
        List<String> all = new ArrayList<>();
        check(all, "taken from the device", handedIn, "dropped or encapsulated", droppedOutbound + encapsulated);
        check(
                all,
                "encapsulated, with errors and fragments",
                encapsulated + errorsToPeer + extraFragments - droppedFragments,
                "on the line",
                onWire);
        check(
                all,
                "on the line, without the lost, with the doubled",
                onWire - line.lost() + line.duplicated(),
                "off the line",
                offWire);
        check(
                all,
                "off the line",
                offWire,
                "dropped, merged, heard or decapsulated",
                droppedUnderlay + mergedFragments + droppedInbound + errorsHeard + decapsulated);
        check(
                all,
                "decapsulated and not refused, with errors to the host",
                decapsulated - droppedDelivery + errorsToHost,
                "handed to the device",
                handedOut);
        return all;
    }

    private void check(List<String> all, String left, long one, String right, long other) {
        if (one != other) {
            all.add("%s to %s: %d %s, but %d %s".formatted(from, to, one, left, other, right));
        }
    }
}
