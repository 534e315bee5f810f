package adit.bench.rig;

import java.time.Duration;
import java.util.List;

/// What the command line asks for; `bench/usage.txt` tells users.
///
/// @param cable the underlay
/// @param rounds how often each program has its turn
/// @param stream how long a single TCP stream is measured
/// @param only the programs to measure, none for all
/// @param extent what is measured
/// @param limit the time after which no further measurement begins
record RunOptions(
        Cable cable, int rounds, Duration stream, List<String> only, Measurements.Extent extent, Duration limit) {
    /// Whether all programs are measured at full length, so that the page may show it.
    boolean whole() {
        return only.isEmpty() && rounds >= 3 && stream.toSeconds() >= 4;
    }

    /// Reads the command line; throws [IllegalArgumentException] with what is wrong.
    static RunOptions parse(List<String> words) {
        int mtu = 1500;
        int rounds = 3;
        int seconds = 4;
        int minutes = 19;
        Cable.Shape shape = Cable.Shape.VETH;
        List<String> only = List.of();
        Measurements.Extent extent = Measurements.Extent.ALL;
        for (int i = 0; i < words.size(); i++) {
            switch (words.get(i)) {
                case "--quick" -> {
                    rounds = 1;
                    seconds = 3;
                    minutes = 4;
                }
                case "--streams" -> {
                    extent = Measurements.Extent.STREAMS;
                    minutes = 7;
                }
                case "--only" -> only = List.of(value(words, ++i).split(","));
                case "--shape" -> shape = shape(value(words, ++i));
                case "--mtu" -> mtu = number(words, ++i, 576, 65535);
                case "--rounds" -> rounds = number(words, ++i, 1, 100);
                case "--seconds" -> seconds = number(words, ++i, 1, 600);
                default -> throw new IllegalArgumentException("unknown option " + words.get(i));
            }
        }
        return new RunOptions(
                new Cable(mtu, shape), rounds, Duration.ofSeconds(seconds), only, extent, Duration.ofMinutes(minutes));
    }

    private static Cable.Shape shape(String word) {
        return switch (word) {
            case "veth" -> Cable.Shape.VETH;
            case "wire" -> Cable.Shape.WIRE;
            default -> throw new IllegalArgumentException("--shape: " + word + " is not veth or wire");
        };
    }

    private static String value(List<String> words, int at) {
        if (at >= words.size()) {
            throw new IllegalArgumentException(words.get(at - 1) + " needs a value");
        }
        return words.get(at);
    }

    private static int number(List<String> words, int at, int least, int most) {
        String word = value(words, at);
        int number = word.matches("[0-9]{1,6}") ? Integer.parseInt(word) : -1;
        if (number < least || number > most) {
            throw new IllegalArgumentException(words.get(at - 1) + ": " + word + " is not " + least + " to " + most);
        }
        return number;
    }
}
