package adit.bench.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// The project's own relay in plain C, `bench/c/yardstick.c`, in one of its forms.
///
/// @param program the compiled yardstick
/// @param mode `naive`, `gso` or `ring`
/// @param protocol `ipip` or `udp`
record Yardstick(Path program, String mode, String protocol) implements Contender {
    private static final String PORT = "5555";

    @Override
    public String key() {
        return "c-" + mode + "-" + protocol;
    }

    @Override
    public String title() {
        String technique = switch (mode) {
            case "naive" -> "naive ";
            case "ring" -> "packet ring, ";
            default -> "GSO and GRO, ";
        };
        return "C yardstick, " + technique + protocol;
    }

    @Override
    public String settings() {
        String technique = switch (mode) {
            case "naive" -> "one read and one send a packet, a thread each way";
            case "ring" ->
                "IFF_VNET_HDR, PACKET_TX_RING, recvmmsg, inner checksums computed and verified, a thread each way";
            default -> "IFF_VNET_HDR, UDP_SEGMENT, UDP_GRO, inner checksums computed and verified, a thread each way";
        };
        return technique + ", overlay MTU underlay − " + overhead();
    }

    private int overhead() {
        return protocol.equals("ipip") ? 20 : 28;
    }

    @Override
    public String version() {
        return "bench/c/yardstick.c, gcc -O2";
    }

    @Override
    public Optional<String> obstacle() {
        return Files.isExecutable(program)
                ? Optional.empty()
                : Optional.of("not compiled: apt-get install gcc libc6-dev");
    }

    @Override
    public void raise(Tunnel tunnel) throws IOException, InterruptedException {
        for (Host host : Host.values()) {
            tunnel.startAndConfigure(
                    host,
                    Tunnel.DEVICE,
                    tunnel.mtuLess(overhead()),
                    program.toString(),
                    mode,
                    protocol,
                    Tunnel.DEVICE,
                    host.underlay(),
                    host.peer().underlay(),
                    PORT);
        }
    }
}
