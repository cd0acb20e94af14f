#include "net/sockdiag.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdalign.h>
#include <string.h>
#include <sys/socket.h>

#include "lang/types.h"

#include "net/address.h"

enum { ANSWER_ROOM = 32768, ROW = 10, POLL_EVERY = 256 };

struct listing {
	struct vm *vm;
	struct list *rows;
	int protocol;
};

static value address_value(struct vm *vm, int family, const void *bytes)
{
	char text[ADDRESS_TEXT];
	struct address a = address_of(family, bytes);
	return str_value(vm, address_text(&a, text));
}

/* (protocol, family 4 or 6, state, source, its port, destination, its port, bytes to be read, bytes to be sent, (uid, inode)) */
static int take_socket(const struct nlmsghdr *message, void *state)
{
	struct listing *l = state;
	struct vm *vm = l->vm;
	const struct inet_diag_msg *m = mnl_nlmsg_get_payload(message);
	if (message->nlmsg_type != SOCK_DIAG_BY_FAMILY || mnl_nlmsg_get_payload_len(message) < sizeof *m)
		return MNL_CB_OK;
	if (l->rows->count % POLL_EVERY == 0 && !vm_poll(vm))
		return MNL_CB_STOP;
	value owner[2] = { value_int(m->idiag_uid), value_int(m->idiag_inode) };
	value parts[ROW] = { value_int(l->protocol), value_int(m->idiag_family == AF_INET ? 4 : 6), value_int(m->idiag_state),
	                     address_value(vm, m->idiag_family, m->id.idiag_src), value_int(ntohs(m->id.idiag_sport)),
	                     address_value(vm, m->idiag_family, m->id.idiag_dst), value_int(ntohs(m->id.idiag_dport)),
	                     value_int(m->idiag_rqueue), value_int(m->idiag_wqueue), tuple_of(vm, 2, owner) };
	list_append(l->rows, tuple_of(vm, ROW, parts));
	for (int i = 0; i < ROW; i++)
		value_drop(parts[i]);
	return MNL_CB_OK;
}

static int ask(struct mnl_socket *s, int family, struct listing *l)
{
	alignas(NLMSG_ALIGNTO) char request[128], answer[ANSWER_ROOM];
	struct nlmsghdr *message = mnl_nlmsg_put_header(request);
	message->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	message->nlmsg_seq = (unsigned)(family << 8 | l->protocol);
	struct inet_diag_req_v2 *r = mnl_nlmsg_put_extra_header(message, sizeof *r);
	r->sdiag_family = (uint8_t)family;
	r->sdiag_protocol = (uint8_t)l->protocol;
	r->idiag_states = UINT32_MAX;
	if (mnl_socket_sendto(s, message, message->nlmsg_len) < 0)
		return errno;
	for (;;) {
		ssize_t len = mnl_socket_recvfrom(s, answer, sizeof answer);
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return errno;
		int more = mnl_cb_run(answer, (size_t)len, message->nlmsg_seq, mnl_socket_get_portid(s), take_socket, l);
		if (more <= 0)
			return more < 0 ? errno : 0;
	}
}

/* A kernel without a protocol's part of it says ENOENT: no such sockets. */
static int ask_all(struct mnl_socket *s, struct listing *l)
{
	static const int protocols[] = { IPPROTO_TCP, IPPROTO_UDP }, families[] = { AF_INET, AF_INET6 };
	int code = 0;
	for (size_t p = 0; p < 2 && !code; p++)
		for (size_t f = 0; f < 2 && !code && !vm_pending(l->vm); f++) {
			l->protocol = protocols[p];
			code = ask(s, families[f], l);
			if (code == ENOENT || code == EINTR)     /* EINTR: sockets came and went meanwhile; what was told is kept */
				code = 0;
		}
	return code;
}

static value list_sockets(struct vm *vm, value *a)
{
	struct error e = {0};
	struct listing l = { .vm = vm, .rows = list_new(vm, 16) };
	struct mnl_socket *s = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC);
	int code = !s || mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) < 0 ? errno : ask_all(s, &l);
	if (s)
		mnl_socket_close(s);
	if (!code && !vm_pending(vm))
		return value_object(l.rows);
	object_drop(l.rows);
	if (vm_pending(vm))
		return VALUE_UNSET;
	error_system(&e, code, "cannot list the kernel's sockets");
	return vm_raise_error(vm, &e);
}

const struct native sockdiag_functions[] = {
	{ "_sockets", list_sockets, "", "The kernel's TCP and UDP sockets, a tuple each." },
	{ 0 },
};
