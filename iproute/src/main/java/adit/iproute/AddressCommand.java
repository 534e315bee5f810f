package adit.iproute;

import adit.netlink.Netlink;
import adit.netlink.Rtnetlink;
import java.util.List;

/// `ip address`.
final class AddressCommand {
    private static final int EADDRNOTAVAIL = 99;

    private final Session session;

    AddressCommand(Session session) {
        this.session = session;
    }

    void run(Words words) throws IpFailure {
        if (!words.any()) {
            LinkList.addresses(session, words);
            return;
        }
        String command = words.take();
        if (Words.begins(command, "add")) {
            change(Rtnetlink.RTM_NEWADDR, Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL, words);
        } else if (Words.begins(command, "change") || command.equals("chg")) {
            change(Rtnetlink.RTM_NEWADDR, Netlink.NLM_F_REPLACE, words);
        } else if (Words.begins(command, "replace")) {
            change(Rtnetlink.RTM_NEWADDR, Netlink.NLM_F_CREATE | Netlink.NLM_F_REPLACE, words);
        } else if (Words.begins(command, "delete")) {
            change(Rtnetlink.RTM_DELADDR, 0, words);
        } else if (Words.begins(command, "list", "show", "lst")) {
            LinkList.addresses(session, words);
        } else if (Words.begins(command, "flush")) {
            flush(words);
        } else if (Words.begins(command, "help")) {
            throw IpFailure.senseless(Help.ADDRESS);
        } else {
            throw IpFailure.unknownCommand("address", command);
        }
    }

    private void change(int type, int flags, Words words) throws IpFailure {
        session.netlink().change(type, flags, AddressRequest.parse(session, type, words));
    }

    /// Deletes in rounds, because what is deleted may promote another address.
    private void flush(Words words) throws IpFailure {
        if (!words.any()) {
            throw new IpFailure(IpFailure.ABSENT, "Flush requires arguments.");
        }
        if (session.family() == Names.AF_PACKET) {
            throw new IpFailure(IpFailure.ABSENT, "Cannot flush link addresses.");
        }
        LinkFilter filter = LinkList.filter(session, words);
        FlushReport report = new FlushReport(session, "addresses");
        int rounds = session.options().flushRounds();
        for (int round = 0; rounds == 0 || round < rounds; round++) {
            List<AddressRow> doomed = LinkList.matching(session, filter);
            if (doomed.isEmpty() || (round > 0 && filter.primaryOnly())) {
                report.finished();
                return;
            }
            for (AddressRow row : doomed) {
                if (report.showsEach()) {
                    new AddressPage(session, report.page()).full(row, AddressPage.Device.ON_THE_LINE);
                }
                delete(row);
            }
            report.deleted(doomed.size());
        }
        throw IpFailure.senseless("*** Flush remains incomplete after " + rounds + " rounds. ***");
    }

    private void delete(AddressRow row) throws IpFailure {
        try {
            session.netlink().ask(Netlink.NETLINK_ROUTE, Rtnetlink.RTM_DELADDR, 0, Replay.of(row.message()));
        } catch (Conversation.Refusal e) {
            // The kernel may have deleted it along with another.
            if (e.errno() != EADDRNOTAVAIL) {
                throw e.failure(IpFailure.SENSELESS);
            }
        }
    }
}
