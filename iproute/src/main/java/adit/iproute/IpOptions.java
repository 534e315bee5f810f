package adit.iproute;

/// What the options in front of the object ask for.
///
/// @param family an AF number, or 0 when none was named
/// @param statistics how often statistics were asked for
/// @param details how often details were asked for
/// @param form how answers look
/// @param flushRounds how often flushing tries, 0 for until it is done
/// @param echo whether changes are to be shown as they were made
/// @param stamp whether and how monitored events carry the time
/// @param names whether numbers are shown by their names
record IpOptions(
        int family,
        int statistics,
        int details,
        Form form,
        int flushRounds,
        Echo echo,
        Stamp stamp,
        NumberNames names) {
    /// How answers look.
    ///
    /// @param language the language
    /// @param layout how it is laid out
    /// @param brevity how much of it there is
    /// @param units how large counters look
    record Form(Language language, Layout layout, Brevity brevity, Units units) {}

    /// The language of answers.
    enum Language {
        TEXT,
        JSON,
        PRETTY_JSON
    }

    /// Whether an entry may have several lines.
    enum Layout {
        LINES,
        ONE_LINE
    }

    /// How much is shown of each entry.
    enum Brevity {
        FULL,
        BRIEF
    }

    /// How large counters look.
    enum Units {
        EXACT,
        THOUSANDS,
        BINARY
    }

    /// Whether changes are to be shown as they were made.
    enum Echo {
        SILENT,
        SHOWN
    }

    /// Whether and how monitored events carry the time.
    enum Stamp {
        NONE,
        LONG,
        SHORT
    }

    /// Whether numbers are shown by their names.
    enum NumberNames {
        NAMED,
        NUMERIC
    }

    IpOptions withFamily(int value) {
        return new IpOptions(value, statistics, details, form, flushRounds, echo, stamp, names);
    }

    boolean json() {
        return form.language() != Language.TEXT;
    }

    boolean pretty() {
        return form.language() == Language.PRETTY_JSON;
    }

    boolean oneLine() {
        return form.layout() == Layout.ONE_LINE;
    }

    boolean brief() {
        return form.brevity() == Brevity.BRIEF;
    }

    boolean detailed() {
        return details > 0;
    }

    boolean echoes() {
        return echo == Echo.SHOWN;
    }

    String lineEnd() {
        return oneLine() ? "\\" : "\n";
    }
}
