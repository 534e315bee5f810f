package adit.fuzz;

import adit.netlink.ErrorMessage;
import adit.netlink.FamilyMessage;
import adit.netlink.FouMessage;
import adit.netlink.MalformedMessageException;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.NetlinkMessage;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;

/// A datagram of netlink messages is read or refused; nothing else is thrown and nothing outside it is read. What was
/// read and is written again reads as the same.
class NetlinkFuzzTest {
    private static final int MARGIN = 64;
    private static final int ROOM = 1 << 17;
    private static final byte JUNK = (byte) 0xa5;

    @FuzzTest
    void readsOrRefusesRoutingMessages(byte[] datagram) {
        MessageReader reader = reader(datagram);
        try {
            while (reader.next()) {
                Optional<NetlinkMessage> message = NetlinkMessage.readRoute(reader);
                if (message.isPresent()) {
                    checkWrittenAgain(reader, message.get());
                }
            }
        } catch (MalformedMessageException e) {
            requireReason(e);
        }
    }

    @FuzzTest
    void readsOrRefusesGenericMessages(byte[] datagram) {
        MessageReader reader = reader(datagram);
        try {
            while (reader.next()) {
                FouMessage fou = FouMessage.read(reader);
                FamilyMessage family = FamilyMessage.read(reader);
                if (fou == null || family == null) {
                    throw new AssertionError("no message and no refusal");
                }
            }
        } catch (MalformedMessageException e) {
            requireReason(e);
        }
    }

    private static void checkWrittenAgain(MessageReader from, NetlinkMessage message) {
        MemorySegment s = MemorySegment.ofArray(new byte[ROOM]);
        MessageWriter writer = new MessageWriter(s);
        int flags = message instanceof ErrorMessage e ? e.flags() : from.flags();
        writer.message(from.type(), flags, from.sequence(), from.port(), message);
        MessageReader again = new MessageReader(s, 0, writer.length());
        if (!again.next()) {
            throw new AssertionError("nothing was written of " + message);
        }
        NetlinkMessage read = NetlinkMessage.readRoute(again).orElseThrow();
        if (!read.equals(message)) {
            throw new AssertionError(message + " reads as " + read);
        }
    }

    // What is wrongly read around the datagram is not zero.
    private static MessageReader reader(byte[] datagram) {
        byte[] memory = new byte[datagram.length + 2 * MARGIN];
        Arrays.fill(memory, JUNK);
        System.arraycopy(datagram, 0, memory, MARGIN, datagram.length);
        return new MessageReader(MemorySegment.ofArray(memory), MARGIN, MARGIN + datagram.length);
    }

    private static void requireReason(MalformedMessageException e) {
        if (e.getMessage().isBlank()) {
            throw new AssertionError("refused without a reason", e);
        }
    }
}
