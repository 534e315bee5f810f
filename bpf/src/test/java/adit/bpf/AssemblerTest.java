package adit.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Text in the forms of the kernel's documentation. What tcpdump prints is TcpdumpTest's business.
class AssemblerTest {
    /// The example of a random sample of ICMP packets in `Documentation/networking/filter.rst`; the numbers are
    /// what the kernel's `bpf_asm` makes of such lines, by `linux/filter.h`.
    @Test
    void takesLabelsAndExtensions() {
        assertThat(Disassembler.numbers(Assembler.assemble("""
                ldh [12]
                jne #0x800, drop
                ldb [23]
                jneq #1, drop
                # get a random uint32 number
                ld rand
                mod #4
                jneq #1, drop
                ret #-1
                drop: ret #0
                """.replace("# get", "; get"))))
                .isEqualTo("""
                9
                40 0 0 12
                21 0 6 2048
                48 0 0 23
                21 0 4 1
                32 0 0 4294963256
                148 0 0 4
                21 0 1 1
                6 0 0 4294967295
                6 0 0 0""");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ld [4]              | 32 0 0 4
            LD  [ 0x10 ]        | 32 0 0 16
            ldb [x+2]           | 80 0 0 2
            ldh [%x + 2]        | 72 0 0 2
            ld [x]              | 64 0 0 0
            ld #5               | 0 0 0 5
            ldi #-1             | 0 0 0 4294967295
            ld len              | 128 0 0 0
            ld #pktlen          | 128 0 0 0
            ldx #len            | 129 0 0 0
            ldx #7              | 1 0 0 7
            ldx M[3]            | 97 0 0 3
            ldxb 4*([14]&0xf)   | 177 0 0 14
            ldx 4 * ([14] & 0xf) | 177 0 0 14
            ld M[15]            | 96 0 0 15
            st M[0]             | 2 0 0 0
            stx M[1]            | 3 0 0 1
            add x               | 12 0 0 0
            xor #010            | 164 0 0 8
            rsh #31             | 116 0 0 31
            neg                 | 132 0 0 0
            tax                 | 7 0 0 0
            txa                 | 135 0 0 0
            ret a               | 22 0 0 0
            ret                 | 22 0 0 0
            ret #0x40000        | 6 0 0 262144
            ja 3                | 5 0 0 2
            jmp 1               | 5 0 0 0
            jset #1, 2, 3       | 69 1 2 1
            jle x, 2, 3         | 45 2 1 0
            jlt #9, 5           | 53 0 4 9
            jge #9 jt 4 jf 1    | 53 3 0 9
            ld vlan_tpid        | 32 0 0 4294963260
            ldh #poff           | 40 0 0 4294963252
            ld [-4096]          | 32 0 0 4294963200
            """)
    void takesEveryForm(String line, String numbers) {
        assertThat(Disassembler.numbers(Assembler.assemble(line))).isEqualTo("1\n" + numbers);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ldq [4]             | no instruction ldq
            ld 4                | not an operand of this instruction: 4
            ld [y]              | not a number: y
            st #4               | not an operand of this instruction: #4
            add #0x100000000    | not a number of 32 bits: 0x100000000
            ja nowhere          | no label nowhere
            jeq #1              | a jump takes an operand and one or two targets: #1
            jeq #1, 400         | a jump to 400 from 0 skips 0 to 255 at most
            """)
    void saysWhatItDoesNotTake(String line, String message) {
        assertThatThrownBy(() -> Assembler.assemble("\n" + line))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("line 2: " + message);
    }

    @Test
    void refusesALabelThatStandsTwiceAndNumbersThatAreMissing() {
        assertThatThrownBy(() -> Assembler.assemble("a: ret #0\na: ret #1")).hasMessage("line 2: label a stands twice");
        assertThatThrownBy(() -> Assembler.numbers("2 6 0 0 0"))
                .hasMessage("4 numbers follow where 2 instructions take 8");
    }

    @Test
    void namesWhatLinuxDoesNotKnow() {
        assertThat(Disassembler.text(List.of(Instruction.of(0xff, 1)))).isEqualTo("(000) unimp    0xff");
    }

    // The printer and the parser were written from tcpdump's and the kernel's text; here they meet on all of it.
    @Test
    void takesWhatItPrints() {
        for (int seed = 0; seed < 2_000; seed++) {
            RandomPrograms random = new RandomPrograms(new SplittableRandom(seed), 64, false);
            if (Program.of(random.program(60)) instanceof Program program) {
                // Printing leaves out what an instruction does not use.
                String text = program.toString();
                assertThat(Disassembler.text(Assembler.assemble(text))).isEqualTo(text);
            }
        }
    }
}
