#include "net/chunk.h"

#include <string.h>

#include "base/mem.h"

enum { LEAST = 1 << 12, MOST = 1 << 20 };

/* A block begins small, since a sniff for one packet is common, and each further one is larger. */
static bool chunk_open(struct chunk *c, size_t len)
{
	c->next = c->next == 0 ? LEAST : c->next < MOST ? c->next * 4 : MOST;
	size_t room = len > c->next ? len : c->next;
	uint8_t *bytes = mem_try(room);
	if (!bytes)
		return false;
	chunk_end(c);
	c->frame = mem_zero(sizeof *c->frame);
	*c->frame = (struct frame){ .refs = 1, .bytes = bytes, .owner = bytes, .owner_drop = mem_free };
	c->room = room;
	return true;
}

struct frame *chunk_add(struct chunk *c, const void *bytes, size_t len, uint32_t *start)
{
	if ((!c->frame || c->room - c->frame->len < len) && !chunk_open(c, len))
		return NULL;
	*start = c->frame->len;
	if (len)
		memcpy(c->frame->bytes + c->frame->len, bytes, len);
	c->frame->len += (uint32_t)len;
	return frame_keep(c->frame);
}

void chunk_end(struct chunk *c)
{
	if (c->frame)
		frame_drop(c->frame);
	c->frame = NULL;
}
