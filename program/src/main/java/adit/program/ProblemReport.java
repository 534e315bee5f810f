package adit.program;

import adit.program.config.Problem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What reading a file came to, as JSON has it.
final class ProblemReport {
    private ProblemReport() {}

    /// The file, whether it is right, and each problem with its place.
    static Map<String, Object> json(String file, boolean valid, List<Problem> problems) {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("file", file);
        report.put("valid", valid);
        report.put("problems", problems.stream().map(ProblemReport::problem).toList());
        return report;
    }

    private static Map<String, Object> problem(Problem p) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("severity", p.severity().name().toLowerCase(Locale.ROOT));
        map.put("line", p.position().line());
        map.put("column", p.position().column());
        map.put("message", p.message());
        return map;
    }
}
