package adit.lab;

import adit.device.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Which words may stand where somebody is typing at a lab's prompt: hosts, commands, the objects and verbs of `ip`,
/// devices, cables, settings. A help for typing, not the grammar: what it does not know may still be typed.
final class Completion {
    private static final List<String> ON_HOST = List.of("ip", "ping", "udp", "trace", "drops", "sysctl");
    private static final List<String> ON_LAB =
            List.of("hosts", "cables", "programs", "cable", "capture", "wait", "time", "help", "quit", "!");
    private static final List<String> CABLE = List.of("loss", "delay", "rate", "queue", "cut", "mend");
    private static final List<String> TRACE = List.of("udp", "size", "ttl", "tos", "df");
    private static final List<String> PING = List.of("-c", "-i", "-s", "-t");
    private static final List<String> OPTIONS =
            List.of("-4", "-6", "-brief", "-details", "-json", "-oneline", "-pretty", "-statistics");

    private final Lab lab;

    Completion(Lab lab) {
        this.lab = lab;
    }

    /// The words that may follow `words`, of which the first may name a host; otherwise `present` is meant. Sorted.
    List<String> after(List<String> words, LabHost present) {
        List<String> rest = words;
        if (!rest.isEmpty() && rest.getFirst().equals("!")) {
            rest = rest.subList(1, rest.size());
        }
        Stream<String> hosts = lab.hosts().stream().map(LabHost::name);
        if (rest.isEmpty()) {
            return sorted(Stream.concat(hosts, Stream.concat(ON_HOST.stream(), ON_LAB.stream())));
        }
        Optional<LabHost> named = lab.host(rest.getFirst());
        if (named.isPresent() && rest.size() == 1) {
            return sorted(ON_HOST.stream());
        }
        LabHost host = named.orElse(present);
        List<String> command = named.isPresent() ? rest.subList(1, rest.size()) : rest;
        return sorted(behind(command.getFirst(), command.subList(1, command.size()), host));
    }

    private static List<String> sorted(Stream<String> words) {
        return List.copyOf(new TreeSet<>(words.toList()));
    }

    private Stream<String> behind(String command, List<String> words, LabHost host) {
        return switch (command) {
            case "ip" -> ip(words, host);
            case "ping" -> PING.stream();
            case "trace" -> TRACE.stream();
            case "sysctl" -> words.isEmpty() ? settings(host) : Stream.empty();
            case "cable" -> words.isEmpty() ? cables() : CABLE.stream();
            case "capture" -> words.isEmpty() ? cables() : Stream.of("off");
            default -> Stream.empty();
        };
    }

    private Stream<String> cables() {
        return lab.cables().stream().map(LabCable::name);
    }

    private Stream<String> settings(LabHost host) {
        return Sysctls.names().stream()
                .flatMap(name -> name.contains("DEV")
                        ? devices(host).map(device -> name.replace("DEV", device))
                        : Stream.of(name))
                .map(name -> name + "=");
    }

    private Stream<String> devices(LabHost host) {
        return lab
                .call(() -> host.namespace().devices().devices().stream()
                        .map(Device::name)
                        .toList())
                .stream();
    }

    // ---- ip

    private Stream<String> ip(List<String> words, LabHost host) {
        List<String> left = new ArrayList<>(words);
        while (!left.isEmpty() && left.getFirst().startsWith("-")) {
            left.removeFirst();
        }
        if (left.isEmpty()) {
            return Stream.concat(
                    OPTIONS.stream(),
                    Stream.of("link", "address", "route", "neighbour", "tunnel", "fou", "tuntap", "help"));
        }
        String object = left.getFirst();
        if (left.size() == 1) {
            return verbs(object);
        }
        return switch (left.getLast()) {
            case "dev", "peer_dev" -> devices(host);
            case "show", "list", "set", "change", "delete", "del" ->
                object.startsWith("l") || object.startsWith("tunn")
                        ? Stream.concat(Stream.of("dev"), devices(host))
                        : Stream.of("dev", "via", "table");
            case "type" -> Stream.of("ipip", "veth", "dummy");
            case "encap" -> Stream.of("ip", "mpls", "fou", "gue", "none");
            case "mode" -> Stream.of("ipip", "mplsip", "any", "tun", "tap");
            default -> more(object, left.contains("ipip"));
        };
    }

    private static Stream<String> verbs(String object) {
        return switch (object.isEmpty() ? ' ' : object.charAt(0)) {
            case 'l' -> Stream.of("add", "set", "change", "delete", "show", "help");
            case 'r' -> Stream.of("add", "append", "replace", "change", "delete", "show", "get", "flush", "help");
            case 'n' -> Stream.of("add", "replace", "change", "delete", "show", "get", "flush", "help");
            case 'a' -> Stream.of("add", "replace", "change", "delete", "show", "flush", "help");
            case 'f' -> Stream.of("add", "delete", "show", "help");
            default -> Stream.of("add", "change", "delete", "show", "help");
        };
    }

    private static Stream<String> more(String object, boolean isTunnel) {
        Stream<String> tunnel = Stream.of(
                "local",
                "remote",
                "ttl",
                "tos",
                "mode",
                "dev",
                "pmtudisc",
                "nopmtudisc",
                "external",
                "fwmark",
                "encap",
                "encap-sport",
                "encap-dport",
                "encap-csum",
                "encap-remcsum");
        return switch (object.isEmpty() ? ' ' : object.charAt(0)) {
            case 'l' -> isTunnel ? tunnel : Stream.of("up", "down", "mtu", "name", "type", "txqueuelen", "address");
            case 't' -> tunnel;
            case 'r' -> Stream.of("via", "dev", "src", "metric", "mtu", "table", "encap", "onlink");
            case 'a' -> Stream.of("dev", "peer", "broadcast", "scope", "label");
            case 'n' -> Stream.of("dev", "lladdr", "nud");
            case 'f' -> Stream.of("port", "ipproto", "gue", "local", "peer", "peer_port", "dev");
            default -> Stream.of("dev");
        };
    }
}
