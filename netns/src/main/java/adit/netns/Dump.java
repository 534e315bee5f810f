package adit.netns;

import adit.ip.IpException;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import java.util.ArrayList;
import java.util.List;

/// What a request for a whole table is answered with: rows, and how it ended.
final class Dump {
    private final int type;
    private final AttributePolicy.Look look;
    private final List<Row> rows = new ArrayList<>();
    private Acknowledgement end = Acknowledgement.ofSuccess("");
    private int rowFlags;
    private int endFlags;

    record Row(MessageWriter.Body body, int flags) {}

    /// Collects rows; what it throws ends them.
    @FunctionalInterface
    interface Collector {
        void collect(Dump dump) throws IpException;
    }

    Dump(int type, AttributePolicy.Look look) {
        this.type = type;
        this.look = look;
    }

    /// Of these rows, with no filter.
    static Dump of(int type, List<? extends MessageWriter.Body> rows) {
        Dump dump = new Dump(type, AttributePolicy.Look.LOOSE);
        rows.forEach(dump::add);
        return dump;
    }

    Dump collect(Collector collector) {
        try {
            collector.collect(this);
        } catch (IpException e) {
            end = Acknowledgement.of(e);
        }
        return this;
    }

    /// Whether the session asked for requests to be looked at strictly.
    boolean isStrict() {
        return look == AttributePolicy.Look.STRICT;
    }

    AttributePolicy.Look look() {
        return look;
    }

    void add(MessageWriter.Body body) {
        rows.add(new Row(body, rowFlags));
    }

    /// Says of rows from now on whether they are a choice among all.
    void rowsAreFiltered(boolean filtered) {
        rowFlags = filtered ? Netlink.NLM_F_DUMP_FILTERED : 0;
    }

    /// Says at the end that rows were a choice.
    void endIsFiltered() {
        endFlags = Netlink.NLM_F_DUMP_FILTERED;
    }

    /// Says something of a request that is answered all the same; nothing for an empty text.
    void warn(String text) {
        end = Acknowledgement.ofSuccess(text);
    }

    int type() {
        return type;
    }

    List<Row> rows() {
        return rows;
    }

    Acknowledgement end() {
        return end;
    }

    int endFlags() {
        return endFlags;
    }
}
