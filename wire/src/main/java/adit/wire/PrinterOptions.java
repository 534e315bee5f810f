package adit.wire;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// What [PacketPrinter] can't see in the octets.
///
/// @param fouPorts UDP destination ports that carry FOU, each with the IP protocol number it carries
/// @param guePorts UDP destination ports that carry GUE
/// @param checksums whether to verify checksums
public record PrinterOptions(Map<Integer, Integer> fouPorts, Set<Integer> guePorts, Checksums checksums) {
    /// What to do with checksums.
    public enum Checksums {
        /// Tell of those that are wrong.
        VERIFY,
        /// Say nothing: the packets were caught before an offload filled the checksums in.
        IGNORE
    }

    /// No tunnel ports; checksums are verified.
    public static final PrinterOptions PLAIN = new PrinterOptions(Map.of(), Set.of(), Checksums.VERIFY);

    private static final int MAX_PORT = 0xffff;

    /// Refuses numbers that are not a port or a protocol, and ports that carry both.
    public PrinterOptions {
        fouPorts = Map.copyOf(fouPorts);
        guePorts = Set.copyOf(guePorts);
        for (Map.Entry<Integer, Integer> fou : fouPorts.entrySet()) {
            requirePort(fou.getKey());
            if (fou.getValue() < 0 || fou.getValue() > 0xff) {
                throw new IllegalArgumentException("IP protocol " + fou.getValue() + " is not 0 to 255");
            }
            if (guePorts.contains(fou.getKey())) {
                throw new IllegalArgumentException("port " + fou.getKey() + " can't carry both FOU and GUE");
            }
        }
        guePorts.forEach(PrinterOptions::requirePort);
    }

    private static void requirePort(int port) {
        if (port < 1 || port > MAX_PORT) {
            throw new IllegalArgumentException("UDP port " + port + " is not 1 to 65535");
        }
    }

    /// The same, and UDP port `port` carries `protocol` by FOU.
    public PrinterOptions withFou(int port, int protocol) {
        Map<Integer, Integer> ports = new HashMap<>(fouPorts);
        ports.put(port, protocol);
        return new PrinterOptions(ports, guePorts, checksums);
    }

    /// The same, and UDP port `port` carries GUE.
    public PrinterOptions withGue(int port) {
        Set<Integer> ports = new HashSet<>(guePorts);
        ports.add(port);
        return new PrinterOptions(fouPorts, ports, checksums);
    }

    /// The same, but for what to do with checksums.
    public PrinterOptions with(Checksums other) {
        return new PrinterOptions(fouPorts, guePorts, other);
    }
}
