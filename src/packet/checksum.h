/* The internet checksum, RFC 1071, in pieces: sums of runs of bytes, put together whatever their parity. And the other kinds. */
#ifndef PACKET_CHECKSUM_H
#define PACKET_CHECKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct sum {
	uint64_t total;         /* of 16-bit words in network order */
	bool odd;               /* an odd count of bytes so far: the next byte is a word's lower half */
};

/* A run's words of 64 bits as the machine reads them, added with the carry brought round (RFC 1071, 2 B and C). Runs of an even length
 * may follow one another; sum_fold gives their sum in network order. */
static inline uint64_t sum_words(uint64_t total, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	uint64_t word;
	for (; len >= 8; p += 8, len -= 8) {
		memcpy(&word, p, 8);
		total += word;
		total += total < word;
	}
	/* what is left, in memory order: four bytes, two, and the last with a zero behind it */
	uint32_t four = 0;
	uint16_t two = 0, one = 0;
	if (len & 4)
		memcpy(&four, p, 4);
	p += len & 4;
	if (len & 2)
		memcpy(&two, p, 2);
	if (len & 1)
		memcpy(&one, p + (len & 2), 1);
	word = (uint64_t)four + two + one;
	total += word;
	total += total < word;
	return total;
}
uint16_t sum_fold(uint64_t total);

uint16_t sum_run(const void *bytes, size_t len);                /* the folded sum of a run that begins at an even place */
void     sum_add(struct sum *s, uint16_t run, size_t len);      /* a run's sum behind what is there */
uint16_t sum_end(const struct sum *s);                          /* folded and complemented */

/* The kinds that checksum="..." names. `over` sums bytes among which the check bytes themselves, at `place`, are zero. */
struct checksum_kind {
	const char *name;
	uint32_t (*over)(const uint8_t *bytes, size_t len, size_t place);
	const char *doc;
};
const struct checksum_kind *checksum_kind(const char *name);   /* NULL: none */
extern const struct checksum_kind checksum_kinds[];             /* the first is the internet's; the last has no name */

#endif
