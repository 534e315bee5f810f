package adit.iproute;

import adit.wire.Ip4Address;
import adit.wire.Ip6Address;
import java.lang.foreign.MemorySegment;
import java.util.OptionalInt;

/// Link-layer addresses as text: octets in hexadecimal, or an IP address where a tunnel has one for its own.
final class LinkAddress {
    private static final int ARPHRD_TUNNEL = 768;
    private static final int ARPHRD_TUNNEL6 = 769;
    private static final int ARPHRD_SIT = 776;
    private static final int ARPHRD_IPGRE = 778;
    private static final int ARPHRD_IP6GRE = 823;
    private static final int MAX_OCTETS = 32;

    private LinkAddress() {}

    static String text(byte[] octets, int linkType) {
        MemorySegment s = MemorySegment.ofArray(octets);
        switch (linkType) {
            case ARPHRD_TUNNEL, ARPHRD_SIT, ARPHRD_IPGRE -> {
                if (octets.length == 4) {
                    return Ip4Address.read(s, 0).toString();
                }
            }
            case ARPHRD_TUNNEL6, ARPHRD_IP6GRE -> {
                if (octets.length == 16) {
                    return Ip6Address.read(s, 0).toString();
                }
            }
            default -> {}
        }
        StringBuilder text = new StringBuilder();
        for (byte octet : octets) {
            text.append(text.isEmpty() ? "" : ":").append("%02x".formatted(octet));
        }
        return text.toString();
    }

    static byte[] parse(String text) throws IpFailure {
        if (text.indexOf('.') >= 0) {
            return InetPrefix.readAddress(text, Names.AF_INET)
                    .orElseThrow(() -> invalid(text))
                    .octets();
        }
        String[] parts = text.split(":", -1);
        if (parts.length > MAX_OCTETS) {
            throw invalid(text);
        }
        byte[] octets = new byte[parts.length];
        for (int i = 0; i < parts.length; i++) {
            String part = parts[i];
            OptionalInt octet = octet(part);
            octets[i] = (byte) octet.orElseThrow(() -> invalid(part));
        }
        return octets;
    }

    private static OptionalInt octet(String hexadecimal) {
        return hexadecimal.matches("[0-9a-fA-F]{1,2}")
                ? OptionalInt.of(Integer.parseInt(hexadecimal, 16))
                : OptionalInt.empty();
    }

    private static IpFailure invalid(String text) {
        return new IpFailure(IpFailure.ABSENT, "\"" + text + "\" is invalid lladdr.");
    }
}
