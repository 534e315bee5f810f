package adit.linux.sys;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class MessageTest {
    private static final int AT = 8;

    /// Two control messages as the kernel leaves them on x86-64: IP_TTL (level 0, type 2) with 4 octets, padded, and
    /// UDP_GRO (level 17, type 104) with 4 octets.
    private static MemorySegment twoMessages(Arena arena) {
        MemorySegment s = arena.allocate(64, 8).fill((byte) 0xa5);
        int[] words = {20, 0, 0, 2, 64, 0, 20, 0, 17, 104, 1472};
        for (int i = 0; i < words.length; i++) {
            HostOrder.put32(s, AT + 4L * i, words[i]);
        }
        return s;
    }

    @Test
    void goesFromOneControlMessageToTheNext() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = twoMessages(arena);
            long end = AT + 24 + 20;
            assertThat(Message.firstControl(s, AT, end)).isEqualTo(AT);
            assertThat(Message.controlLevel(s, AT)).isZero();
            assertThat(Message.controlType(s, AT)).isEqualTo(2);
            assertThat(Message.nextControl(s, AT, end)).isEqualTo(AT + 24);
            assertThat(Message.controlLevel(s, AT + 24)).isEqualTo(17);
            assertThat(Message.nextControl(s, AT + 24, end)).isEqualTo(-1);
        }
    }

    @Test
    void findsAControlMessageByLevelAndType() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = twoMessages(arena);
            long end = AT + 24 + 20;
            long data = Message.findControl(s, AT, end, 17, 104);
            assertThat(data).isEqualTo(AT + 24 + 16);
            assertThat(HostOrder.i32(s, data)).isEqualTo(1472);
            assertThat(Message.findControl(s, AT, end, 17, 2))
                    .as("the type at another level")
                    .isEqualTo(-1);
            assertThat(Message.findControl(s, AT, AT, 0, 2)).as("nothing came").isEqualTo(-1);
        }
    }

    @Test
    void endsAtAControlMessageThatIsShorterThanItsHeader() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = twoMessages(arena);
            HostOrder.put64(s, AT + 24, 15);
            assertThat(Message.nextControl(s, AT, AT + 24 + 20)).isEqualTo(-1);
        }
    }
}
