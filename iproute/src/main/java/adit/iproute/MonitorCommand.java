package adit.iproute;

import adit.netlink.MessageReader;
import adit.netlink.NetlinkTransport;
import adit.netlink.Rtnetlink;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoField;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// `ip monitor`: links, addresses, routes and neighbours, as they change. Ends when the transport ends or the
/// thread is interrupted.
final class MonitorCommand {
    private static final Duration PATIENCE = Duration.ofMillis(500);

    private final Session session;
    private final Set<Topic> topics = EnumSet.noneOf(Topic.class);
    private boolean labels;
    private int index;

    /// What can be listened to.
    private enum Topic {
        LINK,
        ADDRESS,
        ROUTE,
        NEIGH
    }

    MonitorCommand(Session session) {
        this.session = session;
    }

    void run(Words words) throws IpFailure {
        while (words.any()) {
            word(words.take(), words);
        }
        if (topics.isEmpty()) {
            topics.addAll(EnumSet.allOf(Topic.class));
        }
        try (NetlinkTransport.Announcements heard =
                session.netlink().transport().listen(groups())) {
            listen(heard);
        } catch (EOFException e) {
            return;
        } catch (IOException e) {
            throw new IpFailure(IpFailure.REFUSED, e.getMessage());
        }
    }

    private void word(String word, Words words) throws IpFailure {
        if (Words.begins(word, "label")) {
            labels = true;
        } else if (Words.begins(word, "link")) {
            topics.add(Topic.LINK);
        } else if (Words.begins(word, "address")) {
            topics.add(Topic.ADDRESS);
        } else if (Words.begins(word, "route")) {
            topics.add(Topic.ROUTE);
        } else if (Words.begins(word, "neigh")) {
            topics.add(Topic.NEIGH);
        } else if (word.equals("all")) {
            labels = true;
        } else if (Words.begins(word, "help")) {
            throw IpFailure.senseless(Help.MONITOR);
        } else if (word.equals("dev")) {
            String name = words.value();
            index = session.links().index(name);
            if (index == 0) {
                throw IpFailure.wrong("Device does not exist\n", name);
            }
        } else {
            throw IpFailure.senseless("Argument \"" + word + "\" is unknown, try \"ip monitor help\".");
        }
    }

    private int[] groups() {
        int family = session.family();
        boolean ip4 = family == Names.AF_UNSPEC || family == Names.AF_INET;
        boolean ip6 = family == Names.AF_UNSPEC || family == Names.AF_INET6;
        boolean mpls = family == Names.AF_UNSPEC || family == Names.AF_MPLS;
        IntStream.Builder groups = IntStream.builder();
        if (topics.contains(Topic.LINK)) {
            groups.add(Rtnetlink.RTNLGRP_LINK);
        }
        if (topics.contains(Topic.NEIGH)) {
            groups.add(Rtnetlink.RTNLGRP_NEIGH);
        }
        if (topics.contains(Topic.ADDRESS) && ip4) {
            groups.add(Rtnetlink.RTNLGRP_IPV4_IFADDR);
        }
        if (topics.contains(Topic.ADDRESS) && ip6) {
            groups.add(Rtnetlink.RTNLGRP_IPV6_IFADDR);
        }
        if (topics.contains(Topic.ROUTE) && ip4) {
            groups.add(Rtnetlink.RTNLGRP_IPV4_ROUTE);
        }
        if (topics.contains(Topic.ROUTE) && ip6) {
            groups.add(Rtnetlink.RTNLGRP_IPV6_ROUTE);
        }
        if (topics.contains(Topic.ROUTE) && mpls) {
            groups.add(Rtnetlink.RTNLGRP_MPLS_ROUTE);
        }
        return groups.build().toArray();
    }

    private void listen(NetlinkTransport.Announcements heard) throws IOException, IpFailure {
        while (!Thread.currentThread().isInterrupted()) {
            Optional<byte[]> datagram = heard.next(PATIENCE);
            if (datagram.isEmpty()) {
                continue;
            }
            MessageReader m = new MessageReader(MemorySegment.ofArray(datagram.get()), 0, datagram.get().length);
            while (m.next()) {
                show(m);
            }
            session.out().flush();
        }
    }

    private void show(MessageReader m) throws IpFailure {
        Page page = Page.text(session.out(), session.options());
        switch (m.type()) {
            case Rtnetlink.RTM_NEWLINK, Rtnetlink.RTM_DELLINK -> link(m, page);
            case Rtnetlink.RTM_NEWADDR, Rtnetlink.RTM_DELADDR -> {
                AddressRow row = AddressRow.read(m);
                header("[ADDR]");
                if (isMeant(row.index())) {
                    new AddressPage(session, page).full(row, AddressPage.Device.ON_THE_LINE);
                }
            }
            case Rtnetlink.RTM_NEWROUTE, Rtnetlink.RTM_DELROUTE -> route(m, page);
            case Rtnetlink.RTM_NEWNEIGH, Rtnetlink.RTM_DELNEIGH, Rtnetlink.RTM_GETNEIGH -> {
                NeighbourRow row = NeighbourRow.read(m);
                if (session.family() == Names.AF_UNSPEC || session.family() == row.family()) {
                    header("[NEIGH]");
                    if (isMeant(row.index())) {
                        new NeighbourPage(session, page)
                                .show(row, index == 0 ? NeighbourPage.Device.SHOWN : NeighbourPage.Device.KNOWN);
                    }
                }
            }
            default -> {}
        }
    }

    private void link(MessageReader m, Page page) throws IpFailure {
        session.links().remember(m);
        LinkRow row = LinkRow.read(m);
        header("[LINK]");
        if (!isMeant(row.index())) {
            return;
        }
        LinkPage links = new LinkPage(session, page, LinkPage.Scope.ADDRESS);
        if (session.options().brief()) {
            links.brief(row, Names.AF_UNSPEC);
        } else {
            links.full(row, Names.AF_UNSPEC, LinkPage.Queue.HIDDEN);
        }
    }

    private void route(MessageReader m, Page page) throws IpFailure {
        RouteRow row = RouteRow.read(m);
        if (row.isCloned()) {
            return;
        }
        header("[ROUTE]");
        boolean its = index == 0
                || (row.attributes().has(Rtnetlink.RTA_OIF) && row.attributes().i32(Rtnetlink.RTA_OIF) == index);
        if (its && (session.family() == Names.AF_UNSPEC || session.family() == row.family())) {
            new RoutePage(session, page, RouteFilter.all()).show(row);
        }
    }

    private boolean isMeant(int itsIndex) {
        return index == 0 || index == itsIndex;
    }

    private void header(String label) {
        ZonedDateTime now = ZonedDateTime.now(ZoneId.systemDefault());
        switch (session.options().stamp()) {
            case NONE -> {}
            case SHORT ->
                session.out()
                        .print(DateTimeFormatter.ofPattern("'['yyyy-MM-dd'T'HH:mm:ss.SSSSSS'] '", Locale.ROOT)
                                .format(now));
            case LONG ->
                session.out()
                        .print(DateTimeFormatter.ofPattern("'Timestamp: 'EEE MMM ppd HH:mm:ss yyyy", Locale.ROOT)
                                        .format(now)
                                + " " + now.get(ChronoField.MICRO_OF_SECOND) + " usec\n");
        }
        if (labels) {
            session.out().print(label);
        }
    }
}
