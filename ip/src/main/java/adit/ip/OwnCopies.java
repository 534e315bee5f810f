package adit.ip;

import adit.device.Device;
import adit.packet.PacketBuffer;
import adit.packet.PacketType;
import adit.wire.Ipv4;
import adit.wire.Ipv6;

/// What this host sends to everybody on a link, or to a group that it is in there, is for the host itself as well
/// (Linux's `ip_mc_output` and `ip6_finish_output2`). It gets a copy as if it had come in by the device.
final class OwnCopies {
    private final IpStack stack;

    OwnCopies(IpStack stack) {
        this.stack = stack;
    }

    /// Looks at an IPv4 packet that is about to leave by `device`. It stays the caller's.
    void take4(PacketBuffer p, Device device, RouteType type) {
        int destination = Ipv4.destination(p.segment(), p.head());
        boolean toAll = type == RouteType.BROADCAST || destination == Ip4Output.BROADCAST;
        if (!toAll && !Ip4Input.isMulticast(destination)) {
            return;
        }
        IpInterface link = linkOf(device);
        if (link == null || (!toAll && !stack.own.isJoined4(link, destination))) {
            return;
        }
        PacketBuffer copy = copy(p);
        if (copy != null) {
            stack.input4.acceptOwn(link, copy, toAll ? RouteType.BROADCAST : RouteType.MULTICAST);
        }
    }

    /// Looks at an IPv6 packet that is about to leave by `device`. It stays the caller's.
    void take6(PacketBuffer p, Device device) {
        long high = Ipv6.destinationHigh(p.segment(), p.head());
        if (!Ip6Input.isMulticast(high)) {
            return;
        }
        IpInterface link = linkOf(device);
        if (link == null || !stack.own.isJoined6(link, high, Ipv6.destinationLow(p.segment(), p.head()))) {
            return;
        }
        PacketBuffer copy = copy(p);
        if (copy != null) {
            stack.input6.receive(link, copy);
        }
    }

    /// What leaves by the loopback comes back by it.
    private IpInterface linkOf(Device device) {
        IpInterface link = stack.of(device);
        return link == null || link.isLoopback() ? null : link;
    }

    private PacketBuffer copy(PacketBuffer p) {
        PacketBuffer copy = stack.lend(p.length());
        if (copy == null) {
            stack.counters.drop(IpDrop.NOMEM);
        } else {
            copy.copyFrom(p);
            copy.packetType(PacketType.HOST);
        }
        return copy;
    }
}
