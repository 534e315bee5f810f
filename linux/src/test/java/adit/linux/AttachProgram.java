package adit.linux;

import adit.tun.TunSpec;
import adit.wire.IpAddress;
import java.io.IOException;

/// A program of its own, for a process without privilege: attaches to the TUN device that its argument names
/// and prints what it got, then tries to configure it and to make another one and prints why it can't.
final class AttachProgram {
    private AttachProgram() {}

    public static void main(String[] arguments) throws Exception {
        long start = System.nanoTime();
        try (TunDevice tun = TunDevice.open(TunSpec.tun(arguments[0]))) {
            long millis = (System.nanoTime() - start) / 1_000_000;
            System.out.println(tun.name() + " " + tun.index() + " " + tun.mtu());
            System.err.println("opened in " + millis + " ms");
            configure(tun.index());
        }
        try (TunDevice other = TunDevice.open(TunSpec.tun("other0"))) {
            System.out.println("made " + other.name());
        } catch (LinuxException e) {
            System.out.println(e.getMessage());
        }
        try (Netns netns = Netns.create()) {
            System.out.println("made " + netns.name());
        } catch (LinuxException e) {
            System.out.println(e.getMessage());
        }
    }

    private static void configure(int index) throws IOException {
        try (RtNetlink net = RtNetlink.open()) {
            net.setUp(index);
        } catch (LinuxException e) {
            System.out.println(e.getMessage());
        }
        try (RtNetlink net = RtNetlink.open()) {
            net.addAddress(index, IpAddress.parse("192.0.2.1"), 24);
        } catch (LinuxException e) {
            System.out.println(e.getMessage());
        }
    }
}
