package adit.conformance.language;

import adit.conformance.world.TunHandle;
import adit.conformance.world.World;
import adit.conformance.world.World.Caller;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Understands a step: its first word is a verb, or its first two are `name =`.
final class StepParser {
    private static final int HEADER = 10;
    private static final int IPV4 = 0x0800;

    private StepParser() {}

    static Operation parse(String text) {
        List<String> words = List.of(text.strip().split("\\s+"));
        if (words.size() > 2 && words.get(1).equals("=")) {
            return assignment(words.getFirst(), words.subList(2, words.size()));
        }
        String verb = words.getFirst();
        List<String> rest = words.subList(1, words.size());
        return switch (verb) {
            case "teach", "spread", "share" -> flows(verb, rest);
            case "more" -> stage -> stage.more(rest.get(0), rest.get(1));
            case "detach" -> {
                IoctlArgument detach = IoctlArgument.parse(List.of("TUNSETQUEUE", "flags=DETACH"));
                yield stage -> stage.has(rest.getFirst())
                        ? detach.call(stage.file(rest.getFirst()), stage.programs())
                        : "closed";
            }
            case "close",
                    "ioctl",
                    "read",
                    "write",
                    "poll",
                    "fdinfo",
                    "drain",
                    "finish",
                    "waits",
                    "signals",
                    "signalled" -> FileSteps.parse(verb, rest);
            case "up", "down", "delete", "mtu", "txqueuelen", "mac", "rename", "carrier", "group", "flag" ->
                LinkSteps.change(verb, rest);
            case "link", "stats", "devices", "dump", "make", "inject", "seen", "listen", "told" ->
                LinkSteps.parse(verb, rest);
            case "user" -> {
                Caller caller = caller(rest);
                yield stage -> {
                    stage.world().become(caller);
                    return "ok";
                };
            }
            case "wait" -> {
                Duration time = Duration.ofMillis(Long.parseLong(only(rest).replace("ms", "")));
                yield stage -> {
                    stage.world().pass(time);
                    return "ok";
                };
            }
            case "repeat" -> repeat(Integer.parseInt(rest.getFirst()), rest.subList(1, rest.size()));
            default -> throw new IllegalArgumentException("no such step: " + verb);
        };
    }

    static String only(List<String> words) {
        if (words.size() != 1) {
            throw new IllegalArgumentException("one word is wanted, not " + words);
        }
        return words.getFirst();
    }

    private static Operation assignment(String name, List<String> words) {
        return switch (words.getFirst()) {
            case "open" -> {
                World.Blocking blocking = words.contains("blocking") ? World.Blocking.WAITS : World.Blocking.ANSWERS;
                yield stage -> Words.answer(stage.open(name, blocking));
            }
            case "start" -> FileSteps.start(name, words.subList(1, words.size()));
            default -> throw new IllegalArgumentException("nothing to assign: " + words);
        };
    }

    /// Which queue a flow takes that nobody taught is the device's secret, so many flows are tried and only
    /// told whether a file got none of them, some, or all.
    private static Operation flows(String verb, List<String> rest) {
        if (verb.equals("share")) {
            return stage -> {
                List<Integer> counts =
                        rest.stream().map(f -> count(stage.file(f))).toList();
                int all = counts.stream().mapToInt(Integer::intValue).sum();
                return counts.stream()
                                .map(n -> n == 0 ? "none" : n == all ? "all" : "some")
                                .collect(Collectors.joining(" "))
                        + " of " + all;
            };
        }
        int flows = Integer.parseInt(rest.get(1));
        List<byte[]> packets = new ArrayList<>();
        for (int i = 1; i <= flows; i++) {
            packets.add(OctetText.parse(List.of("udp4(10.0.0.1:" + i + ",10.0.0.2:6,20)")));
        }
        return stage -> {
            List<String> results = new ArrayList<>();
            for (byte[] packet : packets) {
                results.add(Words.answer(
                        verb.equals("teach")
                                ? Stage.write(stage.file(rest.getFirst()), new byte[][] {packet}, Stage.ALL)
                                : stage.world().inject(rest.getFirst(), IPV4, new byte[HEADER], packet)));
            }
            return Words.runs(results);
        };
    }

    private static int count(TunHandle file) {
        int count = 0;
        while (Stage.read(file, new int[] {FileSteps.LARGE}, Stage.ALL).contains(":")) {
            count++;
        }
        return count;
    }

    private static Caller caller(List<String> words) {
        if (words.getFirst().equals("root")) {
            return Caller.ROOT;
        }
        int user = Integer.parseInt(words.getFirst());
        List<Integer> groups = words.stream()
                .skip(1)
                .filter(w -> !w.equals("net_admin"))
                .findFirst()
                .map(list -> Stream.of(list.split(",")).map(Integer::valueOf).toList())
                .orElse(List.of(user));
        Caller.Right right = words.contains("net_admin") ? Caller.Right.NET_ADMIN : Caller.Right.NONE;
        return new Caller(user, groups.getFirst(), groups.subList(1, groups.size()), right);
    }

    private static Operation repeat(int times, List<String> words) {
        Operation once = parse(String.join(" ", words));
        return stage -> {
            List<String> results = new ArrayList<>();
            for (int i = 0; i < times; i++) {
                results.add(once.perform(stage));
            }
            return Words.runs(results);
        };
    }
}
