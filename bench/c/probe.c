// probe: what the benchmarks ask of a tunnel beside iperf3: the rate of small datagrams, round-trip times, and
// whether every octet arrives as it left. Answers are lines of "name value" on standard output.
//
//   probe sink  PORT SECONDS               counts datagrams for that long after the first
//   probe flood ADDRESS PORT SECONDS SIZE  sends datagrams of SIZE octets as fast as it can
//   probe echo  PORT                       sends each datagram back; serves until it is killed
//   probe rtt   ADDRESS PORT SECONDS       sends one datagram at a time and waits for its echo
//   probe first ADDRESS PORT COMMAND...    runs COMMAND, and tells how long after its start the first echo came
//   probe serve PORT                       the other side of compare, for one comparison
//   probe compare ADDRESS PORT MIB         MIB mebioctets by TCP each way and datagrams of many sizes, compared
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    BATCH = 32,
    MAX_SIZE = 2048,
    BLOCK = 64 << 10,
    SOCKET_BUFFER = 8 << 20,
    RTT_SIZE = 64,
    MAX_ROUND_TRIPS = 1 << 20,
    LARGEST_DATAGRAM = 20000, // several fragments on any usual MTU
};
static const long PAUSE_NANOS = 100000; // between round trips, so that both relays have gone to sleep

static void die(const char *what) {
    perror(what);
    exit(1);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static struct sockaddr_in address_of(const char *address, const char *port) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    if (address && inet_pton(AF_INET, address, &a.sin_addr) != 1) die("address");
    return a;
}

static int bound(int type, const char *port) {
    int s = socket(AF_INET, type, 0), size = SOCKET_BUFFER, on = 1;
    struct sockaddr_in a = address_of(NULL, port);
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (type == SOCK_DGRAM) setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    if (s < 0 || bind(s, (struct sockaddr *)&a, sizeof a) < 0) die("bind");
    return s;
}

static int connected(int type, const char *address, const char *port) {
    int s = socket(AF_INET, type, 0);
    struct sockaddr_in a = address_of(address, port);
    if (s < 0 || connect(s, (struct sockaddr *)&a, sizeof a) < 0) die("connect");
    return s;
}

static void patience(int s, long millis) {
    struct timeval t = {millis / 1000, millis % 1000 * 1000};
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
}

static void batch_of(struct mmsghdr *messages, struct iovec *pieces, char (*buffers)[MAX_SIZE], size_t size) {
    memset(messages, 0, BATCH * sizeof *messages);
    for (int i = 0; i < BATCH; i++) {
        pieces[i] = (struct iovec){buffers[i], size};
        messages[i].msg_hdr.msg_iov = &pieces[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
}

// ---- rate -----------------------------------------------------------------------------------------------------

static void sink(const char *port, double seconds) {
    static char buffers[BATCH][MAX_SIZE];
    struct mmsghdr messages[BATCH];
    struct iovec pieces[BATCH];
    int s = bound(SOCK_DGRAM, port);
    patience(s, 200);
    batch_of(messages, pieces, buffers, MAX_SIZE);
    double first = 0, give_up = now() + 3 * seconds + 5;
    unsigned long received = 0, reordered = 0;
    uint64_t highest = 0;
    for (double t = now(); first == 0 ? t < give_up : t < first + seconds; t = now()) {
        int got = recvmmsg(s, messages, BATCH, MSG_WAITFORONE, NULL);
        if (got <= 0) continue;
        if (first == 0) first = now();
        received += (unsigned long)got;
        for (int i = 0; i < got; i++) {
            uint64_t sequence;
            memcpy(&sequence, buffers[i], sizeof sequence);
            if (sequence < highest) reordered++;
            else highest = sequence;
        }
    }
    printf("received %lu\nper-second %.0f\nreordered %lu\n", received, (double)received / seconds, reordered);
}

static void flood(const char *address, const char *port, double seconds, size_t size) {
    static char buffers[BATCH][MAX_SIZE];
    struct mmsghdr messages[BATCH];
    struct iovec pieces[BATCH];
    int s = connected(SOCK_DGRAM, address, port);
    if (size < sizeof(uint64_t) || size > MAX_SIZE) die("size");
    batch_of(messages, pieces, buffers, size);
    uint64_t sequence = 0;
    for (double end = now() + seconds; now() < end;) {
        for (uint64_t i = 0; i < BATCH; i++) {
            uint64_t n = sequence + i;
            memcpy(buffers[i], &n, sizeof n);
        }
        int sent = sendmmsg(s, messages, BATCH, 0);
        if (sent > 0) sequence += (uint64_t)sent;
    }
    printf("sent %llu\n", (unsigned long long)sequence);
}

// ---- round trips ----------------------------------------------------------------------------------------------

static void echo(const char *port) {
    static char buffer[1 << 16];
    int s = bound(SOCK_DGRAM, port);
    for (;;) {
        struct sockaddr_in from;
        socklen_t length = sizeof from;
        ssize_t n = recvfrom(s, buffer, sizeof buffer, 0, (struct sockaddr *)&from, &length);
        if (n >= 0) sendto(s, buffer, (size_t)n, 0, (struct sockaddr *)&from, length);
    }
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void rtt(const char *address, const char *port, double seconds) {
    static double micros[MAX_ROUND_TRIPS];
    int s = connected(SOCK_DGRAM, address, port);
    patience(s, 200);
    size_t count = 0;
    unsigned long lost = 0;
    uint64_t sequence = 0;
    for (double end = now() + seconds; now() < end && count < MAX_ROUND_TRIPS; sequence++) {
        char out[RTT_SIZE] = {0}, in[RTT_SIZE] = {0};
        memcpy(out, &sequence, sizeof sequence);
        double start = now();
        if (send(s, out, sizeof out, 0) < 0) {
            lost++;
            continue;
        }
        ssize_t n;
        do n = recv(s, in, sizeof in, 0);
        while (n > 0 && memcmp(in, &sequence, sizeof sequence) != 0); // an echo that came too late
        if (n > 0) micros[count++] = (now() - start) * 1e6;
        else lost++;
        nanosleep(&(struct timespec){0, PAUSE_NANOS}, NULL);
    }
    printf("round-trips %zu\nlost %lu\n", count, lost);
    if (count == 0) return;
    qsort(micros, count, sizeof *micros, ascending);
    printf("p50 %.1f\np99 %.1f\n", micros[count / 2], micros[count * 99 / 100]);
}

// Which echo comes first is all the same: they are sent every half a millisecond. Before the device is there, sending fails.
static void first(const char *address, const char *port, char **command) {
    struct sockaddr_in to = address_of(address, port);
    double start = now();
    pid_t child = fork();
    if (child < 0) die("fork");
    if (child == 0) {
        execvp(command[0], command);
        die(command[0]);
    }
    bool back = false;
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    while (!back && now() < start + 10 && waitpid(child, NULL, WNOHANG) == 0) {
        char out[RTT_SIZE] = {0}, in[RTT_SIZE];
        sendto(s, out, sizeof out, 0, (struct sockaddr *)&to, sizeof to);
        nanosleep(&(struct timespec){0, 500000}, NULL);
        back = recv(s, in, sizeof in, 0) > 0;
    }
    if (back) printf("first %.1f\n", (now() - start) * 1e3);
    kill(child, SIGTERM);
    for (int i = 0; i < 200 && waitpid(child, NULL, WNOHANG) == 0; i++) nanosleep(&(struct timespec){0, 10000000}, NULL);
    kill(child, SIGKILL);
}

// ---- integrity ------------------------------------------------------------------------------------------------

// Octets that depend on the direction and on their place in the stream (splitmix64).
static void fill(uint8_t *block, size_t length, uint64_t seed) {
    for (size_t i = 0; i < length; i += 8) {
        uint64_t z = seed += 0x9e3779b97f4a7c15;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27) * 0x94d049bb133111eb;
        z ^= z >> 31;
        memcpy(block + i, &z, length - i < 8 ? length - i : 8);
    }
}

static uint64_t seed_of(int direction, uint64_t number) { return (uint64_t)direction << 60 ^ number << 24; }

static void stream_out(int s, int direction, uint64_t blocks) {
    static uint8_t block[BLOCK];
    for (uint64_t b = 0; b < blocks; b++) {
        fill(block, BLOCK, seed_of(direction, b));
        for (size_t at = 0; at < BLOCK;) {
            ssize_t n = send(s, block + at, BLOCK - at, MSG_NOSIGNAL);
            if (n <= 0) die("send");
            at += (size_t)n;
        }
    }
}

// Answers how many blocks differ from what was sent.
static unsigned long stream_in(int s, int direction, uint64_t blocks) {
    static uint8_t block[BLOCK], expected[BLOCK];
    unsigned long damaged = 0;
    for (uint64_t b = 0; b < blocks; b++) {
        if (recv(s, block, BLOCK, MSG_WAITALL) != BLOCK) die("receive");
        fill(expected, BLOCK, seed_of(direction, b));
        damaged += memcmp(block, expected, BLOCK) != 0;
    }
    return damaged;
}

static void serve(const char *port) {
    int listener = bound(SOCK_STREAM, port);
    if (listen(listener, 1) < 0) die("listen");
    int s = accept(listener, NULL, NULL);
    if (s < 0) die("accept");
    patience(s, 20000);
    uint64_t blocks;
    if (recv(s, &blocks, sizeof blocks, MSG_WAITALL) != sizeof blocks) die("receive");
    uint64_t damaged = stream_in(s, 1, blocks);
    send(s, &damaged, sizeof damaged, MSG_NOSIGNAL);
    stream_out(s, 2, blocks);
    char end;
    recv(s, &end, 1, 0); // the other side closes when it has compared
}

// Datagrams to an echo one port above: each must come back as it went.
static void compare_datagrams(const char *address, const char *port) {
    static uint8_t out[LARGEST_DATAGRAM], in[LARGEST_DATAGRAM];
    char echo_port[16];
    snprintf(echo_port, sizeof echo_port, "%d", atoi(port) + 1);
    int s = connected(SOCK_DGRAM, address, echo_port);
    patience(s, 500);
    unsigned long compared = 0, lost = 0, damaged = 0;
    for (size_t size = 8; size <= LARGEST_DATAGRAM; size += size < 1500 ? 7 : 611) {
        bool back = false;
        for (int attempt = 0; attempt < 3 && !back; attempt++) {
            fill(out, size, seed_of(3, size * 4 + (uint64_t)attempt));
            if (send(s, out, size, 0) < 0) continue;
            for (ssize_t n; !back && (n = recv(s, in, sizeof in, 0)) > 0;) back = (size_t)n == size;
            if (back) damaged += memcmp(out, in, size) != 0;
        }
        if (back) compared++;
        else lost++;
    }
    printf("datagrams %lu\ndatagrams-lost %lu\ndatagrams-damaged %lu\n", compared, lost, damaged);
}

static void compare(const char *address, const char *port, uint64_t mebioctets) {
    int s = connected(SOCK_STREAM, address, port);
    patience(s, 20000);
    uint64_t blocks = (mebioctets << 20) / BLOCK, damaged_there = 0;
    send(s, &blocks, sizeof blocks, MSG_NOSIGNAL);
    stream_out(s, 1, blocks);
    if (recv(s, &damaged_there, sizeof damaged_there, MSG_WAITALL) != sizeof damaged_there) die("receive");
    unsigned long damaged_here = stream_in(s, 2, blocks);
    printf("blocks %llu\nblocks-damaged %llu\n", (unsigned long long)blocks * 2,
           (unsigned long long)damaged_there + damaged_here);
    compare_datagrams(address, port);
}

int main(int count, char **arg) {
    const char *what = count > 1 ? arg[1] : "";
    if (count == 4 && strcmp(what, "sink") == 0) sink(arg[2], atof(arg[3]));
    else if (count == 6 && strcmp(what, "flood") == 0) flood(arg[2], arg[3], atof(arg[4]), (size_t)atol(arg[5]));
    else if (count == 3 && strcmp(what, "echo") == 0) echo(arg[2]);
    else if (count == 5 && strcmp(what, "rtt") == 0) rtt(arg[2], arg[3], atof(arg[4]));
    else if (count >= 5 && strcmp(what, "first") == 0) first(arg[2], arg[3], arg + 4);
    else if (count == 3 && strcmp(what, "serve") == 0) serve(arg[2]);
    else if (count == 5 && strcmp(what, "compare") == 0) compare(arg[2], arg[3], (uint64_t)atol(arg[4]));
    else {
        fprintf(stderr, "usage: probe sink|flood|echo|rtt|first|serve|compare ...   (see the head of probe.c)\n");
        return 2;
    }
    return 0;
}
