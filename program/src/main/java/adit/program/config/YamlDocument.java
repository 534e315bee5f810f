package adit.program.config;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/// The octets of a file as one YAML document. The file may be anything at all: its size, nesting and aliases
/// are bounded before the parser builds something of them.
final class YamlDocument {
    /// The largest file, in octets: room for some thousand tunnels.
    static final int MAX_SIZE = 1 << 20;

    private YamlDocument() {}

    /// The root node, or nothing when there is a problem. `list` is the key of the list that files of this sort
    /// are about.
    static Optional<Node> parse(byte[] octets, Problems problems, String list) {
        if (octets.length > MAX_SIZE) {
            problems.error(Position.START, "larger than " + MAX_SIZE / 1024 + " KiB; is this the right file?");
            return Optional.empty();
        }
        Optional<String> text = decode(octets, problems);
        return text.flatMap(t -> parse(t, problems, list));
    }

    private static Optional<String> decode(byte[] octets, Problems problems) {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(octets);
        CharBuffer out = CharBuffer.allocate(octets.length + 1);
        CoderResult result = decoder.decode(in, out, true);
        out.flip();
        if (result.isError()) {
            problems.error(
                    Position.after(out),
                    "not UTF-8: octet 0x%02x; save the file in that encoding".formatted(octets[in.position()] & 0xff));
            return Optional.empty();
        }
        return Optional.of(out.toString());
    }

    private static Optional<Node> parse(String text, Problems problems, String list) {
        LoadSettings settings = LoadSettings.builder()
                .setUseMarks(true)
                .setSchema(new CoreSchema())
                .setCodePointLimit(MAX_SIZE + 1)
                .setMaxAliasesForCollections(BoundedParser.MAX_ALIASES)
                // Fields reports both, each with its place.
                .setAllowDuplicateKeys(true)
                .setAllowNonScalarKeys(true)
                .build();
        try {
            ParserImpl parser = new ParserImpl(settings, new StreamReader(settings, text));
            Optional<Node> root = new Composer(settings, new BoundedParser(parser, list)).getSingleNode();
            if (root.isEmpty()) {
                problems.error(Position.START, "empty; expected \"" + list + ":\" and a list");
            }
            return root;
        } catch (MarkedYamlEngineException e) {
            Optional<Mark> mark = e.getProblemMark().or(e::getContextMark);
            problems.error(mark.map(Position::of).orElse(Position.START), explain(e, mark));
        } catch (ReaderException e) {
            int end = text.offsetByCodePoints(0, Math.min(e.getPosition(), text.codePointCount(0, text.length())));
            problems.error(
                    Position.after(text.substring(0, end)),
                    "character U+%04X is not allowed in YAML".formatted(e.getCodePoint()));
        } catch (YamlEngineException e) {
            problems.error(Position.START, e.getMessage());
        }
        return Optional.empty();
    }

    private static String explain(MarkedYamlEngineException e, Optional<Mark> mark) {
        if (mark.isPresent() && standsAt(mark.get(), '\t')) {
            return "a tab; YAML is indented with spaces";
        }
        // The library quotes a character that it did not expect, a line's end too.
        String problem = (e.getProblem() == null ? e.getContext() : e.getProblem())
                .strip()
                .replaceAll("\\R", " ")
                .replaceAll(" {2,}", " ");
        String advice = "";
        if (problem.startsWith("expected <block end>")) {
            advice = "; is it indented like its neighbours?";
        } else if (problem.startsWith("mapping values are not allowed")) {
            advice = "; put a text with a colon in it in quotes";
        }
        String where = e.getContextMark()
                .filter(context -> e.getContext() != null && context != mark.orElse(null))
                .map(context -> " (" + e.getContext() + " that begins in line " + (context.getLine() + 1) + ")")
                .orElse("");
        return problem + where + advice;
    }

    private static boolean standsAt(Mark mark, char c) {
        int[] buffer = mark.getBuffer();
        return mark.getPointer() < buffer.length && buffer[mark.getPointer()] == c;
    }
}
