package adit.conformance.language;

import adit.conformance.world.LinkView;
import adit.conformance.world.World;
import adit.conformance.world.World.LinkChange;
import adit.netlink.IfLink;
import adit.netlink.OctetString;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// The steps that an administrator takes, and those of the stack above the devices.
final class LinkSteps {
    private static final int HEADER = 10;

    private LinkSteps() {}

    static Operation change(String verb, List<String> rest) {
        String device = verb.equals("delete") ? rest.getLast() : rest.getFirst();
        LinkChange change = switch (verb) {
            case "up" -> new LinkChange.Flag(IfLink.IFF_UP, true);
            case "down" -> new LinkChange.Flag(IfLink.IFF_UP, false);
            case "flag" ->
                new LinkChange.Flag(LinkView.flag(rest.get(1)), rest.get(2).equals("1"));
            case "group" -> new LinkChange.Group(Integer.parseInt(rest.get(1)));
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

    static Operation parse(String verb, List<String> rest) {
        return switch (verb) {
            case "link" ->
                stage -> stage.world()
                        .link(StepParser.only(rest))
                        .map(LinkView::line)
                        .orElse("no such device");
            case "stats" ->
                stage -> stage.world()
                        .link(StepParser.only(rest))
                        .map(LinkView::counters)
                        .orElse("no such device");
            case "devices" ->
                stage -> stage.world().devices().entrySet().stream()
                        .map(e -> e.getValue() + "@" + e.getKey())
                        .collect(Collectors.joining(" "));
            case "dump" -> {
                String kind = rest.isEmpty() ? "" : StepParser.only(rest);
                yield stage -> stage.world().dump(kind).stream()
                        .filter(link -> !link.name().equals("lo"))
                        .map(link -> link.name() + " " + link.line())
                        .collect(Collectors.joining("; "));
            }
            case "make" -> stage -> Words.answer(stage.world().make(rest.get(0), rest.get(1)));
            case "listen" ->
                stage -> {
                    stage.world().listen();
                    return "ok";
                };
            case "told" ->
                stage -> {
                    List<String> told = stage.world().told();
                    return told.isEmpty() ? "nothing" : String.join("; ", told);
                };
            case "inject" -> inject(rest);
            case "seen" -> {
                int expected = rest.isEmpty() ? 0 : Integer.parseInt(StepParser.only(rest));
                yield stage -> {
                    List<World.Seen> seen = stage.world().seen(expected);
                    return Words.runs(seen.stream().map(Words::seen).toList());
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
}
