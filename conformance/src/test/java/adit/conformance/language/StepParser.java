package adit.conformance.language;

import adit.conformance.world.LinkView;
import adit.conformance.world.TunHandle;
import adit.conformance.world.World;
import adit.conformance.world.World.Caller;
import adit.conformance.world.World.LinkChange;
import adit.netlink.OctetString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Understands a step: its first word is a verb, or its first two are `name =`.
final class StepParser {
    private static final int LARGE = 70_000;
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
            case "close", "ioctl", "read", "write", "poll", "fdinfo", "drain", "finish" -> file(verb, rest);
            case "up", "down", "delete", "mtu", "txqueuelen", "mac", "rename", "carrier" -> change(verb, rest);
            case "link", "stats", "devices", "inject", "seen" -> device(verb, rest);
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

    private static String only(List<String> words) {
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
            case "start" -> {
                int[] sizes = sizes(words.get(3));
                String file = words.get(2);
                yield stage -> {
                    stage.start(name, stage.file(file), sizes);
                    return "started";
                };
            }
            default -> throw new IllegalArgumentException("nothing to assign: " + words);
        };
    }

    private static int[] sizes(String text) {
        return Stream.of(text.split("/")).mapToInt(Integer::parseInt).toArray();
    }

    private static Operation file(String verb, List<String> rest) {
        String name = rest.getFirst();
        List<String> more = rest.subList(1, rest.size());
        return switch (verb) {
            case "close" -> stage -> Words.answer(stage.close(name));
            case "ioctl" -> {
                IoctlArgument argument = IoctlArgument.parse(more);
                yield stage -> argument.call(stage.file(name), stage.programs());
            }
            case "read" -> {
                int[] sizes = sizes(only(more));
                yield stage -> Stage.read(stage.file(name), sizes);
            }
            case "write" -> {
                byte[][] parts = parts(more);
                yield stage -> Words.answer(Stage.write(stage.file(name), parts));
            }
            case "poll" -> stage -> Words.events(stage.file(name).poll());
            case "fdinfo" -> stage -> stage.file(name).fdinfo();
            case "drain" ->
                stage -> rest.stream()
                        .map(file -> file + " " + drain(stage.file(file)))
                        .collect(Collectors.joining("; "));
            case "finish" -> stage -> stage.finish(name);
            default -> throw new IllegalArgumentException(verb);
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
                                ? Stage.write(stage.file(rest.getFirst()), new byte[][] {packet})
                                : stage.world().inject(rest.getFirst(), IPV4, new byte[HEADER], packet)));
            }
            return runs(results);
        };
    }

    private static int count(TunHandle file) {
        int count = 0;
        while (Stage.read(file, new int[] {LARGE}).contains(":")) {
            count++;
        }
        return count;
    }

    private static byte[][] parts(List<String> words) {
        List<List<String>> parts = new ArrayList<>(List.of(new ArrayList<>()));
        for (String word : words) {
            if (word.equals("/")) {
                parts.add(new ArrayList<>());
            } else {
                parts.getLast().add(word);
            }
        }
        return parts.stream().map(OctetText::parse).toArray(byte[][]::new);
    }

    private static String drain(TunHandle file) {
        List<String> packets = new ArrayList<>();
        String last = Stage.read(file, new int[] {LARGE});
        while (last.contains(":")) {
            packets.add(last);
            last = Stage.read(file, new int[] {LARGE});
        }
        return runs(packets) + " then " + last;
    }

    /// Like neighbours are told once with their number.
    private static String runs(List<String> all) {
        List<String> runs = new ArrayList<>();
        for (int i = 0; i < all.size(); ) {
            int end = i;
            while (end < all.size() && all.get(end).equals(all.get(i))) {
                end++;
            }
            runs.add((end - i > 1 ? end - i + " x " : "") + all.get(i));
            i = end;
        }
        return runs.isEmpty() ? "nothing" : String.join(", ", runs);
    }

    private static Operation change(String verb, List<String> rest) {
        String device = verb.equals("delete") ? rest.getLast() : rest.getFirst();
        LinkChange change = switch (verb) {
            case "up" -> new LinkChange.Up(true);
            case "down" -> new LinkChange.Up(false);
            case "delete" -> new LinkChange.Delete();
            case "mtu" -> new LinkChange.Mtu(Integer.decode(rest.get(1)));
            case "txqueuelen" -> new LinkChange.QueueLength(Integer.decode(rest.get(1)));
            case "mac" -> new LinkChange.Address(OctetString.parse(rest.get(1)));
            case "rename" -> new LinkChange.Name(rest.get(1));
            case "carrier" -> new LinkChange.Carrier(rest.get(1).equals("1"));
            default -> throw new IllegalArgumentException(verb);
        };
        return stage -> Words.answer(stage.world().change(device, change));
    }

    private static Operation device(String verb, List<String> rest) {
        return switch (verb) {
            case "link" ->
                stage -> stage.world().link(only(rest)).map(LinkView::line).orElse("no such device");
            case "stats" ->
                stage -> stage.world().link(only(rest)).map(LinkView::counters).orElse("no such device");
            case "devices" ->
                stage -> stage.world().devices().entrySet().stream()
                        .map(e -> e.getValue() + "@" + e.getKey())
                        .collect(Collectors.joining(" "));
            case "inject" -> inject(rest);
            case "seen" -> {
                int expected = rest.isEmpty() ? 0 : Integer.parseInt(only(rest));
                yield stage -> {
                    List<World.Seen> seen = stage.world().seen(expected);
                    return runs(seen.stream().map(Words::seen).toList());
                };
            }
            default -> throw new IllegalArgumentException(verb);
        };
    }

    private static Operation inject(List<String> rest) {
        String device = rest.getFirst();
        int protocol = Integer.parseInt(rest.get(1), 16);
        boolean single = rest.get(2).equals("single");
        boolean gso = rest.get(single ? 3 : 2).equals("gso");
        byte[] all = OctetText.parse(rest.subList(2 + (single ? 1 : 0) + (gso ? 1 : 0), rest.size()));
        byte[] header = gso ? Arrays.copyOf(all, HEADER) : new byte[HEADER];
        byte[] octets = gso ? Arrays.copyOfRange(all, HEADER, all.length) : all;
        return stage -> {
            boolean spread =
                    single && stage.world().link(device).map(LinkView::isSpread).orElse(false);
            return spread ? "spread" : Words.answer(stage.world().inject(device, protocol, header, octets));
        };
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
            return runs(results);
        };
    }
}
