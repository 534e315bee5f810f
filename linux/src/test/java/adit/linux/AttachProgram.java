package adit.linux;

import adit.tun.TunSpec;

/// A program of its own, for a process without privilege: attaches to the TUN device that its argument names
/// and prints what it got, then tries to make another one and prints why it can't.
final class AttachProgram {
    private AttachProgram() {}

    public static void main(String[] arguments) throws Exception {
        long start = System.nanoTime();
        try (TunDevice tun = TunDevice.open(TunSpec.tun(arguments[0]))) {
            long millis = (System.nanoTime() - start) / 1_000_000;
            System.out.println(tun.name() + " " + tun.index() + " " + tun.mtu());
            System.err.println("opened in " + millis + " ms");
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
}
