/* libnet, tamed. The only file that includes <libnet.h>.
 *
 * A context holds a list of protocol blocks, innermost first, and coalesces them into one packet. What the list needs:
 * - Every block is plain data, none asks for a checksum. libnet 1.1.6 finds the place of a sum by parsing the header that
 *   it was given, so a forged header length makes it write outside its buffer; it sums padding, and leaves a UDP sum of zero.
 *   Sums are worked out above, before the bytes come here.
 * - Never update and then append: an update may move the list's end to the updated block, and blocks appended then replace
 *   what followed it. So a packet of as many blocks as the last one updates them all and appends none, and
 *   any other count clears the list and appends all. layout_put is the only place that does either.
 * - Empty blocks are left out: libnet calls bytes without a length an inconsistency.
 * - The list is cleared on every failure: a block whose memory was refused has already been counted in the total.
 * - Plain modes insist on header blocks of libnet's own types; the advanced modes used here take any.
 * - Link contexts leave up to 8 bytes of room before the packet when they coalesce, so only a LAYOUT_BYTES context
 *   coalesces here, and others write finished bytes.
 *
 * Cost, Ethernet/IPv4/UDP/NTP: 0.09 us in place, 0.17 us cleared and appended anew; coalescing allocates each time, which is
 * about 0.02 us of it. The result is kept until the next call, so that no caller has to know who frees it.
 *
 * Opening: a link context's socket hears every protocol on every interface until it is bound (four idle contexts cost a
 * fifth of the send rate), so it gets a filter that drops all, and is bound, at once. A raw IPv4 context sets its buffer size
 * in six thousand small steps (a millisecond or two): contexts are kept open. */
#include "base/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <libnet.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"

enum { KEEP_BYTES = 1 << 16 };   /* a context that laid out more than this is cleared after use */

struct layout {
	libnet_t *net;
	enum layout_way way;
	libnet_ptag_t *tags;     /* of the blocks in the list, outermost first */
	size_t count, room;
	uint8_t *packet;         /* the last coalesced packet, libnet's malloc */
	size_t total;
};

static const int injection_types[] = {
	[LAYOUT_BYTES] = LIBNET_NONE,
	[LAYOUT_LINK] = LIBNET_LINK_ADV,
	[LAYOUT_RAW4] = LIBNET_RAW4_ADV,
	[LAYOUT_RAW6] = LIBNET_RAW6_ADV,
};

/* No packet is ever read from a context. The few that came in before the filter are thrown away. */
static bool deafen(int descriptor)
{
	struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = { .len = 1, .filter = &drop };
	char byte;
	if (setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0)
		return false;
	while (recv(descriptor, &byte, 1, MSG_DONTWAIT | MSG_TRUNC) >= 0)
		;
	return true;
}

static bool bind_to(int descriptor, const char *device)
{
	struct sockaddr_ll place = { .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(device) };
	return place.sll_ifindex > 0 && bind(descriptor, (struct sockaddr *)&place, sizeof place) == 0;
}

static bool settle(struct layout *l, const char *device)
{
	int descriptor = libnet_getfd(l->net);
	if (l->way == LAYOUT_BYTES)
		return true;
	return fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 && deafen(descriptor)
	       && (l->way != LAYOUT_LINK || bind_to(descriptor, device));
}

/* libnet says why it opened nothing in words only: it closes a descriptor on the way out and errno is that call's. */
static int code_of(const char *words)
{
	static const struct { const char *sign; int code; } signs[] = {
		{ "CAP_NET_RAW", EPERM }, { "is down", ENETDOWN }, { "physical layer", EPROTONOSUPPORT },
	};
	static const int codes[] = { EPERM, ENODEV, EMFILE, ENFILE, ENOMEM, ENOBUFS, EAFNOSUPPORT };
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (strstr(words, signs[i].sign))
			return signs[i].code;
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (strstr(words, strerror(codes[i])))
			return codes[i];
	return EIO;
}

static bool refused(struct error *e, int code, const char *device)
{
	return device ? error_system(e, code, "cannot send on interface '%s'", device) : error_system(e, code, "cannot open a raw socket");
}

struct layout *layout_new(enum layout_way way, const char *device, struct error *e)
{
	char words[LIBNET_ERRBUF_SIZE] = "";
	struct layout *l = mem_zero(sizeof *l);
	l->way = way;
	l->net = libnet_init(injection_types[way], device, words);
	if (l->net && settle(l, device))
		return l;
	refused(e, l->net ? errno : code_of(words), device);
	layout_free(l);
	return NULL;
}

static void forget_packet(struct layout *l)
{
	free(l->packet);         /* libnet's malloc, whatever mem.c does */
	l->packet = NULL;
}

void layout_free(struct layout *l)
{
	if (!l)
		return;
	forget_packet(l);
	if (l->net)
		libnet_destroy(l->net);
	mem_free(l->tags);
	mem_free(l);
}

void layout_clear(struct layout *l)
{
	forget_packet(l);
	libnet_clear_packet(l->net);
	l->count = 0;
	l->total = 0;
}

int layout_descriptor(const struct layout *l)
{
	return libnet_getfd(l->net);
}

static bool measure(const struct layout_block *blocks, size_t count, size_t *filled, size_t *total)
{
	*filled = *total = 0;
	for (size_t i = 0; i < count; i++) {
		if (blocks[i].len > LAYOUT_MAX - *total)
			return false;
		*total += blocks[i].len;
		*filled += blocks[i].len > 0;
	}
	return true;
}

static void make_room(struct layout *l, size_t count)
{
	if (count <= l->room)
		return;
	l->tags = mem_resize(l->tags, count * sizeof *l->tags);
	l->room = count;
}

/* Innermost first, as libnet lists them: `at` counts down through the tags of the blocks that are not empty. */
static bool build(struct layout *l, const struct layout_block *blocks, size_t count, size_t filled, bool update)
{
	size_t at = filled;
	for (size_t i = count; i-- > 0;) {
		if (blocks[i].len == 0)
			continue;
		at--;
		l->tags[at] = libnet_build_data(blocks[i].bytes, (uint32_t)blocks[i].len, l->net, update ? l->tags[at] : LIBNET_PTAG_INITIALIZER);
		if (l->tags[at] == -1)
			return false;
	}
	return true;
}

bool layout_put(struct layout *l, const struct layout_block *blocks, size_t count, struct error *e)
{
	size_t filled, total;
	if (l->total > KEEP_BYTES)
		layout_clear(l);
	if (!measure(blocks, count, &filled, &total)) {
		layout_clear(l);
		return error_set(e, "ValueError", "a packet of more than %d bytes", LAYOUT_MAX);
	}
	bool update = filled == l->count;
	if (!update)
		layout_clear(l);
	make_room(l, filled);
	if (!build(l, blocks, count, filled, update)) {
		layout_clear(l);
		return error_set(e, "MemoryError", "no memory to lay out a packet of %zu bytes", total);
	}
	l->count = filled;
	l->total = total;
	return true;
}

bool layout_pull(struct layout *l, const uint8_t **bytes, size_t *len, struct error *e)
{
	uint32_t size = 0;
	forget_packet(l);
	if (l->count > 0 && libnet_pblock_coalesce(l->net, &l->packet, &size) < 0) {
		l->packet = NULL;
		return error_set(e, "MemoryError", "no memory to lay out a packet of %zu bytes", l->total);
	}
	*bytes = l->packet;
	*len = size;
	return true;
}

static int write_bytes(struct layout *l, const void *bytes, uint32_t len)
{
	switch (l->way) {
	case LAYOUT_LINK: return libnet_write_link(l->net, bytes, len);
	case LAYOUT_RAW4: return libnet_write_raw_ipv4(l->net, bytes, len);
	case LAYOUT_RAW6: return libnet_write_raw_ipv6(l->net, bytes, len);
	default: errno = EBADF; return -1;
	}
}

bool layout_inject(struct layout *l, const void *bytes, size_t len, struct error *e)
{
	/* libnet reads the destination out of the header to address the raw socket. */
	static const size_t least[] = { [LAYOUT_LINK] = 1, [LAYOUT_RAW4] = 20, [LAYOUT_RAW6] = 40 };
	if (len > LAYOUT_MAX || len < least[l->way])
		return error_system(e, EMSGSIZE, "cannot send %zu bytes", len);
	errno = 0;
	if (write_bytes(l, bytes, (uint32_t)len) == (int)len)
		return true;
	return error_system(e, errno ? errno : EIO, "cannot send %zu bytes", len);
}
