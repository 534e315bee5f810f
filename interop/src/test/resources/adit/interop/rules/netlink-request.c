/*
 * Sends requests to the kernel by rtnetlink. Each line of the standard input is one, with header and all, in
 * hexadecimal; each line of the standard output answers one with its errno, 0 for done.
 */
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    char line[4096];

    while (fgets(line, sizeof line, stdin)) {
        unsigned char octets[2048];
        char answer[8192];
        struct nlmsghdr *header = (struct nlmsghdr *)answer;
        size_t length = strcspn(line, "\n") / 2;

        for (size_t i = 0; i < length; i++)
            sscanf(line + 2 * i, "%2hhx", &octets[i]);
        if (send(fd, octets, length, 0) < 0 || recv(fd, answer, sizeof answer, 0) < 0)
            return 1;
        if (header->nlmsg_type != NLMSG_ERROR)
            return 1;
        printf("%d\n", -((struct nlmsgerr *)NLMSG_DATA(header))->error);
    }
    return 0;
}
