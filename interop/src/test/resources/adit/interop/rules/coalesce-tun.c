/*
 * Makes the TUN devices "left", with NAPI, and "right", has the shell run the script that the first argument names, and
 * switches features of "left" on that the others name, behind the offloads of "right". The tunnel "t1" no longer joins what it hands up. Then each line of the standard input is written to "left", a
 * virtio-net header of ten octets and a packet in hexadecimal; at a line with a dot, what comes out of "right" and of
 * "left" is told, behind ">" and "<".
 *
 * What is written up to a dot is written within one tick of the kernel's clock, since GRO lets go of what came in an
 * earlier one: if the clock ticked meanwhile, it is written again.
 */
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HEADER 10
#define LARGEST 70000
#define MOST 64
#define ATTEMPTS 2000
#define HELD_NANOS 30000000
#define STRING_SETS 64

/* An echo reply, in which GRO takes no interest, from one side to the other. */
static const char SENTINEL[] = "00000000000000000000"
                               "4500001cfffe0000400166dc0a0100020a020002"
                               "0000ffff00000000";

static unsigned char octets[MOST][2048];
static size_t lengths[MOST];

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int device(const char *name, int flags, int offloads)
{
    struct ifreq ifreq = {0};
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);

    strcpy(ifreq.ifr_name, name);
    ifreq.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR | flags;
    if (ioctl(fd, TUNSETIFF, &ifreq) != 0 || ioctl(fd, TUNSETOFFLOAD, offloads) != 0) {
        fail(name);
    }
    return fd;
}

/* Features have no numbers for programs, but places in a list of names. */
static void feature(const char *device, const char *feature, int on)
{
    static struct {
        struct ethtool_gstrings head;
        char names[STRING_SETS * 32][ETH_GSTRING_LEN];
    } strings;
    static struct {
        struct ethtool_sfeatures head;
        struct ethtool_set_features_block blocks[STRING_SETS];
    } set;
    struct ifreq ifreq = {0};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    strcpy(ifreq.ifr_name, device);
    memset(&set, 0, sizeof set);
    strings.head.cmd = ETHTOOL_GSTRINGS;
    strings.head.string_set = ETH_SS_FEATURES;
    ifreq.ifr_data = (void *) &strings;
    if (ioctl(fd, SIOCETHTOOL, &ifreq) != 0) {
        fail("ETHTOOL_GSTRINGS");
    }
    set.head.cmd = ETHTOOL_SFEATURES;
    set.head.size = (strings.head.len + 31) / 32;
    for (unsigned i = 0; i < strings.head.len; i++) {
        if (strcmp(strings.names[i], feature) == 0) {
            set.blocks[i / 32].valid = 1u << i % 32;
            set.blocks[i / 32].requested = on ? 1u << i % 32 : 0;
            ifreq.ifr_data = (void *) &set;
            if (ioctl(fd, SIOCETHTOOL, &ifreq) != 0) {
                fail("ETHTOOL_SFEATURES");
            }
            close(fd);
            return;
        }
    }
    fprintf(stderr, "no feature %s\n", feature);
    exit(1);
}

static size_t parse(const char *line, unsigned char *into)
{
    size_t length = strcspn(line, "\n") / 2;

    for (size_t i = 0; i < length; i++) {
        sscanf(line + 2 * i, "%2hhx", &into[i]);
    }
    return length;
}

static void put(int fd, const unsigned char *packet, size_t length)
{
    if (write(fd, packet, length) != (ssize_t) length) {
        fail("write");
    }
}

/*
 * The kernel's jiffies, in milliseconds: a TCP socket that has never sent tells how long ago it did by them. No clock
 * will do, since not every tick moves the coarse ones.
 */
static unsigned ticks(void)
{
    static int fd = -1;
    struct tcp_info info;
    socklen_t length = sizeof info;

    if (fd < 0) {
        fd = socket(AF_INET, SOCK_STREAM, 0);
    }
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) {
        fail("TCP_INFO");
    }
    return info.tcpi_last_data_sent;
}

/* Answers whether the sentinel was among what there was to read. */
static int drain(int fd, const char *mark, int telling)
{
    static unsigned char packet[LARGEST];
    int seen = 0;

    for (ssize_t length = read(fd, packet, sizeof packet); length > 0; length = read(fd, packet, sizeof packet)) {
        const unsigned char *ip = packet + HEADER;

        if (length == HEADER + 28 && ip[4] == 0xff && ip[5] == 0xfe && ip[9] == 1) {
            seen = 1;
        } else if (telling) {
            printf("%s", mark);
            for (ssize_t i = 0; i < length; i++) {
                printf("%02x", packet[i]);
            }
            printf("\n");
        }
    }
    return seen;
}

/* Waits until nothing is held any more, and lets out all that there is. */
static void settle(int left, int right, int telling)
{
    struct timespec held = {0, HELD_NANOS};
    unsigned char sentinel[HEADER + 28];
    int tries = 0;

    nanosleep(&held, NULL);
    put(left, sentinel, parse(SENTINEL, sentinel));
    while (!drain(right, "> ", telling)) {
        if (++tries == ATTEMPTS) {
            fprintf(stderr, "the sentinel got lost\n");
            exit(1);
        }
        nanosleep(&held, NULL);
    }
    drain(left, "< ", telling);
}

static void run(int left, int right, int count)
{
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        unsigned before = ticks();
        unsigned start = ticks();

        while (before == start) {
            start = ticks();
        }
        for (int i = 0; i < count; i++) {
            put(left, octets[i], lengths[i]);
        }
        if (start == ticks()) {
            settle(left, right, 1);
            return;
        }
        settle(left, right, 0);
    }
    fprintf(stderr, "the clock ticks too fast\n");
    exit(1);
}

int main(int argc, char **argv)
{
    static char line[2 * LARGEST + 2];
    int left = device("left", IFF_NAPI, 0);
    int right = device("right", 0, argc < 3 ? 0 : atoi(argv[2]));
    int count = 0;

    if (argc < 3 || system(argv[1]) != 0) {
        fprintf(stderr, "the script failed\n");
        return 1;
    }
    for (int i = 3; i < argc; i++) {
        feature("left", argv[i], 1);
    }
    feature("t1", "rx-gro", 0);
    settle(left, right, 0);
    while (fgets(line, sizeof line, stdin)) {
        if (line[0] == '.') {
            run(left, right, count);
            printf(".\n");
            count = 0;
        } else {
            lengths[count] = parse(line, octets[count]);
            count++;
        }
    }
    return 0;
}
