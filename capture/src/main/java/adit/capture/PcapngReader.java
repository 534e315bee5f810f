package adit.capture;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Reads pcapng files: several sections, each in its byte order, with its interfaces and their units of time.
/// Blocks that hold no packets are passed over.
final class PcapngReader extends CaptureReader {
    private static final int OBSOLETE_PACKET = 2;
    private static final int BLOCK_FRAME = 12;
    private static final int MAX_INTERFACES = 1 << 16;

    private ByteOrder order = ByteOrder.BIG_ENDIAN;
    private final List<Interface> interfaces = new ArrayList<>();

    private record Interface(LinkType type, long snapLength, String name, TimeUnit unit) {}

    /// How an interface counts time.
    ///
    /// @param resolution the option's octet: a negative power of 10, or of 2 where the high bit is set
    /// @param offsetSeconds to be added
    private record TimeUnit(int resolution, long offsetSeconds) {
        static final TimeUnit MICROSECONDS = new TimeUnit(6, 0);

        /// Nanoseconds since 1970; nothing when they are more than fit, or the resolution is absurd.
        OptionalLong nanos(long count) {
            int power = resolution & 0x7f;
            boolean binary = (resolution & 0x80) != 0;
            if (power > (binary ? 62 : 18)) {
                return OptionalLong.empty();
            }
            long perSecond = binary ? 1L << power : pow10(power);
            long seconds = Long.divideUnsigned(count, perSecond);
            long rest = Long.remainderUnsigned(count, perSecond);
            try {
                // rest * 10^9 may need more than 64 bits.
                long fraction = BigInteger.valueOf(rest)
                        .multiply(BigInteger.valueOf(1_000_000_000L))
                        .divide(BigInteger.valueOf(perSecond))
                        .longValueExact();
                long whole = Math.multiplyExact(Math.addExact(seconds, offsetSeconds), 1_000_000_000L);
                return OptionalLong.of(Math.addExact(whole, fraction));
            } catch (ArithmeticException e) {
                return OptionalLong.empty();
            }
        }

        private static long pow10(int power) {
            long value = 1;
            for (int i = 0; i < power; i++) {
                value *= 10;
            }
            return value;
        }
    }

    PcapngReader(OctetSource source) {
        super(source);
    }

    @Override
    Optional<CapturedPacket> read() throws IOException {
        while (true) {
            long at = source.offset();
            byte[] head = source.read(8);
            if (head.length == 0) {
                return Optional.empty();
            }
            if (head.length < 8) {
                return fail(at, "the file ends within the header of a block");
            }
            byte[] magic = new byte[0];
            if (ByteBuffer.wrap(head).getInt() == PcapngBlocks.SECTION_HEADER) {
                magic = source.read(4);
                if (!section(magic)) {
                    return fail(at, "a section header without a byte order");
                }
            }
            int type = ByteBuffer.wrap(head).order(order).getInt();
            long total = ByteBuffer.wrap(head).order(order).getInt(4) & 0xffff_ffffL;
            if (total < BLOCK_FRAME + magic.length || total % 4 != 0 || total > MAX_LENGTH) {
                return fail(at, "a block can't have " + total + " octets");
            }
            int bodyLength = (int) total - BLOCK_FRAME - magic.length;
            ByteBuffer body = ByteBuffer.wrap(source.read(bodyLength)).order(order);
            ByteBuffer trailer = ByteBuffer.wrap(source.read(4)).order(order);
            if (body.remaining() < bodyLength || trailer.remaining() < 4) {
                return fail(at, "the file ends within a block: " + (source.offset() - at) + " of " + total + " octets");
            }
            if (trailer.getInt(0) != (int) total) {
                return fail(at, "a block's two lengths differ");
            }
            Optional<CapturedPacket> packet = block(type, body, at);
            if (packet.isPresent() || fault().isPresent()) {
                return packet;
            }
        }
    }

    private boolean section(byte[] magic) {
        if (magic.length < 4) {
            return false;
        }
        int value = ByteBuffer.wrap(magic).getInt();
        if (value != PcapngBlocks.BYTE_ORDER_MAGIC && value != Integer.reverseBytes(PcapngBlocks.BYTE_ORDER_MAGIC)) {
            return false;
        }
        order = value == PcapngBlocks.BYTE_ORDER_MAGIC ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        interfaces.clear();
        return true;
    }

    private Optional<CapturedPacket> block(int type, ByteBuffer body, long at) {
        return switch (type) {
            case PcapngBlocks.SECTION_HEADER -> {
                int major = body.remaining() < 12 ? 0 : body.getShort(0);
                yield major == 1 ? Optional.empty() : fail(at, "version " + major + " of pcapng is not known");
            }
            case PcapngBlocks.INTERFACE_DESCRIPTION -> describe(body, at);
            case PcapngBlocks.ENHANCED_PACKET, OBSOLETE_PACKET -> packet(type, body, at);
            case PcapngBlocks.SIMPLE_PACKET -> simplePacket(body, at);
            default -> Optional.empty();
        };
    }

    private Optional<CapturedPacket> describe(ByteBuffer body, long at) {
        if (body.remaining() < 8) {
            return fail(at, "an interface description of " + body.remaining() + " octets");
        }
        if (interfaces.size() == MAX_INTERFACES) {
            return fail(at, "more than " + MAX_INTERFACES + " interfaces");
        }
        LinkType type = new LinkType(body.getShort() & 0xffff);
        body.getShort();
        long snapLength = body.getInt() & 0xffff_ffffL;
        String name = "";
        int resolution = TimeUnit.MICROSECONDS.resolution;
        long offset = 0;
        for (Option option : options(body)) {
            if (option.code == PcapngBlocks.IF_NAME) {
                name = option.text();
            } else if (option.code == PcapngBlocks.IF_TIME_RESOLUTION && option.length() >= 1) {
                resolution = option.value.get(0) & 0xff;
            } else if (option.code == PcapngBlocks.IF_TIME_OFFSET && option.length() >= 8) {
                offset = option.value.getLong(0);
            }
        }
        interfaces.add(new Interface(type, snapLength, name, new TimeUnit(resolution, offset)));
        return Optional.empty();
    }

    private Optional<CapturedPacket> packet(int type, ByteBuffer body, long at) {
        if (body.remaining() < 20) {
            return fail(at, "a packet block of " + body.remaining() + " octets");
        }
        // The obsolete block has 16 bits for the interface and 16 for a drop count.
        int id = type == OBSOLETE_PACKET ? body.getShort(0) & 0xffff : body.getInt(0);
        body.position(4);
        long time = (long) body.getInt() << 32 | (body.getInt() & 0xffff_ffffL);
        long captured = body.getInt() & 0xffff_ffffL;
        long original = body.getInt() & 0xffff_ffffL;
        if (id < 0 || id >= interfaces.size()) {
            return fail(at, "a packet of interface " + Integer.toUnsignedString(id) + ", which is not described");
        }
        if (captured > body.remaining()) {
            return fail(at, "a packet of " + captured + " octets in a block of " + body.remaining());
        }
        byte[] octets = new byte[(int) captured];
        body.get(octets);
        body.position(Math.min(body.limit(), body.position() + PcapngBlocks.padded(octets.length) - octets.length));
        Direction direction = Direction.UNKNOWN;
        List<String> comments = new ArrayList<>();
        for (Option option : options(body)) {
            if (option.code == PcapngBlocks.OPT_COMMENT) {
                comments.add(option.text());
            } else if (option.code == PcapngBlocks.EPB_FLAGS && option.length() >= 4) {
                int flags = option.value.getInt(0) & 3;
                direction = flags == 1 ? Direction.INBOUND : flags == 2 ? Direction.OUTBOUND : Direction.UNKNOWN;
            }
        }
        Interface from = interfaces.get(id);
        return Optional.of(new CapturedPacket(
                countPacket(),
                from.name,
                from.type,
                from.unit.nanos(time),
                direction,
                MemorySegment.ofArray(octets),
                original,
                comments));
    }

    private Optional<CapturedPacket> simplePacket(ByteBuffer body, long at) {
        if (body.remaining() < 4 || interfaces.isEmpty()) {
            return fail(at, "a simple packet block without a length or an interface");
        }
        Interface from = interfaces.getFirst();
        long original = body.getInt() & 0xffff_ffffL;
        long captured = Math.min(original, body.remaining());
        if (from.snapLength > 0) {
            captured = Math.min(captured, from.snapLength);
        }
        byte[] octets = new byte[(int) captured];
        body.get(octets);
        return Optional.of(new CapturedPacket(
                countPacket(),
                from.name,
                from.type,
                OptionalLong.empty(),
                Direction.UNKNOWN,
                MemorySegment.ofArray(octets),
                original,
                List.of()));
    }

    private record Option(int code, ByteBuffer value) {
        int length() {
            return value.remaining();
        }

        String text() {
            return StandardCharsets.UTF_8.decode(value.duplicate()).toString();
        }
    }

    /// The options to the end of the block. One that reaches beyond it ends them.
    private static List<Option> options(ByteBuffer body) {
        List<Option> options = new ArrayList<>();
        while (body.remaining() >= 4) {
            int code = body.getShort() & 0xffff;
            int length = body.getShort() & 0xffff;
            if (code == PcapngBlocks.OPT_END || length > body.remaining()) {
                break;
            }
            ByteBuffer value = body.slice(body.position(), length).order(body.order());
            body.position(body.position() + length);
            body.position(Math.min(body.limit(), body.position() + PcapngBlocks.padded(length) - length));
            options.add(new Option(code, value));
        }
        return options;
    }
}
