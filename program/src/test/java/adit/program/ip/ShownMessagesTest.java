package adit.program.ip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adit.iproute.Ip;
import adit.iproute.IpHost;
import adit.iproute.TunTapControl;
import adit.netlink.LinkInfo;
import adit.netlink.LinkMessage;
import adit.netlink.MessageReader;
import adit.netlink.MessageWriter;
import adit.netlink.Netlink;
import adit.netlink.NetlinkTransport;
import adit.netlink.Rtnetlink;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What this machine's kernel has no driver for: the same message in octets, shown by the machine's `ip monitor
/// file` and by ours. The message is our own request, turned into an announcement; whatever is in it, both read
/// the same.
class ShownMessagesTest {
    @BeforeAll
    static void needsIp() throws Exception {
        String version = "";
        try {
            version = real("-V");
        } catch (IOException e) {
            assumeTrue(false, "needs the program ip: " + e.getMessage());
        }
        assumeTrue(version.contains("iproute2-6.1"), "needs iproute2 6.1, this is " + version.strip());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "link add t0 type ipip",
                "link add t0 type ipip local 192.0.2.1 remote 198.51.100.7",
                "link add t0 type ipip remote any local 192.0.2.1 ttl 64",
                "link add t0 type ipip local 192.0.2.1 tos inherit ttl inherit",
                "link add t0 type ipip local 192.0.2.1 tos 0x10 nopmtudisc",
                "link add t0 type ipip mode mplsip",
                "link add t0 type ipip mode any",
                "link add t0 type ipip mode ipip",
                "link add t0 type ipip external",
                "link add t0 type ipip fwmark 0x1234",
                "link add t0 type ipip encap fou encap-sport auto encap-dport 5555",
                "link add t0 type ipip encap gue encap-sport 7 encap-dport 8 encap-csum encap-remcsum",
                "link add t0 type ipip encap fou encap-sport 7 encap-dport 8 encap-udp6-csum noencap-csum",
                "link add t0 type sit remote 192.0.2.9 local 192.0.2.1 ttl 9",
                "link add t0 type sit mode ip6ip isatap",
                "link add t0 type sit 6rd-prefix 2001:db8::/32 6rd-relay_prefix 192.0.2.0/24",
                "route add 10.3.0.0/16 encap mpls 100/200 ttl 9 via 192.0.2.9",
                "route add 10.3.0.0/16 encap mpls 16 via inet6 2001:db8::1",
                "route add 10.4.0.0/16 encap ip id 77 src 192.0.2.1 dst 192.0.2.2 ttl 5 tos 8 key csum seq",
                "route add 10.5.0.0/16 encap ip6 id 77 src 2001:db8::1 dst 2001:db8::2 hoplimit 5 tc 8",
                "-6 route add 2001:db8::/32 encap ip id 5 dst 192.0.2.2",
                "-M route add 100 as 200/300 via inet 192.0.2.9",
                "-M route add 100 via inet6 2001:db8::9",
                "neigh add 192.0.2.7 lladdr 02:00:5e:10:00:07 nud stale managed dev lo",
            })
    void showsTheSameMessageAlike(String command) throws Exception {
        Tape tape = new Tape();
        assertThat(tape.run(command.split(" ")).code()).isZero();
        byte[] message = tape.changes.getFirst();
        if (command.startsWith("link")) {
            message = announcement(message);
        }
        for (int at = 2; at + 1 < message.length; at += 4) {
            if (message[at] == Rtnetlink.RTA_ENCAP && message[at + 1] == (byte) 0x80) {
                // A request says that it has attributes within, the kernel's answer does not.
                message[at + 1] = 0;
            }
        }
        for (String options : List.of("", "-d ", "-o ", "-d -o ", "-N ")) {
            Path file = Files.createTempFile("adit-ip", ".netlink");
            try {
                Files.write(file, message);
                String[] words = (options + "monitor").split(" ");
                String[] realWords = (options + "monitor file " + file).split(" ");
                tape.heard = message;
                assertThat(tape.run(words).out()).as("%s%s", options, command).isEqualTo(real(realWords));
            } finally {
                Files.delete(file);
            }
        }
    }

    /// An announcement tells the link type and the index, which a request leaves open, and ends names with a
    /// zero.
    private static byte[] announcement(byte[] request) {
        MessageReader m = new MessageReader(MemorySegment.ofArray(request), 0, request.length);
        m.next();
        LinkInfo info = LinkMessage.read(m).info().orElseThrow();
        LinkMessage link = LinkMessage.builder()
                .index(4711)
                .hardwareType(info.kind().equals("sit") ? 776 : 768)
                .name("t0")
                .info(info)
                .build();
        MemorySegment s = MemorySegment.ofArray(new byte[1024]);
        long length = new MessageWriter(s)
                .message(Rtnetlink.RTM_NEWLINK, 0, 0, 0, link)
                .length();
        return s.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    }

    private static String real(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return out;
    }

    /// What a command said and how it ended.
    private record Outcome(int code, String out) {}

    /// A host that takes every change down, and announces one message.
    private static final class Tape implements IpHost, NetlinkTransport {
        final List<byte[]> changes = new ArrayList<>();
        byte[] heard = new byte[0];

        Outcome run(String... words) {
            StringWriter out = new StringWriter();
            PrintWriter writer = new PrintWriter(out);
            int code = new Ip(this, new ByteArrayInputStream(new byte[0]), writer, writer).run(words);
            return new Outcome(code, out.toString());
        }

        @Override
        public List<byte[]> ask(int protocol, byte[] request) throws IOException {
            MessageReader m = new MessageReader(MemorySegment.ofArray(request), 0, request.length);
            m.next();
            if (m.type() == Rtnetlink.RTM_GETLINK) {
                // The links of this machine: lo is all that is asked for.
                try (KernelIpHost kernel = KernelIpHost.current()) {
                    return kernel.netlink().ask(protocol, request);
                }
            }
            changes.add(request);
            return List.of(acknowledgement());
        }

        private static byte[] acknowledgement() {
            byte[] octets = new byte[36];
            MemorySegment s = MemorySegment.ofArray(octets);
            s.set(ValueLayout.JAVA_INT_UNALIGNED, 0, octets.length);
            s.set(ValueLayout.JAVA_SHORT_UNALIGNED, 4, (short) Netlink.NLMSG_ERROR);
            return octets;
        }

        @Override
        public Announcements listen(int... groups) {
            byte[][] left = {heard};
            return new Announcements() {
                @Override
                public Optional<byte[]> next(Duration limit) throws IOException {
                    if (left[0] == null) {
                        throw new EOFException();
                    }
                    byte[] next = left[0];
                    left[0] = null;
                    return Optional.of(next);
                }

                @Override
                public void close() {}
            };
        }

        @Override
        public NetlinkTransport netlink() {
            return this;
        }

        @Override
        public TunTapControl tunTap() {
            throw new UnsupportedOperationException();
        }

        @Override
        public IpHost namespace(String name) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int namespaceDescriptor(String name) {
            return -1;
        }

        @Override
        public void close() {}
    }
}
