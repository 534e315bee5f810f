package adit.conformance.language;

import adit.conformance.world.TunHandle;
import adit.tun.PollEvents;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The steps that call a file.
final class FileSteps {
    /// More than any packet.
    static final int LARGE = 70_000;

    private static final String THERE = "there=";

    private FileSteps() {}

    static Operation parse(String verb, List<String> rest) {
        String name = rest.getFirst();
        List<String> more = rest.subList(1, rest.size());
        return switch (verb) {
            case "close" -> stage -> Words.answer(stage.close(name));
            case "ioctl" -> {
                IoctlArgument argument = IoctlArgument.parse(more);
                yield stage -> argument.call(stage.file(name), stage.programs());
            }
            case "read" -> {
                int[] sizes = sizes(more.getFirst());
                int there = more.size() > 1 ? there(more.get(1)) : Stage.ALL;
                yield stage -> Stage.read(stage.file(name), sizes, there);
            }
            case "write" -> {
                boolean cut = !more.isEmpty() && more.getFirst().startsWith(THERE);
                byte[][] parts = parts(cut ? more.subList(1, more.size()) : more);
                int there = cut ? there(more.getFirst()) : Stage.ALL;
                yield stage -> Words.answer(Stage.write(stage.file(name), parts, there));
            }
            case "poll" -> stage -> Words.events(stage.file(name).poll());
            case "fdinfo" -> stage -> stage.file(name).fdinfo();
            case "drain" ->
                stage -> rest.stream()
                        .map(file -> file + " " + drain(stage.file(file)))
                        .collect(Collectors.joining("; "));
            case "finish" -> stage -> stage.finish(name);
            case "waits" -> {
                boolean waits = more.getFirst().equals("1");
                yield stage -> {
                    stage.file(name).blocking(waits);
                    return "ok";
                };
            }
            case "signals" -> {
                boolean on = more.getFirst().equals("1");
                yield stage -> {
                    stage.file(name).signals(on);
                    return "ok";
                };
            }
            case "signalled" -> stage -> Integer.toString(stage.file(name).signalled());
            default -> throw new IllegalArgumentException(verb);
        };
    }

    /// A call that another thread makes: `read a 2000` or `poll a IN+OUT`.
    static Operation start(String name, List<String> words) {
        String file = words.get(1);
        return switch (words.getFirst()) {
            case "read" -> {
                int[] sizes = sizes(words.get(2));
                yield stage -> {
                    TunHandle handle = stage.file(file);
                    stage.start(name, () -> Stage.read(handle, sizes, Stage.ALL));
                    return "started";
                };
            }
            case "poll" -> {
                int events = events(words.get(2));
                yield stage -> {
                    TunHandle handle = stage.file(file);
                    stage.start(name, () -> Words.events(handle.await(events)));
                    return "started";
                };
            }
            default -> throw new IllegalArgumentException("nothing to start: " + words);
        };
    }

    private static int events(String text) {
        int events = 0;
        for (String word : text.split("\\+")) {
            events |= switch (word) {
                case "IN" -> PollEvents.IN;
                case "OUT" -> PollEvents.OUT;
                default -> throw new IllegalArgumentException("no such event: " + word);
            };
        }
        return events;
    }

    private static int there(String word) {
        if (!word.startsWith(THERE)) {
            throw new IllegalArgumentException("there=OCTETS is wanted, not " + word);
        }
        return Integer.parseInt(word.substring(THERE.length()));
    }

    private static int[] sizes(String text) {
        return Stream.of(text.split("/")).flatMapToInt(FileSteps::size).toArray();
    }

    /// `2000`, or `1*1024` for as many buffers.
    private static IntStream size(String text) {
        int times = text.indexOf('*');
        int octets = Integer.parseInt(times < 0 ? text : text.substring(0, times));
        return IntStream.generate(() -> octets).limit(times < 0 ? 1 : Integer.parseInt(text.substring(times + 1)));
    }

    private static byte[][] parts(List<String> words) {
        List<List<String>> parts = new ArrayList<>(List.of(new ArrayList<>()));
        for (String word : words) {
            if (word.startsWith("/")) {
                int times = word.startsWith("/*") ? Integer.parseInt(word.substring(2)) : 1;
                for (int i = 0; i < times; i++) {
                    parts.add(new ArrayList<>());
                }
            } else {
                parts.getLast().add(word);
            }
        }
        return parts.stream().map(OctetText::parse).toArray(byte[][]::new);
    }

    private static String drain(TunHandle file) {
        List<String> packets = new ArrayList<>();
        String last = Stage.read(file, new int[] {LARGE}, Stage.ALL);
        while (last.contains(":")) {
            packets.add(last);
            last = Stage.read(file, new int[] {LARGE}, Stage.ALL);
        }
        return Words.runs(packets) + " then " + last;
    }
}
