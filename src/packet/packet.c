/* The type of packets: what the language can do with one. Its methods are in packet_methods.c. */
#include <stddef.h>
#include <string.h>

#include "base/text.h"
#include "lang/attr.h"
#include "lang/native.h"
#include "packet/field_own.h"
#include "packet/packet.h"
#include "packet/packet_hooks.h"
#include "packet/packet_methods.h"
#include "packet/recent.h"
#include "packet/world.h"
#include "packet/warn.h"

/* ---- making ---- */

static bool class_has_init(struct vm *vm, struct type *cls)
{
	return is_kind(type_find(cls, vm->names.init_), KIND_FUNCTION);
}

static bool refuse_field(struct vm *vm, const struct layer *l, const char *name)
{
	const char *near = layer_nearest(l, name);
	return vm_raise_ok(vm, vm->errors.AttributeError, "%s has no field '%s'%s%s%s", layer_class_name(l), name, near ? "; did you mean '" : "",
	                   near ? near : "", near ? "'?" : "");
}

/* Scapy's own keywords that a script may pass on to Packet.__init__. */
static bool is_internal(const struct str *name)
{
	static const char *const names[] = { "_pkt", "_underlayer", "_internal", "_parent", "post_transform", "stop_dissection_after" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(name->data, names[i]))
			return true;
	return false;
}

static bool settle_named(struct vm *vm, struct packet *p, const struct call *call)
{
	unsigned field;
	if (part_settle(p->stack, p->at, &field))
		return true;
	for (uint32_t i = 0; i < call->named; i++)
		if (call->names[i] == packet_part(p)->layer->fields[field]->name)
			vm_blame_value(vm, call->count + i);
	return false;
}

static bool set_named(struct vm *vm, struct packet *p, const struct call *call)
{
	bool fresh = !packet_part(p)->values && !packet_part(p)->dissected;
	uint64_t left = recent_recall(packet_part(p), call);
	if (call->named && !left)
		return true;
	for (uint32_t i = 0; i < call->named; i++) {
		if (i < 64 && !(left >> i & 1))
			continue;
		const struct layer *l = packet_part(p)->layer;
		int field = layer_field(l, call->names[i]);
		bool done = field >= 0 ? part_make(p->stack, p->at, (unsigned)field, call->args[call->count + i])
		                       : is_internal(call->names[i]) || refuse_field(vm, l, call->names[i]->data);
		if (!done) {
			if (field >= 0)
				vm_blame_value(vm, call->count + i);
			else
				vm_blame_arg(vm, call->count + i);
			return false;
		}
	}
	bool done = !packet_part(p)->layer->choices || settle_named(vm, p, call);
	if (done && fresh)
		recent_remember(packet_part(p), call);
	return done;
}

/* Bytes to dissect: bytes, or a packet, which is built. */
static struct frame *frame_of(struct vm *vm, const struct layer *l, value given)
{
	struct view view;
	if (is_packet(given))
		return build_frame(as_packet(given)->stack, as_packet(given)->at);
	if (is_str(given)) {                    /* as Scapy: its UTF-8, which is not what "\x90" looks like */
		const struct str *text = as_str(given);
		if (text->len != text->chars)
			packet_warn(vm, "%s() got text that is no ASCII: it is taken as UTF-8; for bytes write b'...'", layer_class_name(l));
		return frame_new(text->data, text->len);
	}
	if (field_is_volatile(given)) {         /* Raw(RandString(5)): drawn once */
		value drawn = value_call_method(vm, given, vm->names.bytes_, 0, NULL);
		struct frame *frame = !is_unset(drawn) && value_to_view(vm, drawn, &view) ? frame_new(view.bytes, view.len) : NULL;
		value_drop(drawn);
		return frame;
	}
	if (value_to_view(vm, given, &view))
		return frame_new(view.bytes, view.len);
	if (vm_pending(vm)) {
		vm_clear(vm);
		vm_raise(vm, vm->errors.TypeError, "%s() takes fields by name, or bytes to dissect, not %s", layer_class_name(l), value_type_name(vm, given));
	}
	return NULL;
}

static bool dissect_given(struct vm *vm, struct stack *s, value given)
{
	const struct layer *l = s->parts[0].layer;
	struct frame *frame = frame_of(vm, l, given);
	if (!frame)
		return false;
	const struct field **misfit = &world_of(vm)->misfit;
	size_t len = frame->len;
	*misfit = NULL;
	if (!dissect_into(s, frame, 0, len))
		return false;
	if (s->parts[0].layer->is_raw && !l->is_raw && s->parts[0].problem && len >= l->fixed_len)
		return vm_raise_ok(vm, vm->errors.ValueError, "%s cannot be read from %zu bytes: %s%s", layer_class_name(l), len,
		                   *misfit ? "too few are left for " : "a field goes beyond them", *misfit ? (*misfit)->name->data : "");
	if (s->parts[0].layer->is_raw && !l->is_raw && s->parts[0].problem)
		return vm_raise_ok(vm, vm->errors.ValueError, "%s needs %u bytes, got %zu", layer_class_name(l), (unsigned)l->fixed_len, len);
	return true;
}

static value one_positional(struct vm *vm, const struct layer *l, const struct call *call)
{
	if (call->count <= 1)
		return VALUE_NONE;
	vm_raise(vm, vm->errors.TypeError, "%s() takes fields by name, or bytes to dissect; %u values were given", layer_class_name(l), (unsigned)call->count);
	vm_blame_arg(vm, 1);
	return VALUE_UNSET;
}

/* What the class makes without bytes: a class without fields only dispatches, its last row says to what. */
static struct layer *made_class(struct vm *vm, struct layer *l)
{
	if (l->count || !l->dispatch.count)
		return l;
	struct variant *v = &l->dispatch.rows[l->dispatch.count - 1];
	if (!v->to)
		v->to = layer_load(vm, v->name->data);
	return v->to ? layer_of(v->to) : l;
}

/* dispatch_hook of a user's class may make another one of the same arguments. */
static struct layer *dispatched(struct vm *vm, struct type *cls, struct layer *l, const struct call *call)
{
	if (!l || !(l->hooks >> HOOK_dispatch_hook & 1))
		return l;
	value hook = value_attr(vm, value_object(cls), str_intern(vm, "dispatch_hook"));
	value got = is_unset(hook) ? hook : value_call(vm, hook, &(struct call){ call->args + call->count, 0, call->named, call->names });
	struct layer *to = is_layer_class(got) ? layer_of((struct type *)got.o) : l;
	value_drop(hook);
	value_drop(got);
	return to;
}

static value packet_make(struct vm *vm, struct type *cls, const struct call *call)
{
	struct layer *l = layer_of(cls);
	bool own_init = class_has_init(vm, cls), bytes = call->count == 1 && !own_init && !is_none(call->args[0]);
	if (!l || vm_pending(vm) || (!own_init && is_unset(one_positional(vm, l, call))))
		return VALUE_UNSET;
	if (!bytes && !own_init && !(l = dispatched(vm, cls, l, call)))
		return VALUE_UNSET;
	if (vm_pending(vm))
		return VALUE_UNSET;
	struct stack *s = stack_new(vm, bytes ? l : made_class(vm, l));
	value made = VALUE_UNSET;
	if (!bytes || dissect_given(vm, s, call->args[0]))
		made = packet_object(s, 0);
	else
		vm_blame_arg(vm, 0);
	stack_drop(s);
	/* The machine initialises only what is of the class that was called. */
	if (!is_unset(made) && !type_is(made.o->type, cls) && !set_named(vm, as_packet(made), call)) {
		value_drop(made);
		return VALUE_UNSET;
	}
	return made;
}

/* Called by the machine, or by a user's __init__ as Packet.__init__(self, ...). */
static bool packet_init(struct vm *vm, value self, const struct call *call)
{
	struct packet *p = as_packet(self);
	if (is_unset(one_positional(vm, packet_part(p)->layer, call)))
		return false;
	if (call->count == 1 && !is_none(call->args[0]) && !packet_part(p)->dissected) {
		if (p->at != 0 || p->stack->count != 1)
			return vm_raise_ok(vm, vm->errors.ValueError, "this packet has layers already");
		if (!dissect_given(vm, p->stack, call->args[0]))
			return false;
	}
	return set_named(vm, p, call);
}

static void packet_release(struct object *o)
{
	struct packet *p = (struct packet *)o;
	struct stack *s = p->stack;
	if (!s)
		return;
	if (p->at < s->count && s->parts[p->at].object == p) {
		s->parts[p->at].object = NULL;
		if (s->head.head.refs > 1 && p->dict && p->dict->used) {
			s->parts[p->at].attributes = p->dict;
			p->dict = NULL;
		}
	}
	p->stack = NULL;
	stack_drop_read(s);
}

static void packet_visit(struct object *o, visit_fn visit, void *state)
{
	struct packet *p = (struct packet *)o;
	if (p->stack)
		visit(&p->stack->head.head, state);
}

/* ---- attributes ---- */

/* A fact of the class (summary = "...") is no attribute of its packets where Packet has a method of that name: that method. BORROWED. */
static value behind_fact(struct vm *vm, struct str *name, value found)
{
	if (is_kind(found, KIND_NATIVE) || is_kind(found, KIND_FUNCTION))
		return VALUE_UNSET;
	value own = dict_get_str(world_of(vm)->packet->attrs, name);
	if (own.tag != TAG_OBJECT || own.o == found.o || (own.o->kind != KIND_NATIVE && own.o->type != vm->types.getset) || value_is_callable(vm, found) || is_kind(found, KIND_PROPERTY))
		return VALUE_UNSET;
	return own;
}

value packet_field_value(struct stack *s, unsigned at, unsigned field)
{
	if (s->parts[at].layer->fields[field]->computed.what == COMPUTE_ROUTE)
		return part_effective(s, at, field);
	const struct field *f = s->parts[at].layer->fields[field];
	if (world_of(s->vm)->open.stack == s && !fields_take_open(s->vm))
		return VALUE_UNSET;
	return f->plain ? own_shown(&(struct site){ .vm = s->vm, .stack = s, .at = at }, f, part_get(s, at, field)) : part_get(s, at, field);
}

static value missing(struct vm *vm, const struct packet *p, struct str *name)
{
	const char *near = NULL;
	for (unsigned i = p->at; !near && i < p->stack->count; i++)
		near = layer_nearest(p->stack->parts[i].layer, name->data);
	return vm_raise(vm, vm->errors.AttributeError, "%s has no field or attribute '%s'%s%s%s", layer_class_name(packet_part(p)->layer), name->data,
	                near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static value packet_attr(struct vm *vm, value self, struct str *name)
{
	struct packet *p = packet_unread(self);
	struct stack *s = p->stack;
	int field = layer_field(s->parts[p->at].layer, name);
	if (field >= 0 && part_is_wire_word(&s->parts[p->at], (unsigned)field))
		return part_get(s, p->at, (unsigned)field);
	stack_read(s);
	if (field >= 0)
		return packet_field_value(s, p->at, (unsigned)field);
	value found = type_find(self.o->type, name);
	if (!is_unset(found)) {
		value own = behind_fact(vm, name, found);
		return is_unset(own) ? own : attr_bind(vm, own, self, self.o->type);
	}
	if (name->data[0] == '_' || (p->dict && !is_unset(dict_get_str(p->dict, name))))
		return VALUE_UNSET;
	if (name == world_of(vm)->names.name)
		return value_object(object_keep(packet_part(p)->layer->name));
	for (unsigned i = p->at + 1; i < s->count; i++)
		if ((field = layer_field(s->parts[i].layer, name)) >= 0)
			return packet_field_value(s, i, (unsigned)field);
	return missing(vm, p, name);
}

static value packet_method(struct vm *vm, value self, struct str *name)
{
	const struct packet *p = packet_unread(self);
	if (layer_field(packet_part(p)->layer, name) >= 0 || (p->dict && !is_unset(dict_get_str(p->dict, name))))
		return VALUE_UNSET;
	value found = type_find(self.o->type, name);
	value own = is_unset(found) ? found : behind_fact(vm, name, found);
	if (!is_unset(own))
		found = own;
	return is_kind(found, KIND_FUNCTION) || native_is_method(found) ? found : VALUE_UNSET;
}

/* p.options = [("MSS", 1460)] lands on IP: say where it may have been meant to go. */
static void hint_other_layer(struct vm *vm, struct stack *s, unsigned at, struct str *name)
{
	for (unsigned i = at + 1; i < s->count; i++) {
		if (layer_field(s->parts[i].layer, name) < 0)
			continue;
		value raised = vm_take_pending(vm), words = is_kind(raised, KIND_EXCEPTION) ? as_exception(raised)->args : VALUE_NONE;
		if (is_kind(words, KIND_TUPLE) && as_tuple(words)->count == 1 && is_str(as_tuple(words)->items[0])) {
			const char *cls = layer_class_name(s->parts[i].layer);
			struct str *longer = str_printf(vm, "%s; %s has '%s' too: p[%s].%s", as_str(as_tuple(words)->items[0])->data, cls, name->data, cls, name->data);
			value_set(&as_tuple(words)->items[0], value_object(longer));
		}
		vm_raise_value(vm, raised);
		return;
	}
}

static int set_field(struct stack *s, unsigned at, unsigned field, value to)
{
	unsigned unused;
	if (is_unset(to))
		return part_delete(s, at, field) ? 1 : -1;
	return part_set(s, at, field, to) && part_settle(s, at, &unused) ? 1 : -1;
}

/* What a user's class may be given besides fields: anything that is not nearly a field's name. */
static bool takes_anything(const struct packet *p, const char *name)
{
	const struct layer *l = packet_part(p)->layer;
	return !l->library && !layer_nearest(l, name);
}

static int packet_set_attr(struct vm *vm, value self, struct str *name, value to)
{
	struct packet *p = as_packet(self);
	struct stack *s = p->stack;
	int field = layer_field(s->parts[p->at].layer, name);
	if (field >= 0) {
		int done = set_field(s, p->at, (unsigned)field, to);
		if (done < 0)
			hint_other_layer(vm, s, p->at, name);
		return done;
	}
	value found = type_find(self.o->type, name);
	if (is_kind(found, KIND_STR) || is_kind(found, KIND_TUPLE)) {
		/* a fact hides Packet's own computed attribute (payload = "LLC") */
		value own = dict_get_str(world_of(vm)->packet->attrs, name);
		if (own.tag == TAG_OBJECT && own.o->type == vm->types.getset)
			return packet_set_computed(vm, self, name->data, to) ? 1 : -1;
	}
	if (!is_unset(found) || name->data[0] == '_' || (p->dict && !is_unset(dict_get_str(p->dict, name))))
		return 0;
	for (unsigned i = p->at + 1; i < s->count; i++)
		if ((field = layer_field(s->parts[i].layer, name)) >= 0)
			return set_field(s, i, (unsigned)field, to);
	if (takes_anything(p, name->data))
		return 0;
	missing(vm, p, name);
	return -1;
}

static bool packet_names(struct vm *vm, value self, value list)
{
	struct packet *p = as_packet(self);
	for (unsigned i = p->at; i < p->stack->count; i++)
		for (unsigned k = 0; k < p->stack->parts[i].layer->count; k++)
			list_append(as_list(list), value_object(object_keep(p->stack->parts[i].layer->fields[k]->name)));
	return true;
}

/* IP.ttl is the field. */
static value packet_class_attr(struct vm *vm, struct type *cls, struct str *name)
{
	const struct layer *l = layer_of(cls);
	int at = l ? layer_field(l, name) : -1;
	if (at < 0 && l && name == world_of(vm)->names.name)
		return value_object(object_keep(l->name));
	return at >= 0 ? value_keep(value_object(l->fields[at])) : VALUE_UNSET;
}

/* ---- operators ---- */

static value explain_operand(struct vm *vm, value other, bool other_first)
{
	if (is_layer_class(other)) {
		const char *name = ((struct type *)other.o)->name->data;
		return vm_raise(vm, vm->errors.TypeError, "%s is a class; write %s() to make a layer of it", name, name);
	}
	return vm_raise(vm, vm->errors.TypeError, "a packet can %s a packet, bytes or text, not %s", other_first ? "follow" : "be followed by",
	                value_type_name(vm, other));
}

static value repeat(struct vm *vm, value packet, value times)
{
	int64_t count;
	if (!value_to_int64(vm, times, &count))
		return VALUE_UNSET;
	if (count > 10000000)
		return vm_raise(vm, vm->errors.ValueError, "a list of %lld packets", (long long)count);
	struct list *list = list_new(vm, count > 0 ? (size_t)count : 0);
	for (int64_t i = 0; i < count; i++)
		list_append(list, value_keep(packet));
	return value_object(list);
}

static value packet_binary(struct vm *vm, enum operator op, value a, value b, bool reflected, bool reusable)
{
	value other = reflected ? a : b;
	if (op == OP_MUL_ && is_int(other))
		return repeat(vm, reflected ? b : a, other);
	if (op != OP_DIV_)
		return VALUE_UNSUPPORTED;
	value joined = packet_join(vm, a, b, reusable && !reflected);
	if (joined.tag != TAG_NOT_IMPLEMENTED)
		return joined;
	/* A user's class may know what to do with a packet on its side. */
	if (!reflected && !is_kind(other, KIND_TYPE) && other.tag == TAG_OBJECT && !is_unset(type_find(value_type(vm, other), vm->names.rtruediv_)))
		return VALUE_UNSUPPORTED;
	return explain_operand(vm, other, reflected);
}

static bool part_equal(struct stack *x, unsigned i, struct stack *y, unsigned j, bool *out)
{
	const struct layer *l = x->parts[i].layer;
	struct vm *vm = x->vm;
	*out = l == y->parts[j].layer;
	for (unsigned f = 0; *out && f < l->count; f++) {
		value a = packet_field_value(x, i, f), b = is_unset(a) ? a : packet_field_value(y, j, f);
		bool done = !is_unset(a) && !is_unset(b) && value_equal(vm, a, b, out);
		value_drop(a);
		value_drop(b);
		if (!done)
			return false;
	}
	return true;
}

bool packets_equal(struct stack *x, unsigned i, struct stack *y, unsigned j, bool *out)
{
	*out = x->count - i == y->count - j;
	for (; *out && i < x->count; i++, j++)
		if (!part_equal(x, i, y, j, out))
			return false;
	return true;
}

static value packet_compare(struct vm *vm, enum compare op, value a, value b)
{
	bool out = false;
	if (!is_packet(b))
		return op == CMP_EQ || op == CMP_NE ? value_bool(op == CMP_NE) : VALUE_UNSUPPORTED;
	struct packet *x = as_packet(a), *y = as_packet(b);
	if (op == CMP_EQ || op == CMP_NE)
		return packets_equal(x->stack, x->at, y->stack, y->at, &out) ? value_bool(out == (op == CMP_EQ)) : VALUE_UNSET;
	if (op != CMP_LT && op != CMP_GT)
		return VALUE_UNSUPPORTED;
	/* a < b: a answers b, as in Scapy. */
	return packet_answers(vm, op == CMP_LT ? a : b, op == CMP_LT ? b : a);
}

static bool packet_hash(struct vm *vm, value self, uint64_t *out)
{
	return vm_raise_ok(vm, vm->errors.TypeError, "unhashable type: '%s'", self.o->type->name->data);
}

static bool packet_truth(struct vm *vm, value self, bool *out)
{
	*out = true;
	return true;
}

static bool packet_length(struct vm *vm, value self, size_t *out)
{
	struct buf bytes = {0};
	bool done = build(as_packet(self)->stack, as_packet(self)->at, &bytes);
	*out = bytes.len;
	buf_free(&bytes);
	return done;
}

/* ---- layers ---- */

static bool packet_repr(struct vm *vm, value self, struct buf *out)
{
	return stack_repr(as_packet(self)->stack, as_packet(self)->at, out);
}

static bool packet_str(struct vm *vm, value self, struct buf *out)
{
	return stack_summary(as_packet(self)->stack, as_packet(self)->at, out);
}

static value not_found(struct vm *vm, value key)
{
	struct buf name = {0};
	if (is_kind(key, KIND_TYPE))
		buf_text(&name, ((struct type *)key.o)->name->data);
	else if (is_str(key))
		buf_text(&name, as_str(key)->data);
	else
		value_repr_to(vm, key, &name);
	value raised = vm_raise(vm, vm->errors.IndexError, "Layer [%s] not found", buf_str(&name));
	buf_free(&name);
	return raised;
}

/* p[TCP], p["TCP"], p["TCP.flags"], p[TCP:2], p[1]. */
static value packet_item(struct vm *vm, value self, value key)
{
	int64_t nth = 1;
	value cls = key;
	if (is_kind(key, KIND_SLICE)) {
		const struct slice *slice = (const struct slice *)key.o;
		cls = slice->start;
		if (!is_none(slice->stop) && !value_to_int64(vm, slice->stop, &nth))
			return VALUE_UNSET;
	}
	value found = packet_getlayer(vm, packet_unread(self), cls, nth);
	if (is_unset(found) && !vm_pending(vm))
		return not_found(vm, cls);
	return found;
}

/* p[TCP] = x: x in the place of that layer and what follows it; del p[TCP]. */
static bool packet_set_item(struct vm *vm, value self, value key, value to)
{
	value found = packet_item(vm, self, key);
	if (is_unset(found))
		return false;
	struct packet *p = as_packet(found);
	bool done;
	if (!is_packet(found) || p->at == 0)
		done = vm_raise_ok(vm, vm->errors.ValueError, "the first layer can't be replaced: assign to the variable");
	else
		done = packet_replace_payload(vm, p->stack, p->at - 1, to);
	value_drop(found);
	return done;
}

/* ---- iteration: the members of what the packet stands for ---- */

struct members { struct object head; struct walk *walk; };

static void members_release(struct object *o)
{
	walk_free(((struct members *)o)->walk);
	((struct members *)o)->walk = NULL;
}

static value members_next(struct vm *vm, value self)
{
	struct members *m = (struct members *)self.o;
	struct stack *next = m->walk ? walk_next(m->walk) : NULL;
	if (!next)
		return VALUE_UNSET;
	value packet = packet_object(next, 0);
	stack_drop(next);
	return packet;
}

static value members_iterate(struct vm *vm, value self)
{
	return value_keep(self);
}

const struct type_spec members_spec = {
	.name = "packet_iterator", .doc = "Walks the packets that a packet with sets stands for.", .size = sizeof(struct members),
	.slots = { .release = members_release, .iterate = members_iterate, .next = members_next },
};

static value packet_iterate(struct vm *vm, value self)
{
	struct walk *walk = walk_new(as_packet(self)->stack, as_packet(self)->at);
	if (!walk)
		return VALUE_UNSET;
	struct members *m = object_new(world_of(vm)->members, 0);
	m->walk = walk;
	return value_object(m);
}

const struct type_spec packet_spec = {
	.name = "Packet", .doc = "A layer of a packet, and what follows it.", .kind = KIND_PACKET, .size = sizeof(struct packet),
	.flags = TYPE_CONTAINER | TYPE_SUBCLASSABLE | TYPE_HAS_DICT, .dict_offset = offsetof(struct packet, dict),
	.slots = {
		.make = packet_make, .init = packet_init, .release = packet_release, .visit = packet_visit, .repr = packet_repr, .str = packet_str,
		.hash = packet_hash, .compare = packet_compare, .truth = packet_truth, .length = packet_length, .item = packet_item,
		.item_attr = packet_item_attr,
		.set_item = packet_set_item, .contains = packet_contains, .iterate = packet_iterate, .attr = packet_attr, .method = packet_method, .set_attr = packet_set_attr,
		.binary = packet_binary, .names = packet_names, .subclassed = layer_subclassed, .class_attr = packet_class_attr,
	},
	.methods = packet_methods, .attrs = packet_attrs,
};
