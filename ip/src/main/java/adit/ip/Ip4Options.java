package adit.ip;

import adit.packet.PacketBuffer;
import adit.wire.Ipv4;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;

/// The options of an IPv4 header on its way through this host: checks them, and fills in what record route and
/// timestamp ask for. RFC 791 section 3.1, in the order and with the pointers of Linux's `ip_options_compile`. And
/// those of answers, which carry back what was recorded and record this host once more, as `ip_options_echo` has it.
///
/// [#take] answers a long, so that nothing is allocated; most other methods read that long.
final class Ip4Options {
    private static final int END = 0;
    private static final int NOOP = 1;
    private static final int RECORD_ROUTE = 7;
    private static final int TIMESTAMP = 68;
    private static final int LOOSE_SOURCE_ROUTE = 131;
    private static final int STRICT_SOURCE_ROUTE = 137;
    private static final int CIPSO = 134;
    private static final int ROUTER_ALERT = 148;
    /// The bit of an option's kind that has fragments carry it too.
    private static final int COPIED = 0x80;

    /// The most octets of options that a header has.
    static final int MOST = Ipv4.MAX_HEADER_LENGTH - Ipv4.MIN_HEADER_LENGTH;

    private static final int TIMES_ONLY = 0;
    private static final int TIMES_AND_ADDRESSES = 1;
    private static final int TIMES_OF_GIVEN_ADDRESSES = 3;

    private static final int CIPSO_MIN_LENGTH = 8;

    private static final int TIMESTAMP_SHIFT = 8;
    private static final long SOURCE_ROUTED = 1L << 16;
    private static final long ROUTE_WANTS_ADDRESS = 1L << 17;
    private static final long CHANGED = 1L << 18;

    private final IpStack stack;

    Ip4Options(IpStack stack) {
        this.stack = stack;
    }

    /// Whether an option is wrong.
    static boolean isFault(long options) {
        return options < 0;
    }

    /// Where in the header the wrong octet stands.
    static int faultPointer(long options) {
        return (int) ~options;
    }

    static boolean isSourceRouted(long options) {
        return (options & SOURCE_ROUTED) != 0;
    }

    private static long fault(long header, long at) {
        return ~(at - header);
    }

    /// Looks at the options of the header at `header`, and fills them in; the header checksum is left to
    /// [#leave], so that an error that quotes the header quotes the old one, as Linux's do. `here` is this
    /// host's address as the packet's sender knows it.
    long take(MemorySegment s, long header, int here) {
        long end = header + Ipv4.headerLength(s, header);
        long at = header + Ipv4.MIN_HEADER_LENGTH;
        long found = 0;
        while (at < end) {
            int kind = Octets.u8(s, at);
            if (kind == END) {
                found |= clear(s, at, end);
                break;
            }
            if (kind == NOOP) {
                at++;
                continue;
            }
            int length = end - at < 2 ? 0 : Octets.u8(s, at + 1);
            if (length < 2 || length > end - at) {
                return fault(header, at);
            }
            long next = switch (kind) {
                case LOOSE_SOURCE_ROUTE, STRICT_SOURCE_ROUTE -> sourceRoute(s, header, at, length, found);
                case RECORD_ROUTE -> recordRoute(s, header, at, length, found, here);
                case TIMESTAMP -> timestamp(s, header, at, length, found, here);
                // A security label (CIPSO): none of its domains is known here, as on Linux where nobody has named one.
                case CIPSO -> fault(header, length < CIPSO_MIN_LENGTH ? at + 1 : at + 2);
                case ROUTER_ALERT -> length < 4 ? fault(header, at + 1) : found;
                default -> found;
            };
            if (isFault(next)) {
                return next;
            }
            found = next;
            at += length;
        }
        return found;
    }

    private static long clear(MemorySegment s, long at, long end) {
        long changed = 0;
        for (long i = at + 1; i < end; i++) {
            if (Octets.u8(s, i) != END) {
                Octets.put8(s, i, END);
                changed = CHANGED;
            }
        }
        return changed;
    }

    private static long sourceRoute(MemorySegment s, long header, long at, int length, long found) {
        if (length < 3) {
            return fault(header, at + 1);
        }
        if (Octets.u8(s, at + 2) < 4) {
            return fault(header, at + 2);
        }
        return isSourceRouted(found) ? fault(header, at) : found | SOURCE_ROUTED;
    }

    private static long recordRoute(MemorySegment s, long header, long at, int length, long found, int here) {
        if ((found & 0xff) != 0) {
            return fault(header, at);
        }
        if (length < 3) {
            return fault(header, at + 1);
        }
        int pointer = Octets.u8(s, at + 2);
        if (pointer < 4) {
            return fault(header, at + 2);
        }
        long result = found | at - header;
        if (pointer > length) {
            return result;
        }
        if (pointer + 3 > length) {
            return fault(header, at + 2);
        }
        Octets.put32(s, at + pointer - 1, here);
        Octets.put8(s, at + 2, pointer + 4);
        return result | CHANGED | ROUTE_WANTS_ADDRESS;
    }

    private long timestamp(MemorySegment s, long header, long at, int length, long found, int here) {
        if ((found >>> TIMESTAMP_SHIFT & 0xff) != 0) {
            return fault(header, at);
        }
        if (length < 4) {
            return fault(header, at + 1);
        }
        int pointer = Octets.u8(s, at + 2);
        if (pointer < 5) {
            return fault(header, at + 2);
        }
        long result = found | (at - header) << TIMESTAMP_SHIFT;
        int flags = Octets.u8(s, at + 3);
        if (pointer > length) {
            return (flags & 0xf) == TIMES_OF_GIVEN_ADDRESSES ? result : overflow(s, header, at, flags, result);
        }
        if (pointer + 3 > length) {
            return fault(header, at + 2);
        }
        long slot = at + pointer - 1;
        return switch (flags & 0xf) {
            case TIMES_ONLY -> {
                time(s, slot);
                Octets.put8(s, at + 2, pointer + 4);
                yield result | CHANGED;
            }
            case TIMES_AND_ADDRESSES, TIMES_OF_GIVEN_ADDRESSES -> {
                if (pointer + 7 > length) {
                    yield fault(header, at + 2);
                }
                if ((flags & 0xf) == TIMES_AND_ADDRESSES) {
                    Octets.put32(s, slot, here);
                } else if (isElsewhere(Octets.i32(s, slot))) {
                    yield result;
                }
                time(s, slot + 4);
                Octets.put8(s, at + 2, pointer + 8);
                yield result | CHANGED;
            }
            default -> result;
        };
    }

    /// Whether a time is to be written by the one host that has this address, and it isn't this one. Linux writes
    /// where the address is nobody's or everybody's.
    private boolean isElsewhere(int address) {
        if (address == 0 || address == -1 || Ip4Input.isMulticast(address)) {
            return false;
        }
        Route route = stack.fib4.lookup((long) address << 32, 0, 0, null);
        return route == null || (route.type != RouteType.LOCAL && route.type != RouteType.BROADCAST);
    }

    private static long overflow(MemorySegment s, long header, long at, int flags, long result) {
        int overflow = flags >> 4;
        if (overflow == 15) {
            return fault(header, at + 3);
        }
        Octets.put8(s, at + 3, (flags & 0xf) | ((overflow + 1) << 4));
        return result | CHANGED;
    }

    /// The time as a host writes it that can't vouch for midnight: with the high bit set (RFC 791).
    private void time(MemorySegment s, long at) {
        int millis = (int) Math.floorMod(stack.now() / 1_000_000, 86_400_000L);
        Octets.put32(s, at, millis | 1 << 31);
    }

    /// Writes the address that the packet leaves by where a route is recorded, and the checksum if anything changed.
    /// Beside a timestamp stands the address that it came to: Linux changes that for source-routed packets only.
    static void leave(MemorySegment s, long header, long options, int address) {
        if ((options & ROUTE_WANTS_ADDRESS) != 0) {
            long at = header + (options & 0xff);
            Octets.put32(s, at + Octets.u8(s, at + 2) - 5, address);
        }
        if ((options & CHANGED) != 0) {
            Ipv4.fillChecksum(s, header);
        }
    }

    // ---- Answers

    /// Writes the options of an answer at `to` of `into`, at most [#MOST] octets: record route and timestamp of the
    /// header at `header`, which [#take] has been through, with this host's address `own` and its time once more
    /// where they leave room. What stands behind the first `length` octets of the header, which may be wrong, is
    /// not looked at, except that a label in which they end goes back as it is. Answers how many octets were
    /// written, a multiple of four, or -1 where an option has less room left than it needs: Linux does not answer
    /// then.
    int echo(MemorySegment s, long header, int length, MemorySegment into, long to, int own) {
        long end = header + length;
        int written = 0;
        long route = find(s, header, end, RECORD_ROUTE);
        if (route >= 0) {
            written = echoRoute(s, route, into, to, own);
        }
        long times = written < 0 ? -1 : find(s, header, end, TIMESTAMP);
        if (times >= 0) {
            int more = echoTimes(s, times, into, to + written, own);
            written = more < 0 ? -1 : written + more;
        }
        long label = written < 0 ? -1 : find(s, header, header + Ipv4.headerLength(s, header), CIPSO);
        if (label >= 0 && label < end) {
            int octets = Octets.u8(s, label + 1);
            MemorySegment.copy(s, label, into, to + written, octets);
            written += octets;
        }
        if (written < 0) {
            return -1;
        }
        int padded = (written + 3) & ~3;
        for (int i = written; i < padded; i++) {
            Octets.put8(into, to + i, END);
        }
        return padded;
    }

    /// Puts the options of an answer in front of `answer`. `length` is that of the header at `header`, which may
    /// be where they are put. Answers as [#echo] does.
    int prepend(PacketBuffer answer, MemorySegment s, long header, int length, int own) {
        if (length <= Ipv4.MIN_HEADER_LENGTH) {
            return 0;
        }
        PacketBuffer aside = stack.lend(MOST);
        if (aside == null) {
            return -1;
        }
        int from = aside.put(MOST);
        int octets = echo(s, header, length, aside.segment(), from, own);
        if (octets > 0) {
            MemorySegment.copy(aside.segment(), from, answer.segment(), answer.push(octets), octets);
        }
        aside.release();
        return octets;
    }

    /// Where the first option of a kind stands that ends before `end`; -1 when there is none.
    private static long find(MemorySegment s, long header, long end, int wanted) {
        long at = header + Ipv4.MIN_HEADER_LENGTH;
        while (at < end && Octets.u8(s, at) != END) {
            int kind = Octets.u8(s, at);
            int length = kind == NOOP ? 1 : end - at < 2 ? 0 : Octets.u8(s, at + 1);
            if (length == 0 || length > end - at) {
                return -1;
            }
            if (kind == wanted) {
                return at;
            }
            at += length;
        }
        return -1;
    }

    private static int echoRoute(MemorySegment s, long at, MemorySegment into, long to, int own) {
        int length = Octets.u8(s, at + 1);
        int pointer = Octets.u8(s, at + 2);
        MemorySegment.copy(s, at, into, to, length);
        if (pointer > length) {
            return length;
        }
        if (pointer + 3 > length) {
            return -1;
        }
        Octets.put32(into, to + pointer - 1, own);
        Octets.put8(into, to + 2, pointer + 4);
        return length;
    }

    private int echoTimes(MemorySegment s, long at, MemorySegment into, long to, int own) {
        int length = Octets.u8(s, at + 1);
        int pointer = Octets.u8(s, at + 2);
        MemorySegment.copy(s, at, into, to, length);
        int flags = Octets.u8(s, at + 3) & 0xf;
        boolean writes = flags == TIMES_ONLY || flags == TIMES_AND_ADDRESSES || flags == TIMES_OF_GIVEN_ADDRESSES;
        if (pointer > length || !writes) {
            return length;
        }
        int slot = flags == TIMES_AND_ADDRESSES ? 8 : 4;
        if (pointer + slot - 1 > length) {
            return -1;
        }
        long place = to + pointer - 1;
        if (flags == TIMES_OF_GIVEN_ADDRESSES) {
            if (pointer + 7 > length || isElsewhere(Octets.i32(into, place))) {
                return length;
            }
            slot = 8;
        } else if (flags == TIMES_AND_ADDRESSES) {
            Octets.put32(into, place, own);
        }
        time(into, place + slot - 4);
        Octets.put8(into, to + 2, pointer + slot);
        return length;
    }

    // ---- Fragments

    /// Overwrites with padding the options that only the first fragment carries. The checksum is left as it is.
    static void keepCopied(MemorySegment s, long header) {
        long end = header + Ipv4.headerLength(s, header);
        long at = header + Ipv4.MIN_HEADER_LENGTH;
        while (at < end) {
            int kind = Octets.u8(s, at);
            if (kind == END) {
                return;
            }
            if (kind == NOOP) {
                at++;
                continue;
            }
            int length = end - at < 2 ? 0 : Octets.u8(s, at + 1);
            if (length < 2 || length > end - at) {
                return;
            }
            if ((kind & COPIED) == 0) {
                for (int i = 0; i < length; i++) {
                    Octets.put8(s, at + i, NOOP);
                }
            }
            at += length;
        }
    }
}
