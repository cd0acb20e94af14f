/* Packet's own versions of the methods that a user's layer may override: what super() reaches, and what Scapy's scripts call. The
 * engine calls none of them; where a class overrides one, dissect.c and build.c call that. */
#include "packet/packet_hooks.h"

#include "packet/conf.h"
#include "packet/packet.h"
#include "packet/world.h"

static struct stack *stack_of(value self)
{
	return as_packet(self)->stack;
}

static unsigned at_of(value self)
{
	return as_packet(self)->at;
}

/* ---- fields, while a do_dissect runs ---- */

bool fields_take_open(struct vm *vm)
{
	const struct open_fields *open = &world_of(vm)->open;
	value name, given;
	if (!open->stack || !is_kind(open->fields, KIND_DICT))
		return !vm_pending(vm);
	const struct layer *l = open->stack->parts[open->at].layer;
	for (uint32_t i = 0; dict_next(as_dict(open->fields), &i, &name, &given);) {
		int field = is_str(name) ? layer_field(l, as_str(name)) : -1;
		const struct part *p = &open->stack->parts[open->at];
		if (field < 0)
			continue;
		value now = p->states && p->states[field] == STATE_SET ? p->values[field] : VALUE_UNSET;
		if (now.tag != given.tag || (given.tag == TAG_OBJECT ? now.o != given.o : now.i != given.i))
			part_put(open->stack, open->at, (unsigned)field, value_keep(given), STATE_SET);
	}
	return !vm_pending(vm);
}

/* ---- dissecting ---- */

value hook_do_dissect(struct vm *vm, value *a)
{
	struct view bytes;
	size_t header;
	if (!value_to_view(vm, a[1], &bytes) || !dissect_header(stack_of(a[0]), at_of(a[0]), bytes, &header))
		return VALUE_UNSET;
	header = header < bytes.len ? header : bytes.len;
	return bytes_value(vm, bytes.bytes + header, bytes.len - header);
}

value hook_do_dissect_payload(struct vm *vm, value *a)
{
	struct view bytes;
	if (!value_to_view(vm, a[1], &bytes) || !dissect_payload(stack_of(a[0]), at_of(a[0]), bytes))
		return VALUE_UNSET;
	return VALUE_NONE;
}

/* pre_dissect, post_dissect */
value hook_give_back(struct vm *vm, value *a)
{
	return value_keep(a[1]);
}

value hook_nothing(struct vm *vm, value *a)
{
	return VALUE_NONE;
}

value hook_extract_padding(struct vm *vm, value *a)
{
	struct view bytes;
	size_t own;
	if (!value_to_view(vm, a[1], &bytes) || !dissect_payload_length(stack_of(a[0]), at_of(a[0]), bytes.len, &own))
		return VALUE_UNSET;
	value pair[] = { bytes_value(vm, bytes.bytes, own), own < bytes.len ? bytes_value(vm, bytes.bytes + own, bytes.len - own) : VALUE_NONE };
	value made = tuple_of(vm, 2, pair);
	value_drop(pair[0]);
	value_drop(pair[1]);
	return made;
}

value hook_default_payload_class(struct vm *vm, value *a)
{
	struct type *cls = dissect_default(vm, stack_of(a[0])->parts[at_of(a[0])].layer);
	return cls ? value_keep(value_object(cls)) : VALUE_UNSET;
}

value hook_guess_payload_class(struct vm *vm, value *a)
{
	struct type *cls = bind_guess(vm, stack_of(a[0]), at_of(a[0]));
	if (vm_pending(vm))
		return VALUE_UNSET;
	return cls ? value_keep(value_object(cls)) : value_call_method(vm, a[0], str_intern(vm, "default_payload_class"), 1, a + 1);
}

value hook_dispatch(struct vm *vm, value *a)
{
	return value_keep(a[0]);
}

/* ---- building ---- */

static value part_bytes(struct vm *vm, value self, enum build_part part)
{
	struct buf out = {0};
	value made = build_part(stack_of(self), at_of(self), part, &out) ? bytes_value(vm, out.data ? out.data : "", out.len) : VALUE_UNSET;
	buf_free(&out);
	return made;
}

value hook_self_build(struct vm *vm, value *a)
{
	return part_bytes(vm, a[0], BUILD_HEADER);
}

value hook_do_build(struct vm *vm, value *a)
{
	return part_bytes(vm, a[0], BUILD_LAYER);
}

value hook_do_build_payload(struct vm *vm, value *a)
{
	return part_bytes(vm, a[0], BUILD_PAYLOAD);
}

value hook_post_build(struct vm *vm, value *a)
{
	return value_binary(vm, OP_ADD_, a[1], a[2], false);
}

/* ---- and the rest ---- */

value hook_mysummary(struct vm *vm, value *a)
{
	return str_value(vm, "");
}

/* (interface, source, gateway) of the first network layer's destination, as conf.route says. */
value hook_route(struct vm *vm, value *a)
{
	struct stack *s = stack_of(a[0]);
	for (unsigned i = at_of(a[0]); i < s->count; i++) {
		const struct layer *l = s->parts[i].layer;
		if (!l->family)
			continue;
		value table = conf_get(vm, l->family == 4 ? "route" : "route6");
		value to = is_unset(table) ? table : part_effective(s, i, (unsigned)l->destination);
		value found = is_unset(to) ? to : value_call_method(vm, table, str_intern(vm, "route"), 1, &to);
		value_drop(table);
		value_drop(to);
		return found;
	}
	value none[] = { VALUE_NONE, VALUE_NONE, VALUE_NONE };
	return tuple_of(vm, 3, none);
}
