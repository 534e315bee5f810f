package adit.conformance.language;

import adit.conformance.world.LinkView;
import adit.conformance.world.PageEnd;
import adit.conformance.world.TunHandle;
import adit.device.InterfaceRequest;
import adit.linux.sys.HostOrder;
import adit.tun.Ifreq;
import adit.tun.TunIoctl;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The argument of an ioctl: octets laid out as the kernel wants them, and read back afterwards.
///
/// | written | argument |
/// |---|---|
/// | `5`, `-1`, `0x10` | the number, or where a pointer is wanted a pointer to it |
/// | `null`, `bad` | a null pointer; a pointer to nowhere |
/// | `name=t0 flags=TUN+NO_PI+0x80` | an `ifreq`; `name=` may be missing |
/// | `name=t0 family=1 address=020000000001` | an `ifreq` with a `sockaddr` |
/// | `flags=1 addresses=020000000001,...` | a `tun_filter`; `count=` lies about how many there are |
/// | `program=28.0.0.12,15.0.1.800,6.0.0.ffff` | a `sock_fprog`: code.jt.jf.k, all hexadecimal; `length=` lies,
/// `pointer=null` and `pointer=bad` too; of the instructions behind `pointer=there:12` twelve octets are there |
/// | `... there=12` | of any of these only the first twelve octets are there |
/// | `... raw` | the address of any of these, as a number |
final class IoctlArgument {
    private static final int UNION = 16;
    private static final String RAW = "raw";
    private static final String THERE = "there";
    private static final Map<String, Integer> FLAGS = Map.ofEntries(
            Map.entry("TUN", TunIoctl.IFF_TUN),
            Map.entry("TAP", TunIoctl.IFF_TAP),
            Map.entry("NAPI", TunIoctl.IFF_NAPI),
            Map.entry("NAPI_FRAGS", TunIoctl.IFF_NAPI_FRAGS),
            Map.entry("NO_CARRIER", TunIoctl.IFF_NO_CARRIER),
            Map.entry("BACKPRESSURE", TunIoctl.IFF_BACKPRESSURE),
            Map.entry("MQ", TunIoctl.IFF_MULTI_QUEUE),
            Map.entry("ATTACH", TunIoctl.IFF_ATTACH_QUEUE),
            Map.entry("DETACH", TunIoctl.IFF_DETACH_QUEUE),
            Map.entry("PERSIST", TunIoctl.IFF_PERSIST),
            Map.entry("NO_PI", TunIoctl.IFF_NO_PI),
            Map.entry("ONE_QUEUE", TunIoctl.IFF_ONE_QUEUE),
            Map.entry("VNET_HDR", TunIoctl.IFF_VNET_HDR),
            Map.entry("EXCL", TunIoctl.IFF_TUN_EXCL));

    private final int number;
    private final TunCommand.Form form;
    private final Map<String, String> words;
    private final String bare;

    private IoctlArgument(int number, TunCommand.Form form, String bare, Map<String, String> words) {
        this.number = number;
        this.form = form;
        this.bare = bare;
        this.words = words;
    }

    /// Understands the words behind the file's name: the command and its argument.
    static IoctlArgument parse(List<String> text) {
        String name = text.getFirst();
        int number;
        TunCommand.Form form;
        if (name.startsWith("0x")) {
            number = Integer.parseUnsignedInt(name.substring(2), 16);
            form = number >>> 8 == 0x89 ? TunCommand.Form.REQUEST : TunCommand.Form.VALUE;
        } else {
            TunCommand command = TunCommand.valueOf(name);
            number = command.number;
            form = command.form;
        }
        String bare = "";
        Map<String, String> words = new TreeMap<>();
        for (String word : text.subList(1, text.size())) {
            int equals = word.indexOf('=');
            if (word.equals(RAW)) {
                words.put(RAW, "1");
            } else if (equals >= 0) {
                words.put(word.substring(0, equals), word.substring(equals + 1));
            } else if (bare.isEmpty()) {
                bare = word;
            } else {
                throw new IllegalArgumentException("two arguments: " + bare + " and " + word);
            }
        }
        IoctlArgument argument = new IoctlArgument(number, form, bare, words);
        try (Arena arena = Arena.ofConfined()) {
            argument.lay(arena);
        }
        return argument;
    }

    /// Makes the call, and answers what it answered and what the argument came back with.
    String call(TunHandle file, Programs programs) {
        try (Arena arena = Arena.ofConfined()) {
            if (form == TunCommand.Form.DESCRIPTOR) {
                int answer = file.ioctl(number, 0);
                if (answer >= 0) {
                    file.release(answer);
                }
                return answer >= 0 ? "a descriptor" : Words.answer(answer);
            }
            if (form == TunCommand.Form.VALUE && !isPointer()) {
                return Words.answer(file.ioctl(number, bare.isEmpty() ? 0 : Long.decode(bare)));
            }
            MemorySegment argument = lay(arena);
            if (number == TunIoctl.TUNATTACHFILTER && argument.byteSize() > 0) {
                argument = programs.keep(program(), words);
            }
            if (!words.containsKey(THERE)) {
                return call(file, argument, programs);
            }
            int there = Integer.parseInt(words.get(THERE));
            try (PageEnd end = new PageEnd(there)) {
                MemorySegment part = end.memory();
                MemorySegment.copy(argument, 0, part, 0, Math.min(there, argument.byteSize()));
                return call(file, part, programs);
            }
        }
    }

    private String call(TunHandle file, MemorySegment argument, Programs programs) {
        byte[] before = argument.toArray(ValueLayout.JAVA_BYTE);
        int answer = words.containsKey(RAW) ? file.ioctl(number, argument.address()) : file.ioctl(number, argument);
        byte[] after = argument.toArray(ValueLayout.JAVA_BYTE);
        if (answer < 0 || argument.byteSize() == 0) {
            boolean same = Arrays.equals(before, after);
            return Words.answer(answer) + (same ? "" : " and changed the argument");
        }
        return (Words.answer(answer) + " " + result(argument, programs)).strip();
    }

    private boolean isPointer() {
        return bare.equals("null") || bare.equals("bad");
    }

    private MemorySegment lay(Arena arena) {
        if (bare.equals("null")) {
            return MemorySegment.NULL;
        }
        if (bare.equals("bad")) {
            return MemorySegment.ofAddress(1);
        }
        return switch (form) {
            case VALUE, INT -> {
                MemorySegment s = arena.allocate(4, 4);
                HostOrder.put32(s, 0, bare.isEmpty() ? 0 : Long.decode(bare).intValue());
                yield s;
            }
            case REQUEST -> {
                MemorySegment s = interfaceRequest(arena);
                if (words.containsKey("flags")) {
                    InterfaceRequest.flags(s, flags(words.get("flags")));
                }
                yield s;
            }
            case ADDRESS -> {
                MemorySegment s = interfaceRequest(arena);
                Ifreq.linkType(s, Integer.decode(words.getOrDefault("family", "1")));
                byte[] octets = HexFormat.of().parseHex(words.getOrDefault("address", ""));
                MemorySegment.copy(octets, 0, s, ValueLayout.JAVA_BYTE, Ifreq.HARDWARE_ADDRESS, octets.length);
                yield s;
            }
            case FILTER -> {
                String list = words.getOrDefault("addresses", "");
                byte[] octets = HexFormat.of().parseHex(list.replace(",", ""));
                MemorySegment s = arena.allocate(4 + octets.length, 4);
                HostOrder.put16(s, 0, Integer.decode(words.getOrDefault("flags", "0")));
                HostOrder.put16(s, 2, Integer.decode(words.getOrDefault("count", Integer.toString(octets.length / 6))));
                MemorySegment.copy(octets, 0, s, ValueLayout.JAVA_BYTE, 4, octets.length);
                yield s;
            }
            case PROGRAM -> {
                program();
                yield arena.allocate(16, 8);
            }
            case DESCRIPTOR -> MemorySegment.NULL;
        };
    }

    private MemorySegment interfaceRequest(Arena arena) {
        MemorySegment s = arena.allocate(Ifreq.SIZE, 8);
        byte[] name = words.getOrDefault("name", "").replace('_', ' ').getBytes(StandardCharsets.UTF_8);
        // Up to 16 octets, so that a name without its NUL can be tried.
        MemorySegment.copy(name, 0, s, ValueLayout.JAVA_BYTE, 0, Math.min(name.length, UNION));
        return s;
    }

    private static int flags(String text) {
        int flags = 0;
        for (String word : text.split("\\+")) {
            if (!word.isEmpty()) {
                flags |= FLAGS.containsKey(word) ? FLAGS.get(word) : Integer.decode(word);
            }
        }
        return flags;
    }

    private byte[] program() {
        String text = words.getOrDefault("program", "");
        if (text.isEmpty()) {
            return new byte[0];
        }
        String[] instructions = text.split(",");
        byte[] octets = new byte[instructions.length * 8];
        MemorySegment s = MemorySegment.ofArray(octets);
        for (int i = 0; i < instructions.length; i++) {
            String[] parts = instructions[i].split("\\.");
            HostOrder.put16(s, i * 8L, Integer.parseInt(parts[0], 16));
            octets[i * 8 + 2] = (byte) Integer.parseInt(parts[1], 16);
            octets[i * 8 + 3] = (byte) Integer.parseInt(parts[2], 16);
            HostOrder.put32(s, i * 8L + 4, Integer.parseUnsignedInt(parts[3], 16));
        }
        return octets;
    }

    private String result(MemorySegment s, Programs programs) {
        return switch (form) {
            case VALUE, DESCRIPTOR, FILTER -> "";
            case INT -> Integer.toString(HostOrder.i32(s, 0));
            case REQUEST ->
                "name=" + InterfaceRequest.name(s) + " flags=0x" + Integer.toHexString(InterfaceRequest.flags(s));
            case ADDRESS -> {
                byte[] octets = s.asSlice(Ifreq.HARDWARE_ADDRESS, 6).toArray(ValueLayout.JAVA_BYTE);
                yield "name=" + InterfaceRequest.name(s) + " family=" + Ifreq.linkType(s) + " address="
                        + LinkView.address(octets);
            }
            case PROGRAM ->
                number == TunIoctl.TUNGETFILTER
                        ? "length=" + HostOrder.u16(s, 0) + " program=" + programs.which(HostOrder.i64(s, 8))
                        : "";
        };
    }
}
