/* The store under PacketList: packets, or frames that become packets when looked at.
 *
 * A capture of a million frames is a million records of 24 bytes (arrivals.h) beside the file's bytes. A packet that was made from a frame is
 * given up again when another one is asked for, unless someone else holds it or something of it was changed: the last few that were made
 * are looked at for that, since in a loop the one before is still held by the loop's variable when the next is asked for. PacketList and
 * SndRcvList, with all that they can do, are classes of the library (stdlib/tools/packetlist.pkt) over this store. */
#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "lang/types.h"
#include "packet/arrivals.h"
#include "packet/packetlist.h"
#include "packet/world.h"

/* A frame, unless `len` says that it is something else: an object, or what is made later of an object (`start` is its number there). */
struct record {
	union {
		struct arrival frame;
		struct { int64_t unused; uint32_t start, len; struct object *object; } of;      /* object: kept */
	};
};
enum { IS_OBJECT = UINT32_MAX, IS_LATER = UINT32_MAX - 1, FRAME_MOST = IS_LATER - 1 };
_Static_assert(offsetof(struct arrival, len) == offsetof(struct record, of.len), "one place says what a record is");
_Static_assert(sizeof(struct record) == 24, "a list of a million frames takes what it says");

enum { LOOKED = 4 };
struct store {
	struct container head;
	struct record *records;
	size_t count, room;
	struct looked { size_t at; struct record before; } looked[LOOKED];     /* made into packets lately: which record, from 1 (0: none), and what it was */
	unsigned turn;                  /* of `looked`: which is the oldest */
	struct arrivals arrivals;
};

static struct store *as_store(value v)
{
	return (struct store *)v.o;
}

static bool is_frame(const struct record *r)
{
	return r->frame.len <= FRAME_MOST;
}

static struct record record_of(TAKES struct object *o)
{
	return (struct record){ .of = { .len = IS_OBJECT, .object = o } };
}

static void record_drop(struct store *s, struct record *r)
{
	if (is_frame(r))
		arrivals_drop(&s->arrivals, &r->frame);
	else
		object_drop(r->of.object);
}

static struct record *record_add(struct store *s)
{
	if (s->count == s->room) {
		s->room = s->room ? s->room * 2 : 16;
		s->records = mem_resize(s->records, s->room * sizeof *s->records);
	}
	return &s->records[s->count++];
}

/* ---- what is made later ---- */

struct later {
	struct container head;
	const struct later_kind *kind;
	_Alignas(max_align_t) char room[];
};

static struct later *later_of(void *room)
{
	return (struct later *)(void *)((char *)room - offsetof(struct later, room));
}

static void later_release(struct object *o)
{
	struct later *l = (struct later *)o;
	l->kind->release(l->room);
}

static void later_visit(struct object *o, visit_fn visit, void *state)
{
	struct later *l = (struct later *)o;
	l->kind->visit(l->room, visit, state);
}

static void later_add_type(struct vm *vm)
{
	static const struct type_spec spec = {
		.name = "later", .doc = "Where items of lists come from that are made when somebody looks.", .size = sizeof(struct later),
		.flags = TYPE_CONTAINER, .slots = { .release = later_release, .visit = later_visit },
	};
	world_of(vm)->later = type_new(vm, &spec, NULL);
}

void *later_new(struct vm *vm, const struct later_kind *kind, size_t room)
{
	struct later *l = object_new(world_of(vm)->later, room);
	l->kind = kind;
	return l->room;
}

void later_drop(TAKES void *room)
{
	object_drop(later_of(room));
}

static value later_make(struct vm *vm, struct later *l, uint32_t number)
{
	return l->kind->make(vm, l->room, number);
}

/* ---- frames and packets ---- */

static bool is_as_it_came(const struct packet *p)
{
	if (p->head.head.refs > 1 || p->stack->head.head.refs > 1 || p->dict)
		return false;
	for (unsigned i = 0; i < p->stack->count; i++) {
		const struct part *part = &p->stack->parts[i];
		if (part->touched || part->attributes || !part->dissected || (part->object && part->object != p))
			return false;
	}
	return !p->stack->about || (is_unset(p->stack->about->comment) && is_unset(p->stack->about->time_value));
}

/* A packet goes back to being a frame, when nobody would notice. */
static bool give_up(struct store *s, struct looked *l)
{
	struct record *r = &s->records[l->at - 1];
	if (!is_as_it_came((const struct packet *)r->of.object))
		return false;
	object_drop(r->of.object);
	*r = l->before;
	l->at = 0;
	return true;
}

/* What is still held stays a packet. */
static void let_stay(struct store *s, struct looked *l)
{
	if (!l->at)
		return;
	record_drop(s, &l->before);
	l->at = 0;
}

static void give_up_unheld(struct store *s)
{
	for (unsigned i = 0; i < LOOKED; i++)
		if (s->looked[i].at)
			give_up(s, &s->looked[i]);
}

/* The records are going to move, or to be copied. */
static void settle_looked(struct store *s)
{
	give_up_unheld(s);
	for (unsigned i = 0; i < LOOKED; i++)
		let_stay(s, &s->looked[i]);
}

static void remember(struct store *s, size_t at)
{
	struct looked *l = &s->looked[s->turn];
	s->turn = (s->turn + 1) % LOOKED;
	let_stay(s, l);
	*l = (struct looked){ at + 1, s->records[at] };
}

static bool make_packet(struct vm *vm, struct store *s, size_t at)
{
	give_up_unheld(s);
	struct record *r = &s->records[at];
	struct arrived came = arrivals_about(&s->arrivals, &r->frame);
	struct type *first = link_layer(vm, came.link_type);
	if (!first)
		return false;
	struct frame *frame = frame_keep(arrivals_frame(&s->arrivals, &r->frame));
	struct stack *stack = dissect_lazily(vm, first, frame, r->frame.start, (size_t)r->frame.start + r->frame.len);
	if (!stack)
		return false;
	struct circumstances *about = stack_about(stack);
	about->time = came.time;
	about->wire_len = came.wire_len;
	about->link_type = came.link_type;
	about->direction = came.direction;
	about->sum_left_to_card = came.sum_left_to_card;
	value_set(&about->sniffed_on, arrivals_place(&s->arrivals, &r->frame));
	remember(s, at);
	*r = record_of(packet_object(stack, 0).o);
	stack_drop(stack);
	return true;
}

/* The list may be another when it was made: code of the user's, or another thread, can run. */
static bool make_item(struct vm *vm, struct store *s, size_t at)
{
	struct later *from = (struct later *)object_keep(s->records[at].of.object);
	value made = later_make(vm, from, s->records[at].of.start);
	bool ok = !is_unset(made);
	if (ok && at < s->count && s->records[at].of.len == IS_LATER && s->records[at].of.object == &from->head.head) {
		object_drop(s->records[at].of.object);
		s->records[at] = record_of(made.o);
	} else {
		value_drop(made);
	}
	object_drop(from);
	if (ok && at >= s->count)
		return vm_raise_ok(vm, vm->errors.RuntimeError, "the list was changed while an item of it was made");
	return ok;
}

static value store_at(struct vm *vm, struct store *s, size_t at)
{
	while (s->records[at].of.len == IS_LATER)
		if (!make_item(vm, s, at))
			return VALUE_UNSET;
	if (is_frame(&s->records[at]) && !make_packet(vm, s, at))
		return VALUE_UNSET;
	return value_keep(value_object(s->records[at].of.object));
}

/* ---- the type ---- */

/* An empty one; what it is made with is its class's __init__ to say. */
static value store_make(struct vm *vm, struct type *cls, const struct call *call)
{
	(void)vm;
	(void)call;
	return value_object(object_new(cls, 0));
}

static void store_release(struct object *o)
{
	struct store *s = (struct store *)o;
	for (size_t i = 0; i < s->count; i++)
		if (!is_frame(&s->records[i]))
			record_drop(s, &s->records[i]);
	arrivals_free(&s->arrivals);
	mem_free(s->records);
}

static void store_visit(struct object *o, visit_fn visit, void *state)
{
	struct store *s = (struct store *)o;
	for (size_t i = 0; i < s->count; i++) {
		if (!is_frame(&s->records[i]))
			visit(s->records[i].of.object, state);
	}
}

static bool store_length(struct vm *vm, value self, size_t *out)
{
	*out = as_store(self)->count;
	return true;
}

static value store_item(struct vm *vm, value self, value key)
{
	size_t at;
	if (!index_in(vm, key, as_store(self)->count, "list", &at))
		return VALUE_UNSET;
	return store_at(vm, as_store(self), at);
}

/* What is deleted is dropped last: code of the user's may run then, and look at the list. */
static bool delete_slice(struct vm *vm, struct store *s, value key)
{
	int64_t start, stop, step;
	size_t count;
	if (!slice_indices(vm, key, s->count, &start, &stop, &step, &count))
		return false;
	if (!count)
		return true;
	if (step < 0) {
		start += step * (int64_t)(count - 1);
		step = -step;
	}
	settle_looked(s);
	struct record *gone = mem_alloc(count * sizeof *gone);
	size_t to = (size_t)start, taken = 0;
	for (size_t i = (size_t)start; i < s->count; i++) {
		if (taken < count && (i - (size_t)start) % (size_t)step == 0)
			gone[taken++] = s->records[i];
		else
			s->records[to++] = s->records[i];
	}
	s->count = to;
	for (size_t i = 0; i < taken; i++)
		record_drop(s, &gone[i]);
	mem_free(gone);
	return true;
}

static bool store_set_item(struct vm *vm, value self, value key, value to)
{
	struct store *s = as_store(self);
	size_t at;
	if (is_kind(key, KIND_SLICE))
		return is_unset(to) ? delete_slice(vm, s, key)
		                    : vm_raise_ok(vm, vm->errors.TypeError, "a slice of a packet list can be deleted, not assigned: make a list of the parts");
	if (!index_in(vm, key, s->count, "list", &at))
		return false;
	settle_looked(s);
	struct record old = s->records[at];
	if (is_unset(to)) {
		memmove(&s->records[at], &s->records[at + 1], (s->count - at - 1) * sizeof *s->records);
		s->count--;
	} else if (to.tag != TAG_OBJECT) {
		return vm_raise_ok(vm, vm->errors.TypeError, "a packet list holds packets, not %s", value_type_name(vm, to));
	} else {
		s->records[at] = record_of(value_keep(to).o);
	}
	record_drop(s, &old);
	return true;
}

static value store_step(struct vm *vm, struct iterator *it)
{
	struct store *s = as_store(it->over);
	return it->at < s->count ? store_at(vm, s, it->at++) : VALUE_UNSET;
}

static value store_iterate(struct vm *vm, value self)
{
	return iterator_new(vm, self, store_step);
}

static value method_append(struct vm *vm, value *a)
{
	if (a[1].tag != TAG_OBJECT)
		return vm_raise(vm, vm->errors.TypeError, "a packet list holds packets, not %s", value_type_name(vm, a[1]));
	*record_add(as_store(a[0])) = record_of(value_keep(a[1]).o);
	return VALUE_NONE;
}

static void copy_record(struct vm *vm, struct store *s, size_t at, struct store *to)
{
	struct record r = s->records[at];
	if (is_frame(&r)) {
		struct arrived about = arrivals_about(&s->arrivals, &r.frame);
		r.frame = arrivals_add(vm, &to->arrivals, frame_keep(arrivals_frame(&s->arrivals, &r.frame)), r.frame.start, r.frame.len, &about);
	} else {
		(void)object_keep(r.of.object);
	}
	*record_add(to) = r;
}

/* Items first to last (not included) by step, appended to the other store: frames stay frames. */
static value method_copy_to(struct vm *vm, value *a)
{
	struct store *s = as_store(a[0]);
	int64_t start, stop, step;
	size_t count;
	if (!is_kind(a[2], KIND_SLICE))
		return vm_raise(vm, vm->errors.TypeError, "_copy_to takes a slice, not %s", value_type_name(vm, a[2]));
	if (!slice_indices(vm, a[2], s->count, &start, &stop, &step, &count))
		return VALUE_UNSET;
	if (!type_is(value_type(vm, a[1]), world_of(vm)->packetlist))
		return vm_raise(vm, vm->errors.TypeError, "_copy_to takes a packet list, not %s", value_type_name(vm, a[1]));
	settle_looked(s);
	for (size_t i = 0; i < count; i++)
		copy_record(vm, s, (size_t)(start + (int64_t)i * step), as_store(a[1]));
	return VALUE_NONE;
}

static const struct native methods[] = {
	{ "append", method_append, "packet, /", "Add a packet at the end." },
	{ "_copy_to", method_copy_to, "other, slice, /", "Append the items of a slice to another list." },
	{ 0 },
};

void packetlist_add_type(struct vm *vm)
{
	static const struct type_spec spec = {
		.name = "PacketStore", .doc = "What PacketList is made on: packets, or frames that become packets when looked at.",
		.size = sizeof(struct store), .flags = TYPE_CONTAINER | TYPE_SUBCLASSABLE, .methods = methods,
		.slots = {
			.make = store_make, .release = store_release, .visit = store_visit, .length = store_length, .item = store_item, .set_item = store_set_item,
			.iterate = store_iterate,
		},
	};
	struct world *world = world_of(vm);
	later_add_type(vm);
	world->packetlist = type_new(vm, &spec, NULL);
	dict_set_text(vm, vm->builtins, spec.name, value_object(object_keep(world->packetlist)));
}

/* ---- for C ---- */

static value library_class(struct vm *vm, const char *name)
{
	value module = vm_import(vm, "tools.packetlist");
	if (is_unset(module))
		return VALUE_UNSET;
	value cls = value_attr(vm, module, str_intern(vm, name));
	value_drop(module);
	return cls;
}

static value make(struct vm *vm, const char *cls_name, const char *name)
{
	value cls = library_class(vm, cls_name);
	if (is_unset(cls))
		return cls;
	value args[2] = { VALUE_NONE, str_value(vm, name) };
	value made = value_call_args(vm, cls, 2, args);
	value_drop(args[1]);
	value_drop(cls);
	return made;
}

value packetlist_new(struct vm *vm, const char *name)
{
	return make(vm, "PacketList", name);
}

bool packetlist_add(struct vm *vm, value list, TAKES value packet)
{
	*record_add(as_store(list)) = record_of(packet.o);
	return true;
}

bool packetlist_add_frame(struct vm *vm, value list, TAKES struct frame *frame, uint32_t start, uint32_t len, const struct arrived *about)
{
	struct store *s = as_store(list);
	if (len > FRAME_MOST) {
		frame_drop(frame);
		return vm_raise_ok(vm, vm->errors.MemoryError, "a frame of %u bytes", len);
	}
	record_add(s)->frame = arrivals_add(vm, &s->arrivals, frame, start, len, about);
	return true;
}

bool packetlist_add_later(struct vm *vm, value list, void *room, uint32_t number)
{
	(void)vm;
	*record_add(as_store(list)) = (struct record){ .of = { .start = number, .len = IS_LATER, .object = object_keep(&later_of(room)->head.head) } };
	return true;
}

value answered_new(struct vm *vm)
{
	return make(vm, "SndRcvList", "Results");
}

value answered_pair(struct vm *vm, TAKES value sent, TAKES value received)
{
	value pair[2] = { sent, received }, cls = library_class(vm, "QueryAnswer"), both = tuple_of(vm, 2, pair);
	value made = is_unset(cls) ? VALUE_UNSET : value_call_args(vm, cls, 1, &both);
	value_drop(cls);
	value_drop(both);
	value_drop(sent);
	value_drop(received);
	return made;
}
