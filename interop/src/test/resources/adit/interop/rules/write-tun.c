/*
 * Makes the TUN device "super", takes it up, and writes to it each line of the standard input, a virtio-net header of ten
 * octets and a packet in hexadecimal. The device goes with the program.
 */
#include <fcntl.h>
#include <net/if.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define LARGEST 70000

int main(void)
{
    static char line[2 * LARGEST + 2];
    static unsigned char octets[LARGEST];
    struct ifreq ifreq = {.ifr_name = "super"};
    int tun = open("/dev/net/tun", O_RDWR);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    ifreq.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR;
    if (ioctl(tun, TUNSETIFF, &ifreq) != 0) {
        perror("TUNSETIFF");
        return 1;
    }
    ifreq.ifr_flags = IFF_UP;
    if (ioctl(fd, SIOCSIFFLAGS, &ifreq) != 0) {
        perror("SIOCSIFFLAGS");
        return 1;
    }
    while (fgets(line, sizeof line, stdin)) {
        size_t length = strcspn(line, "\n") / 2;

        for (size_t i = 0; i < length; i++) {
            sscanf(line + 2 * i, "%2hhx", &octets[i]);
        }
        if (write(tun, octets, length) != (ssize_t) length) {
            perror("write");
            return 1;
        }
    }
    return 0;
}
