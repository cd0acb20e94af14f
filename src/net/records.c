#include "net/records.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "packet/packet.h"

#include "net/deadline.h"

enum { BLOCK = 1 << 17, HEADER = 16, PATIENCE = 2 };

struct records {
	int descriptor;
	uint32_t snap;                   /* bytes that a record has at most */
	int link_type;
	uint32_t unit, units;            /* nanoseconds of a tick, ticks of a second */
	uint64_t behind;                 /* the block in the file: its end */
	size_t at;                       /* the next record in the block */
	struct frame *block, *other;     /* kept; NULL: not made yet */
	unsigned held;                   /* so many blocks were held when their turn came */
};

struct records *records_new(int descriptor, uint64_t at, uint32_t snap, int link_type, bool nanoseconds)
{
	struct records *r = mem_zero(sizeof *r);
	r->descriptor = descriptor;
	r->behind = at;
	r->snap = snap;
	r->link_type = link_type;
	r->unit = nanoseconds ? 1 : 1000;
	r->units = NANOSECONDS / r->unit;
	return r;
}

void records_free(struct records *r)
{
	if (!r)
		return;
	frame_drop(r->block);
	frame_drop(r->other);
	mem_free(r);
}

static inline size_t left_of(const struct records *r)
{
	return r->block ? r->block->len - r->at : 0;
}

uint64_t records_at(const struct records *r)
{
	return r->behind - left_of(r);
}

static struct frame *next_block(struct records *r)
{
	struct frame *block = r->other;
	r->other = NULL;
	if (block && block->refs == 1)
		return block;
	if (block)
		r->held++;
	frame_drop(block);
	return frame_new(NULL, BLOCK);
}

/* What is left of the block, and what follows in the file. false: nothing does. */
static bool refill(struct records *r)
{
	struct frame *block = next_block(r);
	size_t left = left_of(r);
	ssize_t got;
	if (left)
		memcpy(block->bytes, r->block->bytes + r->at, left);
	do
		got = pread(r->descriptor, block->bytes + left, BLOCK - left, (off_t)r->behind);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		got = 0;
	block->len = (uint32_t)(left + (size_t)got);
	r->behind += (uint64_t)got;
	r->other = r->block;
	r->block = block;
	r->at = 0;
	return got > 0;
}

static bool have_more(struct records *r, size_t bytes)
{
	return bytes <= BLOCK && refill(r) && left_of(r) >= bytes;
}

static inline bool have(struct records *r, size_t bytes)
{
	return left_of(r) >= bytes || have_more(r, bytes);
}

bool records_next(struct records *r, struct capture_frame *out)
{
	uint32_t header[HEADER / 4];            /* seconds, ticks, bytes here, bytes on the wire */
	if (!have(r, HEADER))
		return false;
	memcpy(header, r->block->bytes + r->at, HEADER);
	if (header[0] > INT32_MAX || header[1] >= r->units || header[2] > r->snap || !have(r, HEADER + header[2]))
		return false;
	*out = (struct capture_frame){
		.bytes = r->block->bytes + r->at + HEADER, .len = header[2], .wire_len = header[3], .link_type = r->link_type,
		.time = (int64_t)header[0] * NANOSECONDS + (int64_t)header[1] * r->unit, .block = r->held < PATIENCE ? r->block : NULL,
	};
	r->at += HEADER + header[2];
	return true;
}
