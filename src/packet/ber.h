/* The basic encoding rules, X.690: an identifier, a length, contents. Looked at in place and bounded: nothing here follows a
 * length out of its bytes or nests deeper than BER_DEPTH.
 *
 * A tag is written here as its identifier bytes are: 0x02, 0x30, 0xa0, 0x7f21. */
#ifndef PACKET_BER_H
#define PACKET_BER_H

#include "base/buf.h"
#include "lang/types.h"

enum { BER_DEPTH = 32 };

/* One element: `header` bytes of identifier and length, `content` bytes, `trailer` bytes that end an indefinite length. */
struct ber {
	unsigned tag;
	size_t header, content, trailer;
	unsigned length_bytes;          /* how many bytes the length takes: 1, or more than its number needs */
	bool indefinite;
};

bool ber_read(const uint8_t *bytes, size_t left, struct ber *out);      /* false: no whole element stands here */
static inline size_t ber_size(const struct ber *b) { return b->header + b->content + b->trailer; }
/* Puts identifier and length before what stands in `out` from `from` on; `like`, or NULL: in the form that this one came in. */
void ber_wrap(struct buf *out, size_t from, unsigned tag, const struct ber *like);

value ber_get_int(struct vm *vm, const uint8_t *bytes, size_t len);     /* two's complement */
bool  ber_put_int(struct vm *vm, value number, struct buf *out);
value ber_get_oid(struct vm *vm, const uint8_t *bytes, size_t len);     /* "1.3.6.1" */
bool  ber_put_oid(const char *text, struct buf *out);                   /* false: no such identifier */

#endif
