package adit.interop.rules;

import static org.assertj.core.api.Assertions.assertThat;

import adit.ipip.Ipip;
import adit.ipip.Profile;
import adit.ipip.TunnelIoctl;
import adit.netns.Namespace;
import adit.tun.Credentials;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// SIOCGETTUNNEL, SIOCADDTUNNEL, SIOCDELTUNNEL and SIOCCHGTUNNEL, octet for octet: the same requests for a Linux
/// kernel, by a small C program in the guest, and for a namespace in memory.
class TunnelIoctlTest {
    private static final int GET = TunnelIoctl.SIOCGETTUNNEL;
    private static final int ADD = TunnelIoctl.SIOCADDTUNNEL;
    private static final int DEL = TunnelIoctl.SIOCDELTUNNEL;
    private static final int CHG = TunnelIoctl.SIOCCHGTUNNEL;
    private static final int DONT_FRAGMENT = 0x4000;
    private static final String ALL = "-d link show type ipip";
    private static final int NET0 = 3;

    private static GuestProgram program;

    @BeforeAll
    static void compile(@TempDir Path directory) throws IOException {
        program = GuestProgram.compile("tunnel-ioctl", directory);
    }

    // ---- Requests

    /// A request: which, of which device, by whom, and `struct ip_tunnel_parm` as `linux/if_tunnel.h` lays it out.
    private record Request(int number, String device, ByteBuffer parameters, Credentials who) {
        private static final int LINK = 16;
        private static final int VERSION_AND_LENGTH = 32;
        private static final int TOS = 33;
        private static final int FLAGS_AND_OFFSET = 38;
        private static final int TTL = 40;
        private static final int PROTOCOL = 41;

        /// The keys and their flags are full of what must not matter.
        static Request of(int number, String device, String name, String local, String remote) {
            ByteBuffer b = ByteBuffer.allocate(TunnelIoctl.PARAMETERS_SIZE);
            b.put(name.getBytes(StandardCharsets.US_ASCII))
                    .position(20)
                    .put(HexFormat.of()
                            .parseHex("a5a5a5a5a5a5a5a5a5a5a5a5 4500 1234 5678 4000 0004 9abc".replace(" ", "")))
                    .put(Ipv4Packet.addressOctets(local))
                    .put(Ipv4Packet.addressOctets(remote));
            return new Request(number, device, b, Credentials.ROOT);
        }

        /// The same but for what `field` writes.
        private Request with(Consumer<ByteBuffer> field) {
            ByteBuffer b = ByteBuffer.wrap(octets());
            field.accept(b);
            return new Request(number, device, b, who);
        }

        Request link(int value) {
            return with(b -> b.order(ByteOrder.nativeOrder()).putInt(LINK, value));
        }

        Request versionAndLength(int value) {
            return with(b -> b.put(VERSION_AND_LENGTH, (byte) value));
        }

        Request tos(int value) {
            return with(b -> b.put(TOS, (byte) value));
        }

        Request flagsAndOffset(int value) {
            return with(b -> b.putShort(FLAGS_AND_OFFSET, (short) value));
        }

        Request ttl(int value) {
            return with(b -> b.put(TTL, (byte) value));
        }

        Request protocol(int value) {
            return with(b -> b.put(PROTOCOL, (byte) value));
        }

        Request nobody() {
            return new Request(number, device, parameters, Credentials.user(65534));
        }

        byte[] octets() {
            byte[] octets = new byte[parameters.capacity()];
            parameters.get(0, octets);
            return octets;
        }

        String line() {
            String tail = who.isNetAdmin() ? "" : " nobody";
            return "%x %s %s%s".formatted(number, device, HexFormat.of().formatHex(octets()), tail);
        }
    }

    // ---- The two who answer

    private static List<String> ours(List<Request> requests) {
        List<String> answers = new ArrayList<>();
        Ipip ipip = Ipip.of(Profile.LINUX_6_12);
        try (Namespace ns = NamespaceIp.alone(ipip)) {
            TunnelIoctl ioctl = ipip.ioctl(ns);
            for (Request r : requests) {
                MemorySegment s = MemorySegment.ofArray(r.octets());
                int answer = ioctl.ioctl(r.number(), r.device(), s, r.who());
                answers.add(-answer + " " + HexFormat.of().formatHex(s.toArray(ValueLayout.JAVA_BYTE)));
            }
            String shown = new NamespaceIp(ns, Map.of())
                    .run(ALL, NamespaceIp.Reasons.TOLD)
                    .out();
            shown.lines().forEach(answers::add);
        }
        return answers;
    }

    private static void compare(List<Request> requests) {
        List<String> real = program.run(requests.stream().map(Request::line).toList(), ALL);
        List<String> ours = ours(requests);
        for (int i = 0; i < requests.size(); i++) {
            assertThat(ours.get(i)).as("%d: %s", i, requests.get(i).line()).isEqualTo(real.get(i));
        }
        assertThat(String.join("\n", ours.subList(requests.size(), ours.size())))
                .isEqualTo(String.join("\n", real.subList(requests.size(), real.size())));
    }

    // ---- Tests

    @Test
    void answersWhatLinuxAnswersToWhatIsMeantWell() {
        String here = "192.0.2.1";
        String peer = "192.0.2.2";
        String other = "192.0.2.3";
        String any = "0.0.0.0";
        compare(List.of(
                Request.of(ADD, "tunl0", "t1", here, peer),
                Request.of(GET, "t1", "", any, any),
                Request.of(GET, "tunl0", "", here, peer),
                Request.of(GET, "tunl0", "", here, other),
                Request.of(GET, "t1", "", here, peer).nobody(),
                Request.of(ADD, "tunl0", "", here, other),
                Request.of(ADD, "tunl0", "foo%d", here, "192.0.2.4"),
                Request.of(ADD, "tunl0", "t2", any, "192.0.2.5").ttl(9).flagsAndOffset(0),
                Request.of(ADD, "tunl0", "t3", here, any).tos(1).flagsAndOffset(0),
                Request.of(ADD, "tunl0", "t4", here, peer).link(NET0),
                Request.of(ADD, "tunl0", "t5", here, "192.0.2.6").protocol(137),
                Request.of(ADD, "tunl0", "t6", here, "192.0.2.7").protocol(0),
                Request.of(ADD, "t1", "t7", here, "192.0.2.8").tos(0xff),
                Request.of(ADD, "tunl0", "t8", any, any).link(NET0),
                Request.of(ADD, "tunl0", "t9", any, "224.0.0.9"),
                Request.of(CHG, "t1", "", here, "192.0.2.9").tos(0x10),
                Request.of(CHG, "t5", "", here, "192.0.2.6").protocol(4),
                Request.of(CHG, "t2", "", any, "192.0.2.5").ttl(0).flagsAndOffset(0),
                Request.of(CHG, "tunl0", "", any, any).ttl(33),
                Request.of(CHG, "tunl0", "", here, "192.0.2.7").tos(4),
                Request.of(CHG, "t4", "", here, peer),
                Request.of(GET, "t4", "", any, any),
                Request.of(DEL, "t6", "", any, any),
                Request.of(DEL, "tunl0", "", here, other),
                Request.of(GET, "t6", "", any, any)));
    }

    @Test
    void refusesWhatLinuxRefuses() {
        String here = "192.0.2.1";
        String peer = "192.0.2.2";
        String other = "192.0.2.3";
        String any = "0.0.0.0";
        compare(List.of(
                Request.of(ADD, "tunl0", "t1", here, peer),
                Request.of(ADD, "tunl0", "t2", here, peer),
                Request.of(ADD, "tunl0", "t1", here, other),
                Request.of(ADD, "tunl0", "net0", here, other),
                Request.of(ADD, "tunl0", "any", any, any),
                Request.of(ADD, "tunl0", "a/b", here, other),
                Request.of(ADD, "tunl0", "a b", here, other),
                Request.of(ADD, "tunl0", "..", here, other),
                Request.of(ADD, "tunl0", "%s", here, other),
                Request.of(ADD, "tunl0", "%d%d", here, other),
                Request.of(ADD, "tunl0", "t2", here, other).versionAndLength(0x46),
                Request.of(ADD, "tunl0", "t2", here, other).versionAndLength(0x55),
                Request.of(ADD, "tunl0", "t2", here, other).flagsAndOffset(0x2000),
                Request.of(ADD, "tunl0", "t2", here, other).flagsAndOffset(1),
                Request.of(ADD, "tunl0", "t2", here, other).flagsAndOffset(0x8000),
                Request.of(ADD, "tunl0", "t2", here, other).protocol(47),
                Request.of(ADD, "tunl0", "t2", here, other).protocol(41),
                Request.of(ADD, "tunl0", "t2", here, other).nobody(),
                Request.of(ADD, "tunl0", "t2", here, other).protocol(47).nobody(),
                Request.of(ADD, "tunl0", "t3", here, other),
                Request.of(CHG, "t1", "", here, other),
                Request.of(CHG, "t1", "", here, any),
                Request.of(CHG, "t1", "", here, "224.0.0.1"),
                Request.of(CHG, "t1", "", here, peer).versionAndLength(0x46),
                Request.of(CHG, "t1", "", here, peer).flagsAndOffset(0x2000),
                Request.of(CHG, "t1", "", here, peer).nobody(),
                Request.of(CHG, "tunl0", "", here, "192.0.2.99"),
                Request.of(CHG, "none", "", here, peer),
                Request.of(CHG, "net0", "", here, peer),
                Request.of(GET, "none", "", here, peer),
                Request.of(GET, "net0", "", here, peer),
                Request.of(GET, "lo", "", here, peer),
                Request.of(DEL, "tunl0", "", here, "192.0.2.99"),
                Request.of(DEL, "tunl0", "", any, any),
                Request.of(DEL, "t1", "", here, peer).nobody(),
                Request.of(DEL, "none", "", here, peer),
                Request.of(0x89f4, "t1", "", here, peer),
                Request.of(0x89f8, "tunl0", "", here, peer),
                Request.of(0x89ff, "t1", "", here, peer)));
    }

    /// A few devices, asked again and again for what collides with each other, by a dice with a seed.
    @Test
    void answersWhatLinuxAnswersWhateverComes() {
        Random random = new Random(20);
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            int number = pick(random, GET, ADD, ADD, ADD, CHG, CHG, CHG, DEL);
            String name = pick(random, "", "t1", "t2", "t3", "t4");
            String device = number == ADD || name.isEmpty() || random.nextInt(3) == 0 ? "tunl0" : name;
            String local = pick(random, "0.0.0.0", "192.0.2.1");
            String remote = pick(random, "0.0.0.0", "192.0.2.2", "192.0.2.3", "192.0.2.4", "224.0.0.5");
            Request request = Request.of(number, device, name, local, remote)
                    .link(pick(random, 0, 0, 0, 0, NET0, 1, 9999))
                    .versionAndLength(pick(random, 0x45, 0x45, 0x45, 0x45, 0x45, 0x45, 0x45, 0x45, 0x46))
                    .tos(pick(random, 0, 1, 0x10))
                    .flagsAndOffset(pick(random, 0, 0, 0, DONT_FRAGMENT, DONT_FRAGMENT, DONT_FRAGMENT, 0x2000))
                    .ttl(pick(random, 0, 0, 64))
                    .protocol(pick(random, 4, 4, 4, 4, 4, 137, 0, 47));
            requests.add(random.nextInt(20) == 0 ? request.nobody() : request);
        }
        compare(requests);
    }

    @SafeVarargs
    private static <T> T pick(Random random, T... values) {
        return values[random.nextInt(values.length)];
    }
}
