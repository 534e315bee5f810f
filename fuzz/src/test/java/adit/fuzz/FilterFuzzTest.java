package adit.fuzz;

import adit.bpf.Ancillary;
import adit.bpf.Assembler;
import adit.bpf.Disassembler;
import adit.bpf.Filter;
import adit.bpf.Instruction;
import adit.bpf.Program;
import adit.bpf.ProgramFault;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.lang.foreign.MemorySegment;

/// Any octets are a program or a fault with its place. A program answers alike interpreted and compiled, whatever the
/// packet, and reads the same from its own text.
class FilterFuzzTest {
    private static final int MAX_PROGRAM = 60;

    /// What is known about the packet: each fact another number.
    private static final Ancillary<Object> FACTS = new Ancillary<>() {
        @Override
        public int networkOffset(Object packet) {
            return 14;
        }

        @Override
        public int linkOffset(Object packet) {
            return 0;
        }

        @Override
        public int protocol(Object packet) {
            return 0x0800;
        }

        @Override
        public int interfaceIndex(Object packet) {
            return 7;
        }

        @Override
        public int mark(Object packet) {
            return -1;
        }

        @Override
        public int vlan(Object packet) {
            return 0x8100_6005;
        }
    };

    /// The number of instructions; the instructions; the packet.
    @FuzzTest
    void aProgramAnswersAlikeInterpretedAndCompiled(byte[] input) {
        Input data = new Input(input);
        byte[] octets = data.octets(data.u8() % MAX_PROGRAM * Instruction.LENGTH);
        byte[] packet = data.rest();
        int count = octets.length / Instruction.LENGTH;
        switch (Program.read(MemorySegment.ofArray(octets), 0, count)) {
            case ProgramFault fault -> {
                if (fault.instruction() < -1
                        || fault.instruction() >= count
                        || fault.message().isBlank()) {
                    throw new AssertionError(fault.toString());
                }
            }
            case Program program -> checkAgreement(program, packet);
        }
    }

    private static void checkAgreement(Program program, byte[] packet) {
        MemorySegment s = MemorySegment.ofArray(packet);
        Filter interpreted = program.interpreter();
        Filter compiled = program.compile();
        int one = interpreted.run(s, 0, packet.length);
        int other = compiled.run(s, 0, packet.length);
        int oneOfFrame = interpreted.run(s, 0, packet.length, s, FACTS);
        int otherOfFrame = compiled.run(s, 0, packet.length, s, FACTS);
        if (one != other || oneOfFrame != otherOfFrame) {
            throw new AssertionError(one + ", " + other + "; " + oneOfFrame + ", " + otherOfFrame + " by\n" + program);
        }
        String text = program.toString();
        if (!Disassembler.text(Assembler.assemble(text)).equals(text)) {
            throw new AssertionError("reads as another program:\n" + text);
        }
    }
}
