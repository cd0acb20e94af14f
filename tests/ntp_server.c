/* The other host's NTP server (RFC 5905, server mode of version 3 and 4): it answers from the system's clock, nothing else.
 * Written on a kernel socket and with none of pktsh's code, so that what the tests hear is another's reading of the
 * protocol. Usage: ntp_server [SECONDS its clock is ahead] */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PORT = 123, HEADER = 48, ORIGIN = 24, RECEIVE = 32, TRANSMIT = 40, CLIENT = 3, SERVER = 4, STRATUM = 10 };
static const uint32_t EPOCH = 2208988800u;      /* 1970 in seconds since 1900 */

static void put32(uint8_t *at, uint32_t n)
{
	n = htonl(n);
	memcpy(at, &n, sizeof n);
}

static void put_time(uint8_t *at, double ahead)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	int64_t nanoseconds = now.tv_sec * 1000000000LL + now.tv_nsec + (int64_t)(ahead * 1e9);
	put32(at, (uint32_t)(nanoseconds / 1000000000) + EPOCH);
	put32(at + 4, (uint32_t)(((uint64_t)(nanoseconds % 1000000000) << 32) / 1000000000));
}

static void answer(uint8_t *m, const uint8_t *asked, double ahead)
{
	put_time(m + RECEIVE, ahead);
	m[0] = (uint8_t)((asked[0] & 0x38) | SERVER);
	m[1] = STRATUM;
	m[2] = asked[2];
	m[3] = (uint8_t)-20;                    /* a microsecond */
	memcpy(m + 12, "LOCL", 4);
	memcpy(m + ORIGIN, asked + TRANSMIT, 8);
	put_time(m + 16, ahead);                /* reference: its clock was set just now */
	put_time(m + TRANSMIT, ahead);
}

int main(int argc, char **argv)
{
	double ahead = argc > 1 ? atof(argv[1]) : 0;
	int fd = socket(AF_INET6, SOCK_DGRAM, 0), off = 0;
	struct sockaddr_in6 here = { .sin6_family = AF_INET6, .sin6_port = htons(PORT) }, from;
	if (fd < 0 || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) < 0 || bind(fd, (void *)&here, sizeof here) < 0) {
		perror("ntp_server");
		return 1;
	}
	for (;;) {
		uint8_t asked[1500], reply[HEADER] = { 0 };
		socklen_t size = sizeof from;
		ssize_t n = recvfrom(fd, asked, sizeof asked, 0, (void *)&from, &size);
		if (n < HEADER || (asked[0] & 7) != CLIENT)
			continue;
		answer(reply, asked, ahead);
		if (sendto(fd, reply, sizeof reply, 0, (void *)&from, size) < 0)
			perror("ntp_server");
	}
}
