package adit.device;

import java.util.List;
import java.util.OptionalInt;

/// The error numbers of one system, with their names and what they say.
///
/// @param table a line for each: the number, the name, the text, in the order of the numbers
public record ErrorNumbers(String table) {
    /// The name of an error number, such as `EPERM`; `E<number>` when the system has none.
    public String name(int errno) {
        return field(errno, 1, "E" + errno);
    }

    /// What an error number says, such as `operation not permitted`.
    public String text(int errno) {
        return field(errno, 2, "unknown error");
    }

    /// The number of that name; empty when the system has none.
    public OptionalInt number(String name) {
        return table.lines()
                .map(row -> row.split(" ", 3))
                .filter(row -> row[1].equals(name))
                .mapToInt(row -> Integer.parseInt(row[0]))
                .findFirst();
    }

    /// All numbers that have a name.
    public List<Integer> numbers() {
        return table.lines().map(row -> Integer.valueOf(row.split(" ", 2)[0])).toList();
    }

    // Only for messages, so a search is quick enough.
    private String field(int errno, int index, String otherwise) {
        String number = Integer.toString(errno);
        return table.lines()
                .map(row -> row.split(" ", 3))
                .filter(row -> row[0].equals(number))
                .map(row -> row[index])
                .findFirst()
                .orElse(otherwise);
    }
}
