#include "net/pcapng.h"

#include <string.h>

#include "base/mem.h"

#include "net/deadline.h"
#include "net/linktype.h"

enum block { BLOCK_INTERFACE = 1, BLOCK_OLD_PACKET = 2, BLOCK_SIMPLE_PACKET = 3, BLOCK_PACKET = 6 };
enum option { OPTION_END, OPTION_COMMENT, OPTION_NAME = 2, OPTION_FLAGS = 2, OPTION_RESOLUTION = 9, OPTION_OFFSET = 14 };
enum { ORDER = 0x1a2b3c4d, ORDER_SWAPPED = 0x4d3c2b1a, LARGEST = 1 << 24, MOST_INTERFACES = 1 << 16, NAME = 64 };

struct interface {
	int link_type;
	uint32_t snap;
	uint64_t ticks;                  /* in a second */
	int64_t offset;                  /* seconds */
	char name[NAME];
};

struct pcapng {
	FILE *stream;
	bool swapped, held;              /* held: a block was read and not yet looked at */
	uint32_t type;
	struct buf body, comment;
	struct interface *interfaces;
	size_t count;
	const char *problem;
	uint64_t good, before;           /* bytes of whole blocks; without the last one */
};

/* ---- numbers ---------------------------------------------------------------------------------------------------------- */

static uint32_t fix32(const struct pcapng *p, uint32_t n)
{
	return p->swapped ? __builtin_bswap32(n) : n;
}

static uint32_t word(const struct pcapng *p, size_t at)
{
	uint32_t n;
	memcpy(&n, p->body.data + at, sizeof n);
	return fix32(p, n);
}

static uint16_t half(const struct pcapng *p, size_t at)
{
	uint16_t n;
	memcpy(&n, p->body.data + at, sizeof n);
	return p->swapped ? __builtin_bswap16(n) : n;
}

static int64_t long_word(const struct pcapng *p, size_t at)
{
	uint64_t n;
	memcpy(&n, p->body.data + at, sizeof n);
	return (int64_t)(p->swapped ? __builtin_bswap64(n) : n);
}

static size_t padded(size_t len)
{
	return (len + 3) & ~(size_t)3;
}

static bool fail(struct pcapng *p, const char *problem)
{
	if (!p->problem)
		p->problem = problem;
	return false;
}

/* ---- blocks ----------------------------------------------------------------------------------------------------------- */

static bool fetch(struct pcapng *p, void *room, size_t len)
{
	return fread(room, 1, len, p->stream) == len || fail(p, "the file is cut off in the middle of a block");
}

/* A section's header says in which order its numbers are, its own length too. */
static bool begin_section(struct pcapng *p, uint32_t *len)
{
	uint32_t order;
	if (!fetch(p, &order, sizeof order))
		return false;
	if (order != ORDER && order != ORDER_SWAPPED)
		return fail(p, "a section's header has no byte order");
	p->swapped = order == ORDER_SWAPPED;
	*len = fix32(p, *len);
	p->count = 0;
	buf_add(&p->body, &order, sizeof order);
	return true;
}

/* false: the end, or a problem. */
static bool read_block(struct pcapng *p)
{
	uint32_t head[2], again;
	buf_clear(&p->body);
	size_t got = fread(head, 1, sizeof head, p->stream);
	if (got == 0 && !ferror(p->stream))
		return false;
	if (got < sizeof head)
		return fail(p, ferror(p->stream) ? "the file cannot be read on" : "the file is cut off in the middle of a block");
	uint32_t len = head[1];
	p->type = head[0] == PCAPNG_MAGIC ? head[0] : fix32(p, head[0]);
	if (p->type == PCAPNG_MAGIC ? !begin_section(p, &len) : (len = fix32(p, len), false))
		return false;
	size_t have = p->body.len;
	if (len < 12 + have || len > LARGEST || len % 4)
		return fail(p, "a block has an impossible length");
	size_t rest = len - 12 - have;
	if (!fetch(p, buf_grow(&p->body, rest), rest) || !fetch(p, &again, sizeof again))
		return false;
	if (fix32(p, again) != len)
		return fail(p, "a block's two lengths differ");
	p->before = p->good;
	p->good += len;
	return true;
}

/* The option of that number; its length, -1: there is none. */
static int find_option(const struct pcapng *p, size_t from, unsigned wanted, size_t *place)
{
	while (from + 4 <= p->body.len) {
		unsigned number = half(p, from), len = half(p, from + 2);
		if (number == OPTION_END || from + 4 + len > p->body.len)
			return -1;
		if (number == wanted) {
			*place = from + 4;
			return (int)len;
		}
		from += 4 + padded(len);
	}
	return -1;
}

static uint64_t ticks_of(uint8_t resolution)
{
	uint64_t ticks = 1;
	unsigned power = resolution & 0x7f, base = resolution & 0x80 ? 2 : 10;
	while (power-- && ticks < UINT64_MAX / 10)
		ticks *= base;
	return ticks;
}

static bool add_interface(struct pcapng *p)
{
	size_t at = 0;
	if (p->body.len < 8)
		return fail(p, "an interface's block is too short");
	if (p->count == MOST_INTERFACES)
		return fail(p, "there are too many interfaces");
	p->interfaces = mem_resize(p->interfaces, (p->count + 1) * sizeof *p->interfaces);
	struct interface *i = &p->interfaces[p->count++];
	*i = (struct interface){ .link_type = linktype_in_programs(half(p, 0)), .snap = word(p, 4), .ticks = 1000000 };
	int len = find_option(p, 8, OPTION_NAME, &at);
	if (len > 0)
		memcpy(i->name, p->body.data + at, (size_t)len < NAME - 1 ? (size_t)len : NAME - 1);
	if (find_option(p, 8, OPTION_RESOLUTION, &at) >= 1)
		i->ticks = ticks_of((uint8_t)p->body.data[at]);
	if (find_option(p, 8, OPTION_OFFSET, &at) == 8)
		i->offset = long_word(p, at);
	return true;
}

static int64_t time_of(const struct interface *i, uint64_t stamp)
{
	__int128 time = ((__int128)(stamp / i->ticks) + i->offset) * NANOSECONDS + (__int128)(stamp % i->ticks) * NANOSECONDS / i->ticks;
	return time > INT64_MAX || time < 0 ? 0 : (int64_t)time;
}

static void read_options(struct pcapng *p, size_t from, struct capture_frame *out)
{
	size_t at = 0;
	int len = find_option(p, from, OPTION_COMMENT, &at);
	if (len > 0) {
		buf_clear(&p->comment);
		buf_add(&p->comment, p->body.data + at, (size_t)len);
		out->comment = buf_str(&p->comment);
	}
	if (find_option(p, from, OPTION_FLAGS, &at) == 4)
		out->direction = word(p, at) & 3 ? (uint8_t)(word(p, at) & 3) : 0;
	if (out->direction == 3)
		out->direction = 0;
}

static bool read_packet(struct pcapng *p, struct capture_frame *out)
{
	bool old = p->type == BLOCK_OLD_PACKET;
	if (p->body.len < 20)
		return fail(p, "a packet's block is too short");
	uint32_t number = old ? half(p, 0) : word(p, 0), len = word(p, 12);
	if (number >= p->count)
		return fail(p, "a packet is of an interface that is not there");
	if (len > p->body.len - 20)
		return fail(p, "a packet is longer than its block");
	const struct interface *i = &p->interfaces[number];
	*out = (struct capture_frame){
		.bytes = (const uint8_t *)p->body.data + 20, .len = len, .wire_len = word(p, 16), .link_type = i->link_type,
		.time = time_of(i, (uint64_t)word(p, 4) << 32 | word(p, 8)), .iface = i->name[0] ? i->name : NULL,
	};
	read_options(p, 20 + padded(len), out);
	return true;
}

static bool read_simple_packet(struct pcapng *p, struct capture_frame *out)
{
	if (p->body.len < 4 || p->count == 0)
		return fail(p, "a packet is of an interface that is not there");
	const struct interface *i = &p->interfaces[0];
	size_t len = word(p, 0);
	if (i->snap && len > i->snap)
		len = i->snap;
	if (len > p->body.len - 4)
		len = p->body.len - 4;
	*out = (struct capture_frame){ .bytes = (const uint8_t *)p->body.data + 4, .len = (uint32_t)len, .wire_len = word(p, 0),
	                               .link_type = i->link_type, .iface = i->name[0] ? i->name : NULL };
	return true;
}

/* ---- reading ---------------------------------------------------------------------------------------------------------- */

struct pcapng *pcapng_new(FILE *stream)
{
	struct pcapng *p = mem_zero(sizeof *p);
	p->stream = stream;
	if (!read_block(p) || p->type != PCAPNG_MAGIC) {
		pcapng_free(p);
		return NULL;
	}
	p->held = read_block(p);         /* commonly the first interface: a filter wants its link type */
	if (p->held && p->type == BLOCK_INTERFACE) {
		add_interface(p);
		p->held = false;
	}
	return p;
}

void pcapng_free(struct pcapng *p)
{
	if (!p)
		return;
	buf_free(&p->body);
	buf_free(&p->comment);
	mem_free(p->interfaces);
	mem_free(p);
}

enum capture_result pcapng_next(struct pcapng *p, struct capture_frame *out)
{
	bool good = true;
	while (good && !p->problem && (p->held || read_block(p))) {
		p->held = false;
		if (p->type == BLOCK_INTERFACE)
			good = add_interface(p);
		else if (p->type == BLOCK_PACKET || p->type == BLOCK_OLD_PACKET)
			return read_packet(p, out) ? CAPTURE_FRAME : CAPTURE_NONE;
		else if (p->type == BLOCK_SIMPLE_PACKET)
			return read_simple_packet(p, out) ? CAPTURE_FRAME : CAPTURE_NONE;
	}
	return CAPTURE_NONE;
}

const char *pcapng_problem(const struct pcapng *p)
{
	return p->problem;
}

uint64_t pcapng_good_bytes(const struct pcapng *p)
{
	return p->held ? p->before : p->good;
}

int pcapng_link_type(const struct pcapng *p)
{
	return p->count ? p->interfaces[0].link_type : 1;
}

/* ---- writing ---------------------------------------------------------------------------------------------------------- */

static void put32(struct buf *out, uint32_t n)
{
	buf_add(out, &n, sizeof n);
}

static void put16(struct buf *out, uint16_t n)
{
	buf_add(out, &n, sizeof n);
}

static void put_padded(struct buf *out, const void *bytes, size_t len)
{
	buf_add(out, bytes, len);
	buf_fill(out, 0, padded(len) - len);
}

static void put_option(struct buf *out, uint16_t number, const void *bytes, size_t len)
{
	if (len > UINT16_MAX)
		len = UINT16_MAX;
	put16(out, number);
	put16(out, (uint16_t)len);
	put_padded(out, bytes, len);
}

static size_t begin_block(struct buf *out, uint32_t type)
{
	size_t start = out->len;
	put32(out, type);
	put32(out, 0);
	return start;
}

static void end_block(struct buf *out, size_t start)
{
	uint32_t len = (uint32_t)(out->len - start + 4);
	memcpy(out->data + start + 4, &len, sizeof len);
	put32(out, len);
}

void pcapng_put_section(struct buf *out)
{
	size_t start = begin_block(out, PCAPNG_MAGIC);
	put32(out, ORDER);
	put16(out, 1);
	put16(out, 0);
	put32(out, UINT32_MAX);          /* the section's length is not known */
	put32(out, UINT32_MAX);
	end_block(out, start);
}

void pcapng_put_interface(struct buf *out, int link_type, uint32_t snap, const char *name)
{
	size_t start = begin_block(out, BLOCK_INTERFACE);
	uint8_t nanoseconds = 9;
	put16(out, (uint16_t)linktype_in_files(link_type));
	put16(out, 0);
	put32(out, snap);
	if (name)
		put_option(out, OPTION_NAME, name, strlen(name));
	put_option(out, OPTION_RESOLUTION, &nanoseconds, 1);
	put_option(out, OPTION_END, "", 0);
	end_block(out, start);
}

void pcapng_put_packet(struct buf *out, uint32_t iface, const struct capture_frame *f)
{
	size_t start = begin_block(out, BLOCK_PACKET);
	uint64_t time = f->time < 0 ? 0 : (uint64_t)f->time;
	uint32_t direction = f->direction;
	put32(out, iface);
	put32(out, (uint32_t)(time >> 32));
	put32(out, (uint32_t)time);
	put32(out, f->len);
	put32(out, f->wire_len ? f->wire_len : f->len);
	put_padded(out, f->bytes, f->len);
	if (f->comment)
		put_option(out, OPTION_COMMENT, f->comment, strlen(f->comment));
	if (direction)
		put_option(out, OPTION_FLAGS, &direction, sizeof direction);
	if (f->comment || direction)
		put_option(out, OPTION_END, "", 0);
	end_block(out, start);
}
