package adit.netns.offload;

import static org.assertj.core.api.Assertions.assertThat;

import adit.device.Errno;
import adit.device.InterfaceRequest;
import adit.ip.IpCounter;
import adit.tun.Ifreq;
import adit.tun.TunFile;
import adit.tun.TunIoctl;
import adit.tun.TunOpener;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/// A router between two TUN or TAP devices, of which this holds the files: the kernel's or ours.
abstract class Router implements AutoCloseable {
    /// Long enough for all segments of a super-packet. How many a full queue of Linux holds depends on where in
    /// it the reader is.
    static final int QUEUE = 40_000;

    static final String LEFT_MAC = "020000000001";
    static final String RIGHT_MAC = "020000000002";
    static final String HOST_MAC = "020000000009";

    private static final HexFormat HEX = HexFormat.of();
    private static final int LONGEST = 70_000;
    private static final int LENGTH_FIELD = 4;

    final Layout layout;
    final TunFile left;
    final TunFile right;
    /// What the router itself had to say, on the left and on the right.
    final long[] chatter = new long[2];

    final long[] chatterOctets = new long[2];
    /// What the IP layer had counted before there was anything to do.
    private Map<IpCounter, Long> countedAtFirst = Map.of();
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(LONGEST, 8);

    Router(Layout layout, TunOpener opener) throws IOException {
        this.layout = layout;
        left = open(opener, "left", layout.left(), LEFT_MAC);
        right = open(opener, "right", layout.right(), RIGHT_MAC);
    }

    private TunFile open(TunOpener opener, String name, Layout.End end, String mac) throws IOException {
        TunFile file = opener.open();
        file.blocking(false);
        MemorySegment request = arena.allocate(Ifreq.SIZE, 8);
        InterfaceRequest.name(request, name);
        InterfaceRequest.flags(request, end.flags());
        assertThat(file.ioctl(TunIoctl.TUNSETIFF, request)).isZero();
        MemorySegment number = arena.allocate(LENGTH_FIELD, LENGTH_FIELD);
        number.set(ValueLayout.JAVA_INT, 0, end.header());
        assertThat(file.ioctl(TunIoctl.TUNSETVNETHDRSZ, number)).isZero();
        assertThat(file.ioctl(TunIoctl.TUNSETOFFLOAD, end.offloads()))
                .as("TUNSETOFFLOAD 0x%x", end.offloads())
                .isZero();
        if (end.isTap()) {
            Ifreq.linkType(request, 1);
            MemorySegment.copy(
                    MemorySegment.ofArray(HEX.parseHex(mac)), 0, request, Ifreq.HARDWARE_ADDRESS, mac.length() / 2);
            assertThat(file.ioctl(Ifreq.SIOCSIFHWADDR, request)).isZero();
        }
        return file;
    }

    /// Writes a packet to the left device, with an Ethernet header in front if it is a TAP, and answers what
    /// the call did.
    final String write(String header, String packet) {
        return write(header, packet, packet.startsWith("6") ? "86dd" : "0800");
    }

    /// The same with what is to stand in a frame behind the addresses, the type and whatever tags or labels.
    final String write(String header, String packet, String type) {
        return writeRaw(header + (layout.left().isTap() ? LEFT_MAC + HOST_MAC + type : "") + packet);
    }

    final String writeRaw(String hex) {
        byte[] octets = HEX.parseHex(hex);
        MemorySegment.copy(octets, 0, buffer, ValueLayout.JAVA_BYTE, 0, octets.length);
        int n = left.write(buffer, 0, octets.length);
        return n < 0 ? Errno.name(-n) : Integer.toString(n);
    }

    /// What waits for a reader, each with its header apart, as hexadecimal text; or the name of an error.
    final List<String> drain(TunFile file, Layout.End end) {
        List<String> all = new ArrayList<>();
        for (int n = file.read(buffer); n != -Errno.EAGAIN; n = file.read(buffer)) {
            if (n < 0) {
                all.add(Errno.name(-n));
                continue;
            }
            String hex = HEX.formatHex(buffer.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE));
            String read = hex.substring(0, 2 * end.header()) + " " + hex.substring(2 * end.header());
            if (Masks.isChatter(read, end)) {
                int side = file.equals(left) ? 0 : 1;
                chatter[side]++;
                chatterOctets[side] += n - end.header();
            } else {
                all.add(read);
            }
        }
        return all;
    }

    /// Lets everything come to an end that the writes have begun, held packets too, and answers what came out
    /// on the right.
    abstract List<String> right() throws Exception;

    /// What came back out on the left since [#right] was asked last.
    abstract List<String> left();

    /// Statistics of both devices.
    abstract List<String> counters() throws Exception;

    /// How many packets wait for more of their fragments.
    abstract int waiting() throws IOException;

    /// What the IP layer has counted; counters that are absent can't be had.
    abstract Map<IpCounter, Long> ipCounters() throws IOException;

    /// From now on what the IP layer counts is looked at.
    final void countFromHere() throws IOException {
        countedAtFirst = ipCounters();
    }

    /// What the IP layer has counted since.
    final Map<IpCounter, Long> counted() throws IOException {
        Map<IpCounter, Long> all = ipCounters();
        all.replaceAll((counter, value) -> value - countedAtFirst.getOrDefault(counter, 0L));
        return all;
    }

    @Override
    public void close() {
        left.close();
        right.close();
        arena.close();
    }
}
