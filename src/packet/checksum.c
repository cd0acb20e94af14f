#include "packet/checksum.h"

#include <arpa/inet.h>
#include <string.h>
#include <zlib.h>

#include "packet/packet.h"

static uint16_t fold(uint64_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return (uint16_t)total;
}

uint16_t sum_fold(uint64_t total)
{
	return ntohs(fold((total & UINT32_MAX) + (total >> 32)));
}

uint16_t sum_run(const void *bytes, size_t len)
{
	return sum_fold(sum_words(0, bytes, len));
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

/* ---- the kinds ---- */

static uint32_t internet(const uint8_t *bytes, size_t len, size_t place)
{
	return checksum_of(bytes, len);
}

/* ISO 8473's (RFC 905, Annex B; RFC 2328, 12.1.7): the two bytes at `place` are such that both sums over all bytes become 0. */
static uint32_t fletcher(const uint8_t *bytes, size_t len, size_t place)
{
	int64_t c0 = 0, c1 = 0, behind = (int64_t)len - (int64_t)place;
	for (size_t i = 0; i < len; i++) {
		c0 = (c0 + bytes[i]) % 255;
		c1 = (c1 + c0) % 255;
	}
	int64_t x = ((behind - 1) * c0 - c1) % 255, y = (c1 - behind * c0) % 255;
	return (uint32_t)((x <= 0 ? x + 255 : x) << 8 | (y <= 0 ? y + 255 : y));
}

static uint32_t crc_32(const uint8_t *bytes, size_t len, size_t place)
{
	return (uint32_t)crc32(0, bytes, (uInt)len);
}

static uint32_t adler_32(const uint8_t *bytes, size_t len, size_t place)
{
	return (uint32_t)adler32(1, bytes, (uInt)len);
}

/* Castagnoli's, as SCTP sends it: least significant byte first (RFC 9260, Appendix A). */
static uint32_t crc_32c(const uint8_t *bytes, size_t len, size_t place)
{
	uint32_t crc = UINT32_MAX;
	for (size_t i = 0; i < len; i++) {
		crc ^= bytes[i];
		for (int k = 0; k < 8; k++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
	}
	return __builtin_bswap32(~crc);
}

/* An odd last byte is the low one of a signed number: 0x90 counts as 0xff8f, in one's complement -0x70. */
static uint32_t internet_signed(const uint8_t *bytes, size_t len, size_t place)
{
	struct sum s = {0};
	size_t even = len & ~(size_t)1;
	sum_add(&s, sum_run(bytes, even), even);
	if (len & 1)
		s.total += (uint64_t)(bytes[even] <= 0x80 ? bytes[even] : 0xff00 | (bytes[even] - 1));
	return sum_end(&s);
}

const struct checksum_kind checksum_kinds[] = {
	{ "internet", internet, "RFC 1071" },
	{ "internet-signed", internet_signed, "the same, an odd last byte as a signed number" },
	{ "fletcher", fletcher, "ISO 8473, RFC 905" },
	{ "crc32", crc_32, "IEEE 802.3" },
	{ "crc32c", crc_32c, "RFC 9260" },
	{ "adler32", adler_32, "RFC 1950" },
	{ 0 },
};

const struct checksum_kind *checksum_kind(const char *name)
{
	for (const struct checksum_kind *k = checksum_kinds; k->name; k++)
		if (!strcmp(k->name, name))
			return k;
	return NULL;
}
