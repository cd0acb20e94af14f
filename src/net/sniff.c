#include "net/sniff.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"

#include "packet/packet.h"

#include "net/arrival.h"
#include "net/capfiles.h"
#include "net/chunk.h"
#include "net/deadline.h"
#include "net/filter.h"
#include "net/pcapfile.h"
#include "net/wire.h"

enum { COUNT, STORE, OFFLINE, QUIET, PRN, LFILTER, L2SOCKET, TIMEOUT, OPENED_SOCKET, STOP_FILTER, IFACE, STARTED_CALLBACK, SESSION, FILTER,
       PROMISC, MONITOR, SESSION_KWARGS };

struct sniff {
	struct vm *vm;
	int64_t left;                    /* packets still wanted; -1: any number */
	bool store, quiet, promiscuous, monitor, stopped;
	value prn, lfilter, stop_filter, started;    /* BORROWED; None: not given */
	const char *filter;              /* BORROWED; NULL: none */
	int64_t deadline;
	struct capture **captures;
	size_t count;
	struct chunk chunk;
	value list;
};

/* Somebody looks at each packet as it comes: frames at once. Only kept: blocks, which lose less. */
static bool is_watched(const struct sniff *s)
{
	return !is_none(s->prn) || !is_none(s->lfilter) || !is_none(s->stop_filter);
}

/* ---- one packet -------------------------------------------------------------------------------------------------------- */

static bool test(struct sniff *s, value f, value packet, bool *out)
{
	value said = value_call_args(s->vm, f, 1, &packet);
	bool ok = !is_unset(said) && value_truth(s->vm, said, out);
	value_drop(said);
	return ok;
}

static bool show(struct sniff *s, value packet)
{
	value said = value_call_args(s->vm, s->prn, 1, &packet);
	struct buf text = {0};
	bool ok = !is_unset(said);
	if (ok && !is_none(said)) {
		ok = value_str_to(s->vm, said, &text);
		buf_char(&text, '\n');
		value done = ok ? vm_write(s->vm, buf_str(&text), text.len) : VALUE_UNSET;
		ok = !is_unset(done);
		value_drop(done);
	}
	buf_free(&text);
	value_drop(said);
	return ok;
}

static bool look_at(struct sniff *s, value packet)
{
	bool wanted = true, stop = false;
	if (!is_none(s->lfilter) && !test(s, s->lfilter, packet, &wanted))
		return false;
	if (!wanted)
		return true;
	if (s->left > 0)
		s->left--;
	if (s->store && !packetlist_add(s->vm, s->list, value_keep(packet)))
		return false;
	if (!is_none(s->prn) && !show(s, packet))
		return false;
	if (!is_none(s->stop_filter) && !test(s, s->stop_filter, packet, &stop))
		return false;
	s->stopped |= stop || s->left == 0;
	return true;
}

static bool look_at_frame(struct sniff *s, const struct capture_frame *f, int link_type, const char *iface)
{
	value packet = arrival_packet(s->vm, f, link_type, iface);
	bool ok = !is_unset(packet) && look_at(s, packet);
	value_drop(packet);
	return ok;
}

/* Kept as bytes until somebody looks. */
static bool keep_frame(struct sniff *s, const struct capture_frame *f, int link_type)
{
	uint32_t start;
	if (s->left > 0)
		s->left--;
	s->stopped |= s->left == 0;
	if (!s->store)
		return true;
	struct frame *block = chunk_add(&s->chunk, f->bytes, f->len, &start);
	return block ? packetlist_add_frame(s->vm, s->list, block, start, f->len, &(struct arrived){ .time = f->time, .wire_len = f->wire_len,
	                           .link_type = link_type, .direction = f->direction, .sum_left_to_card = f->sum_left_to_card, .iface = f->iface })
	             : vm_raise_ok(s->vm, s->vm->errors.MemoryError, "no memory for a packet");
}

static bool take(struct sniff *s, const struct capture_frame *f, int link_type, const char *iface)
{
	return is_watched(s) ? look_at_frame(s, f, link_type, iface) : keep_frame(s, f, link_type);
}

/* ---- interfaces -------------------------------------------------------------------------------------------------------- */

static bool add_capture(struct sniff *s, const char *name)
{
	struct error e = {0};
	struct capture_options options = { .iface = name, .filter = s->filter, .promiscuous = s->promiscuous, .monitor = s->monitor };
	options.buffered = !is_watched(s);
	struct capture *c = capture_pool_take(wire_of(s->vm)->captures, &options, &e);
	if (!c) {
		vm_raise_error(s->vm, &e);
		return false;
	}
	if (capture_warning(c) && !s->quiet)
		packet_warn(s->vm, "%s: %s", name, capture_warning(c));
	s->captures = mem_resize(s->captures, (s->count + 1) * sizeof(struct capture *));
	s->captures[s->count++] = c;
	return true;
}

static bool add_named(struct sniff *s, value name)
{
	if (is_str(name) && strcmp(as_str(name)->data, "any") == 0)
		return add_capture(s, "any");
	const struct iface *i = wire_iface(s->vm, name);
	char copy[IFNAMSIZ];
	if (!i)
		return false;
	memcpy(copy, i->name, sizeof copy);
	return add_capture(s, copy);
}

static bool add_captures(struct sniff *s, value iface)
{
	const value *items;
	size_t count;
	if (!value_items(iface, &items, &count))
		return add_named(s, iface);
	for (size_t i = 0; i < count; i++)
		if (!add_named(s, items[i]))
			return false;
	return true;
}

/* Some of what has come, in turn. An interface that fails ends by itself; the last one ends the sniffing. */
static bool read_some(struct sniff *s, size_t at)
{
	enum { AT_ONCE = 256 };
	struct capture_frame f;
	struct error e = {0};
	struct capture *c = s->captures[at];
	for (int i = 0; i < AT_ONCE && !s->stopped; i++) {
		enum capture_result result = capture_next(c, &f, &e);
		if (result == CAPTURE_FRAME && take(s, &f, capture_link_type(c), capture_iface(c)))
			continue;
		if (result == CAPTURE_NONE)
			return true;
		if (result == CAPTURE_FRAME)
			return false;
		packet_warn(s->vm, "%s", e.message);
		error_clear(&e);
		capture_pool_give(wire_of(s->vm)->captures, c, true);
		memmove(&s->captures[at], &s->captures[at + 1], (s->count - at - 1) * sizeof *s->captures);
		s->count--;
		s->stopped |= s->count == 0;
		return true;
	}
	return true;
}

static bool call_started(struct sniff *s)
{
	value said = is_none(s->started) ? VALUE_NONE : value_call_args(s->vm, s->started, 0, NULL);
	value_drop(said);
	return !is_unset(said);
}

static bool hear_all(struct sniff *s)
{
	while (!s->stopped) {
		for (size_t i = 0; i < s->count; i++)
			if (!read_some(s, i))
				return false;
		if (s->stopped || deadline_passed(s->deadline))
			break;
		VM_WAIT(s->vm, capture_wait(s->captures, s->count, -1, wire_slice(s->deadline)));
		if (!vm_poll(s->vm))
			return false;
	}
	return true;
}

static void tell_drops(struct sniff *s)
{
	for (size_t i = 0; i < s->count; i++) {
		uint64_t lost = capture_lost(s->captures[i]);
		if (lost && !s->quiet)
			wire_warn_lost(s->vm, lost, capture_iface(s->captures[i]));
	}
}

static bool from_interfaces(struct sniff *s, value iface)
{
	bool ok = wire_ready(s->vm) && add_captures(s, iface) && call_started(s) && hear_all(s);
	tell_drops(s);
	for (size_t i = 0; i < s->count; i++)
		capture_pool_give(wire_of(s->vm)->captures, s->captures[i], false);
	return ok;
}

/* ---- files and lists --------------------------------------------------------------------------------------------------- */

static bool read_records(struct sniff *s, struct pcapfile *file, const struct filter *filter)
{
	struct capture_frame f;
	for (unsigned n = 1; !s->stopped && !deadline_passed(s->deadline) && pcapfile_next(file, &f) == CAPTURE_FRAME; n++) {
		if (filter && !filter_match(filter, f.bytes, f.len, f.wire_len))
			continue;
		if (!take(s, &f, pcapfile_link_type(file), NULL) || (n % 256 == 0 && !vm_poll(s->vm)))
			return false;
	}
	return true;
}

static bool from_file(struct sniff *s, const char *path)
{
	struct error e = {0};
	struct pcapfile *file = capfiles_open(s->vm, path);
	if (!file)
		return false;
	struct filter *filter = s->filter ? filter_new(s->filter, pcapfile_link_type(file), &e) : NULL;
	bool ok = !e.kind;
	if (!ok)
		vm_raise_error(s->vm, &e);
	ok = ok && read_records(s, file, filter);
	if (ok && pcapfile_warning(file) && !s->quiet)
		packet_warn(s->vm, "%s: %s", path, pcapfile_warning(file));
	filter_free(filter);
	pcapfile_close(file);
	return ok;
}

static bool passes(struct sniff *s, struct packet *p, bool *out)
{
	struct error e = {0};
	struct layer *first = packet_part(p)->layer;
	struct circumstances *about = p->stack->about;
	int link_type = about && about->link_type >= 0 ? about->link_type : first->link_type_count ? (int)first->link_types[0] : 1;
	struct filter *filter = filter_new(s->filter, link_type, &e);
	struct frame *frame = filter ? build_frame(p->stack, p->at) : NULL;
	*out = frame && filter_match(filter, frame->bytes, frame->len, frame->len);
	if (!filter)
		vm_raise_error(s->vm, &e);
	filter_free(filter);
	if (frame)
		frame_drop(frame);
	return !vm_pending(s->vm);
}

static bool from_value(struct sniff *s, value offline);

static bool from_items(struct sniff *s, value items)
{
	struct vm *vm = s->vm;
	value it = value_iterate(vm, items), item;
	bool ok = !is_unset(it);
	while (ok && !s->stopped && (item = value_next(vm, it), !is_unset(item))) {
		ok = from_value(s, item);
		value_drop(item);
	}
	value_drop(it);
	return ok && !vm_pending(vm);
}

static bool from_value(struct sniff *s, value offline)
{
	bool wanted = true;
	if (is_str(offline))
		return from_file(s, as_str(offline)->data);
	if (!is_packet(offline))
		return from_items(s, offline);
	if (s->filter && !passes(s, as_packet(offline), &wanted))
		return false;
	return !wanted || look_at(s, offline);
}

/* ---- the function ------------------------------------------------------------------------------------------------------ */

static bool refuse_missing(struct vm *vm, const value *a)
{
	static const struct { int at; const char *name; } missing[] = {
		{ L2SOCKET, "L2socket" }, { OPENED_SOCKET, "opened_socket" }, { SESSION, "session" },
	};
	for (size_t i = 0; i < sizeof missing / sizeof *missing; i++)
		if (!is_none(a[missing[i].at]))
			return vm_raise_ok(vm, vm->errors.NotImplementedError, "sniff(%s=...) is not there yet", missing[i].name);
	return true;
}

static bool read_options(struct vm *vm, const value *a, struct sniff *s)
{
	bool ok;
	double timeout = wire_seconds(vm, a[TIMEOUT], INFINITY, &ok);
	if (!ok || !refuse_missing(vm, a) || !value_to_int64(vm, a[COUNT], &s->left))
		return false;
	if (s->left <= 0)
		s->left = -1;
	s->deadline = deadline_in(timeout);
	if (!is_none(a[FILTER]) && !is_str(a[FILTER]))
		return vm_raise_ok(vm, vm->errors.TypeError, "sniff(): filter is a str, not %s", value_type_name(vm, a[FILTER]));
	s->filter = is_none(a[FILTER]) ? NULL : as_str(a[FILTER])->data;
	return value_truth(vm, a[STORE], &s->store) && value_truth(vm, a[QUIET], &s->quiet) && value_truth(vm, a[MONITOR], &s->monitor)
	       && wire_promiscuous(vm, a[PROMISC], &s->promiscuous);
}

value sniff_run(struct vm *vm, value *a)
{
	struct sniff s = { .vm = vm, .prn = a[PRN], .lfilter = a[LFILTER], .stop_filter = a[STOP_FILTER], .started = a[STARTED_CALLBACK] };
	if (!read_options(vm, a, &s))
		return VALUE_UNSET;
	s.list = packetlist_new(vm, "Sniffed");
	if (is_unset(s.list))
		return VALUE_UNSET;
	bool ok = is_none(a[OFFLINE]) ? from_interfaces(&s, a[IFACE]) : call_started(&s) && from_value(&s, a[OFFLINE]);
	if (!ok && vm_pending_is(vm, vm->errors.KeyboardInterrupt)) {        /* Ctrl-C: what was captured is the result */
		vm_clear(vm);
		ok = true;
	}
	chunk_end(&s.chunk);
	mem_free(s.captures);
	if (ok)
		return s.list;
	value_drop(s.list);
	return VALUE_UNSET;
}
