package adit.program;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The launcher script in a tree of its own, with a Maven and JDKs that only write down how they were called.
@Timeout(60)
class LauncherTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final List<String> TOOLS = List.of(
            "sh",
            "readlink",
            "dirname",
            "find",
            "head",
            "date",
            "mkdir",
            "rm",
            "mv",
            "ln",
            "flock",
            "grep",
            "cat",
            "timeout");

    @TempDir
    Path scratch;

    private Path tree;
    private Path bin;
    private Path calls;

    record Result(int code, String out, String err) {}

    @BeforeEach
    void makeTree() throws IOException {
        tree = scratch.resolve("a tree");
        bin = Files.createDirectories(scratch.resolve("bin"));
        calls = scratch.resolve("calls");
        Files.createFile(calls);
        Files.createDirectories(tree.resolve("program/src/main"));
        Files.createDirectories(tree.resolve("tools"));
        Files.writeString(tree.resolve("pom.xml"), "<project/>");
        Files.writeString(tree.resolve("program/pom.xml"), "<project/>");
        Files.writeString(tree.resolve("program/src/main/A.java"), "class A {}");
        Files.copy(ROOT.resolve("adit"), tree.resolve("adit"), java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        Files.copy(ROOT.resolve("tools/jdk.sh"), tree.resolve("tools/jdk.sh"));
        for (String tool : TOOLS) {
            for (String place : List.of("/bin/", "/usr/bin/")) {
                if (Files.exists(Path.of(place + tool))) {
                    script(bin.resolve(tool), "exec " + place + tool + " \"$@\"\n");
                }
            }
        }
        assumeTrue(Files.exists(bin.resolve("flock")), "needs flock");
        // Sources are older than any build of this test.
        age(Instant.now().minusSeconds(100));
    }

    private void age(Instant when) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.toList()) {
                Files.setLastModifiedTime(file, FileTime.from(when));
            }
        }
    }

    private static void script(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + text);
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private Path jdk(String name, String version) throws IOException {
        Path home = scratch.resolve(name);
        script(home.resolve("bin/java"), """
                for a; do case $a in -XX:AOTCacheOutput=*) : >"${a#*=}"; echo rehearsal >>'%1$s'; exit 0 ;; esac; done
                echo "%2$s runs"
                for a; do echo "<$a>"; done
                """.formatted(calls, name));
        script(home.resolve("bin/javac"), "exit 1\n");
        Files.writeString(
                home.resolve("release"), "IMPLEMENTOR=\"Somebody\"\nJAVA_VERSION=\"" + version + "\"\nOS_ARCH=\"x\"\n");
        return home;
    }

    private void maven(String andThen) throws IOException {
        script(bin.resolve("mvn"), """
                echo "mvn with $JAVA_HOME" >>'%1$s'
                echo '[INFO] Building adit wire 0.1.0-SNAPSHOT                                  [2/9]'
                mkdir -p '%2$s/program/target/lib'
                : >'%2$s/program/target/lib/some.jar'
                %3$s
                """.formatted(calls, tree, andThen));
    }

    private Process start(Map<String, String> environment, Path directory, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().clear();
        builder.environment().put("PATH", bin.toString());
        builder.environment().put("HOME", scratch.toString());
        builder.environment().putAll(environment);
        builder.redirectInput(Path.of("/dev/null").toFile());
        return builder.start();
    }

    private static Result result(Process p) throws IOException, InterruptedException {
        // Both outputs are far smaller than a pipe holds.
        assertThat(p.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Result(
                p.exitValue(),
                new String(p.getInputStream().readAllBytes(), UTF_8),
                new String(p.getErrorStream().readAllBytes(), UTF_8));
    }

    private Result run(Map<String, String> environment, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(tree.resolve("adit").toString()));
        command.addAll(List.of(arguments));
        return result(start(environment, scratch, command.toArray(String[]::new)));
    }

    private List<String> calls() throws IOException {
        return Files.readAllLines(calls);
    }

    @Test
    void buildsOnceAndPassesArgumentsOnUnchanged() throws Exception {
        Path jdk = jdk("jdk 25", "25.0.3");
        maven("");
        Map<String, String> env = Map.of("ADIT_JAVA_HOME", jdk.toString());

        Result first = run(env, "decode", "a b", "", "*");
        assertThat(first.err).contains("first use", "[2/9]", "wire", "built in");
        assertThat(first.code).isZero();
        Result second = run(env, "decode", "a b", "", "*");
        assertThat(second.err).isEmpty();
        assertThat(second.out).startsWith("jdk 25 runs\n").endsWith("<decode>\n<a b>\n<>\n<*>\n");
        assertThat(second.out)
                .contains(
                        "<-XX:+UseSerialGC>",
                        "<-Xmx256m>",
                        "<-XX:CICompilerCount=2>",
                        "aot-25.0.3>",
                        "<adit.program/adit.program.Adit>");
        assertThat(calls()).containsExactly("mvn with " + jdk, "rehearsal");
    }

    @Test
    void worksThroughASymbolicLinkFromAnotherDirectory() throws Exception {
        maven("");
        Path link = Files.createSymbolicLink(scratch.resolve("adit link"), tree.resolve("adit"));
        Path elsewhere = Files.createDirectories(scratch.resolve("elsewhere"));
        Map<String, String> env = Map.of("ADIT_JAVA_HOME", jdk("jdk", "25").toString());
        Result r = result(start(env, elsewhere, link.toString(), "version"));
        assertThat(r.code).as(r.err).isZero();
        assertThat(r.out).contains("a tree/program/target/build-").endsWith("<version>\n");
        Path relative = Files.createSymbolicLink(elsewhere.resolve("rel"), Path.of("../adit link"));
        assertThat(result(start(env, elsewhere, "./" + relative.getFileName(), "version")).out)
                .endsWith("<version>\n");
    }

    @Test
    void buildsAgainWhenASourceIsNewerOrGone() throws Exception {
        maven("");
        Map<String, String> env = Map.of("ADIT_JAVA_HOME", jdk("jdk", "25.0.1").toString());
        run(env);
        Path source = tree.resolve("program/src/main/A.java");
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(1)));
        assertThat(run(Map.of("ADIT_BUILD", "never", "ADIT_JAVA_HOME", env.get("ADIT_JAVA_HOME"))).err)
                .isEmpty();
        assertThat(run(env).err).contains("a source has changed", "built in");
        age(Instant.now().minusSeconds(100));
        Files.delete(source);
        assertThat(run(env).err).contains("a source has changed", "built in");
        assertThat(calls()).filteredOn(c -> c.startsWith("mvn")).hasSize(3);
        try (Stream<Path> builds = Files.list(tree.resolve("program/target"))) {
            assertThat(builds.filter(b -> b.getFileName().toString().startsWith("build-")))
                    .as("the present build and the one before it")
                    .hasSize(2);
        }
    }

    @Test
    void twoFirstStartsAtOnceBuildOnce() throws Exception {
        // The first Maven waits until the second launcher has said that it waits.
        Path go = scratch.resolve("go");
        maven("while ! [ -e '%s' ]; do :; done".formatted(go));
        Map<String, String> env = Map.of("ADIT_JAVA_HOME", jdk("jdk", "25").toString());
        Process one = start(env, scratch, tree.resolve("adit").toString(), "one");
        Process two;
        try {
            while (calls().isEmpty()) {
                Thread.sleep(10);
            }
            two = start(env, scratch, tree.resolve("adit").toString(), "two");
            StringBuilder said = new StringBuilder();
            while (said.indexOf("waiting") < 0) {
                said.append((char) two.getErrorStream().read());
            }
        } finally {
            Files.createFile(go);
        }
        assertThat(result(one).out).endsWith("<one>\n");
        assertThat(result(two).out).endsWith("<two>\n");
        assertThat(calls()).filteredOn(c -> c.startsWith("mvn")).hasSize(1);
    }

    @Test
    void aFailedBuildShowsItsErrorsAndIsNotKept() throws Exception {
        maven("echo '[ERROR] A.java:[3,5] cannot find symbol'; exit 1");
        Map<String, String> env = Map.of("ADIT_JAVA_HOME", jdk("jdk", "25").toString());
        Result r = run(env);
        assertThat(r.code).isEqualTo(2);
        assertThat(r.out).isEmpty();
        assertThat(r.err).contains("[ERROR] A.java:[3,5] cannot find symbol", "the build failed", "build.log");
        maven("");
        assertThat(run(env).code).isZero();
    }

    @Test
    void saysWhatInstallsMaven() throws Exception {
        Result r = run(Map.of("ADIT_JAVA_HOME", jdk("jdk", "25").toString()));
        assertThat(r.code).isEqualTo(1);
        assertThat(r.err).contains("apt-get install maven");
    }

    @Test
    void refusesAnOldJdkThatWasAskedFor() throws Exception {
        Path old = jdk("jdk17", "17.0.15");
        Result r = run(Map.of("ADIT_JAVA_HOME", old.toString()));
        assertThat(r.code).isEqualTo(1);
        assertThat(r.err).contains("ADIT_JAVA_HOME is " + old, "JDK 25");
    }

    /// Runs the launcher in a mount namespace where this machine's own JDKs are hidden.
    private Result runWithoutJdksOfThisMachine(Map<String, String> environment, String... arguments) throws Exception {
        Result can =
                result(new ProcessBuilder("unshare", "-rm", "mount", "-t", "tmpfs", "none", "/usr/lib/jvm").start());
        assumeTrue(can.code == 0, "needs root or user namespaces, to hide the JDKs of this machine");
        String hide =
                "for d in /usr/lib/jvm /opt/*/; do mount -t tmpfs none \"$d\"; done; PATH='" + bin + "'; exec \"$@\"";
        List<String> command = new ArrayList<>(List.of("unshare", "-rm", "sh", "-c", hide, "sh"));
        command.add(tree.resolve("adit").toString());
        command.addAll(List.of(arguments));
        Map<String, String> all = new HashMap<>(environment);
        all.put("PATH", System.getenv("PATH"));
        return result(start(all, scratch, command.toArray(String[]::new)));
    }

    @Test
    void passesOverAnOldJavaHomeAndTakesTheNextJdk() throws Exception {
        maven("");
        jdk(".jdks/new", "26");
        Result r = runWithoutJdksOfThisMachine(
                Map.of("JAVA_HOME", jdk("jdk21", "21.0.1").toString(), "ADIT_JVM", "-Xmx99m -Dx=y"), "version");
        assertThat(r.code).as(r.err).isZero();
        assertThat(r.out).startsWith(".jdks/new runs").contains("<-Xmx99m>\n<-Dx=y>\n");
    }

    @Test
    void takesTheJavaOnThePathLast() throws Exception {
        maven("");
        Files.createSymbolicLink(bin.resolve("java"), jdk("on path", "25").resolve("bin/java"));
        assertThat(runWithoutJdksOfThisMachine(Map.of()).out).startsWith("on path runs");
    }

    @Test
    void prefersJavaHomeWhenItIsNewEnough() throws Exception {
        maven("");
        assertThat(run(Map.of("JAVA_HOME", jdk("mine", "26-ea").toString())).out)
                .startsWith("mine runs");
    }

    @Test
    void saysHowToGetAJdkWhereThereIsNone() throws Exception {
        Result r = runWithoutJdksOfThisMachine(Map.of());
        assertThat(r.err).contains("needs a JDK 25", "apt-get install", "ADIT_JAVA_HOME");
        assertThat(r.code).isEqualTo(1);
    }

    @Test
    void scriptsPassShellcheck() throws Exception {
        boolean present = new ProcessBuilder("sh", "-c", "command -v shellcheck")
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
        assumeTrue(present, "needs shellcheck");
        Process p = new ProcessBuilder("shellcheck", "-x", "-s", "sh", "adit", "check", "tools/need", "tools/jdk.sh")
                .directory(ROOT.toFile())
                .redirectErrorStream(true)
                .start();
        assertThat(result(p).out).isEmpty();
    }
}
