package adit.netlink;

import java.util.Optional;
import java.util.OptionalInt;

/// A generic netlink family, as the controller tells of it.
///
/// ```
/// | command | version | 0 0 | attributes
/// ```
///
/// @param command CTRL_CMD_GETFAMILY in a request, CTRL_CMD_NEWFAMILY in an answer
/// @param name the family's name
/// @param id the message type of the family
/// @param version the family's version
public record FamilyMessage(int command, Optional<String> name, OptionalInt id, OptionalInt version)
        implements NetlinkMessage {
    private static final int FIXED_LENGTH = 4;
    private static final int VERSION = 1;

    /// The question which number the family `name` has.
    public static FamilyMessage get(String name) {
        return new FamilyMessage(Genl.CTRL_CMD_GETFAMILY, Optional.of(name), OptionalInt.empty(), OptionalInt.empty());
    }

    /// Reads the message that `m` stands on.
    public static FamilyMessage read(MessageReader m) {
        Optional<String> name = Optional.empty();
        OptionalInt id = OptionalInt.empty();
        OptionalInt version = OptionalInt.empty();
        AttributeReader a = m.attributes(FIXED_LENGTH);
        while (a.next()) {
            switch (a.type()) {
                case Genl.CTRL_ATTR_FAMILY_NAME -> name = Optional.of(a.string());
                case Genl.CTRL_ATTR_FAMILY_ID -> id = OptionalInt.of(a.u16());
                case Genl.CTRL_ATTR_VERSION -> version = OptionalInt.of(a.i32());
                default -> {}
            }
        }
        return new FamilyMessage(m.u8(0), name, id, version);
    }

    @Override
    public void writeTo(MessageWriter w) {
        w.u8(command).u8(VERSION).u16(0);
        name.ifPresent(v -> w.string(Genl.CTRL_ATTR_FAMILY_NAME, v));
        id.ifPresent(v -> w.u16(Genl.CTRL_ATTR_FAMILY_ID, v));
        version.ifPresent(v -> w.i32(Genl.CTRL_ATTR_VERSION, v));
    }
}
