#include "net/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/privilege.h"

#include "net/deadline.h"
#include "net/filter.h"
#include "net/ring.h"

/* In immediate mode every frame takes a slot of the snap length, and slots do not cross blocks whose size is a power of two.
 * Small slots hold what fits the MTU, twice or four times as many as pages; of what is larger the kernel puts a second copy into
 * the socket's queue, as long as that has room, which takes a privilege. Without it, or in buffered mode, everything is to fit. */
enum {
	SLOT_SMALL = 2048, SLOT_LARGE = 4096, SLOT_HEAD = 128,       /* libpcap's own reckoning of what the kernel puts before a frame */
	SNAP_WHOLE = 65536 - 128,        /* a snap length just over 64 KiB would halve the number of slots */
	SNAP_MOST = 65536 + 128,         /* where the MTU itself is that large (loopback, "any") */
	SMALL_MTU = 1900, LARGE_MTU = 9216,
	RING = 32 << 20, QUEUE = 32 << 20,
	BLOCK_MILLISECONDS = 1,
	COOKED = 20,                     /* struct sll2_header */
};

struct fake_frame {
	struct fake_frame *next;
	int64_t time;
	size_t len;
	uint8_t bytes[];
};

struct capture {
	pcap_t *pcap;                    /* NULL: a fake */
	int descriptor;
	int link_type;
	char iface[64];
	bool promiscuous, cooked, queued;
	bool only_in;                    /* what goes out was not asked for */
	char *warning;
	struct ring ring;
	struct buf bytes;                /* of the frame handed out last */
	struct pcap_pkthdr header;       /* ... and what libpcap says of it */
	struct ring_note note;
	bool noted;
	unsigned idle;                   /* how often the descriptor was readable and no frame there */
	struct { int index; char name[IFNAMSIZ]; } seen_on;      /* "any": where the last frame was */
	struct capture_counts before;    /* capture_count_anew */
	uint64_t cut;
	/* a fake's queue; `now` was handed out last */
	struct fake_frame *first, **last, *now;
	int fail_code;
	uint64_t pushed, told_lost;
};

/* ---- opening ---------------------------------------------------------------------------------------------------------- */

static bool refuse(pcap_t *p, int code, const char *iface, struct error *e)
{
	struct buf what = {0};
	int number = EIO;
	buf_print(&what, "capturing on %s", iface);
	if (code == PCAP_ERROR_PERM_DENIED || code == PCAP_ERROR_PROMISC_PERM_DENIED) {
		privilege_refused(PRIVILEGE_RAW, buf_str(&what), e);
		number = 0;
	} else if (code == PCAP_ERROR_NO_SUCH_DEVICE) {
		error_set(e, "OSError", "no interface '%s'", iface);
		number = ENODEV;
	} else if (code == PCAP_ERROR_IFACE_NOT_UP) {
		error_set(e, "OSError", "interface %s is down: ip link set %s up", iface, iface);
		number = ENETDOWN;
	} else if (code == PCAP_ERROR_RFMON_NOTSUP) {
		error_set(e, "OSError", "interface %s has no monitor mode", iface);
		number = EOPNOTSUPP;
	} else {
		const char *words = pcap_geterr(p);
		error_set(e, "OSError", "cannot capture on %s: %s", iface, words[0] ? words : pcap_statustostr(code));
	}
	e->code = number;
	buf_free(&what);
	return false;
}

/* May the queue of a socket be made as large as large frames need it? */
static bool enlarge_queue(int s)
{
	int size = QUEUE;
	unsigned raised = privilege_raise(PRIVILEGE_ADMIN);
	bool done = setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) == 0;
	privilege_lower(raised);
	return done;
}

static int snap_for(const struct capture_options *o, bool *small_slots)
{
	struct ifreq request = {0};
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	strncpy(request.ifr_name, o->iface, sizeof request.ifr_name - 1);
	int mtu = s >= 0 && ioctl(s, SIOCGIFMTU, &request) == 0 ? request.ifr_mtu : SNAP_MOST;
	*small_slots = !o->buffered && s >= 0 && enlarge_queue(s);
	if (s >= 0)
		close(s);
	if (*small_slots)
		return (mtu <= SMALL_MTU ? SLOT_SMALL : SLOT_LARGE) - SLOT_HEAD;
	return mtu <= LARGE_MTU ? SNAP_WHOLE : SNAP_MOST;
}

static void prepare(pcap_t *p, const struct capture_options *o, bool *small_slots)
{
	*small_slots = false;
	pcap_set_snaplen(p, o->snap ? (int)o->snap : snap_for(o, small_slots));
	pcap_set_promisc(p, o->promiscuous);
	pcap_set_timeout(p, BLOCK_MILLISECONDS);
	pcap_set_immediate_mode(p, !o->buffered);
	pcap_set_buffer_size(p, o->ring ? (int)o->ring : RING);
	pcap_set_tstamp_precision(p, PCAP_TSTAMP_PRECISION_NANO);
	if (o->monitor)
		pcap_set_rfmon(p, 1);
}

static int activate(pcap_t *p)
{
	unsigned raised = privilege_raise(PRIVILEGE_RAW | PRIVILEGE_ADMIN);
	int code = pcap_activate(p);
	privilege_lower(raised);
	return code;
}

static bool settle(struct capture *c, const struct capture_options *o, struct error *e)
{
	char words[PCAP_ERRBUF_SIZE];
	static const pcap_direction_t directions[] = { PCAP_D_INOUT, PCAP_D_IN, PCAP_D_OUT };
	if (pcap_datalink(c->pcap) == DLT_LINUX_SLL)
		pcap_set_datalink(c->pcap, DLT_LINUX_SLL2);      /* says the interface too; where it cannot, SLL stays */
	c->link_type = pcap_datalink(c->pcap);
	if (o->direction != CAPTURE_BOTH && pcap_setdirection(c->pcap, directions[o->direction]) < 0)
		return error_set(e, "OSError", "cannot capture one direction on %s: %s", o->iface, pcap_geterr(c->pcap));
	c->descriptor = pcap_get_selectable_fd(c->pcap);
	c->only_in = o->direction == CAPTURE_IN;
	if (o->filter && !capture_filter(c, o->filter, e))
		return false;
	if (pcap_setnonblock(c->pcap, 1, words) < 0)
		return error_set(e, "OSError", "cannot capture on %s: %s", o->iface, words);
	c->promiscuous = o->promiscuous;
	c->cooked = c->link_type == DLT_LINUX_SLL2;
	fcntl(c->descriptor, F_SETFD, FD_CLOEXEC);
	ring_find(&c->ring, c->descriptor);
	return true;
}

/* Frames that are larger than a slot also go into the socket's queue. */
static void queue_large(struct capture *c)
{
	int least = 1;
	int s = pcap_fileno(c->pcap);
	c->queued = enlarge_queue(s) && setsockopt(s, SOL_PACKET, PACKET_COPY_THRESH, &least, sizeof least) == 0;
}

struct capture *capture_open(const struct capture_options *o, struct error *e)
{
	char words[PCAP_ERRBUF_SIZE] = "";
	struct capture *c = mem_zero(sizeof *c);
	c->descriptor = -1;
	strncpy(c->iface, o->iface, sizeof c->iface - 1);
	c->pcap = pcap_create(o->iface, words);
	if (!c->pcap) {
		error_set(e, "OSError", "cannot capture on %s: %s", o->iface, words);
		capture_free(c);
		return NULL;
	}
	bool small_slots;
	prepare(c->pcap, o, &small_slots);
	int code = activate(c->pcap);
	if (code >= 0 && small_slots)
		queue_large(c);
	if (code > 0)
		c->warning = mem_text(code == PCAP_WARNING ? pcap_geterr(c->pcap) : pcap_statustostr(code));
	if (code < 0 ? refuse(c->pcap, code, o->iface, e) : settle(c, o, e))
		return c;
	capture_free(c);
	return NULL;
}

static void fake_free(struct capture *c)
{
	for (struct fake_frame *f = c->first, *next; f; f = next) {
		next = f->next;
		mem_free(f);
	}
	mem_free(c->now);
	if (c->descriptor >= 0)
		close(c->descriptor);
}

void capture_free(struct capture *c)
{
	if (!c)
		return;
	if (c->pcap)
		pcap_close(c->pcap);
	else
		fake_free(c);
	buf_free(&c->bytes);
	mem_free(c->warning);
	mem_free(c);
}

int capture_link_type(const struct capture *c)
{
	return c->link_type;
}

const char *capture_iface(const struct capture *c)
{
	return c->iface;
}

const char *capture_warning(const struct capture *c)
{
	return c->warning;
}

int capture_descriptor(const struct capture *c)
{
	return c->descriptor;
}

/* ---- filter ----------------------------------------------------------------------------------------------------------- */

/* The mask of the interface's first IPv4 network: what "ip broadcast" means there. */
static uint32_t netmask(const char *iface)
{
	char words[PCAP_ERRBUF_SIZE];
	bpf_u_int32 network, mask;
	return pcap_lookupnet(iface, &network, &mask, words) == 0 ? mask : PCAP_NETMASK_UNKNOWN;
}

/* A filter says how much of a frame is taken: all, so that the kernel sees which ones do not fit their slots. */
static void take_whole(struct bpf_program *program)
{
	enum { WHOLE = 262144 };
	for (unsigned i = 0; i < program->bf_len; i++)
		if (program->bf_insns[i].code == (BPF_RET | BPF_K) && program->bf_insns[i].k)
			program->bf_insns[i].k = WHOLE;
}

static bool install(struct capture *c, struct bpf_program *program, struct error *e)
{
	if (c->queued)
		take_whole(program);
	if (pcap_setfilter(c->pcap, program) == 0)
		return true;
	return error_set(e, "OSError", "cannot filter on %s: %s", c->iface, pcap_geterr(c->pcap));
}

/* libpcap's filters cut what passes at the slots' length, and then the kernel sees nothing that would not fit and queues nothing. */
static void pass_whole(struct bpf_program *program)
{
	enum { ALL = 262144 };
	for (unsigned i = 0; i < program->bf_len; i++)
		if (program->bf_insns[i].code == (BPF_RET | BPF_K) && program->bf_insns[i].k)
			program->bf_insns[i].k = ALL;
}

/* A filter that lets nothing pass still costs a copy of each frame that goes out. An older kernel does not know the option. */
static void hear_outgoing(const struct capture *c, bool on)
{
	int ignore = !on || c->only_in;
	setsockopt(c->descriptor, SOL_PACKET, PACKET_IGNORE_OUTGOING, &ignore, sizeof ignore);
}

bool capture_filter(struct capture *c, const char *text, struct error *e)
{
	struct bpf_insn drop = { BPF_RET | BPF_K, 0, 0, 0 };
	struct bpf_program nothing = { 1, &drop }, program;
	if (!c->pcap)
		return true;
	hear_outgoing(c, !text || *text);
	if (text && !*text)
		return install(c, &nothing, e);
	if (!filter_compile(c->pcap, text ? text : "", netmask(c->iface), &program, e))
		return false;
	if (c->queued)
		pass_whole(&program);
	bool installed = install(c, &program, e);
	pcap_freecode(&program);
	return installed;
}

/* libpcap sets this only when it opens; the socket can have it changed. It counts, so it is asked for once at most. */
bool capture_promiscuous(struct capture *c, bool on, struct error *e)
{
	struct packet_mreq request = { .mr_ifindex = (int)if_nametoindex(c->iface), .mr_type = PACKET_MR_PROMISC };
	if (!c->pcap || on == c->promiscuous || request.mr_ifindex == 0)
		return true;
	unsigned raised = privilege_raise(PRIVILEGE_RAW);
	int option = on ? PACKET_ADD_MEMBERSHIP : PACKET_DROP_MEMBERSHIP;
	int code = setsockopt(c->descriptor, SOL_PACKET, option, &request, sizeof request) < 0 ? errno : 0;
	privilege_lower(raised);
	if (code)
		return error_system(e, code, "cannot switch promiscuous mode on %s", c->iface);
	c->promiscuous = on;
	return true;
}

/* ---- reading ---------------------------------------------------------------------------------------------------------- */

static enum capture_result gone(const struct capture *c, int code, const char *words, struct error *e)
{
	if (code == 0)
		code = strstr(words, "disappeared") || if_nametoindex(c->iface) == 0 ? ENODEV : strstr(words, "down") ? ENETDOWN : EIO;
	if (code == ENODEV)
		error_set(e, "OSError", "interface %s is gone", c->iface);
	else if (code == ENETDOWN)
		error_set(e, "OSError", "interface %s went down", c->iface);
	else
		error_set(e, "OSError", "capturing on %s failed: %s", c->iface, words);
	e->code = code;
	return CAPTURE_FAILED;
}

static enum capture_result fake_next(struct capture *c, struct capture_frame *out, struct error *e)
{
	uint64_t one;
	struct fake_frame *f = c->first;
	if (!f)
		return c->fail_code ? gone(c, c->fail_code, strerror(c->fail_code), e) : CAPTURE_NONE;
	c->first = f->next;
	if (!c->first)
		c->last = &c->first;
	if (read(c->descriptor, &one, sizeof one) < 0 && errno != EAGAIN)
		return gone(c, errno, strerror(errno), e);
	mem_free(c->now);
	c->now = f;
	*out = (struct capture_frame){ .bytes = f->bytes, .len = (uint32_t)f->len, .wire_len = (uint32_t)f->len, .time = f->time,
	                               .link_type = c->link_type, .iface = c->iface };
	return CAPTURE_FRAME;
}

/* In libpcap's hands: the slot is the kernel's again when this returns. */
static void receive(u_char *state, const struct pcap_pkthdr *header, const u_char *bytes)
{
	struct capture *c = (struct capture *)(void *)state;
	c->header = *header;
	buf_clear(&c->bytes);
	buf_add(&c->bytes, bytes, header->caplen);
	c->noted = ring_note(&c->ring, bytes, header->caplen, header->len, (uint32_t)header->ts.tv_sec, c->cooked ? COOKED : 0, &c->note);
}

/* The end of a frame that did not fit its slot. The queue holds such frames in the slots' order; one whose slot was given up
 * before (another filter was set) does not begin as this one, and is passed over. */
static void receive_rest(struct capture *c)
{
	enum { AT_MOST = 1 << 17, TWO_ADDRESSES = 12 };
	size_t before = c->bytes.len, added = c->note.added, raw = before - added;
	size_t compared = raw > TWO_ADDRESSES ? raw - TWO_ADDRESSES : 0;         /* a VLAN tag was put in behind these */
	if (added > before)
		return;
	buf_reserve(&c->bytes, AT_MOST);
	for (;;) {
		uint8_t *room = (uint8_t *)c->bytes.data + before;
		ssize_t len = recv(c->descriptor, room, AT_MOST, MSG_DONTWAIT);
		if (len < 0)
			return;
		if ((size_t)len < raw || memcmp(room + raw - compared, c->bytes.data + before - compared, compared) != 0)
			continue;
		memmove(room, room + raw, (size_t)len - raw);
		c->bytes.len = before + (size_t)len - raw;
		return;
	}
}

static const char *seen_on(struct capture *c)
{
	if (!c->noted || strcmp(c->iface, "any") != 0)
		return c->iface;
	if (c->seen_on.index != c->note.iface) {
		c->seen_on.index = c->note.iface;
		if (!if_indextoname((unsigned)c->note.iface, c->seen_on.name))
			snprintf(c->seen_on.name, sizeof c->seen_on.name, "if%d", c->note.iface);
	}
	return c->seen_on.name;
}

static void hand_out(struct capture *c, struct capture_frame *out)
{
	if (c->noted && c->note.more && c->bytes.len < c->header.len)
		receive_rest(c);
	*out = (struct capture_frame){
		.bytes = (const uint8_t *)c->bytes.data, .len = (uint32_t)c->bytes.len, .wire_len = c->header.len, .link_type = c->link_type,
		.time = (int64_t)c->header.ts.tv_sec * NANOSECONDS + c->header.ts.tv_usec,       /* nanoseconds, as asked for */
		.iface = seen_on(c),
	};
	c->cut += out->len < out->wire_len;
	c->idle = 0;
	if (c->noted) {
		out->direction = c->note.direction;
		out->sum_left_to_card = c->note.sum_left_to_card;
	}
}

/* Frames in the queue whose slots are gone would keep the descriptor readable for ever. */
static void empty_queue(struct capture *c)
{
	enum { PATIENCE = 3 };
	uint8_t byte;
	if (++c->idle > PATIENCE)
		while (recv(c->descriptor, &byte, sizeof byte, MSG_DONTWAIT | MSG_TRUNC) >= 0)
			;
}

enum capture_result capture_next(struct capture *c, struct capture_frame *out, struct error *e)
{
	if (!c->pcap)
		return fake_next(c, out, e);
	int code = pcap_dispatch(c->pcap, 1, receive, (u_char *)c);
	if (code == 0)
		return CAPTURE_NONE;
	if (code < 0)
		return gone(c, 0, pcap_geterr(c->pcap), e);
	hand_out(c, out);
	return CAPTURE_FRAME;
}

bool capture_wait(struct capture *const *captures, size_t count, int wake, int64_t deadline)
{
	enum { FEW = 16 };
	struct pollfd few[FEW], *polls = count < FEW ? few : mem_alloc((count + 1) * sizeof *polls);
	for (size_t i = 0; i < count; i++)
		polls[i] = (struct pollfd){ .fd = captures[i]->descriptor, .events = POLLIN };
	polls[count] = (struct pollfd){ .fd = wake, .events = POLLIN };
	int ready = deadline_poll(polls, count + 1, deadline);
	int code = ready < 0 ? errno : ready == 0 ? ETIMEDOUT : polls[count].revents ? ECANCELED : 0;
	for (size_t i = 0; i < count && ready > 0; i++)
		if (polls[i].revents && captures[i]->queued)
			empty_queue(captures[i]);
	if (polls != few)
		mem_free(polls);
	errno = code;
	return code == 0;
}

/* libpcap counts in 32 bits; a capture of more than four thousand million frames starts again at zero. */
static struct capture_counts counts_of(struct capture *c)
{
	struct pcap_stat counts;
	if (c->pcap && pcap_stats(c->pcap, &counts) == 0)
		return (struct capture_counts){ counts.ps_recv, counts.ps_drop, counts.ps_ifdrop, c->cut };
	return (struct capture_counts){ .seen = c->pushed, .cut = c->cut };
}

void capture_counts(struct capture *c, struct capture_counts *out)
{
	struct capture_counts now = counts_of(c);
	*out = (struct capture_counts){ now.seen - c->before.seen, now.dropped - c->before.dropped,
	                                now.dropped_by_card - c->before.dropped_by_card, now.cut - c->before.cut };
}

void capture_count_anew(struct capture *c)
{
	c->before = counts_of(c);
	c->told_lost = 0;
}

uint64_t capture_lost(struct capture *c)
{
	struct capture_counts counts;
	capture_counts(c, &counts);
	uint64_t lost = counts.dropped - c->told_lost;
	c->told_lost = counts.dropped;
	return lost;
}

/* ---- memory ----------------------------------------------------------------------------------------------------------- */

struct capture *capture_fake(int link_type)
{
	struct capture *c = mem_zero(sizeof *c);
	c->link_type = link_type;
	c->last = &c->first;
	strcpy(c->iface, "fake");
	c->descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);
	return c;
}

static void fake_signal(struct capture *c)
{
	uint64_t one = 1;
	if (write(c->descriptor, &one, sizeof one) < 0)
		c->fail_code = errno;
}

void capture_fake_push(struct capture *c, const void *bytes, size_t len, int64_t time)
{
	struct fake_frame *f = mem_alloc(sizeof *f + len);
	f->next = NULL;
	f->time = time;
	f->len = len;
	if (len)
		memcpy(f->bytes, bytes, len);
	*c->last = f;
	c->last = &f->next;
	c->pushed++;
	fake_signal(c);
}

void capture_fake_fail(struct capture *c, int code)
{
	c->fail_code = code;
	fake_signal(c);
}
