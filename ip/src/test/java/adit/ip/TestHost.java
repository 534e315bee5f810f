package adit.ip;

import adit.device.Device;
import adit.device.DeviceTable;
import adit.device.Loopback;
import adit.packet.PacketBuffer;
import adit.port.VirtualTime;
import adit.wire.EtherType;
import adit.wire.Ip4Address;
import adit.wire.Ip4InterfaceAddress;
import adit.wire.Ip6Address;
import adit.wire.Ip6InterfaceAddress;
import adit.wire.IpAddress;
import adit.wire.IpPrefix;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A namespace of a loopback and some links, on virtual time, whose buffers must all be back at the end.
final class TestHost implements AutoCloseable {
    final VirtualTime time = new VirtualTime();
    final DeviceTable table = new DeviceTable(DeviceTable.Environment.on(time, 1));
    final IpStack stack = new IpStack(table);
    final Loopback lo = new Loopback();

    TestHost() {
        table.register(lo, "lo", 0);
        lo.up();
    }

    TestLink link(String name) {
        TestLink link = new TestLink();
        add(link, name);
        return link;
    }

    void add(Device device, String name) {
        if (table.register(device, name, 0) != 0 || device.up() != 0) {
            throw new IllegalStateException(name);
        }
    }

    TestHost address(Device device, String text) throws IpException {
        IpAddress address;
        int length;
        if (text.indexOf(':') >= 0) {
            Ip6InterfaceAddress a = Ip6InterfaceAddress.parse(text);
            address = a.address();
            length = a.prefixLength();
        } else {
            Ip4InterfaceAddress a = Ip4InterfaceAddress.parse(text);
            address = a.address();
            length = a.prefixLength();
        }
        stack.configuration()
                .add(
                        stack.of(device),
                        new InterfaceAddress(address, address, length, Optional.empty(), 0, 0x80, device.name()),
                        IpConfiguration.Existing.REFUSE);
        return this;
    }

    static RouteRequest request(RouteType type, String to, Device device, String gateway, int priority) {
        Route.Spec spec = new Route.Spec(
                to.equals("default") ? IpPrefix.parse("0.0.0.0/0") : IpPrefix.parse(to),
                Route.TABLE_MAIN,
                type,
                gateway == null && device != null ? InterfaceAddress.SCOPE_LINK : 0,
                4,
                0,
                priority,
                Optional.empty(),
                Route.Metrics.NONE);
        List<RouteRequest.Hop> hops = type.rejects()
                ? List.of()
                : List.of(new RouteRequest.Hop(
                        Optional.ofNullable(device),
                        Optional.ofNullable(gateway).map(IpAddress::parse),
                        1,
                        RouteRequest.Reach.ROUTED));
        return new RouteRequest(spec, hops);
    }

    void route(RouteType type, String to, Device device, String gateway) throws IpException {
        stack.configuration()
                .routes()
                .add(
                        request(type, to, device, gateway, 0),
                        Set.of(RouteRequest.Flag.CREATE, RouteRequest.Flag.EXCLUSIVE));
    }

    void in(TestLink link, byte[] octets) {
        PacketBuffer p = table.buffers().lend(octets.length);
        link.in(p, octets, (octets[0] & 0xf0) == 0x60 ? EtherType.IPV6 : EtherType.IPV4);
    }

    Ip4Address ip4(String text) {
        return Ip4Address.parse(text);
    }

    Ip6Address ip6(String text) {
        return Ip6Address.parse(text);
    }

    int lent() {
        return table.buffers().lent();
    }

    @Override
    public void close() {
        stack.close();
        if (lent() != 0) {
            throw new AssertionError(lent() + " buffers are still out");
        }
        table.buffers().close();
    }
}
