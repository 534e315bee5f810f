package adit.netns;

import adit.device.Errno;
import adit.ip.IpException;
import adit.netlink.FamilyMessage;
import adit.netlink.Genl;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;

/// Generic netlink as a namespace serves it: the controller, which knows the families, and the families.
final class GenericNetlink extends NetlinkServer {
    private static final String CALL = "generic netlink";
    /// The first number that a family can have; the controller's is smaller.
    private static final int FIRST_FAMILY = Genl.GENL_ID_CTRL + 4;

    private static final int FIXED_LENGTH = 4;
    /// As many as Linux has room for at first.
    private static final int LAST_GROUP = 32;

    private final Namespace namespace;
    private final List<GenericFamily> families = new CopyOnWriteArrayList<>();

    GenericNetlink(Namespace namespace) {
        this.namespace = namespace;
    }

    void register(GenericFamily family) {
        families.add(family);
    }

    @Override
    boolean dumps(MessageReader m) {
        return true;
    }

    @Override
    void carryOut(NetlinkSession session, MessageReader m) throws IpException {
        require(m);
        if (m.type() == Genl.GENL_ID_CTRL) {
            reply(session, m, Genl.GENL_ID_CTRL, lookUp(m));
            return;
        }
        GenericFamily family = family(m.type());
        namespace.devices().lock().lock();
        try {
            for (MessageWriter.Body body : family.carryOut(m)) {
                reply(session, m, m.type(), body);
            }
        } finally {
            namespace.devices().lock().unlock();
        }
    }

    @Override
    boolean isNothing(MessageReader m) {
        return false;
    }

    @Override
    int lastGroup() {
        return LAST_GROUP;
    }

    @Override
    Dump dump(NetlinkSession session, MessageReader m) throws IpException {
        require(m);
        if (m.type() == Genl.GENL_ID_CTRL) {
            List<MessageWriter.Body> all = new ArrayList<>();
            for (int i = 0; i < families.size(); i++) {
                all.add(body(i));
            }
            return Dump.of(Genl.GENL_ID_CTRL, all);
        }
        GenericFamily family = family(m.type());
        namespace.devices().lock().lock();
        try {
            return Dump.of(m.type(), family.dump(m));
        } finally {
            namespace.devices().lock().unlock();
        }
    }

    private static void require(MessageReader m) throws IpException {
        if (m.length() < 16 + FIXED_LENGTH) {
            throw new IpException(CALL, Errno.EINVAL, "The message is too short for a command.");
        }
    }

    private GenericFamily family(int id) throws IpException {
        int index = id - FIRST_FAMILY;
        if (index < 0 || index >= families.size()) {
            throw new IpException(CALL, Errno.ENOENT, "There is no family " + id + ".");
        }
        return families.get(index);
    }

    private MessageWriter.Body lookUp(MessageReader m) throws IpException {
        FamilyMessage wanted = FamilyMessage.read(m);
        if (wanted.command() != Genl.CTRL_CMD_GETFAMILY) {
            throw new IpException(CALL, Errno.EOPNOTSUPP, "The controller tells of families and nothing else.");
        }
        for (int i = 0; i < families.size(); i++) {
            boolean named = wanted.name().filter(families.get(i).name()::equals).isPresent();
            if (named || (wanted.id().isPresent() && wanted.id().getAsInt() == FIRST_FAMILY + i)) {
                return body(i);
            }
        }
        throw new IpException(CALL, Errno.ENOENT, "There is no such family.");
    }

    private FamilyMessage body(int index) {
        GenericFamily family = families.get(index);
        return new FamilyMessage(
                Genl.CTRL_CMD_NEWFAMILY,
                Optional.of(family.name()),
                OptionalInt.of(FIRST_FAMILY + index),
                OptionalInt.of(family.version()));
    }

    /// The namespace that is served.
    @Override
    public String toString() {
        return "generic netlink of " + namespace;
    }
}
