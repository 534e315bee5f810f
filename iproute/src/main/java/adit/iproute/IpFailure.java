package adit.iproute;

/// A command that can't go on: what to say on the standard error, and the exit code.
final class IpFailure extends Exception {
    /// The command line makes no sense.
    static final int SENSELESS = 255;
    /// What it names is not there.
    static final int ABSENT = 1;
    /// The kernel refused.
    static final int REFUSED = 2;

    private static final long serialVersionUID = 1;

    private final int exitCode;

    IpFailure(int exitCode, String text) {
        super(text, null, false, false);
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }

    static IpFailure senseless(String text) {
        return new IpFailure(SENSELESS, text);
    }

    static IpFailure wrong(String problem, String argument) {
        return senseless("Error: argument \"" + argument + "\" is wrong: " + problem);
    }

    static IpFailure required(String argument) {
        return senseless("Error: argument \"" + argument + "\" is required");
    }

    static IpFailure duplicate(String keyword, String second) {
        return senseless("Error: duplicate \"" + keyword + "\": \"" + second + "\" is the second value.");
    }

    static IpFailure duplicateOrGarbage(String keyword, String second) {
        return senseless("Error: either \"" + keyword + "\" is duplicate, or \"" + second + "\" is a garbage.");
    }

    static IpFailure incomplete() {
        return senseless("Command line is not complete. Try option \"help\"");
    }

    static IpFailure unknownCommand(String object, String command) {
        return senseless("Command \"" + command + "\" is unknown, try \"ip " + object + " help\".");
    }

    static IpFailure noDevice(String name) {
        return new IpFailure(ABSENT, "Cannot find device \"" + name + "\"");
    }

    static IpFailure deviceAbsent(String name) {
        return new IpFailure(ABSENT, "Device \"" + name + "\" does not exist.");
    }
}
