package adit.bsdtun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BsdTunFileTest {
    @Test
    void readsWhatTheStackSendsAndHandsItWhatIsWritten() throws Exception {
        try (Rig rig = new Rig();
                BsdTunFile file = rig.ready()) {
            assertThat(rig.output(0, Rig.TO_PEER)).isZero();
            assertThat(rig.read(file)).isEqualTo(Rig.compact(Rig.TO_PEER));
            assertThat(rig.read(file)).isEqualTo("EAGAIN");
            assertThat(rig.write(file, Rig.TO_US)).isEqualTo(28);
            assertThat(rig.received).containsExactly("tun0 800 " + Rig.compact(Rig.TO_US));
        }
    }

    @Test
    void closedFilesSayEbadf() throws Exception {
        try (Rig rig = new Rig()) {
            BsdTunFile file = rig.ready();
            file.close();
            file.close();
            assertThat(file.isOpen()).isFalse();
            assertThat(rig.read(file)).isEqualTo("EBADF");
            assertThat(rig.write(file, Rig.TO_US)).isEqualTo(-BsdErrno.EBADF);
            assertThat(rig.ioctl(file, BsdIoctl.FIONBIO, 1)).isEqualTo(-BsdErrno.EBADF);
            assertThat(file.poll(BsdPoll.POLLIN | BsdPoll.POLLOUT)).isZero();
        }
    }

    @Test
    void saysWhatToDoWhenAUnitIsOpen() throws Exception {
        try (Rig rig = new Rig();
                BsdTunFile file = rig.open(3)) {
            assertThat(file.unit()).isEqualTo(3);
            assertThatThrownBy(() -> rig.driver.open(3))
                    .isInstanceOf(BsdTunException.class)
                    .hasMessage("open tun3: EBUSY (device busy): a unit has one opener at a time; close it");
        }
    }
}
