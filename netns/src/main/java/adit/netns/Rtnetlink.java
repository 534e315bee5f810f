package adit.netns;

import static adit.netlink.Rtnetlink.RTM_DELADDR;
import static adit.netlink.Rtnetlink.RTM_DELLINK;
import static adit.netlink.Rtnetlink.RTM_DELNEIGH;
import static adit.netlink.Rtnetlink.RTM_DELROUTE;
import static adit.netlink.Rtnetlink.RTM_GETADDR;
import static adit.netlink.Rtnetlink.RTM_GETLINK;
import static adit.netlink.Rtnetlink.RTM_GETNEIGH;
import static adit.netlink.Rtnetlink.RTM_GETROUTE;
import static adit.netlink.Rtnetlink.RTM_NEWADDR;
import static adit.netlink.Rtnetlink.RTM_NEWLINK;
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
import adit.netlink.ErrorMessage;
import adit.netlink.MalformedMessageException;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.wire.Ip4Address;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// rtnetlink as a namespace serves it: reads requests, has [LinkRequests], [AddressRequests], [RouteRequests]
/// and [NeighbourRequests] carry them out, and writes answers, acknowledgements and notifications.
///
/// What is wrong is answered with the error number that Linux answers, and with words of our own in an extended
/// acknowledgement. Requests of one session are carried out in their order; the control lock orders those of
/// several.
final class Rtnetlink implements IpListener {
    /// Where one datagram of a dump ends and the next begins.
    private static final int DATAGRAM = 16 << 10;

    private static final int LARGEST_MESSAGE = 64 << 10;

    private final Namespace namespace;
    private final LinkRequests links;
    private final AddressRequests addresses;
    private final RouteRequests routes;
    private final NeighbourRequests neighbours;
    private final List<NetlinkSession> sessions = new CopyOnWriteArrayList<>();
    private int nextPort = 1;

    Rtnetlink(Namespace namespace) {
        this.namespace = namespace;
        this.links = new LinkRequests(namespace);
        this.addresses = new AddressRequests(namespace);
        this.routes = new RouteRequests(namespace);
        this.neighbours = new NeighbourRequests(namespace);
        namespace.devices().listen(this::device);
        namespace.ip().listen(this);
    }

    synchronized NetlinkSession open() {
        NetlinkSession session = new NetlinkSession(this, nextPort++);
        sessions.add(session);
        return session;
    }

    void forget(NetlinkSession session) {
        sessions.remove(session);
    }

    // ---- Requests

    void handle(NetlinkSession session, MemorySegment datagram) {
        MessageReader m = new MessageReader(datagram, 0, datagram.byteSize());
        try {
            while (m.next()) {
                if (m.has(Netlink.NLM_F_REQUEST)) {
                    handle(session, m);
                }
            }
        } catch (MalformedMessageException _) {
            // A length that lies ends the datagram, as in Linux; who sent it finds no answer.
            return;
        }
    }

    private void handle(NetlinkSession session, MessageReader m) {
        if (m.type() < Netlink.NLMSG_MIN_TYPE) {
            acknowledge(session, m);
            return;
        }
        try {
            if (isGet(m.type()) && (m.flags() & Netlink.NLM_F_DUMP) != 0) {
                dump(session, m);
                return;
            }
            carryOut(session, m);
            acknowledge(session, m);
        } catch (IpException e) {
            error(session, m, e.errno(), e.reason());
        } catch (MalformedMessageException e) {
            error(session, m, Errno.EINVAL, e.getMessage());
        }
    }

    private static boolean isGet(int type) {
        return type == RTM_GETLINK || type == RTM_GETADDR || type == RTM_GETROUTE || type == RTM_GETNEIGH;
    }

    private void carryOut(NetlinkSession session, MessageReader m) throws IpException {
        switch (m.type()) {
            case RTM_NEWLINK -> links.create(m);
            case RTM_SETLINK -> links.change(m);
            case RTM_DELLINK -> links.delete(m);
            case RTM_GETLINK -> reply(session, m, RTM_NEWLINK, links.get(m));
            case RTM_NEWADDR -> addresses.add(m);
            case RTM_DELADDR -> addresses.delete(m);
            case RTM_NEWROUTE -> routes.add(m);
            case RTM_DELROUTE -> routes.delete(m);
            case RTM_GETROUTE -> reply(session, m, RTM_NEWROUTE, routes.lookup(m));
            case RTM_NEWNEIGH -> neighbours.add(m);
            case RTM_DELNEIGH -> neighbours.delete(m);
            case RTM_GETNEIGH -> reply(session, m, RTM_NEWNEIGH, neighbours.get(m));
            default -> throw new IpException("netlink", Errno.EOPNOTSUPP, "Request " + m.type() + " is not known.");
        }
    }

    private void dump(NetlinkSession session, MessageReader m) throws IpException {
        switch (m.type()) {
            case RTM_GETLINK -> dump(session, m, RTM_NEWLINK, links.dump(m));
            case RTM_GETADDR -> dump(session, m, RTM_NEWADDR, addresses.dump(m));
            case RTM_GETROUTE -> dump(session, m, RTM_NEWROUTE, routes.dump(m));
            default -> dump(session, m, RTM_NEWNEIGH, neighbours.dump(m));
        }
    }

    // ---- Answers

    private static byte[] datagram(MemorySegment s, MessageWriter w) {
        return s.asSlice(0, w.length()).toArray(ValueLayout.JAVA_BYTE);
    }

    private static void reply(NetlinkSession session, MessageReader m, int type, MessageWriter.Body body) {
        MemorySegment s = MemorySegment.ofArray(new byte[LARGEST_MESSAGE]);
        MessageWriter w = new MessageWriter(s).message(type, 0, m.sequence(), session.port(), body);
        session.answer(datagram(s, w));
    }

    private static void dump(NetlinkSession session, MessageReader m, int type, List<MessageWriter.Body> bodies) {
        MemorySegment s = MemorySegment.ofArray(new byte[LARGEST_MESSAGE]);
        MessageWriter w = new MessageWriter(s);
        for (MessageWriter.Body body : bodies) {
            if (w.length() > DATAGRAM) {
                session.answer(datagram(s, w));
                w.clear();
            }
            w.message(type, Netlink.NLM_F_MULTI, m.sequence(), session.port(), body);
        }
        w.message(Netlink.NLMSG_DONE, Netlink.NLM_F_MULTI, m.sequence(), session.port(), b -> b.i32(0));
        session.answer(datagram(s, w));
    }

    private static void acknowledge(NetlinkSession session, MessageReader m) {
        if (m.has(Netlink.NLM_F_ACK)) {
            error(session, m, 0, "");
        }
    }

    private static void error(NetlinkSession session, MessageReader m, int errno, String text) {
        ErrorMessage message = ErrorMessage.answer(m, errno, text);
        MemorySegment s = MemorySegment.ofArray(new byte[LARGEST_MESSAGE]);
        MessageWriter w = new MessageWriter(s)
                .message(Netlink.NLMSG_ERROR, message.flags(), m.sequence(), session.port(), message);
        session.answer(datagram(s, w));
    }

    // ---- Notifications

    private void tell(int group, int type, MessageWriter.Body body) {
        if (sessions.isEmpty()) {
            return;
        }
        MemorySegment s = MemorySegment.ofArray(new byte[LARGEST_MESSAGE]);
        byte[] datagram = datagram(s, new MessageWriter(s).message(type, 0, 0, 0, body));
        for (NetlinkSession session : sessions) {
            session.tell(group, datagram);
        }
    }

    private void device(Device device, DeviceEvent event) {
        int type = event == DeviceEvent.UNREGISTERED ? RTM_DELLINK : RTM_NEWLINK;
        tell(adit.netlink.Rtnetlink.RTNLGRP_LINK, type, links.body(device));
    }

    @Override
    public void address(Change change, IpInterface link, InterfaceAddress address) {
        int group = address.local() instanceof Ip4Address
                ? adit.netlink.Rtnetlink.RTNLGRP_IPV4_IFADDR
                : adit.netlink.Rtnetlink.RTNLGRP_IPV6_IFADDR;
        tell(group, change == Change.NEW ? RTM_NEWADDR : RTM_DELADDR, AddressRequests.body(link, address));
    }

    @Override
    public void route(Change change, Route route) {
        int group =
                route.isIp4() ? adit.netlink.Rtnetlink.RTNLGRP_IPV4_ROUTE : adit.netlink.Rtnetlink.RTNLGRP_IPV6_ROUTE;
        tell(group, change == Change.NEW ? RTM_NEWROUTE : RTM_DELROUTE, RouteRequests.body(route));
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
