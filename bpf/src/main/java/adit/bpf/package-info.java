/// Classic BPF, the language of socket filters: McCanne and Jacobson 1993, with the extensions and the rules of
/// Linux (`Documentation/networking/filter.rst`, `net/core/filter.c`).
///
/// A program is a row of instructions of 8 octets. It works on two 32-bit registers, A and X, both 0 at the
/// start, and on 16 memory slots; jumps go forward only, so every program ends. Its answer is how many octets of
/// the packet to keep, 0 for none.
///
/// The way of a program:
///
/// 1. octets ([Program#read]), `tcpdump -ddd` output ([Assembler#numbers]) or text ([Assembler#assemble]);
/// 2. a [Verdict]: the [Program], which has passed the kernel's verifier, or a [ProgramFault] that says which
///    instruction the kernel refuses and why;
/// 3. a [Filter]: interpreted ([Program#interpreter]) or compiled to bytecode ([Program#compile]). Both answer
///    alike, allocate nothing per run, and may be run by many threads at once.
///
/// ```java
/// switch (Program.read(fprog, 0, count)) {
///     case Program p -> filter = p.compile();
///     case ProgramFault f -> { return -f.errno(); }
/// }
/// int kept = Filter.kept(filter.run(s, at, length, packet, ancillary), length);
/// ```
///
/// What a program may ask about a packet beside its octets, such as its mark or its VLAN tag, an [Ancillary]
/// tells. [Extension] names these questions. [Disassembler] prints a program as `tcpdump -d` does.
package adit.bpf;
