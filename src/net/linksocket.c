#include "net/linksocket.h"

#include <math.h>
#include <pcap/dlt.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lang/types.h"

#include "net/arrival.h"
#include "net/deadline.h"
#include "net/wire.h"

struct linksocket {
	struct object head;
	struct vm *vm;
	struct capture *capture;         /* from the pool; NULL: closed */
	bool network;                    /* what it gives begins behind the link header */
	unsigned waiting;                /* threads that wait in recv(): the last of them gives the capture back after a close() */
	bool closing;
	int wake;                        /* eventfd that ends their waiting; -1: none yet */
};

static struct linksocket *as_linksocket(value v)
{
	return (struct linksocket *)v.o;
}

enum { IFACE, FILTER, PROMISC, INCOMING, NETWORK, MONITOR, ARGUMENTS };

/* The interface's name, "any" included. */
static bool name_of(struct vm *vm, value iface, char *name)
{
	if (is_str(iface) && strcmp(as_str(iface)->data, "any") == 0) {
		strcpy(name, "any");
		return true;
	}
	const struct iface *i = wire_iface(vm, iface);
	if (i)
		memcpy(name, i->name, IFNAMSIZ);
	return i != NULL;
}

static struct capture *open_capture(struct vm *vm, const value *a)
{
	char name[IFNAMSIZ];
	struct error e = {0};
	bool incoming;
	struct capture_options o = { .iface = name };
	if (!is_none(a[FILTER]) && !is_str(a[FILTER])) {
		vm_raise(vm, vm->errors.TypeError, "the filter is a str, not %s", value_type_name(vm, a[FILTER]));
		return NULL;
	}
	if (!name_of(vm, a[IFACE], name) || !wire_promiscuous(vm, a[PROMISC], &o.promiscuous) || !value_truth(vm, a[INCOMING], &incoming)
	    || !value_truth(vm, a[MONITOR], &o.monitor))
		return NULL;
	o.filter = is_none(a[FILTER]) ? NULL : as_str(a[FILTER])->data;
	o.direction = incoming ? CAPTURE_IN : CAPTURE_BOTH;
	struct capture *c = capture_pool_take(wire_of(vm)->captures, &o, &e);
	if (!c)
		vm_raise_error(vm, &e);
	return c;
}

static value linksocket_make(struct vm *vm, struct type *cls, const struct call *call)
{
	value a[ARGUMENTS];
	bool network = false;
	if (!wire_ready(vm) || !call_bind(vm, cls->signature, call, a))
		return VALUE_UNSET;
	struct capture *c = value_truth(vm, a[NETWORK], &network) ? open_capture(vm, a) : NULL;
	call_unbind(cls->signature, a);
	if (!c)
		return VALUE_UNSET;
	struct linksocket *s = object_new(cls, 0);
	s->vm = vm;
	s->capture = c;
	s->network = network;
	s->wake = -1;
	return value_object(s);
}

static void give_back(struct linksocket *s, bool broken)
{
	struct wire *w = wire_of(s->vm);
	if (s->capture && w)             /* at the end the pool has closed it */
		capture_pool_give(w->captures, s->capture, broken);
	s->capture = NULL;
}

static void linksocket_release(struct object *o)
{
	struct linksocket *s = (struct linksocket *)o;
	give_back(s, false);
	if (s->wake >= 0)
		close(s->wake);
}

static value method_close(struct vm *vm, value *a)
{
	struct linksocket *s = as_linksocket(a[0]);
	uint64_t lost = s->capture ? capture_lost(s->capture) : 0;
	if (lost)
		wire_warn_lost(vm, lost, capture_iface(s->capture));
	s->closing = true;
	if (!s->waiting)
		give_back(s, false);
	else if (s->wake >= 0)
		eventfd_write(s->wake, 1);
	return VALUE_NONE;
}

static bool is_open(struct linksocket *s)
{
	if (s->capture && !s->closing)
		return true;
	return vm_raise_ok(s->vm, s->vm->errors.ValueError, "the socket is closed");
}

/* Unset: raised. None: a frame of which nothing is left without its link header. */
static value packet_of(struct linksocket *s, const struct capture_frame *f)
{
	int link_type = capture_link_type(s->capture);
	const char *iface = capture_iface(s->capture);
	if (!s->network || link_type == DLT_RAW)
		return arrival_packet(s->vm, f, link_type, iface);
	struct stack *whole = arrival(s->vm, f, link_type, iface), *upper = whole && whole->count > 1 ? arrival_above(whole, 1) : NULL;
	value packet = upper ? packet_object(upper, 0) : vm_pending(s->vm) ? VALUE_UNSET : VALUE_NONE;
	if (upper)
		stack_drop(upper);
	if (whole)
		stack_drop(whole);
	return packet;
}

/* The next frame that waits: a packet, None when there is none, unset when raised. */
static value next_packet(struct linksocket *s)
{
	struct capture_frame f;
	struct error e = {0};
	for (;;) {
		enum capture_result result = capture_next(s->capture, &f, &e);
		if (result == CAPTURE_NONE)
			return VALUE_NONE;
		if (result == CAPTURE_FAILED) {
			give_back(s, true);
			return vm_raise_error(s->vm, &e);
		}
		value packet = packet_of(s, &f);
		if (!is_none(packet))
			return packet;
	}
}

/* Other threads run meanwhile, and one may close() it. */
static void wait_for_frames(struct linksocket *s, int64_t deadline)
{
	if (s->wake < 0)
		s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	s->waiting++;
	VM_WAIT(s->vm, capture_wait(&s->capture, 1, s->wake, deadline));
	if (!--s->waiting && s->closing)
		give_back(s, false);
}

static value method_recv(struct vm *vm, value *a)
{
	bool ok;
	struct linksocket *s = as_linksocket(a[0]);
	double seconds = wire_seconds(vm, "recv", "timeout", a[1], INFINITY, &ok);
	int64_t deadline = deadline_in(seconds);
	if (!ok)
		return VALUE_UNSET;
	for (;;) {
		value packet = is_open(s) ? next_packet(s) : VALUE_UNSET;
		if (!is_none(packet) || deadline_passed(deadline))
			return packet;
		wait_for_frames(s, wire_slice(deadline));
		if (!vm_poll(vm))
			return VALUE_UNSET;
	}
}

static value method_fileno(struct vm *vm, value *a)
{
	struct linksocket *s = as_linksocket(a[0]);
	return value_int(s->capture && !s->closing ? capture_descriptor(s->capture) : -1);
}

static value method_set_filter(struct vm *vm, value *a)
{
	struct error e = {0};
	struct linksocket *s = as_linksocket(a[0]);
	if (!is_open(s))
		return VALUE_UNSET;
	if (!is_none(a[1]) && !is_str(a[1]))
		return vm_raise(vm, vm->errors.TypeError, "the filter is a str, not %s", value_type_name(vm, a[1]));
	if (capture_filter(s->capture, is_none(a[1]) ? NULL : as_str(a[1])->data, &e))
		return VALUE_NONE;
	return vm_raise_error(vm, &e);
}

static value get_iface(struct vm *vm, value self)
{
	struct linksocket *s = as_linksocket(self);
	return s->capture ? str_value(vm, capture_iface(s->capture)) : VALUE_NONE;
}

static value get_link_type(struct vm *vm, value self)
{
	struct linksocket *s = as_linksocket(self);
	return s->capture ? value_int(capture_link_type(s->capture)) : VALUE_NONE;
}

static const struct native methods[] = {
	{ "recv", method_recv, "timeout=None", "The next packet; None when the time-out (seconds) passed first." },
	{ "fileno", method_fileno, "", "A descriptor that is readable when packets wait; -1 when closed." },
	{ "set_filter", method_set_filter, "filter", "Another filter from now on." },
	{ "close", method_close, "", "Stops listening." },
	{ 0 },
};

static const struct getset attributes[] = {
	{ "iface", get_iface, NULL, "The interface's name." },
	{ "link_type", get_link_type, NULL, "The link type (DLT) of its frames." },
	{ 0 },
};

struct type *linksocket_type(struct vm *vm)
{
	static const struct type_spec spec = {
		.name = "_LinkSocket", .doc = "Packets of an interface, one at a time.", .size = sizeof(struct linksocket), .flags = TYPE_OUTSIDE,
		.signature = "iface=None, filter=None, promisc=None, incoming=False, network=False, monitor=False",
		.methods = methods, .attrs = attributes, .slots = { .make = linksocket_make, .release = linksocket_release },
	};
	return type_new(vm, &spec, NULL);
}
