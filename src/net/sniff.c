#include "net/sniff.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"

#include "lang/file.h"
#include "lang/types.h"

#include "packet/packet.h"

#include "net/arrival.h"
#include "net/capfiles.h"
#include "net/chunk.h"
#include "net/deadline.h"
#include "net/filter.h"
#include "net/pcapfile.h"
#include "net/pcapwriter.h"
#include "net/recorder.h"
#include "net/wire.h"

enum { COUNT, STORE, OFFLINE, QUIET, PRN, LFILTER, L2SOCKET, TIMEOUT, OPENED_SOCKET, STOP_FILTER, IFACE, STARTED_CALLBACK, SESSION, FILTER,
       PROMISC, MONITOR, SESSION_KWARGS, WRITE, ROTATE_SIZE, ROTATE_TIME, KEEP, ENDED };

struct heard {                          /* an interface that is listened to */
	struct capture *capture;         /* NULL: it failed, and is closed */
	char name[IFNAMSIZ];
	value label;                     /* BORROWED: what packets say they were sniffed on; unset: its name */
	struct capture_counts counts;    /* at its end */
};

struct sniff {
	struct vm *vm;
	int64_t left;                    /* packets still wanted; -1: any number */
	bool store, quiet, promiscuous, monitor, stopped;
	value prn, lfilter, stop_filter, started, ended;     /* BORROWED; None: not given. `ended`: a list; with something in it this ends */
	value feed;                      /* of the session: a packet in, the packets out; unset: no session */
	const char *filter;              /* BORROWED; NULL: none */
	int64_t deadline, until;         /* until: frames that came later (nanoseconds since 1970) are not taken */
	struct heard *sources;
	size_t count, taken;
	struct capture **captures;       /* of the sources that still work, for waiting */
	size_t listening;
	struct chunk chunk;
	struct recorder *recorder;       /* NULL: write= was not given */
	const struct capture_frame *frame;       /* the packet that is looked at came as this; NULL: it did not */
	value label;                     /* BORROWED: what it is said to be sniffed on; unset: as the frame says */
	value list;
};

/* Somebody looks at each packet as it comes: frames at once. Only kept: blocks, which lose less. */
static bool is_watched(const struct sniff *s)
{
	return !is_none(s->prn) || !is_none(s->lfilter) || !is_none(s->stop_filter) || !is_unset(s->feed);
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

static bool write_frame(struct sniff *s, const struct capture_frame *f)
{
	struct error e = {0};
	if (!s->recorder || recorder_add(s->recorder, f, &e))
		return true;
	vm_raise_error(s->vm, &e);
	return false;
}

static int link_type_of(const struct packet *p)
{
	const struct circumstances *about = p->stack->about;
	const struct layer *first = packet_part(p)->layer;
	return about && about->link_type >= 0 && p->at == 0 ? about->link_type : first->link_type_count ? (int)first->link_types[0] : 1;
}

static bool write_packet(struct sniff *s, value packet)
{
	if (!s->recorder || s->frame)
		return !s->recorder || write_frame(s, s->frame);
	struct packet *p = as_packet(packet);
	struct frame *frame = build_frame(p->stack, p->at);
	if (!frame)
		return false;
	int64_t time = p->stack->about && p->stack->about->time != INT64_MIN ? p->stack->about->time : deadline_wall_clock();
	struct capture_frame f = { .bytes = frame->bytes, .len = frame->len, .wire_len = frame->len, .time = time, .link_type = link_type_of(p) };
	bool ok = write_frame(s, &f);
	frame_drop(frame);
	return ok;
}

static bool look_at(struct sniff *s, value packet)
{
	bool wanted = true, stop = false;
	if (!is_none(s->lfilter) && !test(s, s->lfilter, packet, &wanted))
		return false;
	if (!wanted)
		return true;
	if (!write_packet(s, packet))
		return false;
	s->taken++;
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

/* Through the session, if there is one. */
static bool hand_on(struct sniff *s, value packet)
{
	if (is_unset(s->feed))
		return look_at(s, packet);
	value out = value_call_args(s->vm, s->feed, 1, &packet), it = is_unset(out) ? VALUE_UNSET : value_iterate(s->vm, out), item;
	bool ok = !is_unset(it);
	s->frame = NULL;
	while (ok && !s->stopped && (item = value_next(s->vm, it), !is_unset(item))) {
		ok = is_packet(item) ? look_at(s, item)
		                     : vm_raise_ok(s->vm, s->vm->errors.TypeError, "a session gives packets, not %s", value_type_name(s->vm, item));
		value_drop(item);
	}
	value_drop(it);
	value_drop(out);
	return ok && !vm_pending(s->vm);
}

static bool look_at_frame(struct sniff *s, const struct capture_frame *f)
{
	value packet = arrival_packet(s->vm, f, f->link_type, f->iface);
	if (is_unset(packet))
		return false;
	if (!is_unset(s->label))
		value_set(&stack_about(packet_unread(packet)->stack)->sniffed_on, value_keep(s->label));
	s->frame = f;
	bool ok = hand_on(s, packet);
	s->frame = NULL;
	value_drop(packet);
	return ok;
}

/* Kept as bytes until somebody looks. */
static bool keep_frame(struct sniff *s, const struct capture_frame *f)
{
	uint32_t start;
	const char *iface = is_unset(s->label) || !is_str(s->label) ? f->iface : as_str(s->label)->data;
	if (!write_frame(s, f))
		return false;
	s->taken++;
	if (s->left > 0)
		s->left--;
	s->stopped |= s->left == 0;
	if (!s->store)
		return true;
	struct frame *block = chunk_add(&s->chunk, f->bytes, f->len, &start);
	if (!block)
		return vm_raise_ok(s->vm, s->vm->errors.MemoryError, "no memory for a packet");
	return packetlist_add_frame(s->vm, s->list, block, start, f->len, &(struct arrived){ .time = f->time, .wire_len = f->wire_len,
	                            .link_type = f->link_type, .direction = f->direction, .sum_left_to_card = f->sum_left_to_card, .iface = iface });
}

static bool take(struct sniff *s, const struct capture_frame *f)
{
	if (f->time > s->until)
		return true;
	return is_watched(s) || f->comment ? look_at_frame(s, f) : keep_frame(s, f);
}

/* ---- interfaces -------------------------------------------------------------------------------------------------------- */

static bool add_capture(struct sniff *s, const char *name, value label)
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
	s->sources = mem_resize(s->sources, (s->count + 1) * sizeof *s->sources);
	s->captures = mem_resize(s->captures, (s->count + 1) * sizeof(struct capture *));
	struct heard *source = &s->sources[s->count++];
	*source = (struct heard){ .capture = c, .label = label };
	strncpy(source->name, name, sizeof source->name - 1);
	s->captures[s->listening++] = c;
	return true;
}

static bool add_named(struct sniff *s, value name, value label)
{
	if (is_str(name) && strcmp(as_str(name)->data, "any") == 0)
		return add_capture(s, "any", label);
	const struct iface *i = wire_iface(s->vm, name);
	char copy[IFNAMSIZ];
	if (!i)
		return false;
	memcpy(copy, i->name, IFNAMSIZ);
	return add_capture(s, copy, label);
}

/* One, several, or a dict of them with what their packets are to say they were sniffed on. */
static bool add_captures(struct sniff *s, value iface)
{
	const value *items;
	size_t count;
	value key, label;
	if (is_kind(iface, KIND_DICT)) {
		for (uint32_t i = 0; dict_next(as_dict(iface), &i, &key, &label);)
			if (!add_named(s, key, label))
				return false;
		return true;
	}
	if (!value_items(iface, &items, &count))
		return add_named(s, iface, VALUE_UNSET);
	for (size_t i = 0; i < count; i++)
		if (!add_named(s, items[i], VALUE_UNSET))
			return false;
	return count > 0 || vm_raise_ok(s->vm, s->vm->errors.ValueError, "sniff(): iface names no interface; None stands for conf.iface");
}

static void leave(struct sniff *s, struct heard *source, bool broken)
{
	struct capture *c = source->capture;
	capture_counts(c, &source->counts);
	source->capture = NULL;
	capture_pool_give(wire_of(s->vm)->captures, c, broken);
	s->listening = 0;
	for (size_t i = 0; i < s->count; i++)
		if (s->sources[i].capture)
			s->captures[s->listening++] = s->sources[i].capture;
}

/* Some of what has come, in turn. An interface that fails ends by itself; the last one ends the sniffing. */
static bool read_some(struct sniff *s, struct heard *source, bool *some)
{
	enum { AT_ONCE = 256 };
	struct capture_frame f;
	struct error e = {0};
	s->label = source->label;
	for (int i = 0; i < AT_ONCE && !s->stopped; i++) {
		enum capture_result result = capture_next(source->capture, &f, &e);
		if (result == CAPTURE_NONE)
			return true;
		if (result == CAPTURE_FAILED) {
			packet_warn(s->vm, "%s", e.message);
			error_clear(&e);
			leave(s, source, true);
			s->stopped |= s->listening == 0;
			return true;
		}
		*some = true;
		if (!take(s, &f))
			return false;
		if (is_watched(s) && deadline_passed(s->deadline))
			return true;
	}
	return true;
}

static bool read_all(struct sniff *s, bool *some)
{
	*some = false;
	for (size_t i = 0; i < s->count; i++)
		if (s->sources[i].capture && !read_some(s, &s->sources[i], some))
			return false;
	return true;
}

static bool call_started(struct sniff *s)
{
	value said = is_none(s->started) ? VALUE_NONE : value_call_args(s->vm, s->started, 0, NULL);
	value_drop(said);
	return !is_unset(said);
}

/* Is it over, by the clock or by AsyncSniffer.stop()? */
static bool is_over(struct sniff *s)
{
	bool said = false;
	return s->stopped || deadline_passed(s->deadline) || (!is_none(s->ended) && value_truth(s->vm, s->ended, &said) && said);
}

static bool flush(struct sniff *s)
{
	struct error e = {0};
	if (!s->recorder || recorder_flush(s->recorder, &e))
		return true;
	vm_raise_error(s->vm, &e);
	return false;
}

static bool hear_all(struct sniff *s)
{
	bool some;
	while (!s->stopped) {
		if (!read_all(s, &some))
			return false;
		if (is_over(s))
			break;
		if (!some && !flush(s))
			return false;
		if (!some)
			VM_WAIT(s->vm, capture_wait(s->captures, s->listening, -1, wire_slice(s->deadline)));
		if (!vm_poll(s->vm))
			return false;
	}
	return true;
}

/* What the kernel held when it was over: what came before belongs to the result. A block that is being filled is handed over
 * after some milliseconds. Who watches packets one by one does not get them after the end. */
static bool hear_rest(struct sniff *s)
{
	int64_t until = deadline_in(0.012);
	bool some;
	s->until = deadline_wall_clock();
	s->deadline = DEADLINE_NEVER;
	while (!s->stopped && !is_watched(s)) {
		if (!read_all(s, &some))
			return false;
		if (!some && deadline_passed(until))
			break;
		if (!some)
			capture_wait(s->captures, s->listening, -1, until);
	}
	return true;
}

static bool clear_interrupt(struct sniff *s)
{
	if (!vm_pending_is(s->vm, s->vm->errors.KeyboardInterrupt))
		return false;
	vm_clear(s->vm);
	return true;
}

static void tell_drops(struct sniff *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->sources[i].counts.dropped && !s->quiet)
			wire_warn_lost(s->vm, s->sources[i].counts.dropped, s->sources[i].name);
}

/* .stats of the list: (interface, received, dropped by the kernel, dropped by the interface, cut) each, and how many were taken; at the
 * prompt they are shown. */
static bool note_counts(struct sniff *s)
{
	struct vm *vm = s->vm;
	struct list *rows = list_new(vm, s->count);
	for (size_t i = 0; i < s->count; i++) {
		const struct capture_counts *c = &s->sources[i].counts;
		value row[5] = { str_value(vm, s->sources[i].name), value_int((int64_t)c->seen), value_int((int64_t)c->dropped),
		                 value_int((int64_t)c->dropped_by_card), value_int((int64_t)c->cut) };
		list_append(rows, tuple_of(vm, 5, row));
		value_drop(row[0]);
	}
	value args[] = { s->list, value_object(rows), value_int((int64_t)s->taken), value_bool(s->quiet) };
	value note = wire_library(vm, "tools.sniffing", "_note_counts");
	value done = is_unset(note) ? VALUE_UNSET : value_call_args(vm, note, sizeof args / sizeof *args, args);
	value_drop(note);
	object_drop(rows);
	value_drop(done);
	return !is_unset(done);
}

/* What was heard is kept, whatever ended it: Ctrl-C too. */
static bool from_interfaces(struct sniff *s, value iface)
{
	bool ok = wire_ready(s->vm) && add_captures(s, iface) && call_started(s) && (hear_all(s) || clear_interrupt(s)) && hear_rest(s);
	for (size_t i = 0; i < s->count; i++)
		if (s->sources[i].capture)
			leave(s, &s->sources[i], false);
	tell_drops(s);
	return ok && note_counts(s);
}

/* ---- files and lists --------------------------------------------------------------------------------------------------- */

/* The filter for frames of another link type than the file's first; NULL: it lets none of these pass. */
static bool matches(struct sniff *s, struct filter **filter, int *link_type, const struct capture_frame *f)
{
	struct error e = {0};
	if (*link_type != f->link_type) {
		filter_free(*filter);
		*filter = filter_new(s->filter, f->link_type, &e);
		*link_type = f->link_type;
		error_clear(&e);
	}
	return *filter && filter_match(*filter, f->bytes, f->len, f->wire_len);
}

static bool read_records(struct sniff *s, struct pcapfile *file, struct filter **filter)
{
	int link_type = pcapfile_link_type(file);
	struct capture_frame f;
	for (unsigned n = 1; !s->stopped && !deadline_passed(s->deadline) && pcapfile_next(file, &f) == CAPTURE_FRAME; n++) {
		if (s->filter && !matches(s, filter, &link_type, &f))
			continue;
		if (!take(s, &f) || (n % 256 == 0 && !vm_poll(s->vm)))
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
	ok = ok && read_records(s, file, &filter);
	if (ok && pcapfile_warning(file) && !s->quiet)
		packet_warn(s->vm, "%s: %s", path, pcapfile_warning(file));
	filter_free(filter);
	pcapfile_close(file);
	return ok;
}

static bool passes(struct sniff *s, struct packet *p, bool *out)
{
	struct error e = {0};
	struct filter *filter = filter_new(s->filter, link_type_of(p), &e);
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
	if (is_unset(it) && vm_pending_is(vm, vm->errors.TypeError)) {
		vm_clear(vm);
		return vm_raise_ok(vm, vm->errors.TypeError, "sniff(): offline is a capture file's name, packets, or a list of them, not %s",
		                   value_type_name(vm, items));
	}
	bool ok = !is_unset(it);
	while (ok && !is_over(s) && (item = value_next(vm, it), !is_unset(item))) {
		ok = (is_none(item) || from_value(s, item)) && vm_poll(vm);       /* None: a socket that had nothing */
		value_drop(item);
	}
	value_drop(it);
	return ok && !vm_pending(vm);
}

/* {file: what its packets are to say they were sniffed on} */
static bool from_labelled(struct sniff *s, value files)
{
	value key, label;
	for (uint32_t i = 0; dict_next(as_dict(files), &i, &key, &label);) {
		s->label = label;
		if (!from_value(s, key))
			return false;
	}
	s->label = VALUE_UNSET;
	return true;
}

static bool from_value(struct sniff *s, value offline)
{
	bool wanted = true;
	if (is_str(offline))
		return from_file(s, as_str(offline)->data);
	if (is_kind(offline, KIND_DICT))
		return from_labelled(s, offline);
	if (!is_packet(offline))
		return from_items(s, offline);
	if (s->filter && !passes(s, as_packet(offline), &wanted))
		return false;
	return !wanted || hand_on(s, offline);
}

/* From sockets: a generator of the library asks them in turn. */
static bool from_sockets(struct sniff *s, const value *a)
{
	value args[6] = { a[OPENED_SOCKET], a[L2SOCKET], a[IFACE], a[FILTER], a[PROMISC], a[TIMEOUT] };
	value listen = wire_library(s->vm, "tools.sniffing", "_listen");
	value packets = is_unset(listen) ? VALUE_UNSET : value_call_args(s->vm, listen, 6, args);
	value_drop(listen);
	s->filter = NULL;                /* the sockets' own matter */
	bool ok = !is_unset(packets) && call_started(s) && (from_items(s, packets) || clear_interrupt(s));
	value_drop(packets);
	return ok;
}

/* ---- the function ------------------------------------------------------------------------------------------------------ */

/* A number that is not negative, times `unit`; None: 0. */
static bool amount(struct vm *vm, value v, const char *name, double unit, double *out)
{
	*out = 0;
	if (is_none(v))
		return true;
	if (!is_int(v) && v.tag != TAG_FLOAT)
		return vm_raise_ok(vm, vm->errors.TypeError, "sniff(): %s is a number, not %s", name, value_type_name(vm, v));
	if (!value_to_double(vm, v, out))
		return false;
	if (!(*out > 0 && *out * unit < 9e18))
		return vm_raise_ok(vm, vm->errors.ValueError, "sniff(): %s is more than 0", name);
	*out *= unit;
	return true;
}

static bool open_recorder(struct sniff *s, const value *a)
{
	double size, time, keep;
	struct buf path = {0};
	if (!amount(s->vm, a[ROTATE_SIZE], "rotate_size", 1, &size) || !amount(s->vm, a[ROTATE_TIME], "rotate_time", NANOSECONDS, &time)
	    || !amount(s->vm, a[KEEP], "keep", 1, &keep))
		return false;
	if (is_none(a[WRITE]))
		return (!size && !time && !keep) || vm_raise_ok(s->vm, s->vm->errors.ValueError, "sniff(): rotate_size, rotate_time and keep are for write=");
	if (keep && !size && !time)
		return vm_raise_ok(s->vm, s->vm->errors.ValueError, "sniff(): keep is for rotate_size or rotate_time");
	if (!file_path(s->vm, a[WRITE], &path))
		return false;
	struct error e = {0};
	if (!pcapwriter_possible(buf_str(&path), &e)) {
		buf_free(&path);
		vm_raise_error(s->vm, &e);
		return false;
	}
	struct recorder_options o = { .path = buf_str(&path), .size = (uint64_t)size, .time = (int64_t)time, .keep = (uint64_t)keep };
	s->recorder = recorder_new(&o);
	buf_free(&path);
	return true;
}

static bool open_session(struct sniff *s, const value *a)
{
	if (is_none(a[SESSION]))
		return true;
	value args[4] = { a[SESSION], a[SESSION_KWARGS], a[PRN], a[STORE] }, make = wire_library(s->vm, "tools.sniffing", "_feeder");
	s->feed = is_unset(make) ? VALUE_UNSET : value_call_args(s->vm, make, 4, args);
	value_drop(make);
	return !is_unset(s->feed);
}

static bool check_calls(struct vm *vm, const value *a)
{
	static const struct { unsigned at; const char *name; } calls[] = {
		{ PRN, "prn" }, { LFILTER, "lfilter" }, { STOP_FILTER, "stop_filter" }, { STARTED_CALLBACK, "started_callback" },
	};
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		value v = a[calls[i].at];
		if (!is_unset(v) && !is_none(v) && !value_is_callable(vm, v))
			return vm_raise_ok(vm, vm->errors.TypeError, "sniff(): %s is a function, not %s", calls[i].name, value_type_name(vm, v));
	}
	return true;
}

static bool read_options(struct vm *vm, const value *a, struct sniff *s)
{
	bool ok;
	double timeout = wire_seconds(vm, "sniff", "timeout", a[TIMEOUT], INFINITY, &ok);
	if (!ok || !check_calls(vm, a) || !wire_whole(vm, "sniff", "count", a[COUNT], &s->left))
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

static bool end(struct sniff *s)
{
	struct error e = {0};
	bool ok = !s->recorder || recorder_end(s->recorder, &e);
	if (!ok && vm_pending(s->vm))
		error_clear(&e);
	else if (!ok)
		vm_raise_error(s->vm, &e);
	chunk_end(&s->chunk);
	mem_free(s->sources);
	mem_free(s->captures);
	value_drop(s->feed);
	return ok;
}

static bool run(struct sniff *s, const value *a)
{
	if (!open_recorder(s, a) || !open_session(s, a))
		return false;
	if (!is_none(a[OFFLINE]))
		return call_started(s) && (from_value(s, a[OFFLINE]) || clear_interrupt(s));
	if (!is_none(a[OPENED_SOCKET]) || !is_none(a[L2SOCKET]))
		return from_sockets(s, a);
	return from_interfaces(s, a[IFACE]);
}

value sniff_run(struct vm *vm, value *a)
{
	struct sniff s = { .vm = vm, .prn = a[PRN], .lfilter = a[LFILTER], .stop_filter = a[STOP_FILTER], .started = a[STARTED_CALLBACK],
	                   .ended = a[ENDED], .feed = VALUE_UNSET, .label = VALUE_UNSET, .until = INT64_MAX };
	if (!read_options(vm, a, &s))
		return VALUE_UNSET;
	s.list = packetlist_new(vm, "Sniffed");
	if (is_unset(s.list))
		return VALUE_UNSET;
	bool ok = run(&s, a);
	ok = end(&s) && ok;
	if (ok)
		return s.list;
	value_drop(s.list);
	return VALUE_UNSET;
}
