/* Each frame that comes in is dissected to its boundaries and looked up among what was asked (asked.h).
 *
 * Sending and hearing overlap: between two batches that leave, all that came in is read, so that a ring never fills while a long
 * list goes out: where answers come faster than they are read nothing is sent meanwhile, and where some were lost all the same
 * it goes on more slowly. A capture is opened on every interface that something leaves by, before it leaves. */
#include "net/exchange.h"

#include <errno.h>
#include <math.h>
#include <pcap/dlt.h>
#include <string.h>

#include "base/mem.h"

#include "lang/file.h"

#include "packet/conf.h"

#include "net/arrival.h"
#include "net/aside.h"
#include "net/asked.h"
#include "net/deadline.h"
#include "net/emit.h"
#include "net/resets.h"
#include "net/stamps.h"

enum { X, PROMISC, FILTER, IFACE, NOFILTER, TIMEOUT, INTER, VERBOSE, CHAIN_CC, RETRY, MULTI, RCV_PKS, PREBUILD, THREADED, SESSION, CHAIN_EX,
       STOP_FILTER, IFACE_HINT, TYPE };

struct heard {                           /* a capture and where layer 3 begins in its frames */
	struct capture *capture;
	struct str *iface;               /* kept: its interface's name */
	int index;
	bool broken, more, stale;        /* more: it may have frames that were not read yet. stale: it had some from before */
};

enum { BATCH = 64 };

struct exchange {
	struct vm *vm;
	struct emit emit;
	/* what was asked for */
	double timeout, inter;           /* seconds; NAN: none */
	bool multi, promiscuous, chain;
	int64_t retry;
	int verbose;
	const char *filter;              /* BORROWED */
	value stop_filter;               /* BORROWED */
	bool first_only, alone;          /* alone: one packet is asked, not a scan */
	/* state */
	int64_t began, began_at;         /* on the wall's clock, and monotonic */
	struct asked_table *asked;
	struct stamps stamps;            /* of the rows of asked */
	uint32_t series;                 /* of asked: what the set that is going out adds to; 0: none */
	struct emit_way way;             /* of the frames that wait */
	struct frame *frames[BATCH];
	uint32_t rows[BATCH];
	size_t waiting, unread;          /* unread: how many left since what came was read */
	struct frame *scratch;           /* what comes in is read here; NULL: none yet */
	int64_t pause;                   /* nanoseconds between two batches, once some were lost */
	struct heard *heard;
	struct capture **captures;       /* the same ones, for waiting */
	size_t heard_count;
	int64_t next;                    /* when the next packet may leave */
	uint64_t sent, others, answers;
	bool local;                      /* something went to this machine itself */
	bool sending;                    /* more is going to be asked: being without unanswered packets is no end */
	bool stopped;                    /* stop_filter said so */
	value answered, first;
	value everything;                /* with conf.debug_match: what came, matched or not; else unset */
};

/* ---- hearing ----------------------------------------------------------------------------------------------------------- */

static bool is_heard(const struct exchange *x, int index)
{
	for (size_t i = 0; i < x->heard_count; i++)
		if (x->heard[i].index == index)
			return true;
	return false;
}

static bool hear(struct exchange *x, int index)
{
	struct error e = {0};
	struct wire *w = x->emit.wire;
	const struct iface *i = iface_by_index(w->ifaces, index, &e);
	struct capture_options options = { .iface = i ? i->name : "", .index = (unsigned)index, .filter = x->filter, .promiscuous = x->promiscuous, .direction = CAPTURE_IN, .as_it_is = true };
	struct capture *c = i ? capture_pool_take(w->captures, &options, &e) : NULL;
	if (!c) {
		vm_raise_error(x->vm, &e);
		return false;
	}
	x->heard = mem_resize(x->heard, (x->heard_count + 1) * sizeof *x->heard);
	x->captures = mem_resize(x->captures, (x->heard_count + 1) * sizeof(struct capture *));
	x->captures[x->heard_count] = c;
	x->heard[x->heard_count++] = (struct heard){ .capture = c, .iface = str_text(x->vm, capture_iface(c)), .index = index };
	return true;
}

static bool wants_stop(struct exchange *x, struct stack *s)
{
	bool stop = false;
	if (is_none(x->stop_filter))
		return true;
	value packet = packet_object(s, 0), said = value_call_args(x->vm, x->stop_filter, 1, &packet);
	bool ok = !is_unset(said) && value_truth(x->vm, said, &stop);
	value_drop(said);
	value_drop(packet);
	x->stopped |= stop;
	return ok;
}

static bool progress(struct exchange *x, char sign)
{
	buf_char(&x->emit.dots, sign);
	return true;
}

static bool show_progress(struct exchange *x)
{
	bool ok = x->emit.dots.len == 0 || x->verbose < 2 || (wire_print(x->vm, "%s", buf_str(&x->emit.dots)) && file_flush_standard(x->vm));
	buf_clear(&x->emit.dots);
	return ok;
}

static void left_at(void *state, size_t row, int64_t time)
{
	struct exchange *x = state;
	x->asked->rows[row].sent_time = time;
}

static bool answer_found(struct exchange *x, uint32_t number)
{
	struct stack *reply;
	progress(x, '*');
	x->answers++;
	if (x->first_only && is_none(x->first)) {
		reply = asked_reply(x->asked, number);
		if (!reply)
			return false;
		value_set(&x->first, packet_object(reply, 0));
	}
	return is_unset(x->answered) || asked_list_pair(x->asked, x->answered, number);
}

/* The frame as a packet, to be looked at: what the capture tells of it is left out. The bytes are in the scratch frame, which is
 * used again as long as nobody kept it. NULL: raised. */
static struct stack *glance(struct exchange *x, const struct capture_frame *f, int link_type)
{
	enum { ROOM = 256 };
	struct type *first = link_layer(x->vm, link_type);
	size_t room = f->len < ROOM ? ROOM : f->len;
	if (x->scratch && (x->scratch->refs > 1 || f->len > ROOM)) {
		frame_drop(x->scratch);
		x->scratch = NULL;
	}
	if (!x->scratch)
		x->scratch = frame_new(NULL, room);
	memcpy(x->scratch->bytes, f->bytes, f->len);
	x->scratch->len = f->len;
	struct stack *s = first ? dissect(x->vm, first, frame_keep(x->scratch), 0, f->len) : NULL;
	if (!s && !vm_pending(x->vm))
		vm_raise(x->vm, x->vm->errors.MemoryError, "no memory for a packet of %u bytes", f->len);
	return s;
}

/* A packet that came, answer or not: kept for conf.debug_match, shown to stop_filter. */
static bool look_at(struct exchange *x, struct stack *s)
{
	return (is_unset(x->everything) || packetlist_add(x->vm, x->everything, packet_object(s, 0))) && wants_stop(x, s);
}

/* The same with a frame, where anybody wants to see it. */
static bool show_frame(struct exchange *x, const struct heard *h, const struct capture_frame *f, int link_type, unsigned at, uint32_t answer)
{
	if (is_none(x->stop_filter) && is_unset(x->everything))
		return true;
	if (answer != ASKED_MOST) {
		struct stack *reply = asked_reply(x->asked, answer);
		return reply && look_at(x, reply);
	}
	struct stack *whole = arrival(x->vm, f, link_type, h->iface->data), *s = whole && at && at < whole->count ? arrival_above(whole, at) : NULL;
	bool ok = whole && (at < whole->count ? look_at(x, s ? s : whole) : true);
	if (s)
		stack_drop(s);
	if (whole)
		stack_drop(whole);
	return ok && !vm_pending(x->vm);
}

/* What waited in the ring before this exchange began is nothing to it. Whether the clock was set since can be told. */
static bool is_stale(struct exchange *x, struct heard *h, const struct capture_frame *f)
{
	enum { JITTER = NANOSECONDS / 1000 };
	if (f->time >= x->began)
		return false;
	int64_t moved = (deadline_wall_clock() - deadline_now()) - (x->began - x->began_at);
	if (moved > JITTER || moved < -JITTER)
		return false;
	if (!h->stale)                           /* what it had no room for then is not missed */
		capture_count_anew(h->capture);
	h->stale = true;
	return true;
}

/* What a probe says by itself of where it comes from depends on the interface that was given: here as when it left. The one before. */
static int leave_by(struct exchange *x)
{
	int before = x->emit.wire->forced;
	if (x->emit.index)
		x->emit.wire->forced = x->emit.index;
	return before;
}

static bool take(struct exchange *x, struct heard *h, const struct capture_frame *f)
{
	if (is_stale(x, h, f))
		return true;
	int link_type = capture_link_type(h->capture);
	unsigned at = x->emit.link || link_type == DLT_RAW ? 0 : 1;      /* the layer that answers */
	struct stack *whole = glance(x, f, link_type);
	if (!whole)
		return false;
	uint32_t skip = at < whole->count ? whole->parts[at].start : f->len, answer = ASKED_MOST;
	uint64_t came = x->local ? asked_hash(f->bytes + skip, f->len - skip) : 0;
	int before = leave_by(x);
	uint32_t row = at < whole->count ? asked_match(x->asked, whole, at, came, x->multi) : ASKED_MOST;
	x->emit.wire->forced = before;
	if (row != ASKED_MOST)
		answer = asked_answer(x->asked, row, f, h->iface, link_type, at, x->multi);
	if (answer != ASKED_MOST && x->first_only)
		asked_came_as(x->asked, answer, whole);
	stack_drop(whole);
	if (vm_pending(x->vm))
		return false;
	if (answer == ASKED_MOST) {
		x->others++;
		progress(x, '.');
	}
	return (answer == ASKED_MOST || answer_found(x, answer)) && show_frame(x, h, f, link_type, at, answer);
}

static bool satisfied(const struct exchange *x)
{
	return x->stopped || (!x->sending && !x->multi && (x->asked->unanswered == 0 || (x->first_only && !is_none(x->first))));
}

/* Everything that has come, but not more than a while's worth: Ctrl-C and the deadline want their turn. */
static bool read_one(struct exchange *x, struct heard *h)
{
	enum { AT_ONCE = 256 };
	struct capture_frame f;
	struct error e = {0};
	h->more = true;
	for (int i = 0; i < AT_ONCE && !satisfied(x); i++) {
		enum capture_result result = capture_next(h->capture, &f, &e);
		if (result == CAPTURE_FRAME) {
			if (!take(x, h, &f))
				return false;
			continue;
		}
		h->more = false;
		if (result == CAPTURE_NONE)
			return true;
		h->broken = true;
		vm_raise_error(x->vm, &e);
		return false;
	}
	return true;
}

static bool read_all(struct exchange *x)
{
	for (size_t i = 0; i < x->heard_count; i++)
		if (!read_one(x, &x->heard[i]))
			return false;
	return show_progress(x);
}

/* Hears until the deadline, or until nothing more is wanted. */
static bool hear_until(struct exchange *x, int64_t deadline)
{
	while (!satisfied(x)) {
		if (!read_all(x))
			return false;
		if (satisfied(x) || deadline_passed(deadline))
			break;
		VM_WAIT(x->vm, capture_wait(x->captures, x->heard_count, -1, wire_slice(deadline)));
		if (!vm_poll(x->vm))
			return false;
	}
	return true;
}

/* ---- asking ------------------------------------------------------------------------------------------------------------ */

/* The frames that wait leave together. */
static bool flush(struct exchange *x)
{
	struct inject_frame out[BATCH];
	uint32_t numbers[BATCH];
	size_t count = x->waiting;
	int64_t now = deadline_wall_clock();
	if (!count)
		return true;
	for (size_t i = 0; i < count; i++) {
		out[i] = (struct inject_frame){ x->frames[i]->bytes, x->frames[i]->len };
		x->asked->rows[x->rows[i]].sent_time = now;      /* until the kernel says it better */
	}
	if (x->alone)
		resets_watch(x->emit.wire, x->way.index, inject_link_type(x->way.inject), out);
	if (x->first_only)                       /* nobody sees what was sent */
		inject_stamp(x->way.inject, false);
	else
		stamps_begin(&x->stamps, x->way.inject);
	inject_number(x->way.inject, numbers);
	bool ok = emit_send(&x->emit, x->way.inject, out, count);
	inject_number(x->way.inject, NULL);
	for (size_t i = 0; i < count; i++) {
		if (ok)
			stamps_add(&x->stamps, x->way.inject, numbers[i], x->rows[i]);
		frame_drop(x->frames[i]);
	}
	x->waiting = 0;
	x->sent += ok ? count : 0;
	x->unread += count;
	return ok;
}

static bool put_out_fragment(struct emit *e, struct stack *member, void *state)
{
	struct emit_way way;
	(void)state;
	struct frame *frame = emit_way(e, member, &way) ? emit_frame(e, member, &way) : NULL;
	struct inject_frame out = { frame ? frame->bytes : NULL, frame ? frame->len : 0 };
	bool ok = frame && emit_send(e, way.inject, &out, 1);
	if (frame)
		frame_drop(frame);
	return ok;
}

/* One more for the batch, of a way that is heard. */
static bool wait_in_batch(struct exchange *x, const struct emit_way *way, TAKES struct frame *frame, uint32_t row)
{
	bool ok = (way->inject == x->way.inject && x->waiting < BATCH) || flush(x);
	if (!ok) {
		frame_drop(frame);
		return false;
	}
	x->way = *way;
	x->frames[x->waiting] = frame;
	x->rows[x->waiting++] = row;
	return true;
}

/* What goes to this machine itself is heard on loopback like its answer. */
static bool put_out(struct exchange *x, uint32_t row)
{
	struct emit_way way;
	struct stack *member = asked_packet(x->asked, row);
	if (!member || !emit_way_known(&x->emit, member, &way))
		return false;
	if (way.awaits.family)
		return aside_put(&x->emit, NULL, row, &way);
	if (!is_heard(x, way.index) && !hear(x, way.index))
		return false;
	struct frame *frame = emit_frame(&x->emit, member, &way);
	if (!frame)
		return false;
	x->local |= way.local;
	x->asked->rows[row].sent = way.local ? asked_hash(frame->bytes, frame->len) : 0;
	bool cut, ok = emit_cut(&x->emit, member, &way, frame, put_out_fragment, x, &cut);
	if (ok && !cut)
		return wait_in_batch(x, &way, frame, row) && flush(x);
	x->asked->rows[row].sent_time = deadline_wall_clock();
	frame_drop(frame);
	x->sent += ok;
	return ok;
}

static bool put_out_now(struct emit *e, struct stack *member, uint32_t row, void *state)
{
	(void)e;
	(void)member;
	return put_out(state, row);
}

/* Is there room for answers? What came is read, all of it; who cannot read as fast as answers come asks no further until then. */
static bool catch_up(struct exchange *x)
{
	bool more = true;
	while (more && !satisfied(x)) {
		if (!read_all(x) || !vm_poll(x->vm))
			return false;
		more = false;
		for (size_t i = 0; i < x->heard_count; i++)
			more |= x->heard[i].more;
	}
	return true;
}

static bool warn_lost(struct exchange *x)
{
	bool any = false;
	for (size_t i = 0; i < x->heard_count; i++) {
		uint64_t lost = capture_lost(x->heard[i].capture);
		if (lost)
			wire_warn_lost(x->vm, lost, capture_iface(x->heard[i].capture));
		any |= lost > 0;
	}
	return any;
}

/* Where frames were lost, answers may have been among them: from then on there is a pause after each batch. */
static bool slow_down(struct exchange *x)
{
	enum { LEAST = NANOSECONDS / 1000, MOST = NANOSECONDS / 20 };
	if (warn_lost(x))
		x->pause = x->pause ? (x->pause * 2 < MOST ? x->pause * 2 : MOST) : LEAST;
	return !x->pause || hear_until(x, deadline_now() + x->pause);
}

/* After a batch. */
static bool between(struct exchange *x)
{
	x->unread = 0;
	stamps_read(&x->stamps, left_at, x);         /* before the kernel's list of them is full */
	return catch_up(x) && slow_down(x);
}

/* After an interval, in which answers are read as they come. */
static bool pace(struct exchange *x)
{
	enum { FEW = 16 };
	if (x->unread >= FEW && !x->waiting && !between(x))
		return false;
	if (x->inter <= 0)
		return true;
	if (!x->next)
		x->next = deadline_now();
	else if (!hear_until(x, x->next))
		return false;
	x->next += (int64_t)(x->inter * NANOSECONDS);
	return true;
}

static uint32_t remember(struct exchange *x, struct stack *member)
{
	int before = leave_by(x);
	uint32_t row = asked_add(x->asked, member, emit_to_many(member));
	x->emit.wire->forced = before;
	return row;
}

static bool ask_one(struct emit *e, struct stack *member, void *state)
{
	struct exchange *x = state;
	if (!flush(x) || !pace(x) || x->stopped)
		return false;
	uint32_t row = remember(x, member);
	return row != ASKED_MOST && put_out(x, row);
}

/* A packet that goes as one like it did: nothing but what it is remembered by is copied. */
static uint32_t add_single(struct exchange *x)
{
	struct stack *member = stack_copy(x->emit.whose, x->emit.whose_at);
	if (!member)
		return ASKED_MOST;
	for (unsigned i = 0; i < member->count; i++)
		member->parts[i].explicit_ = true;
	uint32_t row = remember(x, member);
	stack_drop(member);
	return row;
}

/* The set that goes out is remembered as a series, if its packets may be read from their bytes. */
static void begin_series(struct exchange *x, const struct frame *frame)
{
	struct series *s = emit_to_many(x->emit.whose) ? NULL : series_new(x->emit.patch, x->emit.whose, frame);
	x->series = s ? asked_begin_series(x->asked, s) : 0;
	x->emit.refused = !s;
}

static bool ask_laid_out(struct emit *e, const struct emit_way *way, struct frame *frame, void *state)
{
	struct exchange *x = state;
	if (e->patch && e->first)
		begin_series(x, frame);
	if (e->refused)
		return true;
	if (!pace(x) || x->stopped || (!is_heard(x, way->index) && !hear(x, way->index)))
		return false;
	int before = leave_by(x);
	uint32_t row = e->patch ? asked_add_patched(x->asked, x->series, e->patch) : add_single(x);
	e->wire->forced = before;
	if (row == ASKED_MOST || !wait_in_batch(x, way, frame_keep(frame), row))
		return false;
	return (e->patch && x->inter <= 0 && x->waiting < BATCH) || flush(x);
}

static bool ask_again(struct exchange *x)
{
	for (uint32_t i = 0; i < x->asked->count && !x->stopped; i++)
		if (!x->asked->rows[i].answered && (!pace(x) || !put_out(x, i)))
			return false;
	return true;
}

static int64_t deadline_of(const struct exchange *x)
{
	return isnan(x->timeout) ? DEADLINE_NEVER : deadline_in(x->timeout);
}

/* Scapy's retry: n > 0: what is unanswered is asked up to n times more; n < 0: until -n rounds brought no further answer. */
static bool ask_rounds(struct exchange *x, value packets)
{
	bool first = true;
	int64_t left = x->retry < 0 ? -x->retry : x->retry;
	do {
		size_t before = x->asked->unanswered;
		uint64_t sent = x->sent;
		if (x->verbose && !wire_print(x->vm, "Begin emission:\n"))
			return false;
		x->next = 0;
		x->sending = true;
		aside_begin(&x->emit);
		bool asked = (first ? emit_frames(&x->emit, packets, ask_one, ask_laid_out, x) : ask_again(x)) && flush(x) && aside_settle(&x->emit);
		if (!asked && (!x->stopped || vm_pending(x->vm)))
			return false;
		if (x->verbose && !wire_print(x->vm, "Finished sending %llu packets.\n", (unsigned long long)(x->sent - sent)))
			return false;
		x->sending = false;
		if ((x->verbose && !file_flush_standard(x->vm)) || !hear_until(x, deadline_of(x)))
			return false;
		if (!first && (x->retry > 0 || x->asked->unanswered == before))
			left--;
		first = false;
	} while (left > 0 && x->asked->unanswered && !x->stopped && x->retry != 0);
	return true;
}

/* ---- beginning and end ------------------------------------------------------------------------------------------------- */

static void release(struct exchange *x)
{
	for (size_t i = 0; i < x->heard_count; i++) {
		capture_pool_lend(x->emit.wire->captures, x->heard[i].capture, x->heard[i].broken);
		object_drop(x->heard[i].iface);
	}
	for (size_t i = 0; i < x->waiting; i++)
		frame_drop(x->frames[i]);
	if (x->asked)
		asked_drop(x->asked);
	frame_drop(x->scratch);
	stamps_free(&x->stamps);
	mem_free(x->heard);
	mem_free(x->captures);
	emit_end(&x->emit);
}

/* Asks and hears; Ctrl-C ends the hearing and keeps what was heard, unless chainCC says otherwise. */
static bool run(struct exchange *x, value packets)
{
	struct vm *vm = x->vm;
	x->asked = asked_new(vm);
	x->began = deadline_wall_clock();
	x->began_at = deadline_now();
	x->emit.resume = put_out_now;
	x->emit.resume_state = x;
	bool ok = emit_check(&x->emit, packets) && ask_rounds(x, packets);
	if (!ok && !x->chain && x->sent && vm_pending_is(vm, vm->errors.KeyboardInterrupt)) {
		vm_clear(vm);
		ok = flush(x);
	}
	stamps_read(&x->stamps, left_at, x);
	if (ok && is_none(x->first))
		warn_lost(x);
	ok = ok && aside_end(&x->emit, x->sent);
	if (ok && x->verbose)
		ok = wire_print(vm, "\nReceived %llu packets, got %llu answers, remaining %zu packets\n",
		                (unsigned long long)(x->others + x->answers), (unsigned long long)x->answers, x->asked->unanswered);
	return ok;
}

static bool read_options(struct vm *vm, const value *a, struct exchange *x)
{
	bool ok1, ok2, nofilter;
	x->timeout = wire_seconds(vm, x->emit.function, "timeout", a[TIMEOUT], NAN, &ok1);
	x->inter = ok1 ? wire_seconds(vm, x->emit.function, "inter", a[INTER], 0, &ok2) : 0;
	if (!ok1 || !ok2 || !wire_verbose(vm, a[VERBOSE], &x->verbose) || !wire_whole(vm, x->emit.function, "retry", a[RETRY], &x->retry))
		return false;
	if (!value_truth(vm, a[MULTI], &x->multi) || !value_truth(vm, a[CHAIN_CC], &x->chain) || !value_truth(vm, a[NOFILTER], &nofilter))
		return false;
	if (!wire_promiscuous(vm, a[PROMISC], &x->promiscuous))
		return false;
	if (!is_none(a[FILTER]) && !is_str(a[FILTER]))
		return vm_raise_ok(vm, vm->errors.TypeError, "%s(): filter is a str, not %s", x->emit.function, value_type_name(vm, a[FILTER]));
	x->filter = is_none(a[FILTER]) || nofilter ? NULL : as_str(a[FILTER])->data;
	x->stop_filter = a[STOP_FILTER];
	return true;
}

static value unanswered_list(struct exchange *x)
{
	value list = packetlist_new(x->vm, "Unanswered");
	if (!is_unset(list))
		asked_list_unanswered(x->asked, list);
	return list;
}

static value both_lists(struct exchange *x)
{
	value pair[2] = { x->answered, unanswered_list(x) };
	value both = is_unset(pair[1]) ? VALUE_UNSET : tuple_of(x->vm, 2, pair);
	value_drop(pair[1]);
	return both;
}

/* conf.debug_match: what came, what was matched and what was not are left in the library's `debug`. */
static bool note_match(struct exchange *x)
{
	if (is_unset(x->everything))
		return true;
	value args[] = { x->everything, x->answered, unanswered_list(x) };
	value note = wire_library(x->vm, "tools.asking", "_note_match");
	value done = is_unset(note) || is_unset(args[2]) ? VALUE_UNSET : value_call_args(x->vm, note, sizeof args / sizeof *args, args);
	value_drop(args[2]);
	value_drop(note);
	value_drop(done);
	return !is_unset(done);
}

/* The lists that an exchange needs. */
static bool make_lists(struct exchange *x)
{
	bool debug;
	if (!conf_flag(x->vm, "debug_match", &debug))
		return false;
	if (debug)
		x->everything = packetlist_new(x->vm, "Received");
	if (debug || !x->first_only)
		x->answered = answered_new(x->vm);
	return !vm_pending(x->vm);
}

static value exchange_any(struct vm *vm, value *a, const char *function, bool link, bool first_only)
{
	struct exchange x = { .vm = vm, .first_only = first_only, .first = VALUE_NONE, .answered = VALUE_UNSET, .everything = VALUE_UNSET };
	value result = VALUE_UNSET;
	if (!emit_begin(&x.emit, vm, function, link, a[IFACE], a[IFACE_HINT]))
		return VALUE_UNSET;
	bool ok = read_options(vm, a, &x) && make_lists(&x);
	x.alone = is_packet(a[X]) && !stack_is_set(as_packet(a[X])->stack, as_packet(a[X])->at);
	if (ok && run(&x, a[X]) && note_match(&x))
		result = first_only ? value_keep(x.first) : both_lists(&x);
	value_drop(x.answered);
	value_drop(x.everything);
	value_drop(x.first);
	release(&x);
	return result;
}

value exchange_sr(struct vm *vm, value *a)
{
	return exchange_any(vm, a, "sr", false, false);
}

value exchange_sr1(struct vm *vm, value *a)
{
	return exchange_any(vm, a, "sr1", false, true);
}

value exchange_srp(struct vm *vm, value *a)
{
	return exchange_any(vm, a, "srp", true, false);
}

value exchange_srp1(struct vm *vm, value *a)
{
	return exchange_any(vm, a, "srp1", true, true);
}

bool exchange_one(struct vm *vm, value packet, const char *iface, double seconds, value *answer)
{
	struct exchange x = { .vm = vm, .first_only = true, .first = VALUE_NONE, .answered = VALUE_UNSET, .timeout = seconds,
	                      .stop_filter = VALUE_NONE, .everything = VALUE_UNSET, .chain = true };
	value name = str_value(vm, iface);
	bool ok = emit_begin(&x.emit, vm, "srp1", true, name, VALUE_NONE) && run(&x, packet);
	if (ok)
		*answer = value_keep(x.first);
	value_drop(name);
	value_drop(x.first);
	if (x.emit.wire)
		release(&x);
	return ok;
}

bool exchange_each(struct vm *vm, value packets, const char *iface, double seconds, int64_t retry,
                   bool (*each)(void *state, size_t asked, value answer), void *state)
{
	struct exchange x = { .vm = vm, .first = VALUE_NONE, .answered = VALUE_UNSET, .timeout = seconds, .retry = retry, .stop_filter = VALUE_NONE,
	                      .everything = VALUE_UNSET, .chain = true };
	value name = str_value(vm, iface);
	bool ok = emit_begin(&x.emit, vm, "srp", true, name, VALUE_NONE) && run(&x, packets);
	for (uint32_t i = 0; ok && i < x.asked->answer_count; i++) {
		struct stack *reply = asked_reply(x.asked, i);
		value answer = reply ? packet_object(reply, 0) : VALUE_UNSET;
		ok = reply && each(state, x.asked->answers[i].row, answer);
		value_drop(answer);
	}
	value_drop(name);
	if (x.emit.wire)
		release(&x);
	return ok;
}
