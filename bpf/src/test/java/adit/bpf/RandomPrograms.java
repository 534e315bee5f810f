package adit.bpf;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Makes up programs and packets that meet each other: loads near the packet's ends, constants that occur in it.
final class RandomPrograms {
    private static final int[] LOADS = {0x20, 0x28, 0x30, 0x40, 0x48, 0x50, 0xb1};
    private static final int[] REGISTERS = {0x80, 0x81, 0x00, 0x01, 0x07, 0x87, 0x84};
    private static final int[] SLOTS = {0x60, 0x61, 0x02, 0x03};
    private static final int[] ALU = {0x04, 0x14, 0x24, 0x34, 0x44, 0x54, 0x64, 0x74, 0x94, 0xa4};
    private static final int[] JUMPS = {0x15, 0x25, 0x35, 0x45};
    private static final int[] WORDS = {
        0,
        1,
        2,
        3,
        4,
        6,
        8,
        12,
        14,
        17,
        31,
        32,
        0x45,
        255,
        256,
        0x0800,
        0x86dd,
        0x7fff,
        0x8000,
        0xffff,
        0x7fff_ffff,
        0x8000_0000,
        -1,
        -2,
        -4,
        -0x1000,
        -0x0fff,
        -0x1001,
        -0x10_0000,
        -0x10_0001,
        -0x20_0000,
        -0x20_0001
    };

    private final SplittableRandom dice;
    private final int packetLength;
    private final boolean deterministic;

    /// Programs for packets of about `packetLength` octets. `deterministic` ones don't ask for the processor or
    /// for chance.
    RandomPrograms(SplittableRandom dice, int packetLength, boolean deterministic) {
        this.dice = dice;
        this.packetLength = packetLength;
        this.deterministic = deterministic;
    }

    /// A program that is mostly valid.
    List<Instruction> program(int maxLength) {
        int length = 1 + dice.nextInt(maxLength);
        List<Instruction> program = new ArrayList<>();
        int slots = dice.nextInt(3) == 0 ? dice.nextInt(17) : 0;
        for (int i = 0; i < slots && program.size() < length - 1; i++) {
            program.add(Instruction.of(pick(0x02, 0x03), i));
        }
        while (program.size() < length - 1) {
            program.add(instruction(length - program.size() - 2, slots));
        }
        if (length > 1 && dice.nextInt(3) > 0) {
            // Few octets of the answer can be seen from outside; mix some in.
            program.set(length - 2, Instruction.of(0x54, 0xff));
            program.add(Instruction.of(0x16, 0));
        } else {
            program.add(dice.nextBoolean() ? Instruction.of(0x16, word()) : Instruction.of(0x06, word()));
        }
        return program;
    }

    // `further` is how many instructions may be skipped.
    private Instruction instruction(int further, int slots) {
        return switch (dice.nextInt(20)) {
            case 0, 1, 2, 3, 4, 5 -> Instruction.of(pick(LOADS), offset());
            case 6 -> Instruction.of(pick(0x20, 0x28, 0x30), extension());
            case 7, 8 -> Instruction.of(pick(REGISTERS), word());
            case 9 -> slots == 0 ? Instruction.of(0x07, 0) : Instruction.of(pick(SLOTS), dice.nextInt(slots));
            case 10, 11, 12, 13, 14 -> binary();
            case 15 -> Instruction.of(0x05, skip(further, 0xffff));
            case 16 -> dice.nextInt(3) > 0 ? Instruction.of(0x00, word()) : Instruction.of(pick(0x06, 0x16), word());
            default ->
                new Instruction(
                        pick(JUMPS) | pick(0, 0x08),
                        skip(further, 0xff),
                        dice.nextInt(3) == 0 ? 0 : skip(further, 0xff),
                        dice.nextInt(3) == 0 ? dice.nextInt(256) : word());
        };
    }

    private Instruction binary() {
        int code = pick(ALU) | pick(0, 0x08);
        int k = word();
        if (code == 0x64 || code == 0x74) {
            k = dice.nextInt(32);
        } else if ((code == 0x34 || code == 0x94) && k == 0) {
            k = 1;
        }
        return Instruction.of(code, k);
    }

    private int skip(int further, int most) {
        int limit = Math.min(further, most);
        return limit <= 0 ? 0 : dice.nextInt(Math.min(limit, dice.nextInt(3) == 0 ? limit : 4) + 1);
    }

    private int offset() {
        return switch (dice.nextInt(16)) {
            case 0 -> -0x10_0000 + dice.nextInt(packetLength + 4);
            case 1 -> -0x20_0000 + dice.nextInt(packetLength + 4);
            case 2 -> word();
            case 3 -> packetLength - 5 + dice.nextInt(8);
            default -> dice.nextInt(packetLength);
        };
    }

    private int extension() {
        while (true) {
            Extension extension = Extension.values()[dice.nextInt(Extension.values().length)];
            if (!deterministic || (extension != Extension.CPU && extension != Extension.RANDOM)) {
                return extension.offset();
            }
        }
    }

    private int word() {
        return switch (dice.nextInt(4)) {
            case 0 -> dice.nextInt();
            case 1 -> dice.nextInt(packetLength + 4);
            default -> pick(WORDS);
        };
    }

    private int pick(int... some) {
        return some[dice.nextInt(some.length)];
    }

    /// A program with something changed in it: seldom still valid.
    List<Instruction> damaged(List<Instruction> program) {
        List<Instruction> changed = new ArrayList<>(program);
        int at = dice.nextInt(program.size());
        Instruction one = program.get(at);
        changed.set(
                at,
                switch (dice.nextInt(6)) {
                    case 0 -> new Instruction(dice.nextInt(0x110), one.jumpTrue(), one.jumpFalse(), one.operand());
                    case 1 -> new Instruction(one.code(), dice.nextInt(256), one.jumpFalse(), one.operand());
                    case 2 -> new Instruction(one.code(), one.jumpTrue(), dice.nextInt(40), one.operand());
                    case 3 -> new Instruction(one.code(), one.jumpTrue(), one.jumpFalse(), word());
                    case 4 -> new Instruction(pick(SLOTS), 0, 0, dice.nextInt(18));
                    default -> new Instruction(pick(0x20, 0x28, 0x30), 0, 0, -0x1000 + dice.nextInt(80));
                });
        return changed;
    }

    /// Octets that look like a frame, an attribute list, or nothing.
    byte[] packet() {
        byte[] packet = new byte[1 + dice.nextInt(packetLength + 8)];
        dice.nextBytes(packet);
        for (int i = dice.nextInt(packet.length); i > 0; i -= 1 + dice.nextInt(8)) {
            packet[dice.nextInt(packet.length)] = (byte) pick(WORDS);
        }
        if (dice.nextInt(4) == 0) {
            // Little attributes, in the host's order, which is little-endian where this runs.
            for (int i = 0; i + 4 <= packet.length; i += 4 * (1 + dice.nextInt(3))) {
                packet[i] = (byte) dice.nextInt(20);
                packet[i + 1] = 0;
                packet[i + 2] = (byte) dice.nextInt(16);
                packet[i + 3] = 0;
            }
        }
        return packet;
    }
}
