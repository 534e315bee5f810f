package adit.iproute;

import java.util.regex.Pattern;

/// Patterns as a shell has them for file names: `*`, `?` and sets in brackets.
final class FileNamePattern {
    private FileNamePattern() {}

    static boolean matches(String pattern, String text) {
        StringBuilder regex = new StringBuilder();
        boolean inSet = false;
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (inSet) {
                inSet = c != ']';
                regex.append(c == '\\' || c == '[' || c == '&' ? "\\" + c : Character.toString(c));
            } else if (c == '[' && pattern.indexOf(']', i + 2) > 0) {
                inSet = true;
                regex.append('[');
                if (pattern.charAt(i + 1) == '!') {
                    regex.append('^');
                    i++;
                }
            } else {
                regex.append(
                        switch (c) {
                            case '*' -> ".*";
                            case '?' -> ".";
                            default -> Pattern.quote(Character.toString(c));
                        });
            }
        }
        return Pattern.compile(regex.toString(), Pattern.DOTALL).matcher(text).matches();
    }
}
