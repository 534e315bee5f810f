package adit.bpf;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.List;

/// Classic BPF read off its definition, with numbers of `linux/filter.h` instead of names, long arithmetic, and
/// nothing shared with the code under test but the search for the payload, which is compared with the kernel.
final class SlowFilter {
    private static final long WORD = 0xffff_ffffL;

    private final byte[] packet;
    private final Facts facts;
    private final long[] memory = new long[16];
    private long a;
    private long x;

    private SlowFilter(byte[] packet, Facts facts) {
        this.packet = packet;
        this.facts = facts;
    }

    /// The answer of `program`, as an int's bits.
    static int run(List<Instruction> program, byte[] packet, Facts facts) {
        return (int) new SlowFilter(packet, facts).run(program);
    }

    private long run(List<Instruction> program) {
        int pc = 0;
        while (true) {
            Instruction i = program.get(pc++);
            long k = i.operand() & WORD;
            long source = (i.code() & 0x08) != 0 ? x : k;
            switch (i.code()) {
                case 0x20, 0x28, 0x30 -> {
                    if (k >= 0xffff_f000L) {
                        int what = (int) (k - 0xffff_f000L);
                        if ((what == 8 || what == 28) && facts.interfaceIndex() == 0) {
                            return a;
                        }
                        a = ancillary(what) & WORD;
                    } else {
                        long value = load(k, i.code() == 0x20 ? 4 : i.code() == 0x28 ? 2 : 1);
                        if (value < 0) {
                            return 0;
                        }
                        a = value;
                    }
                }
                case 0x40, 0x48, 0x50 -> {
                    long value = load((x + k) & WORD, i.code() == 0x40 ? 4 : i.code() == 0x48 ? 2 : 1);
                    if (value < 0) {
                        return 0;
                    }
                    a = value;
                }
                case 0xb1 -> {
                    long value = load(k, 1);
                    if (value < 0) {
                        return 0;
                    }
                    x = 4 * (value % 16);
                }
                case 0x80 -> a = packet.length;
                case 0x81 -> x = packet.length;
                case 0x00 -> a = k;
                case 0x01 -> x = k;
                case 0x60 -> a = memory[(int) k];
                case 0x61 -> x = memory[(int) k];
                case 0x02 -> memory[(int) k] = a;
                case 0x03 -> memory[(int) k] = x;
                case 0x04, 0x0c -> a = (a + source) & WORD;
                case 0x14, 0x1c -> a = (a - source) & WORD;
                case 0x24, 0x2c -> a = (a * source) & WORD;
                case 0x34, 0x3c, 0x94, 0x9c -> {
                    if (source == 0) {
                        return 0;
                    }
                    a = i.code() < 0x90 ? a / source : a % source;
                }
                case 0x44, 0x4c -> a |= source;
                case 0x54, 0x5c -> a &= source;
                case 0x64, 0x6c -> a = (a << source % 32) & WORD;
                case 0x74, 0x7c -> a >>= source % 32;
                case 0x84 -> a = -a & WORD;
                case 0xa4, 0xac -> a ^= source;
                case 0x05 -> pc += (int) k;
                case 0x15, 0x1d -> pc += a == source ? i.jumpTrue() : i.jumpFalse();
                case 0x25, 0x2d -> pc += a > source ? i.jumpTrue() : i.jumpFalse();
                case 0x35, 0x3d -> pc += a >= source ? i.jumpTrue() : i.jumpFalse();
                case 0x45, 0x4d -> pc += (a & source) != 0 ? i.jumpTrue() : i.jumpFalse();
                case 0x06 -> {
                    return k;
                }
                case 0x16 -> {
                    return a;
                }
                case 0x07 -> x = a;
                case 0x87 -> a = x;
                default -> throw new AssertionError(i);
            }
        }
    }

    private long load(long offset, int size) {
        long place = offset;
        if (offset >= 0xfff0_0000L) {
            place = offset - 0xfff0_0000L + facts.networkOffset();
        } else if (offset >= 0xffe0_0000L && facts.linkOffset() != Ancillary.NO_HEADER) {
            place = offset - 0xffe0_0000L + facts.linkOffset();
        } else if (offset >= 0x8000_0000L) {
            return -1;
        }
        return octets(place, size, ByteOrder.BIG_ENDIAN);
    }

    private long octets(long place, int size, ByteOrder order) {
        if (place + size > packet.length) {
            return -1;
        }
        long value = 0;
        for (int i = 0; i < size; i++) {
            int at = (int) place + (order == ByteOrder.BIG_ENDIAN ? i : size - 1 - i);
            value = value * 256 + Byte.toUnsignedInt(packet[at]);
        }
        return value;
    }

    private long ancillary(int what) {
        return switch (what) {
            case 0 -> facts.protocol() % 65536;
            case 4 -> facts.packetType();
            case 8 -> facts.interfaceIndex();
            case 12 -> packet.length < 4 || a > packet.length - 4 ? 0 : attribute(a, packet.length);
            case 16 -> nested();
            case 20 -> facts.mark();
            case 24 -> facts.queue();
            case 28 -> facts.hardwareType();
            case 32 -> facts.flowHash();
            case 36 -> facts.cpu();
            case 40 -> a ^ x;
            case 44 -> facts.vlan() & 0xffff;
            case 48 -> facts.vlan() == 0 ? 0 : 1;
            case 52 ->
                PayloadOffset.of(
                        MemorySegment.ofArray(packet),
                        0,
                        packet.length,
                        facts.networkOffset(),
                        facts.protocol(),
                        facts.vlan());
            case 56 -> facts.random();
            case 60 -> facts.vlan() >>> 16;
            default -> throw new AssertionError(what);
        };
    }

    private long nested() {
        if (packet.length < 4 || a > packet.length - 4) {
            return 0;
        }
        long end = a + octets(a, 2, ByteOrder.nativeOrder());
        return end > packet.length ? 0 : attribute(a + 4, end);
    }

    private long attribute(long start, long end) {
        for (long place = start; place + 4 <= end; ) {
            long length = octets(place, 2, ByteOrder.nativeOrder());
            if (length < 4 || place + length > end) {
                return 0;
            }
            if (octets(place + 2, 2, ByteOrder.nativeOrder()) % 16384 == x) {
                return place;
            }
            place += (length + 3) / 4 * 4;
        }
        return 0;
    }
}
