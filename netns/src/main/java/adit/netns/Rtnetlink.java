package adit.netns;

import static adit.netlink.Rtnetlink.RTM_DELADDR;
import static adit.netlink.Rtnetlink.RTM_DELLINK;
import static adit.netlink.Rtnetlink.RTM_DELLINKPROP;
import static adit.netlink.Rtnetlink.RTM_DELNEIGH;
import static adit.netlink.Rtnetlink.RTM_DELROUTE;
import static adit.netlink.Rtnetlink.RTM_GETADDR;
import static adit.netlink.Rtnetlink.RTM_GETLINK;
import static adit.netlink.Rtnetlink.RTM_GETNEIGH;
import static adit.netlink.Rtnetlink.RTM_GETROUTE;
import static adit.netlink.Rtnetlink.RTM_NEWADDR;
import static adit.netlink.Rtnetlink.RTM_NEWLINK;
import static adit.netlink.Rtnetlink.RTM_NEWLINKPROP;
import static adit.netlink.Rtnetlink.RTM_NEWNEIGH;
import static adit.netlink.Rtnetlink.RTM_NEWROUTE;
import static adit.netlink.Rtnetlink.RTM_SETLINK;

import adit.device.Device;
import adit.device.DeviceEvent;
import adit.device.Errno;
import adit.ip.InterfaceAddress;
import adit.ip.IpException;
import adit.ip.IpInterface;
import adit.ip.IpListener;
import adit.ip.NeighbourEntry;
import adit.ip.Route;
import adit.netlink.MessageReader;
import adit.netlink.Netlink;
import adit.wire.Ip4Address;

/// rtnetlink as a namespace serves it: [LinkRequests], [AddressRequests], [RouteRequests] and
/// [NeighbourRequests] carry requests out, and what changes is told to groups.
final class Rtnetlink extends NetlinkServer implements IpListener {
    /// The length of a message without a body.
    private static final int EMPTY = 16;
    /// RTNLGRP numbers end here in Linux 6.18.
    private static final int LAST_GROUP = 39;

    private final Namespace namespace;
    private final LinkBody linkBody;
    private final LinkRequests links;
    private final LinkDumps linkDumps;
    private final LinkLookup linkLookup;
    private final LinkProperties properties;
    private final AddressRequests addresses;
    private final RouteRequests routes;
    private final RouteDumps routeDumps;
    private final RouteLookup lookup;
    private final NeighbourRequests neighbours;

    Rtnetlink(Namespace namespace) {
        this.namespace = namespace;
        this.linkBody = new LinkBody(namespace);
        this.links = new LinkRequests(namespace);
        this.linkDumps = new LinkDumps(namespace, linkBody);
        this.linkLookup = new LinkLookup(namespace, linkBody);
        this.properties = new LinkProperties(namespace);
        this.addresses = new AddressRequests(namespace);
        this.routes = new RouteRequests(namespace);
        this.routeDumps = new RouteDumps(namespace);
        this.lookup = new RouteLookup(namespace, routes);
        this.neighbours = new NeighbourRequests(namespace);
        namespace.devices().listen(this::device);
        namespace.ip().listen(this);
    }

    // ---- Requests

    @Override
    boolean dumps(MessageReader m) {
        return switch (m.type()) {
            case RTM_GETLINK, RTM_GETADDR, RTM_GETROUTE -> true;
            // Nobody forwards frames by a table here.
            case RTM_GETNEIGH -> m.u8(0) != Netlink.AF_BRIDGE;
            default -> false;
        };
    }

    @Override
    boolean isNothing(MessageReader m) {
        return m.length() <= EMPTY;
    }

    @Override
    int lastGroup() {
        return LAST_GROUP;
    }

    @Override
    void carryOut(NetlinkSession session, MessageReader m) throws IpException {
        switch (m.type()) {
            case RTM_NEWLINK -> links.create(m);
            case RTM_SETLINK -> links.change(m);
            case RTM_DELLINK -> links.delete(m);
            case RTM_NEWLINKPROP -> properties.change(m, LinkProperties.Change.ADDED);
            case RTM_DELLINKPROP -> properties.change(m, LinkProperties.Change.REMOVED);
            case RTM_GETLINK -> reply(session, m, RTM_NEWLINK, linkLookup.find(m, look(session)));
            case RTM_NEWADDR -> addresses.add(m);
            case RTM_DELADDR -> addresses.delete(m);
            case RTM_NEWROUTE -> routes.add(m);
            case RTM_DELROUTE -> routes.delete(m);
            case RTM_GETROUTE -> reply(session, m, RTM_NEWROUTE, lookup.find(m, look(session)));
            case RTM_NEWNEIGH -> neighbours.add(m);
            case RTM_DELNEIGH -> neighbours.delete(m);
            case RTM_GETNEIGH -> reply(session, m, RTM_NEWNEIGH, neighbours.get(m));
            default -> throw new IpException("netlink", Errno.EOPNOTSUPP, "Request " + m.type() + " is not known.");
        }
    }

    @Override
    Dump dump(NetlinkSession session, MessageReader m) {
        AttributePolicy.Look look =
                session.isOn(Netlink.NETLINK_GET_STRICT_CHK) ? AttributePolicy.Look.STRICT : AttributePolicy.Look.LOOSE;
        return switch (m.type()) {
            case RTM_GETLINK -> new Dump(RTM_NEWLINK, look).collect(dump -> linkDumps.collect(m, dump));
            case RTM_GETADDR -> new Dump(RTM_NEWADDR, look).collect(dump -> addresses.collect(m, dump));
            case RTM_GETROUTE -> new Dump(RTM_NEWROUTE, look).collect(dump -> routeDumps.collect(m, dump));
            default -> new Dump(RTM_NEWNEIGH, look).collect(dump -> neighbours.collect(m, dump));
        };
    }

    private static AttributePolicy.Look look(NetlinkSession session) {
        return session.isOn(Netlink.NETLINK_GET_STRICT_CHK) ? AttributePolicy.Look.STRICT : AttributePolicy.Look.LOOSE;
    }

    // ---- Notifications

    private void device(Device device, DeviceEvent event) {
        if (!device.isUp() && (event == DeviceEvent.CARRIER || event == DeviceEvent.CHANGED)) {
            return;
        }
        int type = event == DeviceEvent.UNREGISTERED ? RTM_DELLINK : RTM_NEWLINK;
        tell(adit.netlink.Rtnetlink.RTNLGRP_LINK, type, linkBody.of(device));
    }

    @Override
    public void address(Change change, Origin origin, IpInterface link, InterfaceAddress address) {
        int group = address.local() instanceof Ip4Address
                ? adit.netlink.Rtnetlink.RTNLGRP_IPV4_IFADDR
                : adit.netlink.Rtnetlink.RTNLGRP_IPV6_IFADDR;
        tell(group, change == Change.NEW ? RTM_NEWADDR : RTM_DELADDR, AddressRequests.body(link, address));
    }

    @Override
    public void route(Change change, Route route) {
        int group =
                route.isIp4() ? adit.netlink.Rtnetlink.RTNLGRP_IPV4_ROUTE : adit.netlink.Rtnetlink.RTNLGRP_IPV6_ROUTE;
        tell(
                group,
                change == Change.NEW ? RTM_NEWROUTE : RTM_DELROUTE,
                RouteBody.of(route, route.spec().table(), namespace.devices().now()));
    }

    @Override
    public void neighbour(Change change, NeighbourEntry entry) {
        tell(
                adit.netlink.Rtnetlink.RTNLGRP_NEIGH,
                change == Change.NEW ? RTM_NEWNEIGH : RTM_DELNEIGH,
                NeighbourRequests.body(entry));
    }

    /// The namespace that is served.
    @Override
    public String toString() {
        return "rtnetlink of " + namespace;
    }
}
