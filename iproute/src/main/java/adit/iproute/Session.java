package adit.iproute;

import java.io.PrintWriter;

/// What every command needs: what was asked for in front of it, who answers, and where its answer goes. One for
/// each command of a batch.
///
/// @param options the options
/// @param host where it acts
/// @param netlink asks there
/// @param links the names of the links there
/// @param out the standard output
/// @param err the standard error
record Session(
        IpOptions options, IpHost host, Conversation netlink, LinkNames links, PrintWriter out, PrintWriter err) {
    static Session of(IpOptions options, IpHost host, PrintWriter out, PrintWriter err) {
        Conversation netlink = new Conversation(host.netlink(), err);
        return new Session(options, host, netlink, new LinkNames(netlink), out, err);
    }

    Session with(IpOptions other) {
        return new Session(other, host, netlink, links, out, err);
    }

    Page page() {
        return Page.of(out, options);
    }

    /// The name of a number, or its digits where these are asked for.
    String name(Names names, int number) {
        return options.names() == IpOptions.NumberNames.NUMERIC ? Integer.toUnsignedString(number) : names.text(number);
    }

    /// The name of a link type, or its digits where these are asked for.
    String linkType(int type) {
        return options.names() == IpOptions.NumberNames.NUMERIC ? "[" + type + "]" : Names.linkType(type);
    }

    int family() {
        return options.family();
    }

    void complain(String text) {
        err.println(text);
    }
}
