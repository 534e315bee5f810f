// yardstick: how fast a plain C relay between a TUN device and an IPv4 underlay can be with the system calls that
// every Linux program has. The benchmarks set Adit beside it. One thread for each direction, no configuration, no
// error recovery: it is a measure, not a tunnel to use.
//
//   yardstick naive ipip TUN LOCAL REMOTE        one read and one send a packet, raw socket of protocol 4
//   yardstick naive udp  TUN LOCAL REMOTE PORT   the same over UDP; the inner packet is the payload, as FOU has it
//   yardstick gso   udp  TUN LOCAL REMOTE PORT   super-packets by IFF_VNET_HDR, UDP_SEGMENT and UDP_GRO
//   yardstick ring  ipip TUN LOCAL REMOTE        super-packets by IFF_VNET_HDR, their segments sent by a packet socket's
//                                                transmit ring, received from a raw socket by recvmmsg and joined
//
// In gso and ring mode inner checksums are computed on the way out and verified on the way in.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

// Debian 12's headers are older than the kernels this may run on.
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif
#ifndef TUN_F_USO4
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif
#ifndef VIRTIO_NET_HDR_GSO_UDP_L4
#define VIRTIO_NET_HDR_GSO_UDP_L4 5
#endif

enum {
    MAX_PACKET = 65535,
    MAX_DATAGRAM = 65507,      // largest UDP payload over IPv4
    MAX_SEGMENTS = 64,         // UDP_SEGMENT takes no more on kernels before 6.9
    MAX_HEADERS = 120,         // IPv4 and TCP, each with all options
    BATCH = 32,                // packets read before the outbound train must leave
    INBOUND_DATAGRAMS = 64,
    JOINED_DATAGRAMS = 8,      // of those that UDP_GRO may fill up to the brim
    OUTER_HEADER = 20,
    RING_OCTETS = 2 << 20,
    LEAST_FRAME = 2048,
    RING_BLOCK = 64 << 10,
    SOCKET_BUFFER = 8 << 20,
    TCP = 6,
    UDP = 17,
};

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };

static int tun, sock;
static bool raw; // received packets start with the outer IPv4 header

static void die(const char *what) {
    perror(what);
    exit(1);
}

// ---- octets and checksums -------------------------------------------------------------------------------------

static uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }

static uint32_t get32(const uint8_t *p) {
    uint32_t v;
    memcpy(&v, p, 4);
    return ntohl(v);
}

static void put16(uint8_t *p, unsigned v) {
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v) {
    v = htonl(v);
    memcpy(p, &v, 4);
}

// One's complement sum in native byte order, not folded. Words of 32 bits in four accumulators of 64 let the
// compiler use vectors.
static uint64_t sum(const uint8_t *p, size_t n) {
    uint64_t a = 0, b = 0, c = 0, d = 0;
    for (; n >= 16; p += 16, n -= 16) {
        uint32_t w[4];
        memcpy(w, p, 16);
        a += w[0];
        b += w[1];
        c += w[2];
        d += w[3];
    }
    for (; n >= 2; p += 2, n -= 2) {
        uint16_t w;
        memcpy(&w, p, 2);
        a += w;
    }
    return n ? a + b + c + d + *p : a + b + c + d; // the odd octet, little endian
}

static uint16_t fold(uint64_t s) {
    s = (s & 0xffffffff) + (s >> 32);
    s = (s & 0xffff) + (s >> 16);
    s = (s & 0xffff) + (s >> 16);
    return (uint16_t)((s & 0xffff) + (s >> 16));
}

static void put_checksum(uint8_t *field, uint64_t s, bool udp) {
    uint16_t c = (uint16_t)~fold(s);
    if (udp && c == 0) c = 0xffff;
    memcpy(field, &c, 2);
}

static uint64_t pseudo_header(const uint8_t *ip, unsigned length) {
    return sum(ip + 12, 8) + htons(ip[9]) + htons((uint16_t)length);
}

static void fill_ip_checksum(uint8_t *ip) {
    put16(ip + 10, 0);
    put_checksum(ip + 10, sum(ip, (size_t)(ip[0] & 15) * 4), false);
}

// ---- opening --------------------------------------------------------------------------------------------------

static int open_tun(const char *name, bool offload) {
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | (offload ? O_NONBLOCK : 0));
    if (fd < 0) die("open /dev/net/tun");
    struct ifreq request = {0};
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    request.ifr_flags = (short)(IFF_TUN | IFF_NO_PI | (offload ? IFF_VNET_HDR : 0));
    if (ioctl(fd, TUNSETIFF, &request) < 0) die("TUNSETIFF");
    if (offload) {
        int size = sizeof(struct virtio_net_hdr);
        if (ioctl(fd, TUNSETVNETHDRSZ, &size) < 0) die("TUNSETVNETHDRSZ");
        unsigned features = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6;
        if (ioctl(fd, TUNSETOFFLOAD, features | TUN_F_USO4 | TUN_F_USO6) < 0 && ioctl(fd, TUNSETOFFLOAD, features) < 0)
            die("TUNSETOFFLOAD");
    }
    return fd;
}

static int open_socket(const char *local, const char *remote, int port, bool offload) {
    int fd = raw ? socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_IPIP) : socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) die("socket");
    int size = SOCKET_BUFFER;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (inet_pton(AF_INET, local, &address.sin_addr) != 1) die("local address");
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) die("bind");
    if (inet_pton(AF_INET, remote, &address.sin_addr) != 1) die("remote address");
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) die("connect");
    int on = 1;
    if (offload && setsockopt(fd, IPPROTO_UDP, UDP_GRO, &on, sizeof on) < 0) die("UDP_GRO");
    return fd;
}

// ---- naive: one system call in, one out -----------------------------------------------------------------------

static void *naive_outbound(void *unused) {
    static uint8_t packet[MAX_PACKET];
    for (;;) {
        ssize_t n = read(tun, packet, sizeof packet);
        if (n < 0 && errno != EINTR) die("read");
        if (n > 0) send(sock, packet, (size_t)n, 0); // a refused packet is a lost packet
    }
    return unused;
}

// Where the underlay device does GRO, as network cards do, the kernel has merged TCP segments inside ipip before a raw
// socket sees them, and left no more than the pseudo-header's sum in the checksum field.
static void finish_merged(uint8_t *ip, size_t n) {
    size_t l4 = (size_t)(ip[0] & 15) * 4, length = n >= 40 ? get16(ip + 2) : 0;
    if (ip[0] >> 4 != 4 || ip[9] != TCP || length < l4 + 20 || length > n) return;
    uint16_t field, pseudo = fold(pseudo_header(ip, (unsigned)(length - l4)));
    memcpy(&field, ip + l4 + 16, 2);
    if (field == pseudo) put_checksum(ip + l4 + 16, sum(ip + l4, length - l4), false);
}

static void *naive_inbound(void *unused) {
    static uint8_t packet[MAX_PACKET];
    for (;;) {
        ssize_t n = recv(sock, packet, sizeof packet, 0);
        ssize_t skip = raw && n > 0 ? (packet[0] & 15) * 4 : 0;
        if (n <= skip) continue;
        if (raw) finish_merged(packet + skip, (size_t)(n - skip));
        if (write(tun, packet + skip, (size_t)(n - skip)) < 0 && errno == EBADFD) die("write");
    }
    return unused;
}

// ---- outbound by ring: frames in memory shared with the kernel, sent by one call ------------------------------

// In front of each packet. That the whole packet is said to be header lets the kernel copy it in one piece.
struct frame {
    struct tpacket2_hdr status;
    struct virtio_net_hdr v;
    struct ether_header ethernet;
    uint8_t packet[];
};
_Static_assert(offsetof(struct frame, packet) == 32 + 10 + 14, "the kernel looks for each part right behind the last");

static uint8_t *ring; // NULL in the other modes
static int ring_socket;
static size_t frame_octets = LEAST_FRAME;
static unsigned frames, ring_next, ring_waiting;
static uint8_t outer[OUTER_HEADER]; // all that stays the same from packet to packet
static struct ether_header link_header;

static struct frame *ring_frame(void) { return (struct frame *)(void *)(ring + (size_t)ring_next * frame_octets); }

static void ring_leave(void) {
    if (ring_waiting == 0) return;
    while (send(ring_socket, NULL, 0, MSG_DONTWAIT) < 0 && (errno == EAGAIN || errno == ENOBUFS || errno == EINTR)) {
    }
    ring_waiting = 0;
}

// Where the inner headers of the next packet may be built, once its frame is free.
static uint8_t *ring_room(void) {
    while (__atomic_load_n(&ring_frame()->status.tp_status, __ATOMIC_ACQUIRE) != TP_STATUS_AVAILABLE) ring_leave();
    return ring_frame()->packet + OUTER_HEADER;
}

static void ring_add(const uint8_t *head, size_t head_length, const uint8_t *body, size_t body_length) {
    static uint16_t identification;
    struct frame *f = ring_frame();
    uint8_t *inner = f->packet + OUTER_HEADER;
    size_t length = OUTER_HEADER + head_length + body_length;
    if (inner + head_length + body_length > (uint8_t *)f + frame_octets) return;
    if (head != inner) memcpy(inner, head, head_length);
    if (body_length > 0) memcpy(inner + head_length, body, body_length);
    memcpy(f->packet, outer, OUTER_HEADER);
    put16(f->packet + 2, (unsigned)length);
    put16(f->packet + 4, identification++);
    fill_ip_checksum(f->packet);
    f->ethernet = link_header;
    f->v = (struct virtio_net_hdr){.hdr_len = (uint16_t)(sizeof f->ethernet + length)};
    f->status.tp_len = (uint32_t)(sizeof f->v + sizeof f->ethernet + length);
    __atomic_store_n(&f->status.tp_status, TP_STATUS_SEND_REQUEST, __ATOMIC_RELEASE);
    ring_next = (ring_next + 1) % frames;
    if (++ring_waiting == frames / 4) ring_leave();
}

// The Ethernet address of the peer, which is on the link: a datagram to nobody makes the kernel ask for it.
static void find_neighbour(const char device[IFNAMSIZ], struct in_addr remote) {
    int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr = remote};
    for (int attempt = 0; attempt < 200; attempt++) {
        sendto(any, "", 0, 0, (struct sockaddr *)&to, sizeof to);
        usleep(10000);
        struct arpreq request = {0};
        memcpy(&request.arp_pa, &to, sizeof to);
        memcpy(request.arp_dev, device, IFNAMSIZ);
        if (ioctl(any, SIOCGARP, &request) == 0 && (request.arp_flags & ATF_COM)) {
            memcpy(link_header.ether_dhost, request.arp_ha.sa_data, ETH_ALEN);
            close(any);
            return;
        }
    }
    fprintf(stderr, "yardstick: the peer does not answer ARP\n");
    exit(1);
}

static void open_ring(const char *local, const char *remote) {
    struct in_addr from, to;
    inet_pton(AF_INET, local, &from);
    inet_pton(AF_INET, remote, &to);
    const uint8_t start[] = {0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, IPPROTO_IPIP};
    memcpy(outer, start, sizeof start);
    memcpy(outer + 12, &from, 4);
    memcpy(outer + 16, &to, 4);
    struct ifaddrs *all, *i;
    if (getifaddrs(&all) < 0) die("getifaddrs");
    char device[IFNAMSIZ] = "";
    for (i = all; i; i = i->ifa_next)
        if (i->ifa_addr && i->ifa_addr->sa_family == AF_INET &&
            ((struct sockaddr_in *)(void *)i->ifa_addr)->sin_addr.s_addr == from.s_addr)
            strncpy(device, i->ifa_name, sizeof device - 1);
    struct sockaddr_ll link = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(device)};
    for (i = all; i; i = i->ifa_next)
        if (i->ifa_addr && i->ifa_addr->sa_family == AF_PACKET && strcmp(i->ifa_name, device) == 0)
            memcpy(link_header.ether_shost, ((struct sockaddr_ll *)(void *)i->ifa_addr)->sll_addr, ETH_ALEN);
    freeifaddrs(all);
    link_header.ether_type = htons(ETHERTYPE_IP);
    find_neighbour(device, to);
    ring_socket = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (ring_socket < 0) die("packet socket");
    struct ifreq mtu = {0};
    memcpy(mtu.ifr_name, device, IFNAMSIZ);
    if (ioctl(ring_socket, SIOCGIFMTU, &mtu) < 0) die("SIOCGIFMTU");
    while (frame_octets < offsetof(struct frame, packet) + (size_t)mtu.ifr_mtu) frame_octets *= 2;
    frames = RING_OCTETS / (unsigned)frame_octets;
    int size = SOCKET_BUFFER, version = TPACKET_V2, on = 1;
    setsockopt(ring_socket, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
    struct tpacket_req request = {.tp_block_size = RING_BLOCK,
                                  .tp_block_nr = RING_OCTETS / RING_BLOCK,
                                  .tp_frame_size = (unsigned)frame_octets,
                                  .tp_frame_nr = frames};
    if (setsockopt(ring_socket, SOL_PACKET, PACKET_VERSION, &version, sizeof version) < 0 ||
        setsockopt(ring_socket, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on) < 0 ||
        setsockopt(ring_socket, SOL_PACKET, PACKET_TX_RING, &request, sizeof request) < 0)
        die("PACKET_TX_RING");
    ring = mmap(NULL, RING_OCTETS, PROT_READ | PROT_WRITE, MAP_SHARED, ring_socket, 0);
    if (ring == MAP_FAILED) die("mmap");
    if (bind(ring_socket, (struct sockaddr *)&link, sizeof link) < 0) die("bind packet socket");
}

// ---- outbound with offload: super-packets become trains of equal datagrams ------------------------------------

// Datagrams that leave in one call. All but the last have `segment` octets.
static struct train {
    struct iovec piece[MAX_SEGMENTS * 2];
    uint8_t headers[MAX_SEGMENTS][MAX_HEADERS];
    size_t pieces, count, segment, octets;
    bool closed; // the last datagram is shorter, nothing may follow
} train;

static void train_leave(void) {
    if (ring) ring_leave();
    if (train.count == 0) return;
    union {
        char space[CMSG_SPACE(sizeof(uint16_t))];
        struct cmsghdr align;
    } control;
    struct msghdr message = {.msg_iov = train.piece, .msg_iovlen = train.pieces};
    if (train.count > 1) {
        message.msg_control = control.space;
        message.msg_controllen = sizeof control.space;
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = IPPROTO_UDP;
        c->cmsg_type = UDP_SEGMENT;
        c->cmsg_len = CMSG_LEN(sizeof(uint16_t));
        uint16_t segment = (uint16_t)train.segment;
        memcpy(CMSG_DATA(c), &segment, sizeof segment);
    }
    sendmsg(sock, &message, 0);
    train.pieces = train.count = train.octets = 0;
    train.closed = false;
}

// Makes room for a datagram of n octets and answers where its headers may be built.
static uint8_t *train_room(size_t n) {
    if (ring) return ring_room();
    if (train.closed || train.count == MAX_SEGMENTS || train.octets + n > MAX_DATAGRAM ||
        (train.count > 0 && n > train.segment))
        train_leave();
    return train.headers[train.count];
}

static void train_add(const uint8_t *head, size_t head_length, const uint8_t *body, size_t body_length) {
    if (ring) {
        ring_add(head, head_length, body, body_length);
        return;
    }
    size_t n = head_length + body_length;
    if (train.count == 0) train.segment = n;
    train.closed = n < train.segment;
    train.count++;
    train.octets += n;
    train.piece[train.pieces++] = (struct iovec){(void *)head, head_length};
    if (body_length > 0) train.piece[train.pieces++] = (struct iovec){(void *)body, body_length};
}

// Cuts a TCP or UDP super-packet as the kernel's GSO does: sequence numbers and IP identifications count up, only
// the last segment keeps FIN and PSH.
static void segment(const struct virtio_net_hdr *v, const uint8_t *packet, size_t length) {
    bool udp = packet[9] == UDP;
    size_t l4 = v->csum_start, gso = v->gso_size;
    size_t head = l4 + (udp ? 8 : (size_t)(packet[l4 + 12] >> 4) * 4);
    if (head > MAX_HEADERS || head > length || gso == 0) return;
    uint16_t identification = get16(packet + 4);
    uint32_t sequence = get32(packet + l4 + 4);
    for (size_t at = head; at < length; at += gso) {
        size_t body = length - at < gso ? length - at : gso;
        uint8_t *h = train_room(head + body);
        memcpy(h, packet, head);
        put16(h + 2, (unsigned)(head + body));
        put16(h + 4, identification++);
        fill_ip_checksum(h);
        if (udp) {
            put16(h + l4 + 4, (unsigned)(8 + body));
        } else {
            put32(h + l4 + 4, sequence + (uint32_t)(at - head));
            if (at + body < length) h[l4 + 13] &= (uint8_t)~(FIN | PSH);
        }
        uint8_t *field = h + l4 + v->csum_offset;
        put16(field, 0);
        uint64_t s = pseudo_header(h, (unsigned)(head - l4 + body)) + sum(h + l4, head - l4) + sum(packet + at, body);
        put_checksum(field, s, udp);
        train_add(h, head, packet + at, body);
    }
}

static void *offload_outbound(void *unused) {
    static uint8_t buffers[BATCH][sizeof(struct virtio_net_hdr) + MAX_PACKET];
    for (;;) {
        int got = 0;
        for (; got < BATCH; got++) {
            uint8_t *buffer = buffers[got], *packet = buffer + sizeof(struct virtio_net_hdr);
            ssize_t n = read(tun, buffer, sizeof buffers[got]);
            if (n < 0 && errno != EAGAIN && errno != EINTR) die("read");
            if (n <= (ssize_t)sizeof(struct virtio_net_hdr)) break;
            size_t length = (size_t)n - sizeof(struct virtio_net_hdr);
            struct virtio_net_hdr v;
            memcpy(&v, buffer, sizeof v);
            if (v.gso_type != VIRTIO_NET_HDR_GSO_NONE && packet[0] >> 4 == 4) {
                segment(&v, packet, length);
                if (ring) ring_leave(); // while it is in the cache
                continue;
            }
            if (v.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) // the field holds the pseudo-header's sum already
                put_checksum(packet + v.csum_start + v.csum_offset, sum(packet + v.csum_start, length - v.csum_start),
                             v.csum_offset == 6);
            train_room(length);
            train_add(packet, length, NULL, 0);
        }
        train_leave();
        if (got == 0) poll(&(struct pollfd){.fd = tun, .events = POLLIN}, 1, -1);
    }
    return unused;
}

// ---- inbound with offload: datagrams of one flow become a super-packet again ----------------------------------

// Packets that will enter the TUN device in one write: the first whole, of the others the payload.
static struct run {
    struct iovec piece[2 + MAX_SEGMENTS];
    struct virtio_net_hdr v;
    uint8_t *first;
    size_t count, octets, head, gso;
    uint32_t next; // the TCP sequence number that continues the run
    bool closed;
} run;

static void run_end(void) {
    if (run.count == 0) return;
    memset(&run.v, 0, sizeof run.v);
    run.v.flags = VIRTIO_NET_HDR_F_DATA_VALID;
    if (run.count > 1) {
        uint8_t *ip = run.first;
        bool udp = ip[9] == UDP;
        size_t l4 = (size_t)(ip[0] & 15) * 4;
        run.v = (struct virtio_net_hdr){
            .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
            .gso_type = udp ? VIRTIO_NET_HDR_GSO_UDP_L4 : VIRTIO_NET_HDR_GSO_TCPV4,
            .hdr_len = (uint16_t)run.head,
            .gso_size = (uint16_t)run.gso,
            .csum_start = (uint16_t)l4,
            .csum_offset = udp ? 6 : 16,
        };
        put16(ip + 2, (unsigned)run.octets);
        fill_ip_checksum(ip);
        if (udp) put16(ip + l4 + 4, (unsigned)(run.octets - l4));
        uint16_t s = fold(pseudo_header(ip, (unsigned)(run.octets - l4)));
        memcpy(ip + l4 + run.v.csum_offset, &s, 2);
    }
    run.piece[0] = (struct iovec){&run.v, sizeof run.v};
    if (writev(tun, run.piece, (int)run.count + 1) < 0 && errno == EBADFD) die("write");
    run.count = 0;
}

static void write_alone(uint8_t *packet, size_t length) {
    run_end();
    struct virtio_net_hdr v = {0};
    struct iovec piece[] = {{&v, sizeof v}, {packet, length}};
    if (writev(tun, piece, 2) < 0 && errno == EBADFD) die("write");
}

// Whether the packet continues the run: same flow, same header but for what a sequence of segments changes.
static bool continues(const uint8_t *p, size_t l4, size_t head, size_t body) {
    const uint8_t *f = run.first;
    if (run.count == 0 || run.closed || run.count == MAX_SEGMENTS || head != run.head || body > run.gso ||
        run.octets + body > MAX_PACKET || p[1] != f[1] || p[6] != f[6] || memcmp(p + 8, f + 8, 2) != 0 ||
        memcmp(p + 12, f + 12, 8) != 0 || memcmp(p + l4, f + l4, 4) != 0)
        return false;
    if (p[9] == UDP) return true;
    return get32(p + l4 + 4) == run.next && memcmp(p + l4 + 8, f + l4 + 8, 4) == 0 &&
           memcmp(p + l4 + 14, f + l4 + 14, 2) == 0 && memcmp(p + l4 + 20, f + l4 + 20, head - l4 - 20) == 0;
}

static void inbound_packet(uint8_t *p, size_t available) {
    size_t length = available >= 28 ? get16(p + 2) : 0, l4 = 20;
    if (p[0] != 0x45 || length < 28 || length > available || (get16(p + 6) & 0x3fff) != 0 ||
        (p[9] != TCP && p[9] != UDP) || (p[9] == TCP && length < 40)) {
        write_alone(p, available);
        return;
    }
    bool udp = p[9] == UDP;
    size_t head = l4 + (udp ? 8 : (size_t)(p[l4 + 12] >> 4) * 4);
    size_t body = head <= length ? length - head : 0;
    uint8_t flags = udp ? ACK : p[l4 + 13];
    bool checked = udp && get16(p + l4 + 6) == 0 ? false : fold(pseudo_header(p, (unsigned)(length - l4)) + sum(p + l4, length - l4)) == 0xffff;
    if (body == 0 || (flags & ~PSH) != ACK || !checked) {
        write_alone(p, length);
        return;
    }
    if (continues(p, l4, head, body)) {
        run.first[l4 + 13] |= udp ? 0 : flags & PSH;
        run.piece[1 + run.count++] = (struct iovec){p + head, body};
        run.octets += body;
    } else {
        run_end();
        run.first = p;
        run.head = head;
        run.gso = body;
        run.octets = length;
        run.count = 1;
        run.piece[1] = (struct iovec){p, length};
    }
    run.next = udp ? 0 : get32(p + l4 + 4) + (uint32_t)body;
    run.closed = body < run.gso || (!udp && flags & PSH);
}

// Answers whether the packet is one that the kernel has merged from TCP segments inside ipip, and then has written it.
// How large the segments were is not known: as large as an Ethernet lets them be, mostly.
static bool write_merged(uint8_t *p, size_t available) {
    size_t length = available >= 40 ? get16(p + 2) : 0, l4 = 20;
    if (p[0] != 0x45 || p[9] != TCP || length <= 1480 || length > available) return false;
    uint16_t field, pseudo = fold(pseudo_header(p, (unsigned)(length - l4)));
    memcpy(&field, p + l4 + 16, 2);
    if (field != pseudo) return false;
    run_end();
    size_t head = l4 + (size_t)(p[l4 + 12] >> 4) * 4;
    struct virtio_net_hdr v = {
        .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
        .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
        .hdr_len = (uint16_t)head,
        .gso_size = (uint16_t)(1480 - head),
        .csum_start = (uint16_t)l4,
        .csum_offset = 16,
    };
    struct iovec piece[] = {{&v, sizeof v}, {p, length}};
    if (writev(tun, piece, 2) < 0 && errno == EBADFD) die("write");
    return true;
}

static int gro_size(struct msghdr *message, int whole) {
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
        if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) {
            int size;
            memcpy(&size, CMSG_DATA(c), sizeof size);
            return size > 0 ? size : whole;
        }
    return whole;
}

static void *offload_inbound(void *unused) {
    static uint8_t buffers[INBOUND_DATAGRAMS][MAX_PACKET + 1];
    static char controls[INBOUND_DATAGRAMS][64];
    struct iovec piece[INBOUND_DATAGRAMS];
    struct mmsghdr messages[INBOUND_DATAGRAMS] = {0};
    int most = raw ? INBOUND_DATAGRAMS : JOINED_DATAGRAMS;
    for (;;) {
        for (int i = 0; i < most; i++) {
            piece[i] = (struct iovec){buffers[i], sizeof buffers[i]};
            messages[i].msg_hdr = (struct msghdr){
                .msg_iov = &piece[i], .msg_iovlen = 1, .msg_control = controls[i], .msg_controllen = sizeof controls[i]};
        }
        int got = recvmmsg(sock, messages, (unsigned)most, MSG_WAITFORONE, NULL);
        for (int i = 0; i < got; i++) {
            size_t whole = messages[i].msg_len;
            if (raw) {
                size_t skip = (size_t)(buffers[i][0] & 15) * 4;
                if (whole > skip && !write_merged(buffers[i] + skip, whole - skip))
                    inbound_packet(buffers[i] + skip, whole - skip);
                continue;
            }
            size_t each = (size_t)gro_size(&messages[i].msg_hdr, (int)whole);
            for (size_t at = 0; at < whole; at += each)
                inbound_packet(buffers[i] + at, whole - at < each ? whole - at : each);
        }
        run_end();
    }
    return unused;
}

int main(int count, char **arg) {
    bool gso = count > 1 && strcmp(arg[1], "gso") == 0, by_ring = count > 1 && strcmp(arg[1], "ring") == 0;
    bool offload = gso || by_ring;
    raw = count > 2 && strcmp(arg[2], "ipip") == 0;
    if (count < (raw ? 6 : 7) || (raw ? gso : by_ring)) {
        fprintf(stderr, "usage: yardstick naive|gso|ring ipip|udp TUN LOCAL REMOTE [PORT]   (gso with udp, ring with ipip)\n");
        return 2;
    }
    tun = open_tun(arg[3], offload);
    sock = open_socket(arg[4], arg[5], raw ? 0 : atoi(arg[6]), gso);
    if (by_ring) open_ring(arg[4], arg[5]);
    pthread_t outbound, inbound;
    pthread_create(&outbound, NULL, offload ? offload_outbound : naive_outbound, NULL);
    pthread_create(&inbound, NULL, offload ? offload_inbound : naive_inbound, NULL);
    pthread_join(outbound, NULL);
    return 0;
}
