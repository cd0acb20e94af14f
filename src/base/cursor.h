/* The bounded cursor: the one way to read or write packet bytes. It stands at a bit position inside [0, end) of a run of
 * bytes and refuses to leave it: a read past the end gives zero and sets `short_by`, which stays set, so that a decoder
 * may read a whole header and ask once. Multi-byte numbers are in network order unless the name says le. */
#ifndef BASE_CURSOR_H
#define BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cursor {
	const uint8_t *bytes;
	size_t end;          /* bytes */
	size_t bit;          /* position in bits */
	bool short_by;       /* something was asked beyond the end */
};

static inline struct cursor cursor_over(const void *bytes, size_t len)
{
	return (struct cursor){ .bytes = (const uint8_t *)bytes, .end = len };
}
size_t   cursor_left(const struct cursor *c);                        /* whole bytes left */
size_t   cursor_at(const struct cursor *c);                          /* byte position, rounded down */
bool     cursor_skip(struct cursor *c, size_t bytes);
uint64_t cursor_bits(struct cursor *c, unsigned bits);               /* 0 to 64 bits, most significant first */
uint64_t cursor_uint(struct cursor *c, unsigned bytes);              /* 1 to 8 bytes, network order */
uint64_t cursor_uint_le(struct cursor *c, unsigned bytes);           /* 1 to 8 bytes, little-endian */
const uint8_t *cursor_take(struct cursor *c, size_t bytes);          /* NULL when there are fewer */

/* The writing twin: a fixed run of bytes that the caller owns. false: it would not fit, nothing was written. */
struct writer {
	uint8_t *bytes;
	size_t end;
	size_t bit;
};

static inline struct writer writer_over(void *bytes, size_t len)
{
	return (struct writer){ .bytes = (uint8_t *)bytes, .end = len };
}
bool writer_bits(struct writer *w, uint64_t number, unsigned bits);
bool writer_uint(struct writer *w, uint64_t number, unsigned bytes);
bool writer_uint_le(struct writer *w, uint64_t number, unsigned bytes);
bool writer_bytes(struct writer *w, const void *bytes, size_t len);

#endif
