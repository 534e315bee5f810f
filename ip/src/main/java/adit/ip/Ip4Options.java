package adit.ip;

import adit.wire.Ipv4;
import adit.wire.Octets;
import java.lang.foreign.MemorySegment;

/// The options of an IPv4 header on its way through this host: checks them, and fills in what record route and
/// timestamp ask for. RFC 791 section 3.1, in the order and with the pointers of Linux's `ip_options_compile`.
///
/// [#take] answers a long, so that nothing is allocated; the other methods read that long.
final class Ip4Options {
    private static final int END = 0;
    private static final int NOOP = 1;
    private static final int RECORD_ROUTE = 7;
    private static final int TIMESTAMP = 68;
    private static final int LOOSE_SOURCE_ROUTE = 131;
    private static final int STRICT_SOURCE_ROUTE = 137;
    private static final int ROUTER_ALERT = 148;
    /// The bit of an option's kind that has fragments carry it too.
    private static final int COPIED = 0x80;

    private static final int TIMES_ONLY = 0;
    private static final int TIMES_AND_ADDRESSES = 1;
    private static final int TIMES_OF_GIVEN_ADDRESSES = 3;

    private static final int TIMESTAMP_SHIFT = 8;
    private static final long SOURCE_ROUTED = 1L << 16;
    private static final long ROUTE_WANTS_ADDRESS = 1L << 17;
    private static final long TIMESTAMP_WANTS_ADDRESS = 1L << 18;
    private static final long CHANGED = 1L << 19;

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
                } else if (!stack.isLocal4(Octets.i32(s, slot))) {
                    yield result;
                }
                time(s, slot + 4);
                Octets.put8(s, at + 2, pointer + 8);
                boolean wants = (flags & 0xf) == TIMES_AND_ADDRESSES;
                yield result | CHANGED | (wants ? TIMESTAMP_WANTS_ADDRESS : 0);
            }
            default -> result;
        };
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

    /// Writes the address that the packet leaves by where the options ask for it, and the checksum if anything
    /// changed.
    static void leave(MemorySegment s, long header, long options, int address) {
        if ((options & ROUTE_WANTS_ADDRESS) != 0) {
            long at = header + (options & 0xff);
            Octets.put32(s, at + Octets.u8(s, at + 2) - 5, address);
        }
        if ((options & TIMESTAMP_WANTS_ADDRESS) != 0) {
            long at = header + (options >>> TIMESTAMP_SHIFT & 0xff);
            Octets.put32(s, at + Octets.u8(s, at + 2) - 9, address);
        }
        if ((options & CHANGED) != 0) {
            Ipv4.fillChecksum(s, header);
        }
    }

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
