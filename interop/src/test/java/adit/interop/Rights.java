package adit.interop;

import java.util.ArrayList;
import java.util.List;

/// What a program under test may do.
enum Rights {
    /// Everything.
    ROOT(""),
    /// An ordinary user who may set up interfaces and use raw sockets.
    NETWORK("+net_admin,+net_raw"),
    /// An ordinary user.
    NONE("");

    /// Whom these users are: nobody.
    static final int USER = 65534;

    /// Lets everybody open the TUN driver's file, as Debian's udev does, for the command alone: without udev only root
    /// may.
    private static final List<String> WITH_AN_OPEN_TUN_FILE = List.of(
            "unshare",
            "--mount",
            "sh",
            "-ec",
            "mount -t tmpfs -o mode=755 tun /dev/net; mknod -m 666 /dev/net/tun c 10 200; exec \"$@\"",
            "sh");

    private final String capabilities;

    Rights(String capabilities) {
        this.capabilities = capabilities;
    }

    /// The command that runs `command` with these rights and no others, whatever it executes.
    List<String> command(List<String> command) {
        if (this == ROOT) {
            return command;
        }
        String sets = capabilities.isEmpty() ? "-all" : "-all," + capabilities;
        List<String> limited = new ArrayList<>(WITH_AN_OPEN_TUN_FILE);
        limited.addAll(List.of(
                "setpriv",
                "--reuid=" + USER,
                "--regid=" + USER,
                "--clear-groups",
                "--no-new-privs",
                "--inh-caps=" + sets,
                "--ambient-caps=" + sets,
                "--bounding-set=" + sets));
        limited.addAll(command);
        return limited;
    }
}
