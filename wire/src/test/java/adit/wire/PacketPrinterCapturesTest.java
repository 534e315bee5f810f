package adit.wire;

import static org.assertj.core.api.Assertions.assertThat;

import adit.wire.CapturedPackets.Captured;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Real packets, against what tcpdump says of them.
class PacketPrinterCapturesTest {
    static Stream<Captured> tunnelPackets() {
        return CapturedPackets.read("tunnel-packets.tsv").stream();
    }

    static Stream<Captured> packets() {
        return CapturedPackets.read("captured-packets.tsv").stream();
    }

    @ParameterizedTest
    @MethodSource("tunnelPackets")
    void showsTheNestingOfTunnels(Captured packet) {
        PrinterOptions options = PrinterOptions.PLAIN
                .withFou(5555, packet.kind().contains("mpls") ? IpProtocol.MPLS : IpProtocol.IPIP)
                .withGue(5556);
        String line = PacketPrinter.line(packet.segment(), 0, packet.length(), LinkLayer.ETHERNET, options);
        assertThat(line.substring(line.indexOf(" / ") + 3)).isEqualTo(expected(packet));
    }

    @ParameterizedTest
    @MethodSource("packets")
    void findsNoFaultInWhatKernelsSend(Captured packet) {
        String line = PacketPrinter.line(packet.segment(), 0, packet.length(), LinkLayer.ETHERNET);
        assertThat(line)
                .doesNotContain("bad")
                .doesNotContain("truncated")
                .doesNotContain("partial")
                .startsWith("Ethernet " + packet.facts().get("ethernet.source") + " > "
                        + packet.facts().get("ethernet.destination") + " / ");
    }

    /// The line that tcpdump's facts make.
    private static String expected(Captured packet) {
        StringBuilder line = new StringBuilder(ip4Line(packet.facts("ip4.")));
        Map<String, String> outerUdp = packet.facts("outerUdp.");
        if (!outerUdp.isEmpty()) {
            line.append(" / UDP ").append(outerUdp.get("source")).append(" > ").append(outerUdp.get("destination"));
            line.append(" len ").append(outerUdp.get("length"));
            line.append(outerUdp.get("checksum").equals("0000") ? " no checksum" : "");
        }
        Map<String, String> gue = packet.facts("gue.");
        if (!gue.isEmpty()) {
            line.append(" / GUE ").append(gue.get("protocol").equals("4") ? "IPIP" : "MPLS");
            if (gue.containsKey("checksumStart")) {
                line.append(" remote-checksum start ").append(gue.get("checksumStart"));
                line.append(" offset ").append(gue.get("checksumOffset"));
            }
        }
        Map<String, String> mpls = packet.facts("mpls.");
        if (!mpls.isEmpty()) {
            line.append(" / MPLS label ")
                    .append(mpls.get("label"))
                    .append(" ttl ")
                    .append(mpls.get("ttl"));
        }
        line.append(" / ").append(ip4Line(packet.facts("inner.ip4.")));
        Map<String, String> port = packet.facts("inner.port.");
        Map<String, String> tcp = packet.facts("inner.tcp.");
        Map<String, String> udp = packet.facts("inner.udp.");
        Map<String, String> echo = packet.facts("inner.echo.");
        if (!tcp.isEmpty()) {
            line.append(" / TCP ").append(port.get("source")).append(" > ").append(port.get("destination"));
            line.append(" [S] seq ").append(tcp.get("seq")).append(" win ").append(tcp.get("window"));
            line.append(" options mss ")
                    .append(tcp.get("mss"))
                    .append(",sackOK,TS ")
                    .append(tcp.get("tsval"));
            line.append(" ecr ").append(tcp.get("tsecr")).append(",wscale ").append(tcp.get("wscale"));
            line.append(" payload 0");
        } else if (!udp.isEmpty()) {
            line.append(" / UDP ").append(port.get("source")).append(" > ").append(port.get("destination"));
            line.append(" len ").append(Integer.parseInt(udp.get("payload")) + 8);
        } else {
            line.append(" / ICMP echo ").append(echo.get("kind")).append(" id ").append(echo.get("id"));
            line.append(" seq ").append(echo.get("seq")).append(" payload 56");
        }
        return line.toString();
    }

    private static String ip4Line(Map<String, String> ip4) {
        int tos = Integer.parseInt(ip4.get("tos"));
        return "IPv4 " + ip4.get("source") + " > " + ip4.get("destination") + " ttl " + ip4.get("ttl")
                + (tos == 0 ? "" : " tos 0x%02x".formatted(tos))
                + (ip4.get("id").equals("0") ? "" : " id " + ip4.get("id"))
                + (ip4.get("flags").equals("DF") ? " DF" : "")
                + " len " + ip4.get("length");
    }
}
