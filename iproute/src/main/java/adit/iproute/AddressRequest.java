package adit.iproute;

import adit.netlink.IfAddr;
import adit.netlink.MessageWriter;
import adit.netlink.Rtnetlink;
import adit.wire.Ip4Address;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// What `ip address add`, `change`, `replace` and `delete` say of an address.
final class AddressRequest implements MessageWriter.Body {
    private static final int IFA_ANYCAST = 5;
    private static final long FOREVER = 0xffff_ffffL;
    private static final int LONGEST_WITH_BROADCAST = 30;
    private static final int SCOPE_MAX = 255;

    /// What a broadcast address is to be.
    private enum Broadcast {
        UNSAID,
        WRITTEN,
        ALL_ONES,
        ALL_ZEROS
    }

    private final Session session;
    private final int type;
    private final List<MessageWriter.Body> attributes = new ArrayList<>();
    private int family;
    private int prefixLength;
    private int flags;
    private int scope;
    private int index;
    private String device;
    private String localWord;
    private Optional<InetPrefix> local = Optional.empty();
    private Optional<InetPrefix> peer = Optional.empty();
    private Broadcast broadcast = Broadcast.UNSAID;
    private boolean anycast;
    private boolean scoped;
    private OptionalLong valid = OptionalLong.empty();
    private OptionalLong preferred = OptionalLong.empty();

    private AddressRequest(Session session, int type) {
        this.session = session;
        this.type = type;
        this.family = session.family();
    }

    static AddressRequest parse(Session session, int type, Words words) throws IpFailure {
        AddressRequest r = new AddressRequest(session, type);
        while (words.any()) {
            r.word(words.take(), words);
        }
        r.finish();
        return r;
    }

    @Override
    public void writeTo(MessageWriter w) {
        w.u8(family).u8(prefixLength).u8(flags <= 0xff ? flags : 0).u8(scope).i32(index);
        attributes.forEach(a -> a.writeTo(w));
    }

    private void word(String word, Words words) throws IpFailure {
        switch (word) {
            case "peer", "remote" -> peer(words.value());
            case "brd" -> broadcast(words.value());
            case "anycast" -> anycast(words.value());
            case "scope" -> {
                String text = words.value();
                scope = Names.scopes()
                        .number(text, SCOPE_MAX)
                        .orElseThrow(() -> IpFailure.wrong("invalid scope value.", text));
                scoped = true;
            }
            case "dev" -> device = words.value();
            case "label" -> {
                String label = words.value();
                attributes.add(w -> w.string(IfAddr.IFA_LABEL, label));
            }
            default -> prefixWord(word, words);
        }
    }

    private void prefixWord(String word, Words words) throws IpFailure {
        if (Words.begins(word, "broadcast")) {
            broadcast(words.value());
        } else if (Words.begins(word, "metric", "priority", "preference")) {
            long metric = Numbers.unsigned(words.value(), Integer.SIZE, "\"metric\" value is invalid\n");
            attributes.add(w -> w.i32(IfAddr.IFA_RT_PRIORITY, (int) metric));
        } else if (Words.begins(word, "valid_lft")) {
            valid = lifetime("valid_lft", valid, words);
        } else if (Words.begins(word, "preferred_lft")) {
            preferred = lifetime("preferred_lft", preferred, words);
        } else if (AddressFlags.named(word).isPresent()) {
            flag(AddressFlags.named(word).get());
        } else {
            local(word, words);
        }
    }

    private void peer(String text) throws IpFailure {
        if (peer.isPresent()) {
            throw IpFailure.duplicate("peer", text);
        }
        InetPrefix p = InetPrefix.prefix(text, family);
        peer = Optional.of(p);
        family = family == Names.AF_UNSPEC ? p.family() : family;
        attributes.add(w -> w.octets(IfAddr.IFA_ADDRESS, p.octets()));
        prefixLength = p.length();
    }

    private void broadcast(String text) throws IpFailure {
        if (broadcast != Broadcast.UNSAID) {
            throw IpFailure.duplicate("broadcast", text);
        }
        switch (text) {
            case "+" -> broadcast = Broadcast.ALL_ONES;
            case "-" -> broadcast = Broadcast.ALL_ZEROS;
            default -> {
                broadcast = Broadcast.WRITTEN;
                address(IfAddr.IFA_BROADCAST, text);
            }
        }
    }

    private void anycast(String text) throws IpFailure {
        if (anycast) {
            throw IpFailure.duplicate("anycast", text);
        }
        anycast = true;
        address(IFA_ANYCAST, text);
    }

    private void address(int attribute, String text) throws IpFailure {
        InetPrefix a = InetPrefix.address(text, family);
        family = family == Names.AF_UNSPEC ? a.family() : family;
        attributes.add(w -> w.octets(attribute, a.octets()));
    }

    private static OptionalLong lifetime(String keyword, OptionalLong before, Words words) throws IpFailure {
        if (before.isPresent()) {
            throw IpFailure.duplicate(keyword, keyword);
        }
        String text = words.value();
        return OptionalLong.of(
                text.equals("forever") ? FOREVER : Numbers.unsigned(text, Integer.SIZE, keyword + " value"));
    }

    private void flag(AddressFlags.Flag flag) {
        switch (flag.setting()) {
            case SHOWN_ONLY -> session.complain("Warning: " + flag.name() + " option is not mutable from userspace");
            case IP6 -> {
                if (family == Names.AF_INET6) {
                    flags |= flag.bit();
                } else {
                    session.complain("Warning: " + flag.name() + " option can be set only for IPv6 addresses");
                }
            }
            case ANY -> flags |= flag.bit();
        }
    }

    private void local(String word, Words words) throws IpFailure {
        String text = word.equals("local") ? words.value() : word;
        if (Words.begins(text, "help")) {
            throw IpFailure.senseless(Help.ADDRESS);
        }
        if (local.isPresent()) {
            throw IpFailure.duplicateOrGarbage("local", text);
        }
        localWord = text;
        InetPrefix p = InetPrefix.prefix(text, family);
        local = Optional.of(p);
        family = family == Names.AF_UNSPEC ? p.family() : family;
        attributes.add(w -> w.octets(IfAddr.IFA_LOCAL, p.octets()));
    }

    private void finish() throws IpFailure {
        if (flags > 0xff) {
            int all = flags;
            attributes.add(w -> w.i32(IfAddr.IFA_FLAGS, all));
        }
        if (device == null) {
            throw new IpFailure(IpFailure.ABSENT, "Not enough information: \"dev\" argument is required.");
        }
        if (peer.isEmpty() && local.isPresent()) {
            peerOfItself(local.get());
        }
        if (prefixLength == 0) {
            prefixLength = local.map(InetPrefix::length).orElse(0);
        }
        if (type != Rtnetlink.RTM_DELADDR) {
            if (broadcast == Broadcast.ALL_ONES || broadcast == Broadcast.ALL_ZEROS) {
                computeBroadcast();
            }
            if (!scoped) {
                boolean loopback = local.filter(l -> l.family() == Names.AF_INET && l.octets().length > 0)
                        .filter(l -> l.octets()[0] == 127)
                        .isPresent();
                scope = loopback ? Rtnetlink.RT_SCOPE_HOST : Rtnetlink.RT_SCOPE_UNIVERSE;
            }
        }
        index = session.links().required(device);
        lifetimes();
        if ((flags & AddressFlags.AUTOJOIN) != 0
                && !local.filter(AddressRequest::isMulticast).isPresent()) {
            throw new IpFailure(IpFailure.ABSENT, "autojoin needs multicast address");
        }
    }

    private void peerOfItself(InetPrefix own) {
        boolean wildcard = type == Rtnetlink.RTM_DELADDR
                && own.family() == Names.AF_INET
                && own.lengthGiven() == InetPrefix.Given.IMPLIED;
        if (wildcard) {
            session.complain("""
                    Warning: Executing wildcard deletion to stay compatible with old scripts.
                             Explicitly specify the prefix length (%s/%s) to avoid this warning.
                             This special behaviour is likely to disappear in further releases,
                             fix your scripts!""".formatted(localWord, own.octets().length * Byte.SIZE));
        } else {
            peer = local;
            attributes.add(w -> w.octets(IfAddr.IFA_ADDRESS, own.octets()));
        }
    }

    private void computeBroadcast() throws IpFailure {
        if (family != Names.AF_INET) {
            throw new IpFailure(IpFailure.ABSENT, "Broadcast can be set only for IPv4 addresses");
        }
        if (peer.isEmpty() || peer.get().length() > LONGEST_WITH_BROADCAST) {
            return;
        }
        int host =
                peer.get().length() == 0 ? -1 : (1 << (Integer.SIZE - peer.get().length())) - 1;
        int bits = peer.get().ip4().bits();
        Ip4Address address = new Ip4Address(broadcast == Broadcast.ALL_ONES ? bits | host : bits & ~host);
        attributes.add(w -> w.be32(IfAddr.IFA_BROADCAST, address.bits()));
    }

    private void lifetimes() throws IpFailure {
        if (valid.isEmpty() && preferred.isEmpty()) {
            return;
        }
        long validSeconds = valid.orElse(FOREVER);
        long preferredSeconds = preferred.orElse(FOREVER);
        if (validSeconds == 0) {
            throw new IpFailure(IpFailure.ABSENT, "valid_lft is zero");
        }
        if (validSeconds < preferredSeconds) {
            throw new IpFailure(IpFailure.ABSENT, "preferred_lft is greater than valid_lft");
        }
        attributes.add(w -> w.nested(
                IfAddr.IFA_CACHEINFO,
                c -> c.i32((int) preferredSeconds)
                        .i32((int) validSeconds)
                        .i32(0)
                        .i32(0)));
    }

    private static boolean isMulticast(InetPrefix p) {
        return p.family() == Names.AF_INET6 ? p.octets()[0] == -1 : (p.octets()[0] & 0xf0) == 0xe0;
    }
}
