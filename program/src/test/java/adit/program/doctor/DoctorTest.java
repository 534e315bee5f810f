package adit.program.doctor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import adit.program.doctor.Finding.Verdict;
import adit.program.doctor.HostFiles.ModuleState;
import adit.tun.TunOffload;
import java.io.IOException;
import java.io.OutputStream;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Hosts made of files, and this one.
@Timeout(60)
class DoctorTest {
    @TempDir
    Path root;

    private HostFiles files() {
        return new HostFiles(root);
    }

    private Doctor doctor() {
        return new Doctor(files());
    }

    private void file(String path, String text) throws IOException {
        Path file = root.resolve(path.substring(1));
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    @ParameterizedTest
    @CsvSource({
        "0000000000003000, true, true, OK",
        "0000000000001000, true, false, LIMITED",
        "0000000000002000, false, true, LIMITED",
        "0000000000000000, false, false, LIMITED",
        "000001ffffffffff, true, true, OK",
        "ffffffffffffcfff, false, false, LIMITED",
    })
    void readsTheEffectiveCapabilities(String effective, boolean admin, boolean raw, Verdict verdict)
            throws IOException {
        file("/proc/self/status", "Name:\tjava\nCapPrm:\tffffffffffffffff\nCapEff:\t" + effective + "\nCapBnd:\t0\n");
        assertThat(files().hasNetAdmin()).isEqualTo(admin);
        assertThat(files().hasNetRaw()).isEqualTo(raw);
        Finding f = doctor().capabilities();
        assertThat(f.verdict()).isEqualTo(verdict);
        assertThat(f.remedies().isEmpty()).isEqualTo(verdict == Verdict.OK);
    }

    @Test
    void findsModulesWhereverTheKernelTellsOfThem() throws IOException {
        assertThat(files().module("ipip", "CONFIG_NET_IPIP")).as("nothing told").isEqualTo(ModuleState.UNKNOWN);
        file("/proc/sys/kernel/osrelease", "6.12.1\n");
        file("/lib/modules/6.12.1/modules.dep", """
                kernel/net/ipv4/ipip.ko.xz: kernel/net/ipv4/tunnel4.ko.xz
                kernel/net/mpls/mpls_router.ko: kernel/net/ipv4/ip_tunnel.ko
                """);
        file("/lib/modules/6.12.1/modules.builtin", "kernel/net/ipv4/fou.ko\n");
        assertThat(files().module("ipip", "CONFIG_NET_IPIP")).isEqualTo(ModuleState.AVAILABLE);
        assertThat(files().module("tunnel4", "CONFIG_X"))
                .as("named only as what another needs")
                .isEqualTo(ModuleState.ABSENT);
        assertThat(files().module("fou", "CONFIG_NET_FOU")).isEqualTo(ModuleState.BUILT_IN);
        assertThat(files().module("mpls_router", "CONFIG_MPLS_ROUTING")).isEqualTo(ModuleState.AVAILABLE);
        assertThat(files().module("sit", "CONFIG_IPV6_SIT")).isEqualTo(ModuleState.ABSENT);
        file("/proc/modules", "ipip2 1 0 - Live 0x0\nipip 24576 0 - Live 0x0\n");
        assertThat(files().module("ipip", "CONFIG_NET_IPIP")).isEqualTo(ModuleState.LOADED);
    }

    @Test
    void readsTheKernelsOwnConfiguration() throws IOException {
        Files.createDirectories(root.resolve("proc"));
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(root.resolve("proc/config.gz")))) {
            out.write("CONFIG_NET_FOU=y\n# CONFIG_NET_IPIP is not set\nCONFIG_MPLS_ROUTING=m\n".getBytes(UTF_8));
        }
        assertThat(files().module("fou", "CONFIG_NET_FOU")).isEqualTo(ModuleState.BUILT_IN);
        assertThat(files().module("ipip", "CONFIG_NET_IPIP")).isEqualTo(ModuleState.ABSENT);
        assertThat(files().module("mpls_router", "CONFIG_MPLS_ROUTING"))
                .as("a module whose file is not there")
                .isEqualTo(ModuleState.ABSENT);
    }

    @Test
    void warnsOfAKernelModuleThatAnswersOurPackets() throws IOException {
        assertThat(doctor().modules().verdict()).isEqualTo(Verdict.OK);
        file("/proc/modules", "ipip 24576 0 - Live 0x0\n");
        Finding f = doctor().modules();
        assertThat(f.verdict()).isEqualTo(Verdict.LIMITED);
        assertThat(f.remedies()).anyMatch(r -> r.startsWith("rmmod ipip"));
    }

    @Test
    void saysHowToMakeTheTunFile() throws IOException {
        Finding missing = doctor().tunFile();
        assertThat(missing.verdict()).isEqualTo(Verdict.MISSING);
        assertThat(missing.remedies()).anyMatch(r -> r.contains("mknod /dev/net/tun c 10 200"));
        file("/dev/net/tun", "");
        assertThat(doctor().tunFile().verdict()).isEqualTo(Verdict.OK);
    }

    @Test
    void namesTheSettingThatForbidsUserNamespaces() throws IOException {
        Optional<String> refused = Optional.of("unshare: EPERM");
        assertThat(doctor().namespaces(Optional.empty(), false).verdict()).isEqualTo(Verdict.OK);
        assertThat(doctor().namespaces(refused, true).remedies()).anyMatch(r -> r.startsWith("unshare --user"));
        assertThat(doctor().namespaces(refused, false).remedies()).hasSize(1);
        file("/proc/sys/kernel/unprivileged_userns_clone", "0\n");
        file("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n");
        file("/proc/sys/user/max_user_namespaces", "0\n");
        assertThat(doctor().namespaces(refused, false).remedies())
                .contains(
                        "sysctl -w kernel.unprivileged_userns_clone=1",
                        "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
                        "sysctl -w user.max_user_namespaces=15000");
    }

    @Test
    void judgesForwardingAndTheReversePathFilter() throws IOException {
        assertThat(doctor().forwarding().verdict()).isEqualTo(Verdict.LIMITED);
        file("/proc/sys/net/ipv4/ip_forward", "1\n");
        assertThat(doctor().forwarding().verdict()).isEqualTo(Verdict.OK);
        assertThat(doctor().reversePath().verdict()).isEqualTo(Verdict.OK);
        file("/proc/sys/net/ipv4/conf/default/rp_filter", "1\n");
        assertThat(doctor().reversePath().verdict()).isEqualTo(Verdict.LIMITED);
        file("/proc/sys/net/ipv4/conf/all/rp_filter", "2\n");
        assertThat(doctor().reversePath().verdict())
                .as("the larger of both counts")
                .isEqualTo(Verdict.OK);
    }

    @Test
    void judgesOffloadsByWhatTheDeviceTook() {
        Set<TunOffload> tcp = Set.of(TunOffload.CHECKSUM, TunOffload.TCP4, TunOffload.TCP6, TunOffload.TCP_ECN);
        Set<TunOffload> all =
                Set.of(TunOffload.CHECKSUM, TunOffload.TCP4, TunOffload.TCP6, TunOffload.UDP4, TunOffload.UDP6);
        assertThat(Doctor.tunDevice(took(Set.of())).verdict()).isEqualTo(Verdict.LIMITED);
        assertThat(Doctor.tunDevice(took(tcp)).detail()).contains("not of UDP");
        assertThat(Doctor.tunDevice(took(all)).verdict()).isEqualTo(Verdict.OK);
        assertThat(Doctor.tunDevice(new Trials.Result<>(Optional.empty(), "open: ENOENT")))
                .extracting(Finding::verdict, Finding::detail)
                .containsExactly(Verdict.MISSING, "open: ENOENT");
    }

    private static Trials.Result<Set<TunOffload>> took(Set<TunOffload> offloads) {
        return new Trials.Result<>(Optional.of(offloads), "");
    }

    @Test
    void examinesThisHostAndLeavesNothingBehind() throws Exception {
        long devices = NetworkInterface.networkInterfaces().count();
        Path descriptors = Path.of("/proc/self/fd");
        Doctor.ofThisHost().examine();
        long before = count(descriptors);
        HostFiles host = new HostFiles(Path.of("/"));
        Optional<String> modules = host.text("/proc/modules"); // nothing in a kernel that loads none
        List<Finding> findings = Doctor.ofThisHost().examine();
        assertThat(count(descriptors)).isEqualTo(before);
        assertThat(NetworkInterface.networkInterfaces().count()).isEqualTo(devices);
        assertThat(host.text("/proc/modules")).isEqualTo(modules);
        assertThat(findings).extracting(Finding::id).doesNotHaveDuplicates().contains("tun-file", "direct", "udp");
        assertThat(findings)
                .filteredOn(f -> f.verdict() == Verdict.OK)
                .allMatch(f -> f.remedies().isEmpty() && !f.detail().isBlank());
        boolean raw = host.hasNetRaw();
        assertThat(findings)
                .filteredOn(f -> f.id().equals("direct"))
                .singleElement()
                .extracting(f -> f.verdict() == Verdict.OK)
                .as("raw sockets open exactly with CAP_NET_RAW")
                .isEqualTo(raw);
    }

    private static long count(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.count();
        }
    }
}
