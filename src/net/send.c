#include "net/send.h"

#include <math.h>
#include <string.h>

#include "net/deadline.h"
#include "net/aside.h"
#include "net/emit.h"
#include "net/outbox.h"
#include "net/resets.h"

enum { X, IFACE, INTER, LOOP, COUNT, VERBOSE, REALTIME, RETURN_PACKETS, SOCKET, IFACE_HINT, MONITOR };

/* Frames wait here until there are enough for one system call, or somebody looks at the time. MANY: a run of so many frames, or of so
 * many calls, goes through the outbox. */
enum { BATCH = 64, MANY = 256 };

struct job {
	int64_t rounds;                  /* -1: until interrupted */
	double inter;                    /* seconds between two packets; 0: none */
	bool realtime, verbose;
	bool leaves;                     /* what it put into the outbox may still be there when it returns */
	int64_t next;                    /* monotonic: when the next packet may leave */
	int64_t began, first_time;       /* realtime: when the first one left, and its own time */
	value socket;                    /* BORROWED; None: ways of our own */
	value sent;                      /* return_packets: the list; unset: none */
	uint64_t count;
	struct inject *inject;           /* of the frames that wait */
	int index;                       /* ... and the interface that the last of them leaves by */
	struct frame *frames[BATCH];
	size_t waiting;
};

static bool flush(struct emit *e, struct job *j)
{
	struct inject_frame out[BATCH];
	for (size_t i = 0; i < j->waiting; i++)
		out[i] = (struct inject_frame){ j->frames[i]->bytes, j->frames[i]->len };
	capture_pool_sent(e->wire->captures, j->waiting);
	if (j->waiting)
		inject_stamp(j->inject, false);
	if (j->waiting == 1 && j->count == 0)
		resets_watch_sent(e->wire, j->index, inject_link_type(j->inject), out);
	bool ok = j->waiting == 0 || emit_send(e, j->inject, out, j->waiting);
	for (size_t i = 0; i < j->waiting; i++)
		frame_drop(j->frames[i]);
	if (ok && j->verbose && j->waiting) {
		buf_clear(&e->dots);
		buf_fill(&e->dots, '.', j->waiting);
		ok = wire_print(e->vm, "%s", buf_str(&e->dots));
	}
	if (ok)
		j->count += j->waiting;
	j->waiting = 0;
	return ok;
}

static bool wait_until(struct vm *vm, int64_t deadline)
{
	while (!deadline_passed(deadline)) {
		VM_WAIT(vm, deadline_sleep(wire_slice(deadline)));
		if (!vm_poll(vm))
			return false;
	}
	return vm_poll(vm);
}

/* realtime: the packets keep the distances of their own times. */
static void set_pace(struct job *j, const struct stack *member)
{
	int64_t time = member->about ? member->about->time : INT64_MIN;
	if (j->realtime && time != INT64_MIN) {
		if (j->began == 0) {
			j->began = deadline_now();
			j->first_time = time;
		}
		j->next = j->began + (time - j->first_time);
	}
}

static bool paced(const struct job *j)
{
	return j->inter > 0 || j->realtime;
}

static bool remember(struct emit *e, struct job *j, struct stack *member)
{
	if (is_unset(j->sent))
		return true;
	stack_about(member)->sent_time = deadline_wall_clock();
	return packetlist_add(e->vm, j->sent, packet_object(member, 0));
}

/* By the socket that was given: anything that has send(). */
static bool one_by_socket(struct emit *e, struct job *j, struct stack *member)
{
	value packet = packet_object(member, 0);
	value done = value_call_method(e->vm, j->socket, str_intern(e->vm, "send"), 1, &packet);
	bool ok = !is_unset(done) && (!j->verbose || wire_print(e->vm, "."));
	value_drop(done);
	value_drop(packet);
	j->count += ok;
	return ok;
}

/* One packet; where it has to be cut, its fragments take the same way. */
static bool one(struct emit *e, struct stack *member, void *state)
{
	struct job *j = state;
	struct emit_way way;
	set_pace(j, member);
	if (paced(j) && j->next && (!flush(e, j) || !wait_until(e->vm, j->next)))
		return false;
	if (j->inter > 0)
		j->next = (j->next ? j->next : deadline_now()) + (int64_t)(j->inter * NANOSECONDS);
	if (!is_none(j->socket))
		return remember(e, j, member) && one_by_socket(e, j, member);
	if (!emit_way_known(e, member, &way))
		return false;
	if (way.awaits.family)
		return aside_put(e, member, 0, &way);
	if (j->waiting && (way.inject != j->inject || j->waiting == BATCH) && !flush(e, j))
		return false;
	struct frame *frame = emit_frame(e, member, &way);
	bool cut = false, fits = frame && emit_cut(e, member, &way, frame, one, j, &cut);
	if (frame && (!fits || cut))
		frame_drop(frame);
	if (!fits || cut)
		return fits;
	j->inject = way.inject;
	j->index = way.index;
	j->frames[j->waiting++] = frame;
	return remember(e, j, member) && (!paced(j) || flush(e, j));
}

/* Nobody listens here, and nothing else runs: then who sends packet after packet, and looks at nothing in between, cannot tell when
 * exactly each left. */
static bool may_leave(struct vm *vm, const struct wire *w, const struct job *j)
{
	return w->sends >= MANY && j->rounds == 1 && !vm->threads && !capture_pool_taken(w->captures);
}

static bool is_plain(const struct job *j)
{
	return !j->verbose && j->inter <= 0 && !j->realtime && is_none(j->socket) && is_unset(j->sent);
}

/* *put: it is in the outbox. false: raised. */
static bool put_out(struct emit *e, struct job *j, const struct emit_way *way, const struct frame *frame, bool *put)
{
	struct outbox *o = (j->leaves || j->count >= MANY) && is_plain(j) && inject_shared(way->inject) ? wire_outbox(e->wire) : NULL;
	*put = false;
	if (!o)
		return true;
	if ((j->waiting && !flush(e, j)) || !inject_stamp(way->inject, false))
		return false;
	resets_leaving(e->wire, way->link_type, &(struct inject_frame){ frame->bytes, frame->len }, 1);
	*put = outbox_put(o, way->inject, frame->bytes, frame->len);
	if (!*put)
		return wire_sent(e->vm);
	capture_pool_sent(e->wire->captures, 1);
	return j->count++ % BATCH || vm_poll(e->vm);
}

static bool one_now(struct emit *e, struct stack *member, uint32_t tag, void *state)
{
	(void)tag;
	return one(e, member, state);
}

/* One that is laid out already. */
static bool one_laid_out(struct emit *e, const struct emit_way *way, struct frame *frame, void *state)
{
	struct job *j = state;
	if (j->inter > 0) {
		if (j->next && (!flush(e, j) || !wait_until(e->vm, j->next)))
			return false;
		j->next = (j->next ? j->next : deadline_now()) + (int64_t)(j->inter * NANOSECONDS);
	}
	bool put;
	if (!put_out(e, j, way, frame, &put) || put)
		return put && !vm_pending(e->vm);
	if (j->waiting && (way->inject != j->inject || j->waiting == BATCH) && !flush(e, j))
		return false;
	j->inject = way->inject;
	j->index = way->index;
	j->frames[j->waiting++] = frame_keep(frame);
	return j->inter <= 0 || flush(e, j);
}

static bool tells_time(const struct layer *l)
{
	for (unsigned i = 0; i < l->computed_count; i++)
		if (l->fields[l->computed[i]]->computed.what == COMPUTE_TIME)
			return true;
	return false;
}

/* One packet that is the same each time: built once. */
static bool is_same(const struct job *j, value x)
{
	if (!is_packet(x) || j->realtime || !is_none(j->socket) || !is_unset(j->sent) || (j->rounds >= 0 && j->rounds < 2))
		return false;
	const struct packet *p = as_packet(x);
	for (unsigned i = p->at; i < p->stack->count; i++)      /* what code of the user's makes may differ, and so does the time */
		if (p->stack->parts[i].layer->hooks || tells_time(p->stack->parts[i].layer))
			return false;
	return !stack_is_set(p->stack, p->at);
}

static bool wait_turn(struct emit *e, struct job *j)
{
	if (j->inter <= 0)
		return true;
	if (j->next && !wait_until(e->vm, j->next))
		return false;
	j->next = (j->next ? j->next : deadline_now()) + (int64_t)(j->inter * NANOSECONDS);
	return true;
}

/* Without a pace in whole batches. */
static bool repeat(struct emit *e, struct stack *member, void *state)
{
	struct job *j = state;
	struct emit_way way;
	struct frame *frame = emit_way(e, member, &way) ? emit_frame(e, member, &way) : NULL;
	bool cut = false, ok = frame && emit_cut(e, member, &way, frame, one, j, &cut);
	int64_t most = j->inter > 0 ? 1 : BATCH;
	for (int64_t left = j->rounds < 0 ? -1 : j->rounds - 1; ok && cut && left; left -= left > 0)
		ok = one(e, member, j) && vm_poll(e->vm);
	if (ok && !cut)
		j->inject = way.inject;
	for (int64_t left = cut ? 0 : j->rounds; ok && left; ) {
		int64_t now = left < 0 || left > most ? most : left;
		ok = wait_turn(e, j);
		for (int64_t i = 0; ok && i < now; i++)
			j->frames[j->waiting++] = frame_keep(frame);
		ok = ok && flush(e, j) && vm_poll(e->vm);
		left -= left < 0 ? 0 : now;
	}
	if (frame)
		frame_drop(frame);
	return ok;
}

/* Ctrl-C ends a loop and is no error then: what was sent is told. */
static bool run(struct emit *e, struct job *j, value x)
{
	struct vm *vm = e->vm;
	bool same = is_same(j, x), ok = !same || emit_members(e, x, repeat, j);
	e->resume = one_now;
	e->resume_state = j;
	for (int64_t round = 0; !same && ok && (j->rounds < 0 || round < j->rounds); round++)
		ok = emit_frames(e, x, one, j->realtime || !is_unset(j->sent) || !is_none(j->socket) ? NULL : one_laid_out, j) && aside_settle(e) && vm_poll(vm);
	ok = flush(e, j) && ok;
	ok = (j->leaves || wire_sent(vm)) && ok;
	ok = ok && aside_end(e, j->count);
	if (!ok && j->rounds < 0 && vm_pending_is(vm, vm->errors.KeyboardInterrupt)) {
		vm_clear(vm);
		ok = true;
	}
	return ok;
}

static bool read_rounds(struct vm *vm, const char *function, const value *a, int64_t *rounds)
{
	bool loop;
	if (!value_truth(vm, a[LOOP], &loop))
		return false;
	*rounds = loop ? -1 : 1;
	if (is_none(a[COUNT]))
		return true;
	if (!wire_whole(vm, function, "count", a[COUNT], rounds))
		return false;
	if (*rounds < 0)
		*rounds = 0;
	return true;
}

static bool read_job(struct vm *vm, const char *function, const value *a, struct job *j)
{
	int verbose;
	bool ok, keep;
	*j = (struct job){ .sent = VALUE_UNSET, .socket = a[SOCKET] };
	j->inter = wire_seconds(vm, function, "inter", a[INTER], 0, &ok);
	if (!ok || !read_rounds(vm, function, a, &j->rounds) || !wire_verbose(vm, a[VERBOSE], &verbose))
		return false;
	if (!value_truth(vm, a[REALTIME], &j->realtime) || !value_truth(vm, a[RETURN_PACKETS], &keep))
		return false;
	j->verbose = verbose > 0;
	if (keep)
		j->sent = packetlist_new(vm, "Sent");
	return !keep || !is_unset(j->sent);
}

static value send_any(struct vm *vm, value *a, const char *function, bool link)
{
	struct emit e;
	struct job j;
	if (!emit_begin(&e, vm, function, link, a[IFACE], a[IFACE_HINT]) || !read_job(vm, function, a, &j))
		return VALUE_UNSET;
	e.wire->sends++;
	vm->settle = wire_settle;
	j.leaves = may_leave(vm, e.wire, &j) && is_plain(&j);
	bool ok = emit_check(&e, a[X]) && run(&e, &j, a[X]);
	if (ok && j.verbose)
		ok = wire_print(vm, "\nSent %llu packets.\n", (unsigned long long)j.count);
	for (size_t i = 0; i < j.waiting; i++)
		frame_drop(j.frames[i]);
	emit_end(&e);
	if (ok)
		return is_unset(j.sent) ? VALUE_NONE : j.sent;
	value_drop(j.sent);
	return VALUE_UNSET;
}

value send_layer3(struct vm *vm, value *a)
{
	return send_any(vm, a, "send", false);
}

value send_layer2(struct vm *vm, value *a)
{
	return send_any(vm, a, "sendp", true);
}
