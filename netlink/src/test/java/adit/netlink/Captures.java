package adit.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/// The datagrams of `captures.txt`, by name.
final class Captures {
    private static final Map<String, byte[]> ALL = load();

    private Captures() {}

    private static Map<String, byte[]> load() {
        Map<String, byte[]> all = new TreeMap<>();
        try (InputStream in = Captures.class.getResourceAsStream("captures.txt")) {
            new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .forEach(line -> all.put(
                            line.substring(0, line.indexOf(' ')),
                            HexFormat.of().parseHex(line, line.indexOf(' ') + 1, line.length())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }

    static Map<String, byte[]> all() {
        return ALL;
    }

    static byte[] octets(String name) {
        assertThat(ALL).containsKey(name);
        return ALL.get(name).clone();
    }

    /// A reader on the first message of the datagram.
    static MessageReader reader(String name) {
        byte[] octets = octets(name);
        MessageReader m = new MessageReader(MemorySegment.ofArray(octets), 0, octets.length);
        assertThat(m.next()).isTrue();
        return m;
    }

    static <T> T read(String name, Function<MessageReader, T> how) {
        return how.apply(reader(name));
    }
}
