/*
 * Sends one UDP datagram, whose octets count up:
 *
 *     send-datagram <from address> <from port> <to address> <to port> <octets>
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

static struct sockaddr_in endpoint(const char *address, const char *port)
{
    struct sockaddr_in e = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};

    if (inet_pton(AF_INET, address, &e.sin_addr) != 1) {
        fprintf(stderr, "%s is no address\n", address);
        exit(2);
    }
    return e;
}

int main(int argc, char **argv)
{
    static unsigned char data[65507];
    int octets = argc == 6 ? atoi(argv[5]) : -1;

    if (octets < 0 || octets > (int) sizeof data) {
        fprintf(stderr, "usage: send-datagram FROM PORT TO PORT OCTETS\n");
        return 2;
    }
    for (int i = 0; i < octets; i++) {
        data[i] = i;
    }
    struct sockaddr_in from = endpoint(argv[1], argv[2]);
    struct sockaddr_in to = endpoint(argv[3], argv[4]);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    if (bind(fd, (struct sockaddr *) &from, sizeof from) != 0) {
        perror("bind");
        return 1;
    }
    if (sendto(fd, data, octets, 0, (struct sockaddr *) &to, sizeof to) != octets) {
        perror("sendto");
        return 1;
    }
    return 0;
}
