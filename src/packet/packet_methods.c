/* Methods and computed attributes of packets. */
#include "packet/packet_methods.h"
#include "packet/packet_hooks.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "packet/world.h"

static struct stack *stack_of(value v)
{
	return as_packet(v)->stack;
}

static unsigned at_of(value v)
{
	return as_packet(v)->at;
}

static const struct layer *layer_at(value v)
{
	return packet_part(as_packet(v))->layer;
}

/* ---- finding layers ---- */

struct search {
	struct vm *vm;
	const struct type *cls;         /* or: */
	const char *name;
	int64_t nth;                    /* counted down to 0 */
	unsigned depth;
	value found;
};

static bool is_wanted(const struct search *s, const struct part *p)
{
	if (s->cls)
		return part_matches(p, s->cls);
	return !s->name || !strcmp(p->layer->type->name->data, s->name) || !strcmp(p->layer->name->data, s->name);
}

static void search_stack(struct search *s, struct stack *stack, unsigned at);

static void search_value(struct search *s, value v)
{
	if (is_packet(v)) {
		search_stack(s, as_packet(v)->stack, as_packet(v)->at);
		return;
	}
	if (!is_kind(v, KIND_LIST))
		return;
	for (size_t i = 0; is_unset(s->found) && i < as_list(v)->count; i++)
		if (is_packet(as_list(v)->items[i]))
			search_stack(s, as_packet(as_list(v)->items[i])->stack, as_packet(as_list(v)->items[i])->at);
}

/* Layers inside of fields come after the layer that has them. */
static void search_fields(struct search *s, struct stack *stack, unsigned at)
{
	const struct layer *l = stack->parts[at].layer;
	if (l->holds_packets)
		stack_read(stack);
	for (unsigned i = 0; l->holds_packets && is_unset(s->found) && !vm_pending(s->vm) && i < l->count; i++) {
		if (!(l->fields[i]->flags & FIELD_PACKETS) || part_is_empty(stack, at, i))
			continue;
		value v = part_get(stack, at, i);
		search_value(s, v);
		value_drop(v);
	}
}

static void search_stack(struct search *s, struct stack *stack, unsigned at)
{
	if (s->depth >= 20)
		return;
	s->depth++;
	for (unsigned i = at; is_unset(s->found) && !vm_pending(s->vm) && (i < stack->count || stack_read_on(stack)); i++) {
		if (is_wanted(s, &stack->parts[i]) && --s->nth == 0)
			s->found = packet_object(stack, i);
		else if (s->cls || s->name)
			search_fields(s, stack, i);
	}
	s->depth--;
}

static value field_of(struct vm *vm, value packet, const char *field)
{
	if (is_unset(packet))
		return packet;
	value v = value_attr(vm, packet, str_intern(vm, field));
	value_drop(packet);
	return v;
}

static bool holds_none(struct stack *s, unsigned at)
{
	const struct layer *l = s->parts[at].layer;
	bool none = true;
	for (unsigned i = l->first_packets; none && i < l->count; i++)
		none = !(l->fields[i]->flags & FIELD_PACKETS) || part_is_empty(s, at, i);
	return none;
}

/* The usual way: nothing before the layer holds packets of its own. Its index; NOT_THERE; NOT_TOLD: something does. */
enum { NOT_THERE = -1, NOT_TOLD = -2 };

static int find_plainly(const struct packet *p, const struct type *cls)
{
	struct stack *s = p->stack;
	const bool derived = ((const struct layer *)cls->extra)->matches_derived;
	for (unsigned i = p->at; i < s->count || stack_read_on(s); i++) {
		const struct layer *l = s->parts[i].layer;
		if (l->type == cls || (derived && part_matches(&s->parts[i], cls)))
			return (int)i;
		if (l->holds_packets && !holds_none(s, i))
			return NOT_TOLD;
	}
	return NOT_THERE;
}

bool packet_haslayer(struct vm *vm, struct packet *p, value cls)
{
	int at = is_layer_class(cls) ? find_plainly(p, (struct type *)cls.o) : NOT_TOLD;
	if (at != NOT_TOLD)
		return at >= 0;
	value found = packet_getlayer(vm, p, cls, 1);
	value_drop(found);
	return !is_unset(found);
}

value packet_getlayer(struct vm *vm, struct packet *p, value cls, int64_t nth)
{
	int at = nth == 1 && is_layer_class(cls) ? find_plainly(p, (struct type *)cls.o) : NOT_TOLD;
	if (at != NOT_TOLD)
		return at >= 0 ? packet_object(p->stack, (unsigned)at) : VALUE_UNSET;
	struct search s = { .vm = vm, .nth = nth };
	char name[80];
	const char *field = NULL;
	if (cls.tag == TAG_INT) {
		s.nth = cls.i + 1;
	} else if (is_layer_class(cls)) {
		s.cls = (struct type *)cls.o;
	} else if (is_str(cls)) {
		snprintf(name, sizeof name, "%s", as_str(cls)->data);
		char *dot = strchr(name, '.');
		if (dot && !strstr(as_str(cls)->data, "802.")) {
			*dot = 0;
			field = as_str(cls)->data + (dot - name) + 1;
		}
		s.name = name;
	} else if (is_kind(cls, KIND_TYPE) && ((struct type *)cls.o)->kind != KIND_PACKET) {
		return VALUE_UNSET;
	} else if (!is_kind(cls, KIND_TYPE)) {
		return vm_raise(vm, vm->errors.TypeError, "a layer is named by its class, its name or its index, not by %s", value_type_name(vm, cls));
	}
	search_stack(&s, p->stack, p->at);
	return field ? field_of(vm, s.found, field) : s.found;
}

static value method_getlayer(struct vm *vm, value *a)
{
	int64_t nth;
	if (!value_to_int64(vm, a[2], &nth))
		return VALUE_UNSET;
	value found = packet_getlayer(vm, packet_unread(a[0]), a[1], nth), key, item;
	/* getlayer(IP, ttl=1): the next one that fits. */
	while (is_packet(found) && as_dict(a[3])->used) {
		bool fits = true;
		for (uint32_t i = 0; fits && dict_next(as_dict(a[3]), &i, &key, &item);) {
			value is = value_attr(vm, found, as_str(key));
			if (is_unset(is) || !value_equal(vm, is, item, &fits)) {
				value_drop(is);
				value_drop(found);
				return VALUE_UNSET;
			}
			value_drop(is);
		}
		if (fits)
			break;
		value_drop(found);
		found = packet_getlayer(vm, packet_unread(a[0]), a[1], ++nth);
	}
	return is_unset(found) && !vm_pending(vm) ? VALUE_NONE : found;
}

static value method_haslayer(struct vm *vm, value *a)
{
	bool has = packet_haslayer(vm, packet_unread(a[0]), a[1]);
	if (vm_pending(vm))
		return VALUE_UNSET;
	return has ? value_bool(true) : value_int(0);           /* as Scapy's */
}

static value method_layers(struct vm *vm, value *a)
{
	struct stack *s = stack_of(a[0]);
	struct list *list = list_new(vm, s->count);
	for (unsigned i = at_of(a[0]); i < s->count; i++)
		list_append(list, value_keep(value_object(s->parts[i].layer->type)));
	return value_object(list);
}

/* What the library has under that name does it: it knows what is cut up, and how. */
static value method_fragment(struct vm *vm, value *a)
{
	struct world *w = world_of(vm);
	value fn = w->find ? w->find(vm, str_intern(vm, "fragment")) : VALUE_UNSET;
	if (is_unset(fn))
		return vm_pending(vm) ? fn : vm_raise(vm, vm->errors.NotImplementedError, "fragment is not there");
	value got = value_call_args(vm, fn, 2, a);
	value_drop(fn);
	return got;
}

static value method_firstlayer(struct vm *vm, value *a)
{
	return packet_object(stack_of(a[0]), 0);
}

static value method_lastlayer(struct vm *vm, value *a)
{
	return packet_object(stack_of(a[0]), stack_of(a[0])->count - 1u);
}

static value method_iterpayloads(struct vm *vm, value *a)
{
	struct stack *s = stack_of(a[0]);
	struct list *list = list_new(vm, s->count);
	for (unsigned i = at_of(a[0]); i < s->count; i++)
		list_append(list, packet_object(s, i));
	value all = value_object(list), out = value_iterate(vm, all);
	value_drop(all);
	return out;
}

/* ---- payloads ---- */

/* Moves every layer of `from` behind `to`, and the objects with them. */
static void move_layers(struct stack *to, struct stack *from)
{
	unsigned count = from->count;
	stack_keep(from);
	for (unsigned i = 0; i < count; i++) {
		struct part moved = from->parts[i];
		from->parts[i] = (struct part){ .layer = moved.layer };
		*stack_push(to, moved.layer) = moved;
		if (moved.object) {
			moved.object->stack = stack_keep(to);
			moved.object->at = to->count - 1u;
			stack_drop(from);
		}
	}
	from->count = 0;
	stack_drop(from);
}

bool packet_replace_payload(struct vm *vm, struct stack *s, unsigned at, value to)
{
	value packet = VALUE_UNSET;
	if (is_packet(to)) {
		if (as_packet(to)->stack == s && as_packet(to)->at == at + 1)
			return true;
		/* A packet of its own is shared: the same object is the payload. Part of another packet is copied. */
		bool whole = as_packet(to)->at == 0 && as_packet(to)->stack != s;
		stack_keep(s);
		if (whole) {
			stack_cut(s, at + 1);
			move_layers(s, as_packet(to)->stack);
			stack_drop(s);
			return true;
		}
		struct stack *copy = stack_copy(as_packet(to)->stack, as_packet(to)->at);
		bool done = copy != NULL;
		if (done) {
			stack_cut(s, at + 1);
			move_layers(s, copy);
			stack_drop(copy);
		}
		stack_drop(s);
		return done;
	}
	if (is_unset(to) || is_none(to) || to.o == world_of(vm)->nothing.o) {
		stack_cut(s, at + 1);
		return true;
	}
	if (!is_str(to) && !is_bytes(to) && !is_kind(to, KIND_BYTEARRAY))
		return vm_raise_ok(vm, vm->errors.TypeError, "a payload is a packet, bytes or text, not %s", value_type_name(vm, to));
	value raw = value_object(world_of(vm)->raw ? world_of(vm)->raw : layer_load(vm, "Raw"));
	packet = raw.o ? value_call_args(vm, raw, 0, NULL) : VALUE_UNSET;
	bool done = !is_unset(packet) && part_set(as_packet(packet)->stack, 0, 0, to) && packet_replace_payload(vm, s, at, packet);
	value_drop(packet);
	return done;
}

static value method_add_payload(struct vm *vm, value *a)
{
	struct stack *s = stack_of(a[0]);
	if (is_packet(a[1]) && stack_of(a[1]) == s)
		return vm_raise(vm, vm->errors.ValueError, "a packet can't be its own payload");
	return packet_replace_payload(vm, s, s->count - 1u, a[1]) ? VALUE_NONE : VALUE_UNSET;
}

static value method_remove_payload(struct vm *vm, value *a)
{
	stack_cut(stack_of(a[0]), at_of(a[0]) + 1);
	return VALUE_NONE;
}

static value get_payload(struct vm *vm, value self)
{
	unsigned next = at_of(self) + 1;
	return next < stack_of(self)->count ? packet_object(stack_of(self), next) : value_keep(world_of(vm)->nothing);
}

static bool set_payload(struct vm *vm, value self, value to)
{
	return packet_replace_payload(vm, stack_of(self), at_of(self), to);
}

static value get_underlayer(struct vm *vm, value self)
{
	struct stack *s = stack_of(self);
	if (at_of(self))
		return packet_object(s, at_of(self) - 1);
	if (s->under && s->under->stack && s->under->at < s->under->stack->count)
		return packet_object(s->under->stack, s->under->at);
	return VALUE_NONE;
}

static bool set_underlayer(struct vm *vm, value self, value to)
{
	struct packet *p = as_packet(self);
	if (is_none(to) || is_unset(to)) {
		struct stack *rest = p->at ? stack_keep(p->stack) : NULL;
		if (rest) {
			stack_cut(rest, p->at);
			stack_drop(rest);
		}
		return true;
	}
	if (!is_packet(to))
		return vm_raise_ok(vm, vm->errors.TypeError, "an underlayer is a packet, not %s", value_type_name(vm, to));
	return packet_replace_payload(vm, as_packet(to)->stack, as_packet(to)->at, self);
}

/* ---- bytes ---- */

static value built(struct vm *vm, struct stack *s, unsigned at, bool (*how)(struct stack *, unsigned, struct buf *))
{
	struct buf out = {0};
	value made = how(s, at, &out) ? bytes_value(vm, out.data ? out.data : "", out.len) : VALUE_UNSET;
	buf_free(&out);
	return made;
}

static value method_build(struct vm *vm, value *a)
{
	return built(vm, stack_of(a[0]), at_of(a[0]), build);
}

static value method_reencode(struct vm *vm, value *a)
{
	return built(vm, stack_of(a[0]), at_of(a[0]), stack_reencode);
}

static value method_recompute(struct vm *vm, value *a)
{
	return stack_recompute(stack_of(a[0]), at_of(a[0])) ? value_keep(a[0]) : VALUE_UNSET;
}

static value get_original(struct vm *vm, value self)
{
	/* From the layer's start to where the last of what came with it ends; the frame may hold more (a whole file). */
	const struct stack *s = stack_of(self);
	const struct part *p = packet_part(as_packet(self));
	size_t end = p->end;
	if (!p->dissected)
		return bytes_value(vm, "", 0);
	for (unsigned i = at_of(self); i < s->count; i++)
		if (s->parts[i].frame == p->frame && s->parts[i].end > end)
			end = s->parts[i].end;
	return bytes_value(vm, p->frame->bytes + p->start, end - p->start);
}

static value get_cache(struct vm *vm, value self)
{
	const struct part *p = packet_part(as_packet(self));
	return p->dissected && !p->touched ? bytes_value(vm, p->frame->bytes + p->start, p->header_end - p->start) : VALUE_NONE;
}

/* Takes the bytes as this packet's, in place. */
static value method_dissect(struct vm *vm, value *a)
{
	struct packet *p = as_packet(a[0]);
	struct view view;
	if (!value_to_view(vm, a[1], &view))
		return VALUE_UNSET;
	if (p->at != 0)
		return vm_raise(vm, vm->errors.ValueError, "dissect() works on the first layer");
	struct stack *read = dissect(vm, packet_part(p)->layer->type, frame_new(view.bytes, view.len), 0, view.len);
	if (!read)
		return VALUE_UNSET;
	stack_cut(p->stack, 1);
	if (read->parts[0].layer == packet_part(p)->layer) {
		struct packet *object = packet_part(p)->object;
		struct part old = *packet_part(p);
		p->stack->parts[0] = read->parts[0];
		p->stack->parts[0].object = object;
		old.object = NULL;
		read->parts[0] = old;
		for (unsigned i = 1; i < read->count; i++) {
			*stack_push(p->stack, read->parts[i].layer) = read->parts[i];
			read->parts[i] = (struct part){ .layer = read->parts[i].layer };
		}
	}
	stack_drop(read);
	return VALUE_NONE;
}

static value method_decode_payload_as(struct vm *vm, value *a)
{
	struct stack *s = stack_of(a[0]);
	unsigned next = at_of(a[0]) + 1;
	struct buf bytes = {0};
	if (!is_layer_class(a[1]))
		return vm_raise(vm, vm->errors.TypeError, "decode_payload_as takes a layer class");
	if (next >= s->count)
		return VALUE_NONE;
	if (!build(s, next, &bytes)) {
		buf_free(&bytes);
		return VALUE_UNSET;
	}
	struct stack *read = dissect(vm, (struct type *)a[1].o, frame_new(bytes.data, bytes.len), 0, bytes.len);
	buf_free(&bytes);
	if (!read)
		return VALUE_UNSET;
	value packet = packet_object(read, 0);
	stack_drop(read);
	bool done = packet_replace_payload(vm, s, next - 1, packet);
	value_drop(packet);
	return done ? VALUE_NONE : VALUE_UNSET;
}

/* ---- copies ---- */

static value copied(struct vm *vm, value self)
{
	struct stack *copy = stack_copy(stack_of(self), at_of(self));
	if (!copy)
		return VALUE_UNSET;
	value out = packet_object(copy, 0);
	stack_drop(copy);
	return out;
}

static value method_copy(struct vm *vm, value *a)
{
	return copied(vm, a[0]);
}

static value method_clone_with(struct vm *vm, value *a)
{
	struct stack *s = stack_of(a[0]), *copy = stack_copy(s, at_of(a[0]));
	value key, item;
	if (!copy)
		return VALUE_UNSET;
	stack_cut(copy, 1);
	value out = packet_object(copy, 0);
	stack_drop(copy);
	bool done = is_none(a[1]) || packet_replace_payload(vm, copy, 0, a[1]);
	for (uint32_t i = 0; done && dict_next(as_dict(a[2]), &i, &key, &item);)
		done = value_set_attr(vm, out, as_str(key), item);
	if (done)
		return out;
	value_drop(out);
	return VALUE_UNSET;
}

/* ---- fields ---- */

static int need_field(struct vm *vm, value self, value name, unsigned *at)
{
	struct stack *s = stack_of(self);
	for (*at = at_of(self); is_str(name) && *at < s->count; ++*at) {
		int field = layer_field(s->parts[*at].layer, as_str(name));
		if (field >= 0)
			return field;
	}
	vm_raise(vm, vm->errors.AttributeError, "%s has no field '%s'", layer_class_name(layer_at(self)), is_str(name) ? as_str(name)->data : "?");
	return -1;
}

static value method_getfieldval(struct vm *vm, value *a)
{
	unsigned at;
	int field = need_field(vm, a[0], a[1], &at);
	return field < 0 ? VALUE_UNSET : part_get(stack_of(a[0]), at, (unsigned)field);
}

static value method_setfieldval(struct vm *vm, value *a)
{
	unsigned at;
	int field = need_field(vm, a[0], a[1], &at);
	return field >= 0 && part_set(stack_of(a[0]), at, (unsigned)field, a[2]) ? VALUE_NONE : VALUE_UNSET;
}

static value method_delfieldval(struct vm *vm, value *a)
{
	unsigned at;
	int field = need_field(vm, a[0], a[1], &at);
	return field >= 0 && part_delete(stack_of(a[0]), at, (unsigned)field) ? VALUE_NONE : VALUE_UNSET;
}

static value method_get_field(struct vm *vm, value *a)
{
	unsigned at;
	int field = need_field(vm, a[0], a[1], &at);
	return field < 0 ? VALUE_UNSET : value_keep(value_object(stack_of(a[0])->parts[at].layer->fields[field]));
}

static value method_getfield_and_val(struct vm *vm, value *a)
{
	unsigned at;
	int field = need_field(vm, a[0], a[1], &at);
	if (field < 0)
		return VALUE_UNSET;
	value pair[] = { value_object(stack_of(a[0])->parts[at].layer->fields[field]), part_get(stack_of(a[0]), at, (unsigned)field) };
	value made = is_unset(pair[1]) ? VALUE_UNSET : tuple_of(vm, 2, pair);
	value_drop(pair[1]);
	return made;
}

static value fields_in(struct vm *vm, value self, const unsigned *order, unsigned count)
{
	struct stack *s = stack_of(self);
	unsigned at = at_of(self);
	const struct layer *l = s->parts[at].layer;
	struct dict *out = dict_new(vm);
	for (unsigned i = 0; i < count; i++) {
		value v = part_get(s, at, order[i]);
		if (is_unset(v)) {
			object_drop(out);
			return VALUE_UNSET;
		}
		dict_set_str(vm, out, l->fields[order[i]]->name, v);
	}
	return value_object(out);
}

static value get_fields(struct vm *vm, value self)
{
	struct open_fields *open = &world_of(vm)->open;
	if (open->stack == stack_of(self) && open->at == at_of(self) && !is_unset(open->fields))
		return value_keep(open->fields);
	unsigned *order = mem_alloc((layer_at(self)->count + 1) * sizeof *order), count = part_given(stack_of(self), at_of(self), order);
	value out = fields_in(vm, self, order, count);
	mem_free(order);
	if (open->stack == stack_of(self) && open->at == at_of(self))
		open->fields = value_keep(out);
	return out;
}

static value get_overloaded(struct vm *vm, value self)
{
	unsigned *order = mem_alloc((layer_at(self)->count + 1) * sizeof *order), count = 0;
	value unused;
	for (unsigned i = 0; i < layer_at(self)->count; i++)
		if (part_overload(stack_of(self), at_of(self), i, &unused))
			order[count++] = i;
	value out = fields_in(vm, self, order, count);
	mem_free(order);
	return out;
}

static value get_default_fields(struct vm *vm, value self)
{
	const struct layer *l = layer_at(self);
	struct dict *out = dict_new(vm);
	for (unsigned i = 0; i < l->count; i++)
		dict_set_str(vm, out, l->fields[i]->name, field_default(l->fields[i]));
	return value_object(out);
}

static value get_packetfields(struct vm *vm, value self)
{
	const struct layer *l = layer_at(self);
	struct list *out = list_new(vm, 0);
	for (unsigned i = 0; i < l->count; i++)
		if (l->fields[i]->flags & FIELD_PACKETS)
			list_append(out, value_keep(value_object(l->fields[i])));
	return value_object(out);
}

static value method_hide_defaults(struct vm *vm, value *a)
{
	struct stack *s = stack_of(a[0]);
	for (unsigned at = at_of(a[0]); at < s->count; at++) {
		const struct layer *l = s->parts[at].layer;
		for (unsigned i = 0; i < l->count; i++) {
			bool same = false;
			if (part_state(s, at, i) == STATE_DEFAULT)
				continue;
			value v = part_get(s, at, i);
			bool done = !is_unset(v) && value_equal(vm, v, l->fields[i]->fallback, &same);
			value_drop(v);
			if (!done || (same && !part_delete(s, at, i)))
				return VALUE_UNSET;
		}
	}
	return VALUE_NONE;
}

/* ---- answers ---- */

value packet_answers(struct vm *vm, value answer, value asked)
{
	bool yes;
	return stack_answers(stack_of(answer), at_of(answer), stack_of(asked), at_of(asked), &yes) ? value_int(yes) : VALUE_UNSET;
}

static value method_answers(struct vm *vm, value *a)
{
	if (!is_packet(a[1]))
		return value_int(0);
	return packet_answers(vm, a[0], a[1]);
}

static value method_hashret(struct vm *vm, value *a)
{
	struct buf out = {0};
	value made = stack_key(stack_of(a[0]), at_of(a[0]), &out) ? bytes_value(vm, out.data ? out.data : "", out.len) : VALUE_UNSET;
	buf_free(&out);
	return made;
}

/* ---- what a user's hook may call as its base's ---- */

/* ---- when, where ---- */

static value time_value(struct vm *vm, int64_t nanoseconds)
{
	return nanoseconds == INT64_MIN ? VALUE_NONE : decimal_from_int(vm, nanoseconds, -9);
}

static value get_time(struct vm *vm, value self)
{
	struct circumstances *about = stack_about(stack_of(self));
	if (!is_unset(about->time_value))
		return value_keep(about->time_value);
	if (about->time == INT64_MIN) {
		struct timespec now;
		clock_gettime(CLOCK_REALTIME, &now);
		about->time = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	}
	return time_value(vm, about->time);
}

static bool set_time(struct vm *vm, value self, value to)
{
	struct circumstances *about = stack_about(stack_of(self));
	double seconds;
	if (is_unset(to) || is_none(to)) {
		value_set(&about->time_value, VALUE_UNSET);
		about->time = INT64_MIN;
		return true;
	}
	if (!value_to_double(vm, to, &seconds))
		return false;
	about->time = seconds > -9e9 && seconds < 9e9 ? (int64_t)(seconds * 1e9) : INT64_MIN;
	value_set(&about->time_value, value_keep(to));
	return true;
}

static value get_sent_time(struct vm *vm, value self)
{
	return stack_of(self)->about ? time_value(vm, stack_of(self)->about->sent_time) : VALUE_NONE;
}

static bool set_sent_time(struct vm *vm, value self, value to)
{
	struct circumstances *about = stack_about(stack_of(self));
	double seconds;
	about->sent_time = INT64_MIN;
	if (is_unset(to) || is_none(to))
		return true;
	if (!value_to_double(vm, to, &seconds))
		return false;
	about->sent_time = (int64_t)(seconds * 1e9);
	return true;
}

static value get_wirelen(struct vm *vm, value self)
{
	const struct circumstances *about = stack_of(self)->about;
	if (about && about->wire_len)
		return value_int(about->wire_len);
	return VALUE_NONE;
}

static bool set_wirelen(struct vm *vm, value self, value to)
{
	int64_t number = 0;
	if (!is_unset(to) && !is_none(to) && !value_to_int64(vm, to, &number))
		return false;
	if (number < 0 || number > UINT32_MAX)
		return vm_raise_ok(vm, vm->errors.ValueError, "wirelen takes 0 to 4294967295, got %lld", (long long)number);
	stack_about(stack_of(self))->wire_len = (uint32_t)number;
	return true;
}

static value get_direction(struct vm *vm, value self)
{
	const struct circumstances *about = stack_of(self)->about;
	return about && about->direction ? value_int(about->direction) : VALUE_NONE;
}

static bool set_direction(struct vm *vm, value self, value to)
{
	int64_t number = 0;
	if (!is_unset(to) && !is_none(to) && !value_to_int64(vm, to, &number))
		return false;
	stack_about(stack_of(self))->direction = (uint8_t)number;
	return true;
}

static value none_if_unset(value v)
{
	return is_unset(v) ? VALUE_NONE : value_keep(v);
}

static value get_sniffed_on(struct vm *vm, value self)
{
	return stack_of(self)->about ? none_if_unset(stack_of(self)->about->sniffed_on) : VALUE_NONE;
}

static bool set_sniffed_on(struct vm *vm, value self, value to)
{
	value_set(&stack_about(stack_of(self))->sniffed_on, value_keep(to));
	return true;
}

static value get_comment(struct vm *vm, value self)
{
	return stack_of(self)->about ? none_if_unset(stack_of(self)->about->comment) : VALUE_NONE;
}

static bool set_comment(struct vm *vm, value self, value to)
{
	value_set(&stack_about(stack_of(self))->comment, value_keep(to));
	return true;
}

static value get_explicit(struct vm *vm, value self)
{
	return value_int(packet_part(as_packet(self))->explicit_);
}

static bool set_explicit(struct vm *vm, value self, value to)
{
	bool yes = false;
	if (!is_unset(to) && !value_truth(vm, to, &yes))
		return false;
	packet_part(as_packet(self))->explicit_ = yes;
	return true;
}

static value get_problem(struct vm *vm, value self)
{
	const char *problem = packet_part(as_packet(self))->problem;
	return problem ? str_value(vm, problem) : VALUE_NONE;
}

const struct getset packet_attrs[] = {
	{ "payload", get_payload, set_payload, "the next layer" },
	{ "underlayer", get_underlayer, set_underlayer, "the layer below, or None" },
	{ "parent", get_underlayer, set_underlayer, "the layer below, or None" },
	{ "fields", get_fields, NULL, "the fields that were given or came from the wire, by name" },
	{ "default_fields", get_default_fields, NULL, "the defaults, by name" },
	{ "overloaded_fields", get_overloaded, NULL, "the fields that the payload sets, by name" },
	{ "packetfields", get_packetfields, NULL, "the fields that hold packets" },
	{ "original", get_original, NULL, "the bytes that it was dissected from" },
	{ "raw_packet_cache", get_cache, NULL, "the header's bytes while nothing in it was changed, or None" },
	{ "time", get_time, set_time, "when it was captured or made, in seconds since 1970" },
	{ "sent_time", get_sent_time, set_sent_time, "when it was sent, or None" },
	{ "wirelen", get_wirelen, set_wirelen, "bytes on the wire, when a capture says so" },
	{ "direction", get_direction, set_direction, "in or out, when a capture says so" },
	{ "sniffed_on", get_sniffed_on, set_sniffed_on, "the interface it was captured on" },
	{ "comment", get_comment, set_comment, "a capture file's comment" },
	{ "comments", get_comment, set_comment, "a capture file's comment" },
	{ "explicit", get_explicit, set_explicit, "whether it stands for one packet only" },
	{ "problem", get_problem, NULL, "what was wrong in dissecting it, or None" },
	{ 0 },
};

bool packet_set_computed(struct vm *vm, value self, const char *name, value to)
{
	for (const struct getset *g = packet_attrs; g->name; g++)
		if (!strcmp(g->name, name))
			return g->set ? g->set(vm, self, to) : vm_raise_ok(vm, vm->errors.AttributeError, "'%s' can't be set", name);
	return vm_raise_ok(vm, vm->errors.AttributeError, "'%s' can't be set", name);
}

#define M(n, f, s, d) { .name = n, .fn = f, .signature = s, .doc = d }
const struct native packet_methods[] = {
	M("__bytes__", method_build, "", "the packet as bytes, everything computed"),
	PACKET_HOOKS(M),
	{ .name = "dispatch_hook", .fn = hook_dispatch, .signature = "_pkt=None, *args, **kargs", .doc = "the class that these bytes are", .flags = NATIVE_CLASS },
	M("build", method_build, "", "the packet as bytes, everything computed"),
	M("reencode", method_reencode, "", "the packet as bytes, from the values of its fields only"),
	M("recompute", method_recompute, "", "forget every length, count and checksum, so that they are computed; the packet itself"),
	M("haslayer", method_haslayer, "cls, _subclass=None", "True when there is such a layer, from here on, else 0"),
	M("getlayer", method_getlayer, "cls, nb=1, /, **flt", "the nb-th such layer, or None"),
	M("layers", method_layers, "", "the classes of its layers"),
	M("fragment", method_fragment, "fragsize=1480", "its fragments, each with at most so many bytes of data: a list of packets"),
	M("firstlayer", method_firstlayer, "", "the outermost layer"),
	M("lastlayer", method_lastlayer, "layer=None", "the innermost layer"),
	M("iterpayloads", method_iterpayloads, "", "its layers, one after the other"),
	M("add_payload", method_add_payload, "payload", "put a packet, bytes or text behind the last layer"),
	M("remove_payload", method_remove_payload, "", "drop every layer behind this one"),
	M("copy", method_copy, "", "another packet with the same layers"),
	M("__copy__", method_copy, "", "another packet with the same layers"),
	M("__deepcopy__", method_copy, "memo=None", "another packet with the same layers"),
	M("clone_with", method_clone_with, "payload=None, **kargs", "a copy of this layer with another payload"),
	M("dissect", method_dissect, "s", "take these bytes as the packet's"),
	M("decode_payload_as", method_decode_payload_as, "cls", "dissect the payload again, as this class"),
	M("getfieldval", method_getfieldval, "attr", "a field's value, as it is kept"),
	M("setfieldval", method_setfieldval, "attr, val", "set a field"),
	M("delfieldval", method_delfieldval, "attr", "give a field its default back"),
	M("get_field", method_get_field, "fld", "the field of that name"),
	M("getfield_and_val", method_getfield_and_val, "attr", "the field of that name and its value"),
	M("hide_defaults", method_hide_defaults, "", "forget fields that have their default's value"),
	M("answers", method_answers, "other", "1 when this packet answers the other"),
	M("hashret", method_hashret, "", "bytes that are equal for a packet and its answer"),
	{ 0 },
};

/* ---- NoPayload: what stands behind the last layer ---- */

static bool nothing_truth(struct vm *vm, value self, bool *out)
{
	*out = false;
	return true;
}

static bool nothing_repr(struct vm *vm, value self, struct buf *out)
{
	return true;
}

static bool nothing_length(struct vm *vm, value self, size_t *out)
{
	*out = 0;
	return true;
}

static bool nothing_contains(struct vm *vm, value self, value needle, bool *out)
{
	*out = false;
	return true;
}

static value nothing_make(struct vm *vm, struct type *cls, const struct call *call)
{
	return value_keep(world_of(vm)->nothing);
}

static value nothing_itself(struct vm *vm, value self)
{
	return value_keep(self);
}

static value nothing_none(struct vm *vm, value self)
{
	return VALUE_NONE;
}

static value nothing_bytes(struct vm *vm, value *a)
{
	return bytes_value(vm, "", 0);
}

static value nothing_text(struct vm *vm, value *a)
{
	return str_value(vm, "");
}

static value nothing_zero(struct vm *vm, value *a)
{
	return value_int(0);
}

static value nothing_no_layer(struct vm *vm, value *a)
{
	return VALUE_NONE;
}

static value nothing_copy(struct vm *vm, value *a)
{
	return value_keep(a[0]);
}

static value nothing_list(struct vm *vm, value *a)
{
	return value_object(list_new(vm, 0));
}

const struct type_spec no_payload_spec = {
	.name = "NoPayload", .doc = "What stands behind the last layer.", .size = sizeof(struct container), .flags = TYPE_CONTAINER,
	.slots = { .make = nothing_make, .truth = nothing_truth, .repr = nothing_repr, .str = nothing_repr, .length = nothing_length, .contains = nothing_contains },
	.methods = (const struct native[]){
		M("__bytes__", nothing_bytes, "", "no bytes"), M("build", nothing_bytes, "", "no bytes"),
		M("summary", nothing_text, "intern=0", "nothing"), M("mysummary", nothing_text, "", "nothing"),
		M("haslayer", nothing_zero, "cls, _subclass=None", "0"), M("getlayer", nothing_no_layer, "cls, nb=1, /, **flt", "None"),
		M("copy", nothing_copy, "", "itself"), M("layers", nothing_list, "", "no layers"), M("hashret", nothing_bytes, "", "no bytes"),
		M("answers", nothing_zero, "other", "0"),
		{ 0 },
	},
	.attrs = (const struct getset[]){
		{ "payload", nothing_itself, NULL, "itself" }, { "underlayer", nothing_none, NULL, "None" }, { 0 },
	},
};
