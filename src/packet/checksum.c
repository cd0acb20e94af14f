#include "packet/checksum.h"

#include <arpa/inet.h>
#include <string.h>

#include "packet/packet.h"

static uint16_t fold(uint64_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return (uint16_t)total;
}

/* Sums of 32-bit words in the machine's order fold to the sum in network order with its bytes swapped, or not (RFC 1071, 2 B). */
uint16_t sum_run(const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	uint64_t total = 0;
	for (; len >= 4; p += 4, len -= 4) {
		uint32_t word;
		memcpy(&word, p, 4);
		total += word;
	}
	if (len) {
		uint8_t rest[4] = {0};
		memcpy(rest, p, len);
		uint32_t word;
		memcpy(&word, rest, 4);
		total += word;
	}
	return ntohs(fold(total));
}

void sum_add(struct sum *s, uint16_t run, size_t len)
{
	if (s->odd)
		run = (uint16_t)(run << 8 | run >> 8);
	s->total += run;
	s->odd ^= len & 1;
}

uint16_t sum_end(const struct sum *s)
{
	return (uint16_t)~fold(s->total);
}

uint16_t checksum_of(const void *bytes, size_t len)
{
	struct sum s = {0};
	sum_add(&s, sum_run(bytes, len), len);
	return sum_end(&s);
}
