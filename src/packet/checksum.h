/* The internet checksum, RFC 1071, in pieces: sums of runs of bytes, put together whatever their parity. */
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

#endif
