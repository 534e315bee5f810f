package adit.program.doctor;

import java.util.List;

/// One thing that was looked at.
///
/// @param id its name for programs
/// @param subject its name for people
/// @param verdict how it is
/// @param detail what was found
/// @param remedies what to do about it, most of them commands; none when all is well
public record Finding(String id, String subject, Verdict verdict, String detail, List<String> remedies) {
    /// How something is.
    public enum Verdict {
        /// As it should be.
        OK,
        /// Something works less well, or only in one of its ways.
        LIMITED,
        /// Something does not work.
        MISSING
    }

    /// Copies the list.
    public Finding {
        remedies = List.copyOf(remedies);
    }

    static Finding ok(String id, String subject, String detail) {
        return new Finding(id, subject, Verdict.OK, detail, List.of());
    }

    static Finding limited(String id, String subject, String detail, String... remedies) {
        return new Finding(id, subject, Verdict.LIMITED, detail, List.of(remedies));
    }

    static Finding missing(String id, String subject, String detail, String... remedies) {
        return new Finding(id, subject, Verdict.MISSING, detail, List.of(remedies));
    }
}
