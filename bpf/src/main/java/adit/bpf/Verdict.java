package adit.bpf;

/// What the verifier says: the [Program], ready to run, or the [ProgramFault] that Linux would refuse it for.
public sealed interface Verdict permits Program, ProgramFault {
    /// The program; throws an [IllegalArgumentException] that says what is wrong when there is none.
    default Program orThrow() {
        return switch (this) {
            case Program p -> p;
            case ProgramFault f -> throw new IllegalArgumentException(f.message());
        };
    }
}
