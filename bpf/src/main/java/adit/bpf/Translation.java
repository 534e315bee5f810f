package adit.bpf;

import java.util.List;

/// How many eBPF instructions Linux makes of a classic one (`bpf_convert_filter`, 6.18). Counted from its rules,
/// for x86-64 and arm64, where loads need no alignment.
final class Translation {
    // The call of the load helper with its four arguments, and the way out when it fails.
    private static final int SLOW_LOAD = 8;

    // Clears A and X and keeps the packet's address; with loads, also where its octets stand and how many they are.
    private static final int PROLOGUE = 3;
    private static final int PROLOGUE_OF_LOADS = 4;
    private static final int EBPF_INSTRUCTION = 8;
    // What Linux 6.18 holds in front of the instructions.
    private static final int HEADER = 96;

    private Translation() {}

    static int chargedOctets(List<Instruction> program) {
        int instructions = PROLOGUE;
        boolean loads = false;
        for (Instruction one : program) {
            instructions += length(one);
            loads |= loads(one);
        }
        return HEADER + EBPF_INSTRUCTION * (instructions + (loads ? PROLOGUE_OF_LOADS : 0));
    }

    private static boolean loads(Instruction one) {
        int code = one.code();
        return code == Code.LDX_MSH
                || Code.isIndirect(code)
                || (Code.isAbsolute(code) && Extension.at(one.operand()) == null);
    }

    static int length(Instruction one) {
        int code = one.code();
        int k = one.operand();
        if (Code.isConditional(code)) {
            return conditional(one);
        }
        if (Code.isAbsolute(code)) {
            Extension extension = Extension.at(k);
            return extension == null ? load(code, k) : extension(extension);
        }
        if (Code.isIndirect(code)) {
            return SLOW_LOAD + (k == 0 ? 0 : 1);
        }
        return switch (code) {
            case Code.LDX_MSH -> load(Code.LD_B_ABS, k) + 6;
            case Code.DIV_K | Code.X, Code.MOD_K | Code.X -> 5;
            case Code.RET_K -> 2;
            default -> 1;
        };
    }

    private static int conditional(Instruction one) {
        int constant = !Code.usesX(one.code()) && one.operand() < 0 ? 1 : 0;
        boolean invertible = (one.code() & ~Code.X) != Code.JSET_K;
        boolean oneWay = one.jumpFalse() == 0 || (one.jumpTrue() == 0 && invertible);
        return constant + (oneWay ? 1 : 2);
    }

    private static int load(int code, int k) {
        if (k < 0) {
            return SLOW_LOAD;
        }
        int bound = k == 0 ? 2 : 3;
        int access = k <= Short.MAX_VALUE ? 1 : 3;
        int swap = Code.size(code) > 1 ? 1 : 0;
        return bound + access + swap + 1 + SLOW_LOAD;
    }

    private static int extension(Extension extension) {
        return switch (extension) {
            case MARK, QUEUE, FLOW_HASH, VLAN_TAG, XOR_X -> 1;
            case PROTOCOL, PACKET_TYPE, VLAN_PROTOCOL -> 2;
            case VLAN_PRESENT -> 3;
            case INTERFACE_INDEX, HARDWARE_TYPE, ATTRIBUTE, NESTED_ATTRIBUTE, PAYLOAD_OFFSET, CPU, RANDOM -> 4;
        };
    }
}
