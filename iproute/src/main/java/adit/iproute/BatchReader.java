package adit.iproute;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Reads commands from a file: one on each line, a backslash at the end joins the next line, a hash starts a
/// comment, quotes hold blanks.
final class BatchReader {
    private final BufferedReader lines;
    private String text = "";
    private int line;

    BatchReader(BufferedReader lines) {
        this.lines = lines;
    }

    /// Steps to the next line; false behind the last.
    boolean next() throws IOException {
        String next = readLine();
        if (next == null) {
            return false;
        }
        StringBuilder joined = new StringBuilder(next);
        while (!joined.isEmpty() && joined.charAt(joined.length() - 1) == '\\') {
            joined.setLength(joined.length() - 1);
            String more = readLine();
            if (more == null) {
                break;
            }
            joined.append(more);
        }
        text = joined.toString();
        return true;
    }

    private String readLine() throws IOException {
        String next = lines.readLine();
        if (next == null) {
            return null;
        }
        line++;
        int comment = next.indexOf('#');
        return comment < 0 ? next : next.substring(0, comment);
    }

    /// The number of the line that was read last, from 1.
    int line() {
        return line;
    }

    List<String> words() throws IpFailure {
        List<String> words = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (isBlank(c)) {
                at++;
            } else if (c == '"' || c == '\'') {
                int end = text.indexOf(c, at + 1);
                if (end < 0) {
                    throw new IpFailure(1, "Unterminated quoted string");
                }
                words.add(text.substring(at + 1, end));
                at = end + 1;
            } else {
                int end = at;
                while (end < text.length() && !isBlank(text.charAt(end))) {
                    end++;
                }
                words.add(text.substring(at, end));
                at = end;
            }
        }
        return words;
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
    }
}
