/* Methods and computed attributes of packets. */
#include "packet/packet_methods.h"
#include "packet/packet_hooks.h"
#include "packet/packet_rows.h"

#include <string.h>
#include <time.h>

#include "packet/world.h"

static struct stack *stack_of(value v)
{
	return as_packet(v)->stack;
}

static unsigned at_of(value v)
{
	return as_packet(v)->at;
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
	return build_value(stack_of(a[0]), at_of(a[0]));
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

/* ---- the table ---- */

const struct getset packet_attrs[] = {
	{ "payload", get_payload, set_payload, "the next layer" },
	{ "underlayer", get_underlayer, set_underlayer, "the layer below, or None" },
	{ "parent", get_underlayer, set_underlayer, "the layer below, or None" },
	{ "fields", packet_get_fields, NULL, "the fields that were given or came from the wire, by name" },
	{ "default_fields", packet_get_default_fields, NULL, "the defaults, by name" },
	{ "overloaded_fields", packet_get_overloaded, NULL, "the fields that the payload sets, by name" },
	{ "packetfields", packet_get_packetfields, NULL, "the fields that hold packets" },
	{ "original", get_original, NULL, "the bytes that it was dissected from" },
	{ "raw_packet_cache", get_cache, NULL, "the header's bytes while nothing in it was changed, or None" },
	{ "time", packet_get_time, packet_set_time, "when it was captured or made, in seconds since 1970" },
	{ "sent_time", packet_get_sent_time, packet_set_sent_time, "when it was sent, or None" },
	{ "wirelen", packet_get_wirelen, packet_set_wirelen, "bytes on the wire, when a capture says so" },
	{ "direction", packet_get_direction, packet_set_direction, "in or out, when a capture says so" },
	{ "sniffed_on", packet_get_sniffed_on, packet_set_sniffed_on, "the interface it was captured on" },
	{ "comment", packet_get_comment, packet_set_comment, "a capture file's comment" },
	{ "comments", packet_get_comment, packet_set_comment, "a capture file's comment" },
	{ "explicit", packet_get_explicit, packet_set_explicit, "whether it stands for one packet only" },
	{ "problem", packet_get_problem, NULL, "what was wrong in dissecting it, or None" },
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
	M("haslayer", packet_method_haslayer, "cls, _subclass=None", "True when there is such a layer, from here on, else 0"),
	M("getlayer", packet_method_getlayer, "cls, nb=1, /, **flt", "the nb-th such layer, or None"),
	M("layers", packet_method_layers, "", "the classes of its layers"),
	M("fragment", packet_method_fragment, "fragsize=1480", "its fragments, each with at most so many bytes of data: a list of packets"),
	M("firstlayer", packet_method_firstlayer, "", "the outermost layer"),
	M("lastlayer", packet_method_lastlayer, "layer=None", "the innermost layer"),
	M("iterpayloads", packet_method_iterpayloads, "", "its layers, one after the other"),
	M("add_payload", method_add_payload, "payload", "put a packet, bytes or text behind the last layer"),
	M("remove_payload", method_remove_payload, "", "drop every layer behind this one"),
	M("copy", method_copy, "", "another packet with the same layers"),
	M("__copy__", method_copy, "", "another packet with the same layers"),
	M("__deepcopy__", method_copy, "memo=None", "another packet with the same layers"),
	M("clone_with", method_clone_with, "payload=None, **kargs", "a copy of this layer with another payload"),
	M("dissect", method_dissect, "s", "take these bytes as the packet's"),
	M("decode_payload_as", method_decode_payload_as, "cls", "dissect the payload again, as this class"),
	M("getfieldval", packet_method_getfieldval, "attr", "a field's value, as it is kept"),
	M("setfieldval", packet_method_setfieldval, "attr, val", "set a field"),
	M("delfieldval", packet_method_delfieldval, "attr", "give a field its default back"),
	M("get_field", packet_method_get_field, "fld", "the field of that name"),
	M("getfield_and_val", packet_method_getfield_and_val, "attr", "the field of that name and its value"),
	M("hide_defaults", packet_method_hide_defaults, "", "forget fields that have their default's value"),
	M("answers", method_answers, "other", "1 when this packet answers the other"),
	M("hashret", method_hashret, "", "bytes that are equal for a packet and its answer"),
	{ 0 },
};
