package adit.interop;

import static org.assertj.core.api.Assertions.assertThat;

import adit.interop.guest.Guest;
import adit.interop.guest.KernelImage;
import adit.interop.guest.Nic;
import adit.interop.host.Namespace;
import org.junit.jupiter.api.Test;

class GuestTest {
    @Test
    void boots() throws Exception {
        long t0 = System.nanoTime();
        KernelImage image = KernelImage.newest(System.getProperty("guest", "6.12"));
        long t1 = System.nanoTime();
        try (Namespace ns = Namespace.make().addTap("under", "192.0.2.1/24");
                Guest guest = Guest.boot(image, new Nic.Tap("under", ns), new Nic.Wire("wire"), new Nic.Wire("lan"))) {
            long t2 = System.nanoTime();
            System.err.println("image " + (t1 - t0) / 1000000 + " boot " + (t2 - t1) / 1000000);
            System.err.println(guest.run("ip -br link; lsmod; free; dmesg | tail -5; cat /proc/uptime"));
            System.err.println(
                    guest.run(
                            "ip link set under up; ip addr add 192.0.2.2/24 dev under; ping -c 2 192.0.2.1; ip link add t1 type ipip local 192.0.2.2 remote 192.0.2.1; ip -d link show t1; modprobe sit; lsmod | head -3"));
            long t3 = System.nanoTime();
            for (int i = 0; i < 20; i++) guest.run("true");
            System.err.println("exec us " + (System.nanoTime() - t3) / 20000);
            System.err.println(guest.console());
            assertThat(guest.exec("exit 3", java.time.Duration.ofSeconds(3)).code())
                    .isEqualTo(3);
            assertThat(guest.exec("sleep 30", java.time.Duration.ofSeconds(1)).code())
                    .isEqualTo(137);
        }
    }
}
