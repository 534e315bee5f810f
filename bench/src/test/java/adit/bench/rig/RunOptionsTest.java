package adit.bench.rig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunOptionsTest {
    private static RunOptions parse(String line) {
        return RunOptions.parse(line.isEmpty() ? List.of() : List.of(line.split(" ")));
    }

    @Test
    void withoutOptionsItIsAWholeRun() {
        RunOptions options = parse("");
        assertThat(options.whole()).isTrue();
        assertThat(options.cable()).isEqualTo(new Cable(1500, Cable.Shape.VETH));
    }

    @Test
    void whatIsShorterOrNotOfAllIsNotWhole() {
        assertThat(parse("--quick").whole()).isFalse();
        assertThat(parse("--only vtun").whole()).isFalse();
        assertThat(parse("--rounds 2").whole()).isFalse();
        assertThat(parse("--seconds 3").whole()).isFalse();
    }

    @Test
    void readsValues() {
        RunOptions options = parse("--shape wire --mtu 9000 --rounds 5 --seconds 20 --only vtun,tinc");
        assertThat(options.cable()).isEqualTo(new Cable(9000, Cable.Shape.WIRE));
        assertThat(options.rounds()).isEqualTo(5);
        assertThat(options.stream()).isEqualTo(Duration.ofSeconds(20));
        assertThat(options.only()).containsExactly("vtun", "tinc");
    }

    @Test
    void streamsAloneAreAWholeRunOfFewerPrograms() {
        RunOptions options = parse("--mtu 9000 --streams");
        assertThat(options.whole()).isTrue();
        assertThat(options.extent()).isEqualTo(Measurements.Extent.STREAMS);
        List<String> all = Contenders.all(java.nio.file.Path.of("/")).stream()
                .map(Contender::key)
                .toList();
        assertThat(Contenders.keys(Measurements.Extent.STREAMS))
                .doesNotHaveDuplicates()
                .isSubsetOf(all)
                .hasSizeLessThan(all.size());
        assertThat(Contenders.keys(Measurements.Extent.ALL)).isEmpty();
    }

    @Test
    void saysWhatIsWrong() {
        assertThatThrownBy(() -> parse("--fast")).hasMessage("unknown option --fast");
        assertThatThrownBy(() -> parse("--mtu")).hasMessage("--mtu needs a value");
        assertThatThrownBy(() -> parse("--mtu 10")).hasMessage("--mtu: 10 is not 576 to 65535");
        assertThatThrownBy(() -> parse("--mtu 99999999999")).hasMessageContaining("is not 576");
        assertThatThrownBy(() -> parse("--shape round")).hasMessageContaining("veth or wire");
    }

    @Test
    void everyProgramHasANameOfItsOwn() {
        List<String> keys = Contenders.all(java.nio.file.Path.of("/")).stream()
                .map(Contender::key)
                .toList();
        assertThat(keys).doesNotHaveDuplicates().allMatch(key -> key.matches("[a-z][a-z0-9-]+"));
    }
}
