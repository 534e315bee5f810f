package adit.ip;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Device;
import adit.device.DeviceFlags;
import adit.device.HardwareType;
import adit.device.MtuRange;
import adit.packet.PacketBuffer;
import adit.wire.InternetChecksum;
import adit.wire.Ip6Address;
import adit.wire.IpProtocol;
import adit.wire.Ipv6;
import adit.wire.MacAddress;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a neighbour advertisement does to what is known of a neighbour: RFC 4861 section 7.2.5.
class NeighbourAnswersTest {
    private static final Ip6Address OWN = Ip6Address.parse("2001:db8::1");
    private static final Ip6Address PEER = Ip6Address.parse("2001:db8::2");
    private static final String FRAME = "020000000001 020000000002 86dd";
    private static final String ADDRESS = "0201 020000000002";
    private static final String OTHER = "0201 020000000003";
    private static final String SOLICITED_AND_OVERRIDE = "60000000";
    private static final String SOLICITED = "40000000";
    private static final String NEITHER = "00000000";

    private static final int INCOMPLETE = 0x01;
    private static final int REACHABLE = 0x02;
    private static final int STALE = 0x04;
    private static final int DELAY = 0x08;
    private static final int PROBE = 0x10;

    private final TestHost host = new TestHost();
    private final EthernetLink link = new EthernetLink();

    /// An Ethernet device that nobody is behind.
    private static final class EthernetLink extends Device {
        EthernetLink() {
            super(HardwareType.ETHER, DeviceFlags.BROADCAST | DeviceFlags.MULTICAST, 1500, MtuRange.IP);
            address(MacAddress.parse("02:00:00:00:00:01"));
        }

        @Override
        public int headerLength() {
            return 14;
        }

        @Override
        protected void transmit(PacketBuffer p) {
            p.release();
        }

        void in(PacketBuffer p, byte[] frame) {
            MemorySegment.copy(frame, 0, p.segment(), ValueLayout.JAVA_BYTE, p.put(frame.length), frame.length);
            deliverFrame(p);
        }
    }

    @BeforeEach
    void open() throws IpException {
        host.add(link, "eth0");
        host.address(link, OWN + "/64");
    }

    @AfterEach
    void close() {
        host.close();
    }

    private void send() throws Exception {
        try (UdpSocket socket = host.stack.sockets().udp(Sockets.Family.IP6)) {
            socket.send(ByteBuffer.allocate(1), new Endpoint(PEER, 4000));
        }
    }

    private void pass(long seconds) {
        host.time.advanceBy(seconds * 1_000_000_000L);
        host.stack.turn(host.time.getAsLong());
    }

    private NeighbourEntry peer() {
        return host.stack.configuration().neighbours().stream()
                .filter(n -> n.address().equals(PEER))
                .findAny()
                .orElseThrow();
    }

    /// An advertisement of the peer with these flags and options, to this host alone.
    private void advertise(String flags, String options) {
        byte[] message = octets("8800 0000 " + flags + hex(PEER) + options);
        String header = "6000 0000 00" + Integer.toHexString(message.length) + "3aff" + hex(PEER) + hex(OWN);
        byte[] frame = octets(FRAME + header + HexFormat.of().formatHex(message));
        MemorySegment s = MemorySegment.ofArray(frame);
        int pseudo = InternetChecksum.pseudoHeader6(s, 14 + Ipv6.SOURCE, IpProtocol.ICMP6, message.length);
        int icmp = 14 + Ipv6.HEADER_LENGTH;
        int sum = InternetChecksum.complement(
                InternetChecksum.fold(pseudo + InternetChecksum.sum(s, icmp, message.length)));
        frame[icmp + 2] = (byte) (sum >> 8);
        frame[icmp + 3] = (byte) sum;
        link.in(host.table.buffers().lend(frame.length), frame);
    }

    private static byte[] octets(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private static String hex(Ip6Address a) {
        return String.format("%016x%016x", a.high(), a.low());
    }

    private void probe() throws Exception {
        send();
        assertThat(peer().state()).isEqualTo(INCOMPLETE);
        advertise(SOLICITED_AND_OVERRIDE, ADDRESS);
        assertThat(peer().state()).isEqualTo(REACHABLE);
        pass(31);
        assertThat(peer().state()).isEqualTo(STALE);
        send();
        assertThat(peer().state()).isEqualTo(DELAY);
        pass(5);
        assertThat(peer().state()).isEqualTo(PROBE);
    }

    /// So Linux answers who asks it directly (`ndisc_recv_ns`): its address is known, and nothing is overridden.
    @Test
    void isReachableWhenItAnswersAProbeWithoutItsAddress() throws Exception {
        probe();
        advertise(SOLICITED, "");
        assertThat(peer().state()).isEqualTo(REACHABLE);
        assertThat(peer().linkAddress()).contains(MacAddress.parse("02:00:00:00:00:02"));
        pass(10);
        assertThat(peer().state()).isEqualTo(REACHABLE);
    }

    @ParameterizedTest
    @CsvSource({
        SOLICITED + "," + ADDRESS + "," + REACHABLE,
        SOLICITED + "," + OTHER + "," + PROBE,
        SOLICITED_AND_OVERRIDE + ",''," + REACHABLE,
        NEITHER + "," + ADDRESS + "," + PROBE,
        NEITHER + ",''," + PROBE,
    })
    void whileItIsProbed(String flags, String options, int state) throws Exception {
        probe();
        advertise(flags, options);
        assertThat(peer().state()).isEqualTo(state);
        assertThat(peer().linkAddress()).contains(MacAddress.parse("02:00:00:00:00:02"));
    }

    @ParameterizedTest
    @CsvSource({
        SOLICITED + "," + ADDRESS + "," + REACHABLE,
        SOLICITED + ",''," + INCOMPLETE,
        NEITHER + "," + ADDRESS + "," + STALE,
    })
    void whileItIsNotKnown(String flags, String options, int state) throws Exception {
        send();
        advertise(flags, options);
        assertThat(peer().state()).isEqualTo(state);
    }

    @Test
    void isDoubtedWhenItSaysAnotherAddressWithoutOverriding() throws Exception {
        send();
        advertise(SOLICITED_AND_OVERRIDE, ADDRESS);
        advertise(SOLICITED, OTHER);
        assertThat(peer().state()).isEqualTo(STALE);
        assertThat(peer().linkAddress()).contains(MacAddress.parse("02:00:00:00:00:02"));
    }
}
