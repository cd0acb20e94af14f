#include "net/resets.h"

#include <netinet/in.h>
#include <pcap/dlt.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cursor.h"
#include "base/mem.h"

#include "net/address.h"
#include "net/deadline.h"

enum { SYN = 2, RST = 4, ACK = 16 };
enum { RING = 1 << 16, MOST = 64, WATCHED = 4, FORGOTTEN_AFTER = 1000 };
#define FLOOD_OVER NANOSECONDS           /* so long without a SYN, and the next one is taken for a conversation again */

struct segment { struct address from, to; uint16_t from_port, to_port; uint8_t flags; };

struct reset {
	struct segment what;
	bool ours, told;                 /* ours: it was sent from here */
};

struct resets {
	struct { int iface; struct capture *capture; } watched[WATCHED];
	size_t watched_count, next;
	struct reset seen[MOST];         /* the newest take the place of the oldest */
	uint64_t count, idle;            /* idle: frames that left since a SYN was asked with */
	int64_t flood;                   /* when the last SYN of a flood was sent; 0: there is none */
};

static void rest(struct resets *r)
{
	for (size_t i = 0; i < r->watched_count; i++)
		capture_free(r->watched[i].capture);
	*r = (struct resets){ .flood = r->flood };
}

void resets_free(struct resets *r)
{
	if (r)
		rest(r);
	mem_free(r);
}

/* ---- what a frame is --------------------------------------------------------------------------------------------------- */

static bool read_addresses(struct cursor *c, int family, struct segment *out)
{
	unsigned len = family == AF_INET ? 4 : 16;
	const uint8_t *both = cursor_take(c, 2 * len);
	if (both) {
		out->from = address_of(family, both);
		out->to = address_of(family, both + len);
	}
	return both != NULL;
}

/* RFC 791, 3.1: the segment behind an IPv4 header that is no later fragment. */
static bool read_ipv4(struct cursor *c, struct segment *out)
{
	size_t start = cursor_at(c), header = (cursor_uint(c, 1) & 15) * 4;
	cursor_skip(c, 5);
	unsigned fragment = (unsigned)cursor_uint(c, 2) & 0x1fff;
	cursor_skip(c, 1);
	unsigned protocol = (unsigned)cursor_uint(c, 1);
	cursor_skip(c, 2);
	return read_addresses(c, AF_INET, out) && !fragment && protocol == IPPROTO_TCP && header >= 20 && cursor_skip(c, header - (cursor_at(c) - start));
}

static bool read_ipv6(struct cursor *c, struct segment *out)
{
	cursor_skip(c, 6);
	unsigned next = (unsigned)cursor_uint(c, 1);
	cursor_skip(c, 1);
	return read_addresses(c, AF_INET6, out) && next == IPPROTO_TCP;
}

static bool read_segment(int link_type, const struct inject_frame *frame, struct segment *out)
{
	struct cursor c = cursor_over(frame->bytes, frame->len);
	if (link_type == DLT_EN10MB)
		cursor_skip(&c, 14);
	else if (link_type != DLT_RAW)
		return false;
	struct cursor version = c;
	unsigned number = (unsigned)cursor_bits(&version, 4);
	if (c.short_by || !(number == 4 ? read_ipv4(&c, out) : number == 6 && read_ipv6(&c, out)))
		return false;
	out->from_port = (uint16_t)cursor_uint(&c, 2);
	out->to_port = (uint16_t)cursor_uint(&c, 2);
	cursor_skip(&c, 9);
	out->flags = (uint8_t)cursor_uint(&c, 1);
	return !c.short_by;
}

/* ---- RSTs that left ---------------------------------------------------------------------------------------------------- */

static bool same_conversation(const struct segment *a, const struct segment *b)
{
	return a->from_port == b->from_port && a->to_port == b->to_port && address_equal(&a->from, &b->from) && address_equal(&a->to, &b->to);
}

static struct reset *find(struct resets *r, const struct segment *s)
{
	for (size_t i = 0; i < MOST && i < r->count; i++)
		if (same_conversation(&r->seen[i].what, s))
			return &r->seen[i];
	return NULL;
}

static void note(struct resets *r, const struct segment *s, bool ours)
{
	if (!find(r, s))
		r->seen[r->count++ % MOST] = (struct reset){ *s, ours, false };
}

static void read_watched(struct resets *r)
{
	struct capture_frame f;
	struct segment s;
	struct error e = {0};
	for (size_t i = 0; i < r->watched_count; i++)
		for (int n = 0; n < MOST && capture_next(r->watched[i].capture, &f, &e) == CAPTURE_FRAME; n++)
			if (read_segment(capture_link_type(r->watched[i].capture), &(struct inject_frame){ f.bytes, f.len }, &s) && s.flags & RST)
				note(r, &s, false);
	error_clear(&e);
}

/* ---- asking and sending ------------------------------------------------------------------------------------------------ */

static bool is_watched(const struct resets *r, int iface)
{
	for (size_t i = 0; i < r->watched_count; i++)
		if (r->watched[i].iface == iface)
			return true;
	return false;
}

/* Where there is no such capture there is no warning: nothing else depends on it. */
static void watch(struct wire *w, struct resets *r, int iface)
{
	struct error e = {0};
	const struct iface *i = iface_by_index(w->ifaces, iface, &e);
	struct capture_options options = { .iface = i ? i->name : "", .index = (unsigned)iface, .ring = RING, .direction = CAPTURE_OUT,
		.filter = "tcp[tcpflags] & tcp-rst != 0 or (ip6[6] = 6 and ip6[53] & 4 != 0)" };
	struct capture *c = i ? capture_open(&options, &e) : NULL;
	error_clear(&e);
	if (!c)
		return;
	size_t at = r->next++ % WATCHED;
	if (at < r->watched_count)
		capture_free(r->watched[at].capture);
	else
		r->watched_count++;
	r->watched[at].iface = iface;
	r->watched[at].capture = c;
}

void resets_watch(struct wire *w, int iface, int link_type, const struct inject_frame *frame)
{
	struct segment s;
	if (w->noresets || !read_segment(link_type, frame, &s) || (s.flags & (SYN | ACK | RST)) != SYN || !iface_of_address(w->ifaces, &s.from))
		return;                          /* of another's address the kernel resets nothing */
	if (!w->resets)
		w->resets = mem_zero(sizeof *w->resets);
	if (!is_watched(w->resets, iface))
		watch(w, w->resets, iface);
	w->resets->idle = 0;
}

void resets_watch_sent(struct wire *w, int iface, int link_type, const struct inject_frame *frame)
{
	struct segment s;
	struct resets *r = w->resets;
	if (r && r->watched_count && is_watched(r, iface))
		return;                          /* not kept awake by a flood */
	if (!read_segment(link_type, frame, &s) || (s.flags & (SYN | ACK | RST)) != SYN)
		return;
	if (r && r->flood) {
		int64_t before = r->flood;
		r->flood = deadline_now();
		if (r->flood - before < FLOOD_OVER)
			return;
		r->flood = 0;
	}
	resets_watch(w, iface, link_type, frame);
}

static void tell(struct vm *vm, const struct segment *s)
{
	char to[ADDRESS_TEXT];
	packet_warn(vm, "the kernel has reset this conversation with %s port %u, of which it knows nothing: inside `with no_rst(dst=\"%s\", dport=%u):` it does not",
	            address_text(&s->to, to), s->to_port, to, s->to_port);
}

static void one_leaves(struct wire *w, const struct segment *s)
{
	struct resets *r = w->resets;
	struct reset *seen;
	read_watched(r);
	seen = find(r, s);
	if (s->flags & RST) {
		note(r, s, true);
	} else if (s->flags & SYN) {            /* a new conversation */
		if (seen)
			*seen = (struct reset){0};
	} else if (seen && !seen->ours && !seen->told) {
		seen->told = true;
		tell(w->vm, s);
	}
}

void resets_leaving(struct wire *w, int link_type, const struct inject_frame *frames, size_t count)
{
	struct segment s;
	if (!w->resets || !w->resets->watched_count)
		return;
	for (size_t i = 0; i < count && w->resets->watched_count; i++) {
		if (w->resets->idle++ > FORGOTTEN_AFTER) {
			w->resets->flood = deadline_now();
			rest(w->resets);
		}
		else if (read_segment(link_type, &frames[i], &s))
			one_leaves(w, &s);
	}
}
