package adit.netns;

import adit.device.Errno;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// Which attributes a kind of request knows and what they hold, as Linux's `nla_policy` says it. What breaks it is an
/// [AttributeException] in Linux's words, with the place of the attribute and, where Linux tells it, what had been
/// expected there.
///
/// Attributes that are newer than such checks are looked at strictly always: from [#strictFrom] on, numbers have their
/// exact length, nested ones say that they are, and each has a rule.
final class AttributePolicy {
    private static final String FAILED = "Attribute failed policy validation";
    private static final int HEADER = 16;
    private static final int ATTRIBUTE_HEADER = 4;

    private final int last;
    private final Map<Integer, Rule> rules = new HashMap<>();
    private int firstStrict = Integer.MAX_VALUE;

    private AttributePolicy(int last) {
        this.last = last;
    }

    // ---- What there is

    /// Knows attributes 1 to `last`, of which nothing is said at first. What follows names them by their numbers, as
    /// whole tables of the kernel's headers would have to be written down for names.
    static AttributePolicy upTo(int last) {
        return new AttributePolicy(last);
    }

    /// Looks strictly at this one and those behind it.
    AttributePolicy strictFrom(int type) {
        firstStrict = type;
        return this;
    }

    AttributePolicy u8(int... types) {
        return rule(new Rule(Kind.U8, 0, 0xff), types);
    }

    AttributePolicy u16(int... types) {
        return rule(new Rule(Kind.U16, 0, 0xffff), types);
    }

    AttributePolicy u32(int... types) {
        return u32AtLeast(0, types);
    }

    AttributePolicy u32AtLeast(long smallest, int... types) {
        return rule(new Rule(Kind.U32, smallest, 0xffff_ffffL), types);
    }

    AttributePolicy s32(int... types) {
        return s32AtLeast(Integer.MIN_VALUE, types);
    }

    AttributePolicy s32AtLeast(int smallest, int... types) {
        return rule(new Rule(Kind.S32, smallest, Integer.MAX_VALUE), types);
    }

    /// A number in which only these bits may be set.
    AttributePolicy bits(long mask, int... types) {
        return rule(new Rule(Kind.BITS, 0, mask), types);
    }

    /// Four octets of which Linux tells no rule.
    AttributePolicy plain(int... types) {
        return rule(new Rule(Kind.PLAIN, 0, 0xffff_ffffL), types);
    }

    AttributePolicy binary(int most, int... types) {
        return rule(new Rule(Kind.BINARY, 0, most), types);
    }

    /// A text of one to `most` octets, with a zero behind it or without.
    AttributePolicy text(int most, int... types) {
        return rule(new Rule(Kind.TEXT, 1, most), types);
    }

    /// A text with a zero behind it.
    AttributePolicy endedText(int... types) {
        return rule(new Rule(Kind.ENDED_TEXT, 1, Integer.MAX_VALUE), types);
    }

    AttributePolicy nested(int... types) {
        return rule(new Rule(Kind.NESTED, ATTRIBUTE_HEADER, Integer.MAX_VALUE), types);
    }

    AttributePolicy atLeast(int octets, int... types) {
        return rule(new Rule(Kind.ANY, octets, Integer.MAX_VALUE), types);
    }

    /// What only answers have.
    AttributePolicy refused(int... types) {
        return rule(new Rule(Kind.REFUSED, 0, 0), types);
    }

    private AttributePolicy rule(Rule rule, int... types) {
        for (int type : types) {
            rules.put(type, rule);
        }
        return this;
    }

    /// NL_ATTR_TYPE numbers, where an attribute's rule is told, and how many octets a number has.
    private enum Kind {
        U8(2, 1),
        U16(3, 2),
        U32(4, 4),
        BITS(4, 4),
        S32(8, 4),
        BINARY(10, 0),
        TEXT(11, 0),
        ENDED_TEXT(12, 0),
        NESTED(13, 0),
        PLAIN(0, 4),
        ANY(0, 0),
        REFUSED(0, 0);

        private final int number;
        private final int octets;

        Kind(int number, int octets) {
            this.number = number;
            this.octets = octets;
        }
    }

    private record Rule(Kind kind, long least, long most) {
        boolean isNumber() {
            return kind.octets > 0;
        }

        /// How Linux tells it, in the order that it does.
        Optional<MessageWriter.Body> told() {
            return switch (kind) {
                case U8, U16, U32 ->
                    Optional.of(w -> type(w.i64(Netlink.NL_POLICY_TYPE_ATTR_MIN_VALUE_U, least)
                            .i64(Netlink.NL_POLICY_TYPE_ATTR_MAX_VALUE_U, most)));
                case S32 ->
                    Optional.of(w -> type(w.i64(Netlink.NL_POLICY_TYPE_ATTR_MIN_VALUE_S, least)
                            .i64(Netlink.NL_POLICY_TYPE_ATTR_MAX_VALUE_S, most)));
                case BITS -> Optional.of(w -> type(w.i64(Netlink.NL_POLICY_TYPE_ATTR_MASK, most)));
                case BINARY, TEXT -> Optional.of(w -> type(w.i32(Netlink.NL_POLICY_TYPE_ATTR_MAX_LENGTH, (int) most)));
                case ENDED_TEXT, NESTED -> Optional.of(this::type);
                case PLAIN, ANY, REFUSED -> Optional.empty();
            };
        }

        private void type(MessageWriter w) {
            w.i32(Netlink.NL_POLICY_TYPE_ATTR_TYPE, kind.number);
        }
    }

    // ---- Reading

    /// How much is asked of a request: whether attributes that are not known and octets behind the last one are borne.
    enum Look {
        LOOSE,
        STRICT
    }

    /// The attributes of a request; of several alike the last.
    ///
    /// @param warning what Linux says of a request that it carries out all the same; else empty
    record Parsed(Map<Integer, ByteBuffer> attributes, String warning) {
        /// No attributes, and this to be said about it.
        static Parsed nothing(String warning) {
            return new Parsed(Map.of(), warning);
        }

        /// The first four octets; 0 where there is no such attribute.
        int i32(int type) {
            ByteBuffer payload = attributes.get(type);
            return payload == null ? 0 : payload.getInt(payload.position());
        }

        Optional<ByteBuffer> get(int type) {
            return Optional.ofNullable(attributes.get(type));
        }

        /// The first that is none of these, in the order of their numbers, as Linux goes through them; a number behind
        /// all where there is none.
        int firstBut(int... types) {
            return attributes.keySet().stream()
                    .filter(t -> Arrays.stream(types).noneMatch(known -> known == t))
                    .min(Integer::compare)
                    .orElse(Integer.MAX_VALUE);
        }

        boolean hasOther(int... types) {
            return firstBut(types) != Integer.MAX_VALUE;
        }
    }

    /// Reads what follows the fixed part of a request.
    Parsed parse(MessageReader m, int fixed, String call, Look look) throws AttributeException {
        ByteBuffer message = ByteBuffer.wrap(m.octets()).order(ByteOrder.nativeOrder());
        Map<Integer, ByteBuffer> found = new HashMap<>();
        int at = Math.min(message.limit(), HEADER + (fixed + 3 & ~3));
        while (message.limit() - at >= ATTRIBUTE_HEADER) {
            int length = Short.toUnsignedInt(message.getShort(at));
            if (length < ATTRIBUTE_HEADER || length > message.limit() - at) {
                break;
            }
            int type = Short.toUnsignedInt(message.getShort(at + 2)) & Netlink.NLA_TYPE_MASK;
            if (type > 0 && type <= last) {
                require(message, at, call);
                ByteBuffer payload = message.slice(at + ATTRIBUTE_HEADER, length - ATTRIBUTE_HEADER);
                found.put(type, payload.order(ByteOrder.nativeOrder()));
            } else if (look == Look.STRICT) {
                throw new Fault(Errno.EINVAL, "Unknown attribute type", Optional.empty()).at(call, at);
            }
            at = Math.min(message.limit(), at + (length + 3 & ~3));
        }
        String leftover = at < message.limit() ? "bytes leftover after parsing attributes" : "";
        if (look == Look.STRICT && !leftover.isEmpty()) {
            throw new AttributeException(call, Errno.EINVAL, leftover, OptionalInt.empty(), Optional.empty());
        }
        return new Parsed(found, leftover);
    }

    /// Requires an attribute to be as its rule says, one that stands whole at `at` in a run of attributes that is a
    /// part of the request.
    void require(ByteBuffer run, int at, String call) throws AttributeException {
        int length = Short.toUnsignedInt(run.getShort(at)) - ATTRIBUTE_HEADER;
        int raw = Short.toUnsignedInt(run.getShort(at + 2));
        ByteBuffer payload = run.slice(at + ATTRIBUTE_HEADER, length).order(ByteOrder.nativeOrder());
        Fault fault = fault(raw & Netlink.NLA_TYPE_MASK, raw, payload);
        if (fault != null) {
            throw fault.at(call, run.arrayOffset() + at);
        }
    }

    private record Fault(int errno, String text, Optional<MessageWriter.Body> expected) {
        AttributeException at(String call, int offset) {
            return new AttributeException(call, errno, text, OptionalInt.of(offset), expected);
        }
    }

    /// What is wrong with an attribute; null for nothing.
    private Fault fault(int type, int raw, ByteBuffer payload) {
        Rule rule = rules.get(type);
        if (type >= firstStrict) {
            Fault fault = strictFault(rule, (raw & Netlink.NLA_F_NESTED) != 0, payload.limit());
            if (fault != null) {
                return fault;
            }
        }
        if (rule == null) {
            return null;
        }
        int length = payload.limit();
        return switch (rule.kind) {
            case U8, U16, U32, S32, BITS, PLAIN ->
                length < rule.kind.octets ? failed(Errno.ERANGE, rule) : valueFault(rule, payload);
            case BINARY -> length > rule.most ? failed(Errno.ERANGE, rule) : null;
            case TEXT -> {
                boolean ended = length > 0 && payload.get(length - 1) == 0;
                yield length < rule.least || length - (ended ? 1 : 0) > rule.most ? failed(Errno.ERANGE, rule) : null;
            }
            case ENDED_TEXT -> {
                int zero = 0;
                while (zero < length && payload.get(zero) != 0) {
                    zero++;
                }
                yield zero == length ? failed(Errno.EINVAL, rule) : null;
            }
            case NESTED -> length > 0 && length < rule.least ? failed(Errno.ERANGE, rule) : null;
            case ANY -> length < rule.least ? failed(Errno.ERANGE, rule) : null;
            case REFUSED -> failed(Errno.EINVAL, rule);
        };
    }

    private static Fault strictFault(Rule rule, boolean saysNested, int length) {
        if (rule == null || rule.kind == Kind.ANY) {
            return new Fault(Errno.EINVAL, "Unsupported attribute", Optional.empty());
        }
        if (rule.isNumber() && length != rule.kind.octets) {
            return new Fault(Errno.EINVAL, "invalid attribute length", rule.told());
        }
        if (rule.kind == Kind.NESTED && !saysNested) {
            return new Fault(Errno.EINVAL, "NLA_F_NESTED is missing", rule.told());
        }
        if (rule.kind != Kind.NESTED && saysNested) {
            return new Fault(Errno.EINVAL, "NLA_F_NESTED not expected", rule.told());
        }
        return null;
    }

    private static Fault valueFault(Rule rule, ByteBuffer payload) {
        long value = switch (rule.kind.octets) {
            case 1 -> Byte.toUnsignedLong(payload.get(0));
            case 2 -> Short.toUnsignedLong(payload.getShort(0));
            default -> rule.kind == Kind.S32 ? payload.getInt(0) : Integer.toUnsignedLong(payload.getInt(0));
        };
        if (rule.kind == Kind.BITS) {
            return (value & ~rule.most) == 0 ? null : new Fault(Errno.EINVAL, "reserved bit set", Optional.empty());
        }
        return value < rule.least || value > rule.most
                ? new Fault(Errno.ERANGE, "integer out of range", rule.told())
                : null;
    }

    private static Fault failed(int errno, Rule rule) {
        return new Fault(errno, FAILED, rule.told());
    }
}
