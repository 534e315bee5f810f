package adit.wire;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Packets that Linux kernels sent, with what tcpdump says of them. The resources tell how they were caught.
final class CapturedPackets {
    /// One packet: `kind` is its link layer or the tunnel's mode, `facts` what tcpdump says.
    record Captured(String kind, Map<String, String> facts, String hex) {
        MemorySegment segment() {
            return Golden.exactly(hex);
        }

        int length() {
            return hex.length() / 2;
        }

        /// The facts whose names start with `prefix`, without it.
        Map<String, String> facts(String prefix) {
            Map<String, String> some = new LinkedHashMap<>();
            facts.forEach((name, value) -> {
                if (name.startsWith(prefix)) {
                    some.put(name.substring(prefix.length()), value);
                }
            });
            return some;
        }

        @Override
        public String toString() {
            return kind + " " + facts;
        }
    }

    private CapturedPackets() {}

    static List<Captured> read(String resource) {
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(CapturedPackets.class.getResourceAsStream(resource), StandardCharsets.UTF_8))) {
            return lines.lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(CapturedPackets::parse)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Captured parse(String line) {
        String[] columns = line.split("\t");
        Map<String, String> facts = new LinkedHashMap<>();
        for (String fact : columns[1].split(" ")) {
            int equals = fact.indexOf('=');
            facts.put(fact.substring(0, equals), fact.substring(equals + 1));
        }
        return new Captured(columns[0], facts, columns[2]);
    }
}
