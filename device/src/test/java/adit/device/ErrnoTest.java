package adit.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ErrnoTest {
    private static final List<Path> HEADERS =
            List.of(Path.of("/usr/include/asm-generic/errno-base.h"), Path.of("/usr/include/asm-generic/errno.h"));
    private static final Pattern DEFINE = Pattern.compile("#define\\s+(E\\w+)\\s+(\\d+).*");

    @Test
    void namesEveryNumberAsTheKernelHeadersDo() throws Exception {
        assumeTrue(HEADERS.stream().allMatch(Files::exists), "needs the kernel's headers: linux-libc-dev");
        Map<Integer, String> expected = new TreeMap<>();
        for (Path header : HEADERS) {
            Files.readAllLines(header).stream()
                    .map(DEFINE::matcher)
                    .filter(m -> m.matches())
                    .forEach(m -> expected.put(Integer.valueOf(m.group(2)), m.group(1)));
        }
        assertThat(expected).hasSizeGreaterThan(130);
        assertThat(Errno.numbers()).containsExactlyElementsOf(expected.keySet());
        expected.forEach((number, name) -> assertThat(Errno.name(number)).isEqualTo(name));
    }

    @Test
    void namesEveryConstantAsItsTableDoes() throws Exception {
        for (var field : Arrays.stream(Errno.class.getFields())
                .filter(f -> Modifier.isStatic(f.getModifiers()))
                .toList()) {
            assertThat(Errno.name(field.getInt(null))).isEqualTo(field.getName());
        }
    }

    @Test
    void saysSomethingAboutNumbersThatLinuxHasNot() {
        assertThat(Errno.name(4095)).isEqualTo("E4095");
        assertThat(Errno.text(4095)).isEqualTo("unknown error");
        assertThat(Errno.text(Errno.EPERM)).isEqualTo("operation not permitted");
    }
}
