/* The store under PacketList: packets, or frames that become packets when looked at.
 *
 * A capture of a million frames is a million records of 32 bytes beside the file's bytes. A packet that was made from a frame is
 * given up again when the next one is asked for, unless someone else holds it or something of it was changed. PacketList and
 * SndRcvList, with all that they can do, are classes of the library (stdlib/tools/packetlist.pkt) over this store. */
#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "lang/types.h"
#include "packet/packetlist.h"
#include "packet/world.h"

/* A record's flags: what it is, and of a frame which way it went and, as an index from 1 into the list's names, where it was. */
enum { IS_FRAME = 1, IS_LATER = 2 /* without IS_FRAME */, SUM_LEFT = 2, DIRECTION = 2, DIRECTION_BITS = 3 << DIRECTION, PLACE = 4, PLACES = (1 << 12) - 1 };

struct record {
	union { struct frame *frame; struct object *object; } of;       /* kept */
	int64_t time;                   /* frames: nanoseconds since 1970 */
	uint32_t start, len;            /* frames: where in the frame. What is made later: `start` is its number there */
	uint32_t wire_len;
	int16_t link_type;
	uint16_t flags;
};

struct store {
	struct container head;
	struct record *records;
	size_t count, room;
	size_t looked_at;               /* the record last made into a packet from a frame, counted from 1; 0: none */
	struct record before;           /* ... and what it was */
	struct str **places;            /* kept: names of interfaces */
	size_t place_count;
};

static struct store *as_store(value v)
{
	return (struct store *)v.o;
}

static void record_drop(struct record *r)
{
	if (r->flags & IS_FRAME)
		frame_drop(r->of.frame);
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

/* ---- where frames were captured ---- */

static bool is_place(const struct str *s, const char *name)
{
	return strcmp(s->data, name) == 0;
}

/* From 1; 0 when there are too many. */
static unsigned place_of(struct vm *vm, struct store *s, const char *name)
{
	if (s->place_count && is_place(s->places[s->place_count - 1], name))
		return (unsigned)s->place_count;
	for (size_t i = 0; i < s->place_count; i++)
		if (is_place(s->places[i], name))
			return (unsigned)i + 1;
	if (s->place_count == PLACES)
		return 0;
	s->places = mem_resize(s->places, (s->place_count + 1) * sizeof *s->places);
	s->places[s->place_count++] = str_text(vm, name);
	return (unsigned)s->place_count;
}

static value place_name(const struct store *s, unsigned flags)
{
	return flags >> PLACE ? value_keep(value_object(s->places[(flags >> PLACE) - 1])) : VALUE_UNSET;
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

/* The packet made last goes back to being a frame, when nobody would notice. */
static void give_up_last(struct store *s)
{
	if (!s->looked_at)
		return;
	struct record *r = &s->records[s->looked_at - 1];
	s->looked_at = 0;
	if (is_as_it_came((const struct packet *)r->of.object)) {
		object_drop(r->of.object);
		*r = s->before;
	} else {
		frame_drop(s->before.of.frame);
	}
}

static bool make_packet(struct vm *vm, struct store *s, size_t at)
{
	give_up_last(s);
	struct record *r = &s->records[at];
	struct type *first = link_layer(vm, r->link_type);
	if (!first)
		return false;
	struct stack *stack = dissect_lazily(vm, first, frame_keep(r->of.frame), r->start, (size_t)r->start + r->len);
	if (!stack)
		return false;
	struct circumstances *about = stack_about(stack);
	about->time = r->time;
	about->wire_len = r->wire_len;
	about->link_type = r->link_type;
	about->direction = (r->flags & DIRECTION_BITS) >> DIRECTION;
	about->sum_left_to_card = r->flags & SUM_LEFT;
	value_set(&about->sniffed_on, place_name(s, r->flags));
	s->before = *r;
	s->looked_at = at + 1;
	r->of.object = packet_object(stack, 0).o;
	r->flags = 0;
	stack_drop(stack);
	return true;
}

/* The list may be another when it was made: code of the user's, or another thread, can run. */
static bool make_item(struct vm *vm, struct store *s, size_t at)
{
	struct later *from = (struct later *)object_keep(s->records[at].of.object);
	value made = later_make(vm, from, s->records[at].start);
	bool ok = !is_unset(made);
	if (ok && at < s->count && s->records[at].flags == IS_LATER && s->records[at].of.object == &from->head.head) {
		object_drop(s->records[at].of.object);
		s->records[at] = (struct record){ .of.object = made.o };
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
	while (s->records[at].flags == IS_LATER)
		if (!make_item(vm, s, at))
			return VALUE_UNSET;
	if ((s->records[at].flags & IS_FRAME) && !make_packet(vm, s, at))
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
	if (s->looked_at)
		frame_drop(s->before.of.frame);
	for (size_t i = 0; i < s->count; i++)
		record_drop(&s->records[i]);
	for (size_t i = 0; i < s->place_count; i++)
		object_drop(s->places[i]);
	mem_free(s->places);
	mem_free(s->records);
}

static void store_visit(struct object *o, visit_fn visit, void *state)
{
	struct store *s = (struct store *)o;
	for (size_t i = 0; i < s->count; i++) {
		if (!(s->records[i].flags & IS_FRAME))
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

static bool store_set_item(struct vm *vm, value self, value key, value to)
{
	struct store *s = as_store(self);
	size_t at;
	if (!index_in(vm, key, s->count, "list", &at))
		return false;
	give_up_last(s);
	struct record old = s->records[at];
	if (is_unset(to)) {
		memmove(&s->records[at], &s->records[at + 1], (s->count - at - 1) * sizeof *s->records);
		s->count--;
	} else if (to.tag != TAG_OBJECT) {
		return vm_raise_ok(vm, vm->errors.TypeError, "a packet list holds packets, not %s", value_type_name(vm, to));
	} else {
		s->records[at] = (struct record){ .of.object = value_keep(to).o };
	}
	record_drop(&old);
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
	*record_add(as_store(a[0])) = (struct record){ .of.object = value_keep(a[1]).o };
	return VALUE_NONE;
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
	give_up_last(s);
	for (size_t i = 0; i < count; i++) {
		struct record r = s->records[start + (int64_t)i * step];
		if (r.flags & IS_FRAME) {
			frame_keep(r.of.frame);
			unsigned place = r.flags >> PLACE ? place_of(vm, as_store(a[1]), s->places[(r.flags >> PLACE) - 1]->data) : 0;
			r.flags = (uint16_t)((r.flags & ((1 << PLACE) - 1)) | place << PLACE);
		} else {
			(void)object_keep(r.of.object);
		}
		*record_add(as_store(a[1])) = r;
	}
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
	*record_add(as_store(list)) = (struct record){ .of.object = packet.o };
	return true;
}

bool packetlist_add_frame(struct vm *vm, value list, TAKES struct frame *frame, uint32_t start, uint32_t len, const struct arrived *about)
{
	unsigned place = about->iface ? place_of(vm, as_store(list), about->iface) : 0;
	unsigned flags = IS_FRAME | (about->sum_left_to_card ? SUM_LEFT : 0) | (about->direction & 3u) << DIRECTION | place << PLACE;
	*record_add(as_store(list)) = (struct record){
		.of.frame = frame, .time = about->time, .start = start, .len = len, .wire_len = about->wire_len,
		.link_type = (int16_t)about->link_type, .flags = (uint16_t)flags,
	};
	return true;
}

bool packetlist_add_later(struct vm *vm, value list, void *room, uint32_t number)
{
	(void)vm;
	*record_add(as_store(list)) = (struct record){ .of.object = value_keep(value_object(later_of(room))).o, .start = number, .flags = IS_LATER };
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
