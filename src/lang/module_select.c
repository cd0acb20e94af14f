/* _select: waiting for descriptors, over poll(2) and epoll(7). stdlib/select.pkt makes select, poll and epoll of it. */
#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "lang/modules.h"
#include "lang/types.h"

enum { SLICE_MS = 1000, EVENTS_MAX = 1 << 16 };

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* Milliseconds; None or below zero: for ever (-1). What is left over counts as one more, as Python rounds. */
static bool timeout_arg(struct vm *vm, value v, int64_t *ms)
{
	double seconds;
	*ms = -1;
	if (is_none(v))
		return true;
	if (!value_to_double(vm, v, &seconds))
		return false;
	if (seconds > 1e9)
		return vm_raise_ok(vm, vm->errors.OverflowError, "timeout is too large");
	if (seconds >= 0) {
		*ms = (int64_t)(seconds * 1000);
		*ms += (double)*ms < seconds * 1000;
	}
	return true;
}

/* Waits in slices, so that Ctrl-C is seen. `ask` is poll or epoll_wait with so many milliseconds. -1: raised. */
static int wait_for(struct vm *vm, int64_t ms, int (*ask)(void *state, int ms), void *state)
{
	int64_t end = ms < 0 ? -1 : now_ms() + ms;
	for (;;) {
		int64_t left = end < 0 ? SLICE_MS : end - now_ms();
		int ready = VM_WAIT(vm, ask(state, left < 0 ? 0 : left > SLICE_MS ? SLICE_MS : (int)left));
		if (ready > 0)
			return ready;
		if (ready < 0 && errno != EINTR)
			return vm_raise_os(vm, errno, VALUE_NONE), -1;
		if (!vm_poll(vm))
			return -1;
		if (end >= 0 && now_ms() >= end)
			return 0;
	}
}

static value pair(struct vm *vm, int64_t a, int64_t b)
{
	return tuple_of(vm, 2, (value[]){ value_int(a), value_int(b) });
}

struct polled { struct pollfd *fds; nfds_t count; };

static int ask_poll(void *state, int ms)
{
	struct polled *p = state;
	return poll(p->fds, p->count, ms);
}

static bool read_pairs(struct vm *vm, value v, struct polled *p)
{
	const value *items, *two;
	size_t count, n;
	if (!value_items(v, &items, &count))
		return vm_raise_ok(vm, vm->errors.TypeError, "poll() takes a list of (descriptor, events)");
	p->fds = mem_alloc((count + 1) * sizeof *p->fds);
	for (p->count = 0; p->count < count; p->count++) {
		int64_t fd, events;
		if (!value_items(items[p->count], &two, &n) || n != 2 || !value_to_int64(vm, two[0], &fd) || !value_to_int64(vm, two[1], &events))
			return vm_pending(vm) ? false : vm_raise_ok(vm, vm->errors.TypeError, "poll() takes a list of (descriptor, events)");
		p->fds[p->count] = (struct pollfd){ .fd = (int)fd, .events = (short)events };
	}
	return true;
}

static value select_poll(struct vm *vm, value *a)
{
	struct polled p = { 0 };
	int64_t ms;
	value result = VALUE_UNSET;
	if (read_pairs(vm, a[0], &p) && timeout_arg(vm, a[1], &ms) && wait_for(vm, ms, ask_poll, &p) >= 0) {
		struct list *ready = list_new(vm, 0);
		for (nfds_t i = 0; i < p.count; i++)
			if (p.fds[i].revents)
				list_append(ready, pair(vm, p.fds[i].fd, p.fds[i].revents));
		result = value_object(ready);
	}
	mem_free(p.fds);
	return result;
}

static value epoll_new(struct vm *vm, value *a)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);
	return fd < 0 ? vm_raise_os(vm, errno, VALUE_NONE) : value_int(fd);
}

static value epoll_set(struct vm *vm, value *a)
{
	int64_t epfd, op, fd, events;
	if (!value_to_int64(vm, a[0], &epfd) || !value_to_int64(vm, a[1], &op) || !value_to_int64(vm, a[2], &fd) || !value_to_int64(vm, a[3], &events))
		return VALUE_UNSET;
	struct epoll_event event = { .events = (uint32_t)events, .data.fd = (int)fd };
	return epoll_ctl((int)epfd, (int)op, (int)fd, &event) < 0 ? vm_raise_os(vm, errno, VALUE_NONE) : VALUE_NONE;
}

struct epolled { int fd, room; struct epoll_event *events; };

static int ask_epoll(void *state, int ms)
{
	struct epolled *e = state;
	return epoll_wait(e->fd, e->events, e->room, ms);
}

static value epoll_poll(struct vm *vm, value *a)
{
	int64_t fd, room, ms;
	if (!value_to_int64(vm, a[0], &fd) || !timeout_arg(vm, a[1], &ms) || !value_to_int64(vm, a[2], &room))
		return VALUE_UNSET;
	struct epolled e = { (int)fd, room < 1 ? 64 : room > EVENTS_MAX ? EVENTS_MAX : (int)room, NULL };
	e.events = mem_alloc(e.room * sizeof *e.events);
	int count = wait_for(vm, ms, ask_epoll, &e);
	struct list *ready = count < 0 ? NULL : list_new(vm, count);
	for (int i = 0; i < count; i++)
		list_append(ready, pair(vm, e.events[i].data.fd, e.events[i].events));
	mem_free(e.events);
	return ready ? value_object(ready) : VALUE_UNSET;
}

static const struct native functions[] = {
	{ "poll", select_poll, "pairs, timeout=None", "The (descriptor, events) that are ready of a list of such pairs; timeout in seconds." },
	{ "epoll_create", epoll_new, "", "The descriptor of a new epoll." },
	{ "epoll_ctl", epoll_set, "epfd, operation, fd, events=0", "epoll_ctl(2)." },
	{ "epoll_wait", epoll_poll, "epfd, timeout=None, maxevents=64", "The (descriptor, events) that are ready; timeout in seconds." },
	{ 0 },
};

static const struct module_number numbers[] = {
#define N(name) { #name, name }
	N(POLLIN), N(POLLPRI), N(POLLOUT), N(POLLERR), N(POLLHUP), N(POLLNVAL), N(POLLRDNORM), N(POLLRDBAND), N(POLLWRNORM), N(POLLWRBAND),
	N(POLLRDHUP), N(EPOLLIN), N(EPOLLPRI), N(EPOLLOUT), N(EPOLLERR), N(EPOLLHUP), N(EPOLLRDHUP), N(EPOLLRDNORM), N(EPOLLRDBAND),
	N(EPOLLWRNORM), N(EPOLLWRBAND), N(EPOLLEXCLUSIVE), N(EPOLL_CLOEXEC), N(EPOLL_CTL_ADD), N(EPOLL_CTL_MOD), N(EPOLL_CTL_DEL),
	{ "EPOLLET", (int64_t)(uint32_t)EPOLLET }, { "EPOLLONESHOT", EPOLLONESHOT },
#undef N
	{ 0 },
};

static bool fill(struct vm *vm, struct dict *globals)
{
	module_add_numbers(vm, globals, numbers);
	return true;
}

const struct module_spec module__select = { "_select", "Waiting for descriptors.", functions, fill, true };
