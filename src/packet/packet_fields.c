/* Fields of a packet by name, and the dicts of them that Scapy's scripts read. */
#include "packet/packet_methods.h"
#include "packet/packet_rows.h"

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

value packet_method_getfieldval(struct vm *vm, value *a)
{
	unsigned at;
	int field = need_field(vm, a[0], a[1], &at);
	return field < 0 ? VALUE_UNSET : part_get(stack_of(a[0]), at, (unsigned)field);
}

value packet_method_setfieldval(struct vm *vm, value *a)
{
	unsigned at;
	int field = need_field(vm, a[0], a[1], &at);
	return field >= 0 && part_set(stack_of(a[0]), at, (unsigned)field, a[2]) ? VALUE_NONE : VALUE_UNSET;
}

value packet_method_delfieldval(struct vm *vm, value *a)
{
	unsigned at;
	int field = need_field(vm, a[0], a[1], &at);
	return field >= 0 && part_delete(stack_of(a[0]), at, (unsigned)field) ? VALUE_NONE : VALUE_UNSET;
}

value packet_method_get_field(struct vm *vm, value *a)
{
	unsigned at;
	int field = need_field(vm, a[0], a[1], &at);
	return field < 0 ? VALUE_UNSET : value_keep(value_object(stack_of(a[0])->parts[at].layer->fields[field]));
}

value packet_method_getfield_and_val(struct vm *vm, value *a)
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

value packet_get_fields(struct vm *vm, value self)
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

value packet_get_overloaded(struct vm *vm, value self)
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

value packet_get_default_fields(struct vm *vm, value self)
{
	const struct layer *l = layer_at(self);
	struct dict *out = dict_new(vm);
	for (unsigned i = 0; i < l->count; i++)
		dict_set_str(vm, out, l->fields[i]->name, field_default(l->fields[i]));
	return value_object(out);
}

value packet_get_packetfields(struct vm *vm, value self)
{
	const struct layer *l = layer_at(self);
	struct list *out = list_new(vm, 0);
	for (unsigned i = 0; i < l->count; i++)
		if (l->fields[i]->flags & FIELD_PACKETS)
			list_append(out, value_keep(value_object(l->fields[i])));
	return value_object(out);
}

value packet_method_hide_defaults(struct vm *vm, value *a)
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
