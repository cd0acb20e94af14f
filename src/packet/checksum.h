/* The internet checksum, RFC 1071, in pieces: sums of runs of bytes, put together whatever their parity. And the other kinds. */
#ifndef PACKET_CHECKSUM_H
#define PACKET_CHECKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sum {
	uint64_t total;         /* of 16-bit words in network order */
	bool odd;               /* an odd count of bytes so far: the next byte is a word's lower half */
};

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
