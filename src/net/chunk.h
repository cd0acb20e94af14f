/* Frames packed one behind the other into shared blocks, for lists of many: 32 bytes of record and the bytes themselves, no
 * allocation a frame. A block lives until the last frame in it is dropped. Zero-initialise to start. */
#ifndef NET_CHUNK_H
#define NET_CHUNK_H

#include "packet/packet.h"

struct chunk {
	struct frame *frame;             /* the block being filled */
	size_t room, next;
};

/* A copy of the bytes: which block, and where in it. The block is kept once for the caller. NULL: no memory. */
struct frame *chunk_add(struct chunk *c, const void *bytes, size_t len, uint32_t *start);
void chunk_end(struct chunk *c);

#endif
