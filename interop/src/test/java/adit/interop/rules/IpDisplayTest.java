package adit.interop.rules;

import static org.assertj.core.api.Assertions.assertThat;

import adit.ipip.Ipip;
import adit.ipip.Profile;
import adit.netns.Namespace;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// The same command lines for the real `ip` on a Linux that has the tunnels, and for ours on a namespace in
/// memory: same output, same complaints, same exit code, octet for octet.
///
/// `ip-lines.txt` has the command lines in groups. Each group begins with a namespace of its own, in which there
/// are `lo`, `tunl0` and a dummy `net0`.
class IpDisplayTest {
    private static final int LEAST = 60;

    /// Command lines that follow one another, and where in the file each stands.
    private record Group(String title, List<Integer> numbers, List<String> lines) {}

    @TestFactory
    Stream<DynamicNode> saysWhatTheRealOneSays() throws IOException {
        List<Group> groups = groups();
        assertThat(groups.stream().mapToInt(g -> g.lines().size()).sum()).isGreaterThan(LEAST);
        return groups.stream().map(IpDisplayTest::compare);
    }

    /// What the groups are called.
    static List<String> titles() throws IOException {
        return groups().stream().map(Group::title).toList();
    }

    private static List<Group> groups() throws IOException {
        List<Group> groups = new ArrayList<>();
        try (InputStream in = IpDisplayTest.class.getResourceAsStream("ip-lines.txt")) {
            List<String> lines = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i);
                if (line.startsWith("== ")) {
                    groups.add(new Group(line.substring(3), new ArrayList<>(), new ArrayList<>()));
                } else if (!line.isBlank() && !line.startsWith("#")) {
                    groups.getLast().numbers().add(i + 1);
                    groups.getLast().lines().add(line);
                }
            }
        }
        return groups;
    }

    private static DynamicNode compare(Group group) {
        List<Ran> real = GuestIp.runAlone(group.lines());
        List<Ran> ours = ours(group.lines(), real);
        return DynamicContainer.dynamicContainer(
                group.title(),
                IntStream.range(0, real.size())
                        .mapToObj(i -> DynamicTest.dynamicTest(
                                group.numbers().get(i) + ": ip " + group.lines().get(i),
                                () -> assertThat(ours.get(i)).isEqualTo(real.get(i)))));
    }

    /// Where Linux gives a reason of its own, so must we; where it gives an error number alone, ours is compared
    /// without the reason that Adit adds.
    private static List<Ran> ours(List<String> lines, List<Ran> real) {
        List<Ran> ran = new ArrayList<>();
        try (Namespace ns = NamespaceIp.alone(Ipip.of(Profile.LINUX_6_12))) {
            NamespaceIp ip = new NamespaceIp(ns, Map.of());
            for (int i = 0; i < lines.size(); i++) {
                boolean told = real.get(i).err().startsWith("Error: ");
                ran.add(ip.run(lines.get(i), told ? NamespaceIp.Reasons.TOLD : NamespaceIp.Reasons.WITHHELD));
            }
        }
        return ran;
    }
}
