package adit.netns;

import static org.assertj.core.api.Assertions.assertThat;

import adit.ip.InterfaceAddress;
import adit.ip.IpInterface;
import adit.ip.IpListener;
import adit.ip.NeighbourEntry;
import adit.ip.Route;
import adit.netlink.MessageReader;
import adit.netlink.Rtnetlink;
import adit.port.VirtualTime;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Who listens hears what changes, and nothing once it listens no more.
class ListeningTest {
    private static Namespace open() {
        return Namespace.builder().time(new VirtualTime()).seed(3).open();
    }

    /// Keeps what it hears in words.
    private static final class Ear implements IpListener {
        private final List<String> heard = new ArrayList<>();

        @Override
        public void address(Change change, Origin origin, IpInterface link, InterfaceAddress address) {
            heard.add(change + " " + address.local() + "/" + address.prefixLength() + " " + origin + " " + link);
        }

        @Override
        public void route(Change change, Route route) {
            heard.add(change + " " + route);
        }

        @Override
        public void neighbour(Change change, NeighbourEntry entry) {
            heard.add(change + " " + entry.address());
        }
    }

    @Test
    void aListenerOfTheStack() throws Exception {
        try (Namespace ns = open()) {
            Ear ear = new Ear();
            ns.ip().listen(ear);
            ns.configure().dummy("d0").address("d0", "10.0.0.1/24");
            ns.configure().route("10.7.0.0/16").blackhole().add();
            ns.configure().neighbour("d0", "10.0.0.9", "02:00:00:00:00:09").removeNeighbour("d0", "10.0.0.9");
            assertThat(ear.heard)
                    .contains("NEW 10.0.0.1/24 USER d0", "NEW blackhole 10.7.0.0/16", "NEW 10.0.0.9", "GONE 10.0.0.9");
            ns.ip().forget(ear);
            ear.heard.clear();
            ns.configure().removeAddress("d0", "10.0.0.1/24");
            ns.configure().route("10.7.0.0/16").blackhole().delete();
            ns.configure().neighbour("d0", "10.0.0.9", "02:00:00:00:00:09");
            assertThat(ear.heard).isEmpty();
        }
    }

    @Test
    void aSessionInAGroup() throws Exception {
        try (Namespace ns = open();
                NetlinkSession session = ns.netlink()) {
            session.join(Rtnetlink.RTNLGRP_LINK);
            ns.configure().dummy("d0");
            byte[] told = session.receive();
            MessageReader m = new MessageReader(MemorySegment.ofArray(told), 0, told.length);
            assertThat(m.next()).isTrue();
            assertThat(m.type()).isEqualTo(Rtnetlink.RTM_NEWLINK);
            session.leave(Rtnetlink.RTNLGRP_LINK);
            ns.configure().dummy("d1");
            assertThat(session.receive()).isNull();
        }
    }
}
