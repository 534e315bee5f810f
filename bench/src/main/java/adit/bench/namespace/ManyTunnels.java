package adit.bench.namespace;

import adit.bench.report.Json;
import adit.bench.report.ManyTunnelsPage;
import adit.device.Counter;
import adit.device.Device;
import adit.ipip.Ipip;
import adit.ipip.Profile;
import adit.netns.Namespace;
import adit.packet.PacketBuffer;
import adit.wire.EtherType;
import adit.wire.Ip4Address;
import adit.wire.IpProtocol;
import adit.wire.Ipv4;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/// Tunnels in one namespace, from one to a hundred thousand: what it takes to make them, and what a lookup, a packet
/// that comes by one and a packet that goes by one cost among so many.
///
/// Each is done in two orders: *in turn*, in which tunnels were made, and *at random*, in which next to nothing that
/// belongs to a tunnel is in a cache when its packet comes.
public final class ManyTunnels {
    private static final int MOST = 100_000;
    private static final int OPERATIONS = 200_000;
    private static final int ROUNDS = 7;
    private static final String HERE = "192.0.2.1";
    private static final String GATEWAY = "192.0.2.254";
    private static final int LOCAL = Ip4Address.parse(HERE).bits();
    private static final int FIRST_PEER = Ip4Address.parse("100.64.0.0").bits();
    private static final int INNER_SOURCE = Ip4Address.parse("10.9.9.9").bits();
    private static final int INNER_DESTINATION =
            Ip4Address.parse("198.51.100.1").bits();
    private static final int LENGTH = Ipv4.MIN_HEADER_LENGTH;

    private final Ipip ipip = Ipip.of(Profile.LINUX_6_12);
    private final Namespace namespace;
    private final Device underlay;
    private final Device[] tunnels = new Device[MOST];
    private final int[] order = new int[OPERATIONS];
    private final List<Object> rows = new ArrayList<>();

    /// What is measured.
    private enum Operation {
        LOOKUP,
        RECEIVE,
        TRANSMIT
    }

    private ManyTunnels() throws IOException {
        namespace = Namespace.builder().seed(1).with(ipip).open();
        namespace.configure().dummy("net0").link("net0").up();
        namespace.configure().address("net0", HERE + "/24").neighbour("net0", GATEWAY, "02:00:00:00:00:01");
        namespace.configure().route("100.64.0.0/10").via(GATEWAY).add();
        underlay = namespace.devices().byName("net0");
    }

    /// Measures, prints, and writes `bench/results/namespace-*.json` and its page. The argument is the project's
    /// root.
    public static void main(String[] args) throws IOException {
        List<Object> memory = new ArrayList<>();
        for (int mebibytes : new int[] {1, 4, 16, 64, 256}) {
            memory.add(Map.of("mebibytes", (double) mebibytes, "nanos", DependentReads.nanos(mebibytes)));
        }
        System.out.println("a read that depends on the one before: " + memory);
        ManyTunnels run = new ManyTunnels();
        int made = 0;
        for (int among = 1; among <= MOST; among *= 10) {
            made = run.measure(made, among);
        }
        if (args.length > 0) {
            run.write(Path.of(args[0]), memory);
        }
    }

    private void write(Path root, List<Object> memory) throws IOException {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("jdk", System.getProperty("java.vm.version"));
        json.put("memory", memory);
        json.put("rows", rows);
        String stamp = DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss").format(LocalDateTime.now(ZoneOffset.UTC));
        Path file = root.resolve("bench/results/namespace-" + stamp + ".json");
        Files.createDirectories(file.getParent());
        Files.writeString(file, Json.write(json));
        ManyTunnelsPage.write(root, Json.parse(Files.readString(file)));
    }

    /// Makes tunnels until there are `among`, and measures.
    private int measure(int made, int among) throws IOException {
        long before = used();
        long start = System.nanoTime();
        for (int i = made; i < among; i++) {
            make(i);
        }
        double micros = (System.nanoTime() - start) / 1e3 / (among - made);
        double octets = (used() - before) / (double) (among - made);
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("tunnels", (double) among);
        row.put("make", micros);
        row.put("octets", octets);
        StringBuilder line = new StringBuilder(
                "%7d tunnels: %6.1f us and %5.0f octets to make one;".formatted(among, micros, octets));
        for (Operation operation : Operation.values()) {
            String name = operation.name().toLowerCase(Locale.ROOT);
            turns(among);
            double inTurn = median(operation);
            shuffle();
            double atRandom = median(operation);
            row.put(name + "-in-turn", inTurn);
            row.put(name + "-at-random", atRandom);
            line.append(" %s %.1f/%.1f ns".formatted(name, inTurn, atRandom));
        }
        rows.add(row);
        System.out.println(line);
        check(among);
        return among;
    }

    private void make(int i) throws IOException {
        namespace
                .configure()
                .tunnel("t" + i)
                .local(HERE)
                .remote(new Ip4Address(FIRST_PEER + i).toString())
                .add()
                .link("t" + i)
                .up();
        tunnels[i] = namespace.devices().byName("t" + i);
    }

    private static long used() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private void turns(int among) {
        for (int i = 0; i < order.length; i++) {
            order[i] = i % among;
        }
    }

    private void shuffle() {
        Random random = new Random(1);
        for (int i = order.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int kept = order[i];
            order[i] = order[j];
            order[j] = kept;
        }
    }

    /// The median of some rounds, in nanoseconds for each operation.
    private double median(Operation operation) {
        double[] rounds = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            switch (operation) {
                case LOOKUP -> lookUp();
                case RECEIVE -> receive();
                case TRANSMIT -> transmit();
            }
            rounds[round] = (System.nanoTime() - start) / (double) order.length;
        }
        Arrays.sort(rounds);
        return rounds[ROUNDS / 2];
    }

    private void lookUp() {
        int found = 0;
        for (int i : order) {
            found += ipip.tunnel(namespace, underlay.index(), FIRST_PEER + i, LOCAL) == tunnels[i] ? 1 : 0;
        }
        if (found != order.length) {
            throw new IllegalStateException("found " + found + " of " + order.length);
        }
    }

    /// From IP input into the tunnel, and the inner packet into IP input, where it ends: nobody forwards it.
    private void receive() {
        for (int i : order) {
            PacketBuffer p = namespace.devices().buffers().lend(2 * LENGTH);
            int at = p.put(2 * LENGTH);
            Ipv4.emit(p.segment(), at, 0, 2 * LENGTH, 1, 0, 0, 64, IpProtocol.IPIP, FIRST_PEER + i, LOCAL);
            inner(p, at + LENGTH);
            namespace.ip().receive(underlay, p);
        }
    }

    /// From the tunnel's device through IP output to the device below, where it ends.
    private void transmit() {
        for (int i : order) {
            PacketBuffer p = namespace.devices().buffers().lend(LENGTH);
            inner(p, p.put(LENGTH));
            tunnels[i].send(p);
        }
    }

    private static void inner(PacketBuffer p, int at) {
        Ipv4.emit(p.segment(), at, 0, LENGTH, 1, 0, 0, 64, IpProtocol.UDP, INNER_SOURCE, INNER_DESTINATION);
        p.protocol(EtherType.IPV4);
    }

    /// Every packet has been counted by its tunnel.
    private void check(int among) {
        long received = 0;
        long transmitted = 0;
        for (int i = 0; i < among; i++) {
            received += tunnels[i].statistics().get(Counter.RX_PACKETS);
            transmitted += tunnels[i].statistics().get(Counter.TX_PACKETS);
        }
        long expected = (long) rows.size() * 2 * ROUNDS * OPERATIONS;
        if (received != expected || transmitted != expected) {
            throw new IllegalStateException(
                    "received %d, transmitted %d of %d".formatted(received, transmitted, expected));
        }
    }
}
