/*
 * Asks the kernel for tunnels by ioctl. Each line of the standard input is a request,
 *
 *     <request in hexadecimal> <device> <52 octets of struct ip_tunnel_parm in hexadecimal> [nobody]
 *
 * and each line of the standard output answers one: 0 or the errno, and the 52 octets as they are afterwards. With
 * "nobody" behind it a request is made without any privilege.
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define OCTETS 52
#define NOBODY 65534

int main(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    char line[512];

    while (fgets(line, sizeof line, stdin)) {
        unsigned long request;
        char device[64], hex[256], who[16] = "";
        unsigned char octets[OCTETS];
        struct ifreq ifreq;
        int answer;

        if (sscanf(line, "%lx %63s %255s %15s", &request, device, hex, who) < 3 || strlen(hex) != 2 * OCTETS)
            return 1;
        for (int i = 0; i < OCTETS; i++)
            sscanf(hex + 2 * i, "%2hhx", &octets[i]);
        memset(&ifreq, 0, sizeof ifreq);
        strncpy(ifreq.ifr_name, device, IFNAMSIZ - 1);
        ifreq.ifr_data = (void *)octets;
        if (who[0] && seteuid(NOBODY))
            return 1;
        answer = ioctl(fd, request, &ifreq) ? errno : 0;
        if (who[0] && seteuid(0))
            return 1;
        printf("%d ", answer);
        for (int i = 0; i < OCTETS; i++)
            printf("%02x", octets[i]);
        putchar('\n');
    }
    return 0;
}
