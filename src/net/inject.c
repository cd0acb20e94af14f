#include "net/inject.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/errqueue.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <pcap/pcap.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <fcntl.h>

#include "base/layout.h"
#include "base/mem.h"
#include "base/privilege.h"

#include "net/deadline.h"

enum {
	BATCH = 64,                      /* frames a system call */
	QUEUE_WAIT = NANOSECONDS / 5,    /* how long a full queue is waited for */
	QUEUE_LOOK = NANOSECONDS / 20000,
};

/* What is behind an inject: sends a few frames (at most BATCH), returns how many left, or -1 with errno for the first. */
struct way {
	int (*send)(struct inject *i, const struct inject_frame *frames, size_t count);
	void (*close)(struct inject *i);
	bool needs_header;               /* a raw socket: the destination is read out of the packet */
};

struct inject {
	const struct way *way;
	struct layout *layout;           /* libnet's */
	pcap_t *pcap;
	int descriptor;
	int family, iface;               /* raw */
	char name[IFNAMSIZ];
	uint32_t mtu;
	int link_type;
	bool stamping;
	int stamps_wanted;
	uint32_t stamped;                /* frames since then */
	uint32_t *numbers;               /* inject_number; NULL */
	struct inject_frame *kept;       /* a fake's */
	size_t kept_count;
	void (*sent)(void *state, const struct inject_frame *frame);
	void *sent_state;
};

/* ---- libnet's link socket --------------------------------------------------------------------------------------------- */

static int send_batch(int descriptor, struct mmsghdr *messages, size_t count)
{
	return sendmmsg(descriptor, messages, (unsigned)count, 0);
}

static void fill_message(struct mmsghdr *message, struct iovec *part, const struct inject_frame *frame)
{
	*part = (struct iovec){ .iov_base = (void *)frame->bytes, .iov_len = frame->len };
	*message = (struct mmsghdr){ .msg_hdr = { .msg_iov = part, .msg_iovlen = 1 } };
}

/* All leave on the descriptor that libnet opened, which is bound to the interface: libnet's own call asks the kernel for the
 * interface's index each time, a tenth of what sending costs. */
static int link_send(struct inject *i, const struct inject_frame *frames, size_t count)
{
	if (count == 1)
		return send(i->descriptor, frames->bytes, frames->len, 0) < 0 ? -1 : 1;
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];
	for (size_t at = 0; at < count; at++)
		fill_message(&messages[at], &parts[at], &frames[at]);
	return send_batch(i->descriptor, messages, count);
}

static void layout_close(struct inject *i)
{
	layout_free(i->layout);
}

static const struct way link_way = { link_send, layout_close, false };

/* ---- libnet's raw sockets --------------------------------------------------------------------------------------------- */

union peer {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t destination(const struct inject *i, const uint8_t *packet, union peer *place)
{
	memset(place, 0, sizeof *place);
	place->any.sa_family = (sa_family_t)i->family;
	if (i->family == AF_INET) {
		memcpy(&place->v4.sin_addr, packet + 16, 4);
		return sizeof place->v4;
	}
	memcpy(&place->v6.sin6_addr, packet + 24, 16);
	if (IN6_IS_ADDR_LINKLOCAL(&place->v6.sin6_addr) || IN6_IS_ADDR_MC_LINKLOCAL(&place->v6.sin6_addr))
		place->v6.sin6_scope_id = (uint32_t)i->iface;
	return sizeof place->v6;
}

static int raw_send(struct inject *i, const struct inject_frame *frames, size_t count)
{
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];
	union peer places[BATCH];
	for (size_t at = 0; at < count; at++) {
		fill_message(&messages[at], &parts[at], &frames[at]);
		messages[at].msg_hdr.msg_namelen = destination(i, frames[at].bytes, &places[at]);
		messages[at].msg_hdr.msg_name = &places[at];
	}
	return send_batch(i->descriptor, messages, count);
}

static const struct way raw_way = { raw_send, layout_close, true };

/* ---- libpcap ---------------------------------------------------------------------------------------------------------- */

static int pcap_way_send(struct inject *i, const struct inject_frame *frames, size_t count)
{
	errno = 0;
	if (pcap_inject(i->pcap, frames->bytes, frames->len) == (int)frames->len)
		return 1;
	if (errno == 0)
		errno = EIO;
	return -1;
}

static void pcap_way_close(struct inject *i)
{
	pcap_close(i->pcap);
}

static const struct way pcap_way = { pcap_way_send, pcap_way_close, false };

/* ---- memory ----------------------------------------------------------------------------------------------------------- */

static int fake_send(struct inject *i, const struct inject_frame *frames, size_t count)
{
	struct inject_frame kept = { mem_copy(frames->bytes, frames->len), frames->len };
	i->kept = mem_resize(i->kept, (i->kept_count + 1) * sizeof *i->kept);
	i->kept[i->kept_count++] = kept;
	if (i->sent)
		i->sent(i->sent_state, &kept);
	return 1;
}

static void fake_close(struct inject *i)
{
	for (size_t at = 0; at < i->kept_count; at++)
		mem_free((void *)i->kept[at].bytes);
	mem_free(i->kept);
}

static const struct way fake_way = { fake_send, fake_close, false };

bool inject_fake_frame(const struct inject *i, size_t at, struct inject_frame *out)
{
	if (at >= i->kept_count)
		return false;
	*out = i->kept[at];
	return true;
}

void inject_fake_hook(struct inject *i, void (*sent)(void *state, const struct inject_frame *frame), void *state)
{
	i->sent = sent;
	i->sent_state = state;
}

/* ---- opening ---------------------------------------------------------------------------------------------------------- */

static struct inject *inject_new(const struct way *way, int link_type)
{
	struct inject *i = mem_zero(sizeof *i);
	i->way = way;
	i->descriptor = -1;
	i->link_type = link_type;
	return i;
}

/* The system's refusal `cause` in words of ours: without the privilege, what grants it; else what was said. */
static void refuse(struct error *cause, const char *where, struct error *e)
{
	struct buf what = {0};
	buf_print(&what, "sending %s", where);
	if (cause->code == EPERM || cause->code == EACCES) {
		privilege_refused(PRIVILEGE_RAW, buf_str(&what), e);
		cause->code = 0;
	} else if (cause->code == ENETDOWN) {
		error_set(e, "OSError", "cannot send %s: it is down (ip link set ... up)", where);
	} else {
		error_set(e, cause->kind, "%s", cause->message);
	}
	e->code = cause->code;
	buf_free(&what);
	error_clear(cause);
}

static struct layout *layout_open(enum layout_way way, const char *device, const char *where, struct error *e)
{
	struct error cause = {0};
	unsigned raised = privilege_raise(PRIVILEGE_RAW);
	struct layout *l = layout_new(way, device, &cause);
	privilege_lower(raised);
	if (!l)
		refuse(&cause, where, e);
	return l;
}

/* Captures nothing: a filter that drops all, and the smallest ring. */
static bool pcap_deafen(pcap_t *p)
{
	struct bpf_insn drop = { BPF_RET | BPF_K, 0, 0, 0 };
	struct bpf_program program = { 1, &drop };
	return pcap_setfilter(p, &program) == 0;
}

static pcap_t *pcap_way_open(const char *device, struct error *e)
{
	char words[PCAP_ERRBUF_SIZE] = "";
	struct error cause = {0};
	unsigned raised = privilege_raise(PRIVILEGE_RAW | PRIVILEGE_ADMIN);
	pcap_t *p = pcap_create(device, words);
	if (p) {
		pcap_set_snaplen(p, 64);
		pcap_set_buffer_size(p, 4096);
	}
	int code = p ? pcap_activate(p) : PCAP_ERROR;
	privilege_lower(raised);
	if (p && code >= 0 && pcap_deafen(p)) {
		fcntl(pcap_fileno(p), F_SETFD, FD_CLOEXEC);
		return p;
	}
	error_set(&cause, "OSError", "cannot send on interface '%s': %s", device, p ? pcap_geterr(p) : words);
	cause.code = code == PCAP_ERROR_PERM_DENIED ? EPERM : code == PCAP_ERROR_IFACE_NOT_UP ? ENETDOWN : ENODEV;
	refuse(&cause, device, e);
	if (p)
		pcap_close(p);
	return NULL;
}

/* libpcap opens some links cooked, without their header, and then injects nothing. */
static struct inject *inject_pcap(const struct iface *iface, struct error *e)
{
	pcap_t *p = pcap_way_open(iface->name, e);
	if (!p)
		return NULL;
	int link_type = pcap_datalink(p);
	if (link_type == DLT_LINUX_SLL || link_type == DLT_LINUX_SLL2) {
		pcap_close(p);
		error_set(e, "OSError", "frames cannot be sent on '%s': Linux takes none for its hardware type %u", iface->name, iface->hardware);
		e->code = EPROTONOSUPPORT;
		return NULL;
	}
	struct inject *i = inject_new(&pcap_way, link_type);
	i->pcap = p;
	i->descriptor = pcap_fileno(p);
	return i;
}

static struct inject *inject_libnet(const struct iface *iface, const char *where, struct error *e)
{
	struct layout *l = layout_open(LAYOUT_LINK, iface->name, where, e);
	if (!l)
		return NULL;
	struct inject *i = inject_new(&link_way, iface->link_type);
	i->layout = l;
	i->descriptor = layout_descriptor(l);
	return i;
}

struct inject *inject_link(const struct iface *iface, struct error *e)
{
	struct buf where = {0};
	struct error first = {0};
	buf_print(&where, "on %s", iface->name);
	struct inject *i = inject_libnet(iface, buf_str(&where), &first);
	if (!i && first.code == EPROTONOSUPPORT) {
		error_clear(&first);
		i = inject_pcap(iface, &first);
	}
	if (!i) {
		error_set(e, first.kind, "%s", first.message);
		e->code = first.code;
	} else {
		memcpy(i->name, iface->name, sizeof i->name);
		i->iface = iface->index;
		i->mtu = iface->mtu;
	}
	error_clear(&first);
	buf_free(&where);
	return i;
}

struct inject *inject_raw(int family, int iface, struct error *e)
{
	const char *where = family == AF_INET ? "to this machine over IPv4" : "to this machine over IPv6";
	struct layout *l = layout_open(family == AF_INET ? LAYOUT_RAW4 : LAYOUT_RAW6, NULL, where, e);
	if (!l)
		return NULL;
	struct inject *i = inject_new(&raw_way, DLT_RAW);
	i->layout = l;
	i->descriptor = layout_descriptor(l);
	i->family = family;
	i->iface = iface;
	return i;
}

struct inject *inject_fake(void)
{
	return inject_new(&fake_way, DLT_EN10MB);
}

void inject_free(struct inject *i)
{
	if (!i)
		return;
	i->way->close(i);
	mem_free(i);
}

int inject_link_type(const struct inject *i)
{
	return i->link_type;
}

bool inject_mark(struct inject *i, uint32_t mark, struct error *e)
{
	if (i->descriptor < 0)
		return true;
	unsigned raised = privilege_raise(PRIVILEGE_RAW | PRIVILEGE_ADMIN);
	int code = setsockopt(i->descriptor, SOL_SOCKET, SO_MARK, &mark, sizeof mark) < 0 ? errno : 0;
	privilege_lower(raised);
	if (code == EPERM)
		return privilege_refused(PRIVILEGE_ADMIN, "marking packets", e);
	return code ? error_system(e, code, "cannot mark packets") : true;
}

bool inject_shared(const struct inject *i)
{
	return i->way == &link_way;
}

bool inject_bypass(struct inject *i, bool on)
{
	int flag = on;
	return i->way == &link_way && setsockopt(i->descriptor, SOL_PACKET, PACKET_QDISC_BYPASS, &flag, sizeof flag) == 0;
}

/* ---- stamps ----------------------------------------------------------------------------------------------------------- */

bool inject_stamp(struct inject *i, bool on)
{
	int flags = on ? SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY : 0;
	if (on == i->stamping || (!on && i->stamps_wanted))
		return true;
	if (!i->layout || setsockopt(i->descriptor, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags) < 0)
		return !on;
	i->stamping = on;
	i->stamped = 0;
	return true;
}

void inject_stamps_wanted(struct inject *i, int more)
{
	i->stamps_wanted += more;
}

uint32_t inject_stamped(const struct inject *i)
{
	return i->stamped;
}

void inject_number(struct inject *i, uint32_t *numbers)
{
	i->numbers = numbers;
}

/* One message of the socket's error queue: a time and the number of the frame that it is of. */
static bool read_stamp(struct msghdr *message, uint32_t *number, int64_t *time)
{
	bool timed = false, numbered = false;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPING) {
			struct scm_timestamping stamp;
			memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
			*time = (int64_t)stamp.ts[0].tv_sec * NANOSECONDS + stamp.ts[0].tv_nsec;
			timed = stamp.ts[0].tv_sec != 0;
		} else if (c->cmsg_len >= CMSG_LEN(sizeof(struct sock_extended_err)) && c->cmsg_level != SOL_SOCKET) {
			struct sock_extended_err what;
			memcpy(&what, CMSG_DATA(c), sizeof what);
			*number = what.ee_data;
			numbered = what.ee_origin == SO_EE_ORIGIN_TIMESTAMPING;
		}
	}
	return timed && numbered;
}

void inject_stamps(struct inject *i, void (*each)(void *state, uint32_t number, int64_t time), void *state)
{
	enum { AT_ONCE = 32, CONTROL = 256 };
	int count = i->stamping ? AT_ONCE : 0;
	while (count == AT_ONCE) {
		_Alignas(struct cmsghdr) char control[AT_ONCE][CONTROL];
		struct mmsghdr messages[AT_ONCE] = {0};
		for (int at = 0; at < AT_ONCE; at++)
			messages[at].msg_hdr = (struct msghdr){ .msg_control = control[at], .msg_controllen = CONTROL };
		count = recvmmsg(i->descriptor, messages, AT_ONCE, MSG_ERRQUEUE | MSG_DONTWAIT, NULL);
		for (int at = 0; at < count; at++) {
			uint32_t number = 0;
			int64_t time = 0;
			if (read_stamp(&messages[at].msg_hdr, &number, &time))
				each(state, number, time);
		}
	}
}

/* ---- sending ---------------------------------------------------------------------------------------------------------- */

/* As it is now: it may have changed since this was opened. */
static uint32_t mtu_now(const struct inject *i)
{
	struct ifreq request = {0};
	memcpy(request.ifr_name, i->name, sizeof request.ifr_name);
	return ioctl(i->descriptor, SIOCGIFMTU, &request) == 0 ? (uint32_t)request.ifr_mtu : i->mtu;
}

static void explain(const struct inject *i, size_t len, int code, struct error *e)
{
	const char *where = i->name[0] ? i->name : "this machine";
	switch (code) {
	case EMSGSIZE:
		error_set(e, "OSError", "%zu bytes do not fit the MTU of %s (%u): send fragment(p), or less", len, where, mtu_now(i));
		break;
	case ENETDOWN:
		error_set(e, "OSError", "interface %s is down: ip link set %s up", where, where);
		break;
	case ENODEV: case ENXIO:
		code = ENODEV;
		error_set(e, "OSError", "interface %s is gone", where);
		break;
	case ENOBUFS: case EAGAIN:
		error_set(e, "OSError", "the send queue of %s stays full: send more slowly (inter=...)", where);
		break;
	case EPERM:
		error_set(e, "PermissionError", "a firewall rule of this machine refuses what is sent to %s", where);
		break;
	default:
		error_system(e, code, "cannot send %zu bytes to %s", len, where);
	}
	e->code = code;
}

static bool has_header(const struct inject *i, const struct inject_frame *frame)
{
	return frame->len >= (i->family == AF_INET ? 20 : 40);
}

/* The first frames that may be sent together: all, up to a batch; on a raw socket up to one that has no destination. */
static size_t sendable(const struct inject *i, const struct inject_frame *frames, size_t count)
{
	size_t limit = count < BATCH ? count : BATCH, at = 0;
	while (at < limit && frames[at].len > 0 && (!i->way->needs_header || has_header(i, &frames[at])))
		at++;
	return at;
}

/* A queue that is full is looked at again for a while; an interface that was down reports that once after it came up. */
static int send_some(struct inject *i, const struct inject_frame *frames, size_t count)
{
	bool was_down = false;
	int64_t until = 0;
	for (;;) {
		int left = i->way->send(i, frames, count);
		int cause = errno;
		for (int at = 0; i->numbers && at < left; at++)
			*i->numbers++ = i->stamped + (uint32_t)at;
		i->stamped += left > 0 ? (uint32_t)left + ((size_t)left < count) : cause == ENOBUFS;    /* what was refused so has had its number */
		errno = cause;
		if (left > 0)
			return left;
		if (errno == ENETDOWN && !was_down) {
			was_down = true;
			continue;
		}
		if (errno != ENOBUFS && errno != EAGAIN)
			return -1;
		int code = errno;
		if (!until)
			until = deadline_now() + QUEUE_WAIT;
		bool slept = deadline_sleep(deadline_now() + QUEUE_LOOK);
		if (!slept || deadline_passed(until)) {
			errno = slept ? code : EINTR;
			return -1;
		}
	}
}

size_t inject_send(struct inject *i, const struct inject_frame *frames, size_t count, struct error *e)
{
	size_t done = 0;
	while (done < count) {
		size_t now = sendable(i, frames + done, count - done);
		if (now == 0) {
			error_set(e, "OSError", "%zu bytes are too few for a packet to %s", frames[done].len, i->name[0] ? i->name : "this machine");
			e->code = EMSGSIZE;
			break;
		}
		int left = send_some(i, frames + done, now);
		if (left < 0) {
			explain(i, frames[done].len, errno, e);
			break;
		}
		done += (size_t)left;
	}
	return done;
}
