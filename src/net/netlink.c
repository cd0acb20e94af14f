#include "net/netlink.h"

#include <errno.h>
#include <stdalign.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"

#include "net/deadline.h"

enum {
	REQUEST_ROOM = 512,
	ANSWER_ROOM = 32768,             /* what the kernel packs a dump into */
	HEAR_EVERY = NANOSECONDS / 5000,
	DUMP_TRIES = 5,
};

struct netlink {
	struct mnl_socket *ask, *hear;
	uint32_t sequence;
	uint32_t generations[NETLINK_TABLES];
	int64_t heard;                   /* when the notifications were last read */
	bool asking;                     /* `answer` is in use: no generation changes while an answer is being read */
	alignas(NLMSG_ALIGNTO) char request[REQUEST_ROOM];
	alignas(NLMSG_ALIGNTO) char answer[ANSWER_ROOM];
};

static struct mnl_socket *socket_open(void)
{
	struct mnl_socket *s = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (s && mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) < 0) {
		mnl_socket_close(s);
		s = NULL;
	}
	return s;
}

static bool subscribe(struct mnl_socket *s)
{
	static const int groups[] = { RTNLGRP_LINK, RTNLGRP_NEIGH, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
	                              RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE };
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
		if (mnl_socket_setsockopt(s, NETLINK_ADD_MEMBERSHIP, (void *)&groups[i], sizeof groups[i]) < 0)
			return false;
	return true;
}

struct netlink *netlink_new(struct error *e)
{
	struct netlink *n = mem_zero(sizeof *n);
	n->ask = socket_open();
	n->hear = socket_open();
	if (n->ask && n->hear && subscribe(n->hear))
		return n;
	error_system(e, errno, "cannot ask the kernel for its interfaces and routes");
	netlink_free(n);
	return NULL;
}

void netlink_free(struct netlink *n)
{
	if (!n)
		return;
	if (n->ask)
		mnl_socket_close(n->ask);
	if (n->hear)
		mnl_socket_close(n->hear);
	mem_free(n);
}

struct nlmsghdr *netlink_request(struct netlink *n, uint16_t type, uint16_t flags, size_t extra)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(n->request);
	message->nlmsg_type = type;
	message->nlmsg_flags = NLM_F_REQUEST | flags;
	mnl_nlmsg_put_extra_header(message, extra);
	return message;
}

/* Until `each` or the end of a dump stops it. A request that is no dump has one answer, so its `each` stops. */
static int read_answers(struct netlink *n, mnl_cb_t each, void *state)
{
	unsigned port = mnl_socket_get_portid(n->ask);
	for (;;) {
		ssize_t len = mnl_socket_recvfrom(n->ask, n->answer, sizeof n->answer);
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return errno;
		int more = mnl_cb_run(n->answer, (size_t)len, n->sequence, port, each, state);
		if (more < 0 && errno == ESRCH && ((struct nlmsghdr *)n->answer)->nlmsg_seq != n->sequence)
			continue;                /* the rest of an answer that was given up */
		if (more <= 0)
			return more < 0 ? errno : 0;
	}
}

int netlink_ask(struct netlink *n, mnl_cb_t each, void *state)
{
	struct nlmsghdr *message = (struct nlmsghdr *)n->request;
	int code = EINTR;
	if (n->asking)
		return EBUSY;
	n->asking = true;
	for (int tries = 0; tries < DUMP_TRIES && code == EINTR; tries++) {
		message->nlmsg_seq = ++n->sequence;
		code = mnl_socket_sendto(n->ask, message, message->nlmsg_len) < 0 ? errno : read_answers(n, each, state);
		if (code == EINTR && tries + 1 == DUMP_TRIES)
			code = EAGAIN;
	}
	n->asking = false;
	return code;
}

static void changed(struct netlink *n, enum netlink_table table)
{
	n->generations[table]++;
}

static int note(const struct nlmsghdr *message, void *state)
{
	struct netlink *n = state;
	switch (message->nlmsg_type) {
	case RTM_NEWLINK: case RTM_DELLINK:
		changed(n, NETLINK_NEIGHBOURS);
		/* fall through */
	case RTM_NEWADDR: case RTM_DELADDR:
		changed(n, NETLINK_LINKS);
		/* fall through */
	case RTM_NEWROUTE: case RTM_DELROUTE: case RTM_NEWRULE: case RTM_DELRULE:
		changed(n, NETLINK_ROUTES);
		return MNL_CB_OK;
	case RTM_NEWNEIGH: case RTM_DELNEIGH:
		changed(n, NETLINK_NEIGHBOURS);
		return MNL_CB_OK;
	default:
		return MNL_CB_OK;
	}
}

static void hear(struct netlink *n)
{
	int descriptor = mnl_socket_get_fd(n->hear);
	for (;;) {
		ssize_t len = recv(descriptor, n->answer, sizeof n->answer, MSG_DONTWAIT);
		if (len > 0)
			mnl_cb_run(n->answer, (size_t)len, 0, 0, note, n);
		else if (len < 0 && errno == ENOBUFS)
			for (int table = 0; table < NETLINK_TABLES; table++)
				changed(n, (enum netlink_table)table);
		else if (len == 0 || errno != EINTR)
			return;
	}
}

uint32_t netlink_generation(struct netlink *n, enum netlink_table table)
{
	int64_t now = deadline_now();
	if (now - n->heard >= HEAR_EVERY && !n->asking) {
		n->heard = now;
		hear(n);
	}
	return n->generations[table];
}

uint64_t netlink_changes(struct netlink *n)
{
	uint64_t changes = netlink_generation(n, NETLINK_LINKS);
	for (int table = NETLINK_LINKS + 1; table < NETLINK_TABLES; table++)
		changes += n->generations[table];
	return changes;
}

void netlink_touch(struct netlink *n, enum netlink_table table)
{
	changed(n, table);
}

struct wanted {
	const struct nlattr **table;
	int max;
};

static int take(const struct nlattr *attribute, void *state)
{
	const struct wanted *w = state;
	if (mnl_attr_get_type(attribute) <= w->max)
		w->table[mnl_attr_get_type(attribute)] = attribute;
	return MNL_CB_OK;
}

void netlink_attributes(const struct nlmsghdr *message, size_t header, const struct nlattr **table, int max)
{
	struct wanted w = { table, max };
	memset(table, 0, ((size_t)max + 1) * sizeof *table);
	mnl_attr_parse(message, (unsigned)header, take, &w);
}
