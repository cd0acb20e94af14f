#include "base/cursor.h"

#include <endian.h>
#include <string.h>

size_t cursor_at(const struct cursor *c)
{
	return c->bit >> 3;
}

size_t cursor_left(const struct cursor *c)
{
	return c->end - ((c->bit + 7) >> 3);
}

bool cursor_skip(struct cursor *c, size_t bytes)
{
	if (bytes > cursor_left(c)) {
		c->short_by = true;
		c->bit = c->end << 3;
		return false;
	}
	c->bit += bytes << 3;
	return true;
}

const uint8_t *cursor_take(struct cursor *c, size_t bytes)
{
	const uint8_t *start = c->bytes + cursor_at(c);
	return cursor_skip(c, bytes) ? start : NULL;
}

/* Whole bytes in network order; the usual widths in one step. */
static uint64_t load(const uint8_t *p, unsigned bytes)
{
	uint16_t two;
	uint32_t four;
	uint64_t number = 0;
	switch (bytes) {
	case 1: return *p;
	case 2: return memcpy(&two, p, sizeof two), be16toh(two);
	case 4: return memcpy(&four, p, sizeof four), be32toh(four);
	case 8: return memcpy(&number, p, sizeof number), be64toh(number);
	}
	for (unsigned i = 0; i < bytes; i++)
		number = number << 8 | p[i];
	return number;
}

static void store(uint8_t *p, uint64_t number, unsigned bytes)
{
	uint16_t two = htobe16((uint16_t)number);
	uint32_t four = htobe32((uint32_t)number);
	uint64_t eight = htobe64(number);
	switch (bytes) {
	case 1: *p = (uint8_t)number; return;
	case 2: memcpy(p, &two, sizeof two); return;
	case 4: memcpy(p, &four, sizeof four); return;
	case 8: memcpy(p, &eight, sizeof eight); return;
	}
	for (; bytes-- > 0; number >>= 8)
		p[bytes] = (uint8_t)number;
}

uint64_t cursor_bits(struct cursor *c, unsigned bits)
{
	if (bits > 64 || bits > (c->end << 3) - c->bit) {
		c->short_by = true;
		c->bit = c->end << 3;
		return 0;
	}
	uint64_t number = 0;
	if (((c->bit | bits) & 7) == 0) {
		number = load(c->bytes + (c->bit >> 3), bits >> 3);
		c->bit += bits;
		return number;
	}
	while (bits > 0) {
		unsigned in_byte = 8 - (c->bit & 7), take = bits < in_byte ? bits : in_byte;
		unsigned part = c->bytes[c->bit >> 3] >> (in_byte - take) & ((1u << take) - 1);
		number = number << take | part;
		c->bit += take;
		bits -= take;
	}
	return number;
}

uint64_t cursor_uint(struct cursor *c, unsigned bytes)
{
	if (c->bit & 7)
		return cursor_bits(c, bytes * 8);
	const uint8_t *p = cursor_take(c, bytes);
	return p ? load(p, bytes) : 0;
}

uint64_t cursor_uint_le(struct cursor *c, unsigned bytes)
{
	const uint8_t *p = cursor_take(c, bytes);
	uint64_t number = 0;
	for (unsigned i = bytes; p && i-- > 0;)
		number = number << 8 | p[i];
	return number;
}

static bool fits(const struct writer *w, size_t bits)
{
	return bits <= (w->end << 3) - w->bit;
}

bool writer_bits(struct writer *w, uint64_t number, unsigned bits)
{
	if (bits > 64 || !fits(w, bits))
		return false;
	if (((w->bit | bits) & 7) == 0) {
		store(w->bytes + (w->bit >> 3), number, bits >> 3);
		w->bit += bits;
		return true;
	}
	while (bits > 0) {
		unsigned in_byte = 8 - (w->bit & 7), take = bits < in_byte ? bits : in_byte, shift = in_byte - take;
		unsigned mask = ((1u << take) - 1) << shift;
		unsigned part = (unsigned)(number >> (bits - take)) << shift & mask;
		uint8_t *at = w->bytes + (w->bit >> 3);
		*at = (uint8_t)((*at & ~mask) | part);
		w->bit += take;
		bits -= take;
	}
	return true;
}

bool writer_uint(struct writer *w, uint64_t number, unsigned bytes)
{
	return writer_bits(w, number, bytes * 8);
}

bool writer_uint_le(struct writer *w, uint64_t number, unsigned bytes)
{
	if (bytes > 8 || (w->bit & 7) || !fits(w, bytes * 8u))
		return false;
	for (unsigned i = 0; i < bytes; i++, number >>= 8)
		w->bytes[(w->bit >> 3) + i] = (uint8_t)number;
	w->bit += bytes * 8u;
	return true;
}

bool writer_bytes(struct writer *w, const void *bytes, size_t len)
{
	if ((w->bit & 7) || len > w->end || !fits(w, len << 3))
		return false;
	if (len)
		memcpy(w->bytes + (w->bit >> 3), bytes, len);
	w->bit += len << 3;
	return true;
}
