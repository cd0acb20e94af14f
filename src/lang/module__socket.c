/* socket: the kernel's sockets. Waiting is ours, by poll, so that time-outs hold and Ctrl-C ends it; descriptors are closed in
 * children. Ancillary data is not there yet. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/privilege.h"
#include "lang/modules.h"
#include "lang/socket.h"

enum { RECEIVE_MAX = 1 << 30 };

/* ---- waiting ---- */

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool is_open(struct vm *vm, const struct socket *s)
{
	if (s->fd >= 0)
		return true;
	vm_raise_os(vm, EBADF, VALUE_NONE);
	return false;
}

/* Until the socket can be read or written, its time-out, or Ctrl-C (both raise). */
static bool wait_for(struct vm *vm, const struct socket *s, short events)
{
	if (s->timeout == 0)
		return true;
	int64_t end = s->timeout < 0 ? -1 : now_ms() + (int64_t)(s->timeout * 1000 + 0.5);
	for (;;) {
		int64_t left = end < 0 ? 1000 : end - now_ms();
		struct pollfd p = { .fd = s->fd, .events = events };
		int ready = VM_WAIT(vm, poll(&p, 1, left < 0 ? 0 : left > 1000 ? 1000 : (int)left));
		if (ready > 0)
			return true;
		if (ready < 0 && errno != EINTR) {
			vm_raise_os(vm, errno, VALUE_NONE);
			return false;
		}
		if (!vm_poll(vm))
			return false;
		if (end >= 0 && now_ms() >= end)
			return vm_raise_ok(vm, vm->errors.TimeoutError, "timed out");
	}
}

static void set_nonblocking(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);
	fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

/* Was the refusal only that another reader was quicker, or a signal? Then it is waited again. */
static bool again(const struct socket *s)
{
	return errno == EINTR || (s->timeout != 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
}

/* ---- making and closing ---- */

static bool int_of(struct vm *vm, value v, int fallback, int *out)
{
	int64_t number = fallback;
	if (!is_unset(v) && !is_none(v) && !value_to_int64(vm, v, &number))
		return false;
	*out = number < 0 && fallback >= 0 ? fallback : (int)number;
	return true;
}

static value socket_on(struct type *cls, int fd, int family, int type, int protocol)
{
	struct socket *s = object_new(cls, 0);
	s->fd = fd;
	s->family = family;
	s->type = type & ~(SOCK_CLOEXEC | SOCK_NONBLOCK);
	s->protocol = protocol;
	s->timeout = -1;
	return value_object(s);
}

/* Raw sockets and those of packets have the privilege while they are opened. -1: raised. */
static int open_socket(struct vm *vm, int family, int type, int protocol)
{
	bool raw = family == AF_PACKET || (type & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) == SOCK_RAW;
	unsigned raised = raw ? privilege_raise(PRIVILEGE_RAW) : 0;
	int fd = socket(family, type | SOCK_CLOEXEC, protocol), code = errno;
	privilege_lower(raised);
	if (fd >= 0)
		return fd;
	struct error e = { 0 };
	if (raw && code == EPERM) {
		privilege_refused(PRIVILEGE_RAW, "opening a raw socket", &e);
		vm_raise_error(vm, &e);
	} else {
		vm_raise_os(vm, code, VALUE_NONE);
	}
	return -1;
}

static value socket_make(struct vm *vm, struct type *cls, const struct call *call)
{
	value a[4];
	int family, type, protocol, fd = -1;
	if (!call_bind(vm, cls->signature, call, a))
		return VALUE_UNSET;
	bool ok = int_of(vm, a[0], AF_INET, &family) && int_of(vm, a[1], SOCK_STREAM, &type) && int_of(vm, a[2], 0, &protocol) && int_of(vm, a[3], -1, &fd);
	call_unbind(cls->signature, a);
	if (!ok)
		return VALUE_UNSET;
	return fd < 0 && (fd = open_socket(vm, family, type, protocol)) < 0 ? VALUE_UNSET : socket_on(cls, fd, family, type, protocol);
}

static void socket_release(struct object *o)
{
	struct socket *s = (struct socket *)o;
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

static value m_close(struct vm *vm, value *a)
{
	socket_release(a[0].o);
	return VALUE_NONE;
}

static value m_detach(struct vm *vm, value *a)
{
	int fd = as_socket(a[0])->fd;
	as_socket(a[0])->fd = -1;
	return value_int(fd);
}

static value socket_enter(struct vm *vm, value self)
{
	return value_keep(self);
}

static value socket_leave(struct vm *vm, value self, value exception)
{
	socket_release(self.o);
	return value_bool(false);
}

/* ---- ends ---- */

static value done(struct vm *vm, int result)
{
	return result < 0 ? vm_raise_os(vm, errno, VALUE_NONE) : VALUE_NONE;
}

static value m_bind(struct vm *vm, value *a)
{
	struct address to;
	struct socket *s = as_socket(a[0]);
	if (!is_open(vm, s) || !address_from(vm, s->family, a[1], &to))
		return VALUE_UNSET;
	return done(vm, bind(s->fd, (struct sockaddr *)&to.sa, to.len));
}

static value m_listen(struct vm *vm, value *a)
{
	int backlog;
	if (!is_open(vm, as_socket(a[0])) || !int_of(vm, a[1], 128, &backlog))
		return VALUE_UNSET;
	return done(vm, listen(as_socket(a[0])->fd, backlog));
}

/* 0, or the error number; -1: raised. */
static int connect_to(struct vm *vm, struct socket *s, value where)
{
	struct address to;
	int error = 0;
	socklen_t size = sizeof error;
	if (!is_open(vm, s) || !address_from(vm, s->family, where, &to))
		return -1;
	if (connect(s->fd, (struct sockaddr *)&to.sa, to.len) == 0)
		return 0;
	if (errno != EINPROGRESS || s->timeout == 0)
		return errno;
	if (!wait_for(vm, s, POLLOUT))
		return -1;
	getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &size);
	return error;
}

/* A socket that may wait is non-blocking to the kernel while a connection is being made, so that Ctrl-C and time-outs reach it. */
static int connect_waiting(struct vm *vm, struct socket *s, value where)
{
	if (!is_open(vm, s))
		return -1;
	if (s->timeout != 0)
		set_nonblocking(s->fd, true);
	int code = connect_to(vm, s, where);
	if (s->timeout != 0)
		set_nonblocking(s->fd, false);
	return code;
}

static value m_connect(struct vm *vm, value *a)
{
	int code = connect_waiting(vm, as_socket(a[0]), a[1]);
	return code < 0 ? VALUE_UNSET : code > 0 ? vm_raise_os(vm, code, VALUE_NONE) : VALUE_NONE;
}

static value m_connect_ex(struct vm *vm, value *a)
{
	int code = connect_waiting(vm, as_socket(a[0]), a[1]);
	return code < 0 ? VALUE_UNSET : value_int(code);
}

static value m_accept(struct vm *vm, value *a)
{
	struct socket *s = as_socket(a[0]);
	struct address from = { .len = sizeof from.sa };
	int fd;
	if (!is_open(vm, s))
		return VALUE_UNSET;
	do {
		if (!wait_for(vm, s, POLLIN))
			return VALUE_UNSET;
		fd = accept4(s->fd, (struct sockaddr *)&from.sa, &from.len, SOCK_CLOEXEC);
	} while (fd < 0 && again(s));
	if (fd < 0)
		return vm_raise_os(vm, errno, VALUE_NONE);
	value parts[2] = { socket_on(a[0].o->type, fd, s->family, s->type, s->protocol), address_value(vm, &from) };
	value both = tuple_of(vm, 2, parts);
	value_drop(parts[0]);
	value_drop(parts[1]);
	return both;
}

static value end_address(struct vm *vm, struct socket *s, bool peer)
{
	struct address address = { .len = sizeof address.sa };
	struct sockaddr *sa = (struct sockaddr *)&address.sa;
	if (!is_open(vm, s))
		return VALUE_UNSET;
	if ((peer ? getpeername(s->fd, sa, &address.len) : getsockname(s->fd, sa, &address.len)) < 0)
		return vm_raise_os(vm, errno, VALUE_NONE);
	return address_value(vm, &address);
}

static value m_getsockname(struct vm *vm, value *a) { return end_address(vm, as_socket(a[0]), false); }
static value m_getpeername(struct vm *vm, value *a) { return end_address(vm, as_socket(a[0]), true); }

static value m_shutdown(struct vm *vm, value *a)
{
	int how;
	if (!is_open(vm, as_socket(a[0])) || !int_of(vm, a[1], SHUT_RDWR, &how))
		return VALUE_UNSET;
	return done(vm, shutdown(as_socket(a[0])->fd, how));
}

/* ---- sending and receiving ---- */

static bool send_some(struct vm *vm, struct socket *s, struct view data, int flags, const struct address *to, size_t *sent)
{
	ssize_t count;
	if (!is_open(vm, s))
		return false;
	do {
		if (!wait_for(vm, s, POLLOUT))
			return false;
		count = sendto(s->fd, data.bytes, data.len, flags | MSG_NOSIGNAL | (s->timeout ? MSG_DONTWAIT : 0), to ? (const struct sockaddr *)&to->sa : NULL,
				to ? to->len : 0);
	} while (count < 0 && again(s));
	if (count < 0) {
		vm_raise_os(vm, errno, VALUE_NONE);
		return false;
	}
	*sent = (size_t)count;
	return true;
}

static value m_send(struct vm *vm, value *a)
{
	struct view data;
	int flags;
	size_t sent;
	if (!value_to_view(vm, a[1], &data) || !int_of(vm, a[2], 0, &flags) || !send_some(vm, as_socket(a[0]), data, flags, NULL, &sent))
		return VALUE_UNSET;
	return value_int((int64_t)sent);
}

static value m_sendall(struct vm *vm, value *a)
{
	struct view data;
	int flags;
	if (!value_to_view(vm, a[1], &data) || !int_of(vm, a[2], 0, &flags))
		return VALUE_UNSET;
	while (data.len) {
		size_t sent;
		if (!send_some(vm, as_socket(a[0]), data, flags, NULL, &sent))
			return VALUE_UNSET;
		data.bytes += sent;
		data.len -= sent;
	}
	return VALUE_NONE;
}

/* sendto(data, address), sendto(data, flags, address) */
static value m_sendto(struct vm *vm, value *a)
{
	struct view data;
	struct address to;
	int flags;
	size_t sent;
	bool with_flags = !is_unset(a[3]);
	if (!value_to_view(vm, a[1], &data) || !int_of(vm, with_flags ? a[2] : VALUE_NONE, 0, &flags)
		|| !address_from(vm, as_socket(a[0])->family, with_flags ? a[3] : a[2], &to) || !send_some(vm, as_socket(a[0]), data, flags, &to, &sent))
		return VALUE_UNSET;
	return value_int((int64_t)sent);
}

static value receive(struct vm *vm, value *a, struct address *from)
{
	struct socket *s = as_socket(a[0]);
	size_t size;
	int flags;
	ssize_t count;
	if (!is_open(vm, s) || !value_to_size(vm, a[1], &size) || !int_of(vm, a[2], 0, &flags))
		return VALUE_UNSET;
	uint8_t *data = size > RECEIVE_MAX ? NULL : mem_try(size);
	if (!data)
		return vm_raise(vm, vm->errors.MemoryError, "recv() of %zu bytes", size);
	do {
		if (!wait_for(vm, s, POLLIN)) {
			mem_free(data);
			return VALUE_UNSET;
		}
		from->len = sizeof from->sa;
		count = recvfrom(s->fd, data, size, flags | (s->timeout ? MSG_DONTWAIT : 0), (struct sockaddr *)&from->sa, &from->len);
	} while (count < 0 && again(s));
	value got = count < 0 ? vm_raise_os(vm, errno, VALUE_NONE) : bytes_value(vm, data, (size_t)count);
	mem_free(data);
	return got;
}

static value m_recv(struct vm *vm, value *a)
{
	struct address from = { 0 };
	return receive(vm, a, &from);
}

static value m_recvfrom(struct vm *vm, value *a)
{
	struct address from = { 0 };
	value parts[2] = { receive(vm, a, &from) };
	if (is_unset(parts[0]))
		return VALUE_UNSET;
	parts[1] = from.len ? address_value(vm, &from) : VALUE_NONE;
	value both = tuple_of(vm, 2, parts);
	value_drop(parts[0]);
	value_drop(parts[1]);
	return both;
}

/* recv_into, recvfrom_into: a bytearray's own bytes are filled. The count of them; `parts` gets the sender's address. */
static value receive_into(struct vm *vm, value *a, struct address *from)
{
	struct view room;
	size_t size = 0;
	if (!is_kind(a[1], KIND_BYTEARRAY))
		return vm_raise(vm, vm->errors.TypeError, "a bytearray is needed, not '%s'", value_type(vm, a[1])->name->data);
	if (!value_to_view(vm, a[1], &room) || !value_to_size(vm, a[2], &size))
		return VALUE_UNSET;
	if (size > room.len)
		return vm_raise(vm, vm->errors.ValueError, "nbytes is greater than the length of the buffer");
	value args[3] = { a[0], value_int((int64_t)(size ? size : room.len)), a[3] };
	value got = receive(vm, args, from);
	if (is_unset(got))
		return got;
	size_t len = as_bytes(got)->len;
	if (value_to_view(vm, a[1], &room) && len <= room.len)       /* a handler that ran meanwhile may have changed it */
		memcpy((uint8_t *)room.bytes, as_bytes(got)->data, len);
	value_drop(got);
	return value_int((int64_t)len);
}

static value m_recv_into(struct vm *vm, value *a)
{
	struct address from = { 0 };
	return receive_into(vm, a, &from);
}

static value m_recvfrom_into(struct vm *vm, value *a)
{
	struct address from = { 0 };
	value parts[2] = { receive_into(vm, a, &from), VALUE_NONE };
	if (is_unset(parts[0]))
		return VALUE_UNSET;
	if (from.len)
		parts[1] = address_value(vm, &from);
	value both = tuple_of(vm, 2, parts);
	value_drop(parts[1]);
	return both;
}

/* Python's modes of makefile as open() has them: it both reads and writes a descriptor with "r+". */
static value file_mode(struct vm *vm, value mode)
{
	bool reads = false, writes = false, binary = false;
	for (const char *at = is_str(mode) ? as_str(mode)->data : "?"; *at; at++) {
		if (!strchr("rwb", *at))
			return vm_raise(vm, vm->errors.ValueError, "invalid mode (only r, w, b allowed)");
		reads |= *at == 'r';
		writes |= *at == 'w';
		binary |= *at == 'b';
	}
	reads |= !writes;
	const char *text = reads && writes ? "r+" : writes ? "w" : "r";
	struct buf b = { 0 };
	buf_print(&b, "%s%s", text, binary ? "b" : "");
	value made = str_value(vm, buf_str(&b));
	buf_free(&b);
	return made;
}

/* A file of its own descriptor, so that either may be closed alone. */
static value m_makefile(struct vm *vm, value *a)
{
	struct socket *s = as_socket(a[0]);
	value mode = is_open(vm, s) ? file_mode(vm, a[1]) : VALUE_UNSET;
	if (is_unset(mode))
		return mode;
	int fd = fcntl(s->fd, F_DUPFD_CLOEXEC, 0);
	value file = fd < 0 ? vm_raise_os(vm, errno, VALUE_NONE)
		: value_call_args(vm, dict_get_text(vm, vm->builtins, "open"), 6, (value[]){ value_int(fd), mode, a[2], a[3], a[4], a[5] });
	value_drop(mode);
	if (is_unset(file) && fd >= 0)
		close(fd);
	return file;
}

static value m_dup(struct vm *vm, value *a)
{
	struct socket *s = as_socket(a[0]);
	if (!is_open(vm, s))
		return VALUE_UNSET;
	int fd = fcntl(s->fd, F_DUPFD_CLOEXEC, 0);
	return fd < 0 ? vm_raise_os(vm, errno, VALUE_NONE) : socket_on(s->head.type, fd, s->family, s->type, s->protocol);
}

static value m_getblocking(struct vm *vm, value *a)
{
	return value_bool(as_socket(a[0])->timeout != 0);
}

/* ---- options ---- */

/* Some (SO_MARK, IP_TRANSPARENT, a device bound again) want a privilege: the kernel is asked once more with it. */
static int set_option(int fd, int level, int name, const void *to, socklen_t len)
{
	int result = setsockopt(fd, level, name, to, len), code = errno;
	if (result < 0 && code == EPERM) {
		unsigned raised = privilege_raise(PRIVILEGE_RAW | PRIVILEGE_ADMIN);
		result = setsockopt(fd, level, name, to, len);
		code = errno;
		privilege_lower(raised);
	}
	errno = code;
	return result;
}

static value m_setsockopt(struct vm *vm, value *a)
{
	struct socket *s = as_socket(a[0]);
	int level, name, number;
	struct view bytes;
	if (!is_open(vm, s) || !int_of(vm, a[1], SOL_SOCKET, &level) || !int_of(vm, a[2], 0, &name))
		return VALUE_UNSET;
	if (is_int(a[3]) || a[3].tag == TAG_BOOL) {
		if (!int_of(vm, a[3], -1, &number))
			return VALUE_UNSET;
		return done(vm, set_option(s->fd, level, name, &number, sizeof number));
	}
	if (!value_to_view(vm, a[3], &bytes))
		return VALUE_UNSET;
	return done(vm, set_option(s->fd, level, name, bytes.bytes, (socklen_t)bytes.len));
}

static value m_getsockopt(struct vm *vm, value *a)
{
	struct socket *s = as_socket(a[0]);
	int level, name, number = 0, size;
	uint8_t bytes[1024];
	if (!is_open(vm, s) || !int_of(vm, a[1], SOL_SOCKET, &level) || !int_of(vm, a[2], 0, &name) || !int_of(vm, a[3], 0, &size))
		return VALUE_UNSET;
	socklen_t len = size > 0 && size < (int)sizeof bytes ? (socklen_t)size : sizeof number;
	if (getsockopt(s->fd, level, name, size > 0 ? (void *)bytes : (void *)&number, &len) < 0)
		return vm_raise_os(vm, errno, VALUE_NONE);
	return size > 0 ? bytes_value(vm, bytes, len) : value_int(number);
}

static value m_settimeout(struct vm *vm, value *a)
{
	double seconds = -1;
	if (!is_none(a[1]) && !value_to_double(vm, a[1], &seconds))
		return VALUE_UNSET;
	if (!is_none(a[1]) && !(seconds >= 0))
		return vm_raise(vm, vm->errors.ValueError, "Timeout value out of range");
	as_socket(a[0])->timeout = seconds;
	if (as_socket(a[0])->fd >= 0)
		set_nonblocking(as_socket(a[0])->fd, seconds == 0);
	return VALUE_NONE;
}

static value m_gettimeout(struct vm *vm, value *a)
{
	double seconds = as_socket(a[0])->timeout;
	return seconds < 0 ? VALUE_NONE : value_float(seconds);
}

static value m_setblocking(struct vm *vm, value *a)
{
	bool wait;
	if (!value_truth(vm, a[1], &wait))
		return VALUE_UNSET;
	value timeout[2] = { a[0], wait ? VALUE_NONE : value_int(0) };
	return m_settimeout(vm, timeout);
}

static value m_fileno(struct vm *vm, value *a) { return value_int(as_socket(a[0])->fd); }
static value get_family(struct vm *vm, value self) { return value_int(as_socket(self)->family); }
static value get_type(struct vm *vm, value self) { return value_int(as_socket(self)->type); }
static value get_proto(struct vm *vm, value self) { return value_int(as_socket(self)->protocol); }

static bool socket_repr(struct vm *vm, value self, struct buf *out)
{
	const struct socket *s = as_socket(self);
	buf_print(out, s->fd < 0 ? "<socket.socket [closed] fd=%d, family=%d, type=%d, proto=%d>" : "<socket.socket fd=%d, family=%d, type=%d, proto=%d>",
		s->fd, s->family, s->type, s->protocol);
	return true;
}

static const struct native methods[] = {
	{ "bind", m_bind, "address, /", "Gives the socket this end's address." },
	{ "listen", m_listen, "backlog=128, /", "Lets others connect." },
	{ "accept", m_accept, "", "Waits for a connection: (socket, address)." },
	{ "connect", m_connect, "address, /", "Connects to the other end." },
	{ "connect_ex", m_connect_ex, "address, /", "Connects; returns the error number, 0 when it worked." },
	{ "send", m_send, "data, flags=0, /", "Sends; returns how many bytes went." },
	{ "sendall", m_sendall, "data, flags=0, /", "Sends all of the data." },
	{ "sendto", m_sendto, "data, flags_or_address, address=..., /", "Sends a datagram: sendto(data, address) or sendto(data, flags, address)." },
	{ "recv", m_recv, "bufsize, flags=0, /", "Waits for data; b'' at the end of a stream." },
	{ "recvfrom", m_recvfrom, "bufsize, flags=0, /", "Waits for data: (data, address of the sender)." },
	{ "recv_into", m_recv_into, "buffer, nbytes=0, flags=0, /", "Waits for data and puts it into a bytearray; how much it was." },
	{ "recvfrom_into", m_recvfrom_into, "buffer, nbytes=0, flags=0, /", "The same: (how much, address of the sender)." },
	{ "makefile", m_makefile, "mode='r', buffering=-1, encoding=None, errors=None, newline=None", "A file that reads or writes the socket." },
	{ "dup", m_dup, "", "A second socket of the same connection." },
	{ "shutdown", m_shutdown, "how, /", "Ends one or both directions." },
	{ "close", m_close, "", "Closes the socket." },
	{ "detach", m_detach, "", "Gives the descriptor away." },
	{ "setsockopt", m_setsockopt, "level, optname, value, /", "Sets an option to a number or bytes." },
	{ "getsockopt", m_getsockopt, "level, optname, buflen=0, /", "An option as a number, or as bytes of at most buflen." },
	{ "settimeout", m_settimeout, "value, /", "Seconds to wait at most; None for ever, 0 not at all." },
	{ "gettimeout", m_gettimeout, "", "Seconds to wait at most, or None." },
	{ "getblocking", m_getblocking, "", "Whether it waits at all." },
	{ "setblocking", m_setblocking, "flag, /", "Whether to wait at all." },
	{ "getsockname", m_getsockname, "", "This end's address." },
	{ "getpeername", m_getpeername, "", "The other end's address." },
	{ "fileno", m_fileno, "", "The descriptor, -1 when closed." },
	{ 0 },
};

static const struct getset attributes[] = {
	{ "family", get_family, NULL, "AF_INET and kin." },
	{ "type", get_type, NULL, "SOCK_STREAM and kin." },
	{ "proto", get_proto, NULL, "The protocol number." },
	{ 0 },
};

static const struct module_number constants[] = {
#define N(name) { #name, name }
	N(AF_UNSPEC), N(AF_UNIX), N(AF_INET), N(AF_INET6), N(AF_PACKET), N(SOCK_STREAM), N(SOCK_DGRAM), N(SOCK_RAW), N(SOL_SOCKET),
	N(SO_REUSEADDR), N(SO_REUSEPORT), N(SO_BROADCAST), N(SO_KEEPALIVE), N(SO_RCVBUF), N(SO_SNDBUF), N(SO_ERROR), N(SO_TYPE), N(SO_BINDTODEVICE),
	N(SO_LINGER), N(SO_RCVTIMEO), N(SO_SNDTIMEO), N(SO_MARK), N(SO_PRIORITY), N(SO_OOBINLINE), N(SO_DONTROUTE), N(SO_ACCEPTCONN), N(SOMAXCONN),
	N(IPPROTO_IP), N(IPPROTO_ICMP), N(IPPROTO_TCP), N(IPPROTO_UDP), N(IPPROTO_IPV6), N(IPPROTO_ICMPV6), N(IPPROTO_RAW), N(IP_TTL), N(IP_TOS),
	N(IP_HDRINCL), N(IP_MTU), N(IP_MTU_DISCOVER), N(IP_MULTICAST_TTL), N(IP_MULTICAST_LOOP), N(IP_MULTICAST_IF), N(IP_ADD_MEMBERSHIP),
	N(IP_DROP_MEMBERSHIP), N(IP_PMTUDISC_DO), N(IP_PMTUDISC_DONT), N(IP_PMTUDISC_WANT), N(IP_RECVERR), N(IPV6_V6ONLY), N(IPV6_JOIN_GROUP),
	N(IPV6_MULTICAST_HOPS), N(IPV6_MULTICAST_IF), N(IPV6_UNICAST_HOPS), N(TCP_NODELAY), N(TCP_MAXSEG), N(TCP_CORK), N(TCP_KEEPIDLE), N(TCP_KEEPINTVL),
	N(TCP_KEEPCNT), N(TCP_QUICKACK), N(MSG_PEEK), N(MSG_OOB), N(MSG_DONTWAIT), N(MSG_WAITALL), N(MSG_TRUNC), N(SHUT_RD), N(SHUT_WR), N(SHUT_RDWR),
#undef N
	{ "INADDR_ANY", INADDR_ANY }, { "INADDR_BROADCAST", INADDR_BROADCAST }, { "INADDR_LOOPBACK", INADDR_LOOPBACK }, { 0 },
};

static value new_pair(struct vm *vm, struct type *cls, int family, int type, int protocol)
{
	int fds[2];
	if (socketpair(family, type | SOCK_CLOEXEC, protocol, fds) < 0)
		return vm_raise_os(vm, errno, VALUE_NONE);
	value ends[2] = { socket_on(cls, fds[0], family, type, protocol), socket_on(cls, fds[1], family, type, protocol) };
	value both = tuple_of(vm, 2, ends);
	value_drop(ends[0]);
	value_drop(ends[1]);
	return both;
}

/* Bound to the class of the sockets. */
static value socket_pair(struct vm *vm, value *a)
{
	int family, type, protocol;
	if (!int_of(vm, a[1], AF_UNIX, &family) || !int_of(vm, a[2], SOCK_STREAM, &type) || !int_of(vm, a[3], 0, &protocol))
		return VALUE_UNSET;
	return new_pair(vm, (struct type *)a[0].o, family, type, protocol);
}

static const struct native pair_method = { "socketpair", socket_pair, "cls, family=1, type=1, proto=0", "Two sockets that are connected to each other." };

static bool fill(struct vm *vm, struct dict *g)
{
	static const struct type_spec spec = {
		.name = "socket", .doc = "An end of a connection, or a place to send datagrams from.",
		.size = sizeof(struct socket), .flags = TYPE_SUBCLASSABLE | TYPE_OUTSIDE, .signature = "family=-1, type=-1, proto=-1, fileno=None",
		.slots = { .make = socket_make, .release = socket_release, .repr = socket_repr, .enter = socket_enter, .leave = socket_leave },
		.methods = methods, .attrs = attributes,
	};
	struct type *cls = module_new_type(vm, g, &spec, "socket");
	value make_pair = native_new(vm, &pair_method, NULL);
	dict_set_text(vm, g, "socketpair", method_new(vm, make_pair, value_object(cls)));
	value_drop(make_pair);
	object_drop(cls);
	module_add_numbers(vm, g, constants);
	dict_set_text(vm, g, "error", value_keep(value_object(vm->errors.OSError)));
	dict_set_text(vm, g, "timeout", value_keep(value_object(vm->errors.TimeoutError)));
	object_drop(module_new_error(vm, g, "socket", "gaierror", vm->errors.OSError));
	object_drop(module_new_error(vm, g, "socket", "herror", vm->errors.OSError));
	dict_set_text(vm, g, "has_ipv6", value_bool(true));
	return true;
}

const struct module_spec module__socket = { "_socket", "The kernel's sockets, addresses and names.", socket_functions, fill, true };
