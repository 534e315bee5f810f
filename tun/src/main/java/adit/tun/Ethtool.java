package adit.tun;

import adit.device.DeviceTable;
import adit.device.Errno;
import adit.device.InterfaceRequest;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// What the driver tells ethtool(8) of a device, and lets it set: SIOCETHTOOL of any socket of the namespace,
/// with the structures of `linux/ethtool.h`, in the host's octet order.
///
/// ```
/// struct ifreq: | name (16) | pointer |      -> | command (4) | what the command has ... |
/// ```
///
/// Answers are 0 or a negative errno. The commands are those that the driver has itself; EOPNOTSUPP for the
/// rest, those among it that Linux's core answers for every device (features, strings). None of the settings
/// changes what becomes of a packet: write() has no batches that `rx-frames` could lengthen.
public final class Ethtool {
    /// The ioctl of a socket.
    public static final int SIOCETHTOOL = 0x8946;

    /// Reads the link's settings: `struct ethtool_cmd`.
    public static final int GSET = 0x01;
    /// Reads the driver's name and version: `struct ethtool_drvinfo`.
    public static final int GDRVINFO = 0x03;
    /// Reads the message level: `struct ethtool_value`.
    public static final int GMSGLVL = 0x07;
    /// Writes the message level.
    public static final int SMSGLVL = 0x08;
    /// Reads whether the device is up and has a carrier: `struct ethtool_value`.
    public static final int GLINK = 0x0a;
    /// Reads how many frames are batched: `struct ethtool_coalesce`.
    public static final int GCOALESCE = 0x0e;
    /// Writes how many frames are batched.
    public static final int SCOALESCE = 0x0f;
    /// Reads the numbers of queues: `struct ethtool_channels`.
    public static final int GCHANNELS = 0x3c;
    /// Reads what times packets: `struct ethtool_ts_info`.
    public static final int GET_TS_INFO = 0x41;
    /// Reads the link's settings: `struct ethtool_link_settings`.
    public static final int GLINKSETTINGS = 0x4c;
    /// Writes the link's settings.
    public static final int SLINKSETTINGS = 0x4d;

    private static final ByteOrder HOST = ByteOrder.nativeOrder();
    private static final int COMMAND_SIZE = 4;
    private static final int VALUE = 4;
    private static final int VALUE_SIZE = 8;
    private static final int DRIVER_INFO_SIZE = 196;
    private static final int DRIVER = 4;
    private static final int VERSION = 36;
    private static final int BUS_INFO = 100;
    private static final int TIMESTAMPS_SIZE = 44;
    private static final int CLOCK = 8;
    /// SOF_TIMESTAMPING_TX_SOFTWARE, RX_SOFTWARE and SOFTWARE.
    private static final int IN_SOFTWARE = 0x1a;

    private static final int COALESCE_SIZE = 92;
    private static final int RX_FRAMES = 8;
    private static final int MOST_RX_FRAMES = 64;
    private static final int CHANNELS_SIZE = 36;
    private static final int MOST_COMBINED = 16;
    private static final int COMBINED = 32;

    private final TunDriver driver;

    Ethtool(TunDriver driver) {
        this.driver = driver;
    }

    /// The call as a program makes it: `ifreq` is a `struct ifreq` of a device's name and a pointer, which is
    /// followed where the driver finds what stands at addresses ([UserMemory]).
    public int ioctl(MemorySegment ifreq, Credentials who) {
        UserMemory memory = driver.memory();
        long address = ifreq.get(ValueLayout.JAVA_LONG_UNALIGNED, InterfaceRequest.NAME_LENGTH);
        MemorySegment command = MemorySegment.ofArray(new byte[COMMAND_SIZE]);
        if (memory.read(address, command) < 0) {
            return -Errno.EFAULT;
        }
        int number = Octets.i32(command, 0, HOST);
        MemorySegment s = MemorySegment.ofArray(new byte[size(number)]);
        if (memory.read(address, s) < 0) {
            s = MemorySegment.ofArray(new byte[least(number)]);
            if (memory.read(address, s) < 0) {
                return -Errno.EFAULT;
            }
        }
        int answer = ioctl(InterfaceRequest.name(ifreq), s, who);
        return answer < 0 ? answer : memory.write(address, s);
    }

    /// The same for the command itself, at the start of `s`, whose size is that of the structure.
    public int ioctl(String device, MemorySegment s, Credentials who) {
        int command = Octets.i32(s, 0, HOST);
        if (s.byteSize() < least(command)) {
            return -Errno.EFAULT;
        }
        DeviceTable table = driver.table();
        table.lock().lock();
        try {
            if (!(table.byName(device) instanceof TunTapDevice d)) {
                return table.byName(device) == null ? -Errno.ENODEV : -Errno.EOPNOTSUPP;
            }
            if (!isForEverybody(command) && !who.isNetAdmin()) {
                return -Errno.EPERM;
            }
            return driver.profile() == Profile.LINUX_4_1 ? locked41(d, command, s) : locked(d, command, s);
        } finally {
            table.lock().unlock();
        }
    }

    /// What must be there: of what holds masks, their number, which may be a question.
    private static int least(int command) {
        return command == GLINKSETTINGS ? LinkSettings.HEADER : size(command);
    }

    private static int size(int command) {
        return switch (command) {
            case GSET -> LinkSettings.OLD_SIZE;
            case GDRVINFO -> DRIVER_INFO_SIZE;
            case GMSGLVL, SMSGLVL, GLINK -> VALUE_SIZE;
            case GCOALESCE, SCOALESCE -> COALESCE_SIZE;
            case GCHANNELS -> CHANNELS_SIZE;
            case GET_TS_INFO -> TIMESTAMPS_SIZE;
            case GLINKSETTINGS, SLINKSETTINGS -> LinkSettings.SIZE;
            default -> COMMAND_SIZE;
        };
    }

    private static boolean isForEverybody(int command) {
        return switch (command) {
            case GSET, GDRVINFO, GMSGLVL, GLINK, GCOALESCE, GCHANNELS, GET_TS_INFO, GLINKSETTINGS -> true;
            default -> false;
        };
    }

    private static int locked(TunTapDevice d, int command, MemorySegment s) {
        EthtoolSettings settings = d.ethtoolSettings();
        switch (command) {
            case GSET -> settings.link.tellOld(s);
            case GDRVINFO -> tellDriver(d, s);
            case GMSGLVL -> Octets.put32(s, VALUE, settings.messageLevel, HOST);
            case SMSGLVL -> settings.messageLevel = Octets.i32(s, VALUE, HOST);
            case GLINK -> Octets.put32(s, VALUE, d.isUp() && d.hasCarrier() ? 1 : 0, HOST);
            case GCOALESCE -> tell(s, COALESCE_SIZE, RX_FRAMES, settings.rxFrames);
            case SCOALESCE -> {
                return coalesce(settings, s);
            }
            case GCHANNELS -> {
                tell(s, CHANNELS_SIZE, MOST_COMBINED, d.isMultiQueue() ? AttachedFiles.MOST : 1);
                Octets.put32(s, COMBINED, d.info().queues(), HOST);
            }
            case GET_TS_INFO -> tellTimestamps(s);
            case GLINKSETTINGS -> {
                return settings.link.tell(s);
            }
            case SLINKSETTINGS -> {
                return settings.link.set(s);
            }
            default -> {
                return -Errno.EOPNOTSUPP;
            }
        }
        return 0;
    }

    private static int locked41(TunTapDevice d, int command, MemorySegment s) {
        switch (command) {
            case GSET -> LinkSettings.tellOld41(s);
            case GDRVINFO -> tellDriver(d, s);
            // A driver that is not built for debugging gives its errno for the level, and takes any.
            case GMSGLVL -> Octets.put32(s, VALUE, -Errno.EOPNOTSUPP, HOST);
            case SMSGLVL -> {}
            case GLINK -> Octets.put32(s, VALUE, d.isUp() && d.hasCarrier() ? 1 : 0, HOST);
            case GET_TS_INFO -> tellTimestamps(s);
            default -> {
                return -Errno.EOPNOTSUPP;
            }
        }
        return 0;
    }

    /// Zeroes all but the command, and writes one number.
    private static void tell(MemorySegment s, int size, int at, int value) {
        clear(s, size);
        Octets.put32(s, at, value, HOST);
    }

    private static void clear(MemorySegment s, int size) {
        s.asSlice(COMMAND_SIZE, size - COMMAND_SIZE).fill((byte) 0);
    }

    private static void tellDriver(TunTapDevice d, MemorySegment s) {
        clear(s, DRIVER_INFO_SIZE);
        s.setString(DRIVER, "tun");
        s.setString(VERSION, "1.6");
        s.setString(BUS_INFO, d.isTap() ? "tap" : "tun");
    }

    private static void tellTimestamps(MemorySegment s) {
        tell(s, TIMESTAMPS_SIZE, VALUE, IN_SOFTWARE);
        Octets.put32(s, CLOCK, -1, HOST);
    }

    private static int coalesce(EthtoolSettings settings, MemorySegment s) {
        for (int at = COMMAND_SIZE; at < COALESCE_SIZE; at += Integer.BYTES) {
            if (at != RX_FRAMES && Octets.i32(s, at, HOST) != 0) {
                return -Errno.EOPNOTSUPP;
            }
        }
        // As unsigned numbers, like everything in these structures.
        int wanted = Octets.i32(s, RX_FRAMES, HOST);
        settings.rxFrames = Integer.compareUnsigned(wanted, MOST_RX_FRAMES) > 0 ? MOST_RX_FRAMES : wanted;
        return 0;
    }
}
