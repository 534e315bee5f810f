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
        List<String> limited = new ArrayList<>(List.of(
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
