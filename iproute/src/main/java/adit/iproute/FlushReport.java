package adit.iproute;

/// What `ip … flush` says of its rounds with `-s`, and with `-s -s` also of each thing that it deletes.
final class FlushReport {
    private final Page page;
    private final int statistics;
    private final String things;
    private int rounds;

    /// `things` is what is deleted, such as `addresses`.
    FlushReport(Session session, String things) {
        page = Page.text(session.out(), session.options());
        statistics = session.options().statistics();
        this.things = things;
    }

    /// Where each thing that is deleted is shown, if it [#showsEach].
    Page page() {
        return page;
    }

    boolean showsEach() {
        return statistics > 1;
    }

    /// A round has come to its end.
    void deleted(int count) {
        rounds++;
        if (statistics > 0) {
            page.text("\n*** Round " + rounds + ", deleting " + count + " " + things + " ***\n");
        }
    }

    /// There is nothing left.
    void finished() {
        if (statistics > 0) {
            page.text(
                    rounds == 0
                            ? "Nothing to flush.\n"
                            : "*** Flush is complete after " + rounds + " round" + (rounds > 1 ? "s" : "") + " ***\n");
        }
    }
}
