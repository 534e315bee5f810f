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
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlVersionException;
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
            YamlFault fault = YamlFault.of(e, text);
            problems.error(fault.position(), fault.words());
        } catch (ReaderException e) {
            int end = text.offsetByCodePoints(0, Math.min(e.getPosition(), text.codePointCount(0, text.length())));
            problems.error(
                    Position.after(text.substring(0, end)),
                    "character U+%04X is not allowed in YAML".formatted(e.getCodePoint()));
        } catch (YamlEngineException e) {
            problems.error(
                    Position.START,
                    e instanceof YamlVersionException
                            ? "a %YAML line of another version than 1.2; leave it away"
                            : e.getMessage());
        }
        return Optional.empty();
    }
}
