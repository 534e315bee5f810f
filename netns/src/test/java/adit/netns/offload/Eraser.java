package adit.netns.offload;

import adit.tun.TunIoctl;
import java.util.ArrayList;
import java.util.List;

/// What makes Linux forget earlier packets.
///
/// Of a super-packet of TCP it reads how long the TCP header is (`skb_gso_network_seglen`) without a look at whether
/// that is in the linear part of its buffer. In one that lies about itself it need not be, and then what counts is what
/// an earlier packet has left in that memory. Zeroes in a buffer of the same size, dropped right before, leave zeroes:
/// Linux takes again first what it has given back last.
final class Eraser {
    /// Shorter ones are in the linear part as a whole.
    private static final int SHORTEST = 3000;
    /// So long that the rest is not in the linear part.
    private static final int ZEROES = 5000;
    private static final int TCP4 = 1;
    private static final int TCP6 = 4;
    private static final int ECN = 0x80;
    /// How long linear parts are in buffers of every size: with what is in front of them and behind them these have
    /// what a kernel takes for short headers (576 octets, 704 in one with tunnels), 1024, 2048 and a page.
    private static final int[] LINEAR = {3400, 1650, 630, 310, 185};

    private Eraser() {}

    /// What to write right before a packet with this virtio-net header.
    static List<String> before(Layout.End end, String header, String packet) {
        int type = Integer.parseInt(header, 2, 4, 16) & ~ECN;
        boolean coalesces = (end.flags() & TunIoctl.IFF_NAPI) != 0;
        if (coalesces || (type != TCP4 && type != TCP6) || packet.length() / 2 < SHORTEST) {
            return List.of();
        }
        String link = end.isTap() ? Router.LEFT_MAC + Router.HOST_MAC + "0800" : "";
        // An IPv4 header of no length is damaged.
        String damaged = "40" + "00".repeat(ZEROES);
        List<String> all = new ArrayList<>();
        for (int linear : LINEAR) {
            all.add(Packets.vnet(0, 0, linear, 0, 0, 0) + "00".repeat(end.header() - 10) + link + damaged);
        }
        return all;
    }
}
