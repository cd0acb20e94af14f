/* Finding layers: p[TCP], getlayer, haslayer, layers, those inside of fields included. */
#include "packet/packet_methods.h"
#include "packet/packet_rows.h"

#include <stdio.h>
#include <string.h>

#include "packet/reading.h"
#include "packet/world.h"

static struct stack *stack_of(value v)
{
	return as_packet(v)->stack;
}

static unsigned at_of(value v)
{
	return as_packet(v)->at;
}

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

static inline int find_plainly(const struct packet *p, const struct type *cls)
{
	struct stack *s = p->stack;
	const struct layer *wanted = cls->extra;
	const bool derived = wanted->matches_derived;
	enum more more = MORE_READ;
	unsigned i = p->at;
	do {
		for (; i < s->count; i++) {
			const struct part *part = &s->parts[i];
			const struct layer *l = part->layer;
			if (l->type == cls || (derived && part_matches(part, cls)))
				return (int)i;
			if (l->holds_packets && !(part->bare && !part->states && l->first_packets >= l->fixed_count) && !holds_none(s, i))
				return NOT_TOLD;
		}
	} while (s->unread && ((more = quick_more(s, wanted)) == MORE_READ || (more == MORE_UNTOLD && stack_read_on(s))));
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

bool packet_contains(struct vm *vm, value self, value needle, bool *out)
{
	int at = is_layer_class(needle) ? find_plainly(packet_unread(self), (struct type *)needle.o) : NOT_TOLD;
	*out = at >= 0 || (at == NOT_TOLD && packet_haslayer(vm, packet_unread(self), needle));
	return at != NOT_TOLD || !vm_pending(vm);
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

/* p[UDP].dport: the number in the frame, where a field stands at its place and its class says nothing else of the name. */
value packet_item_attr(struct vm *vm, value self, value key, struct str *name, uint32_t version)
{
	const struct packet *p = packet_unread(self);
	uint64_t word;
	if (!is_layer_class(key) || self.o->type->slots.item != packet_spec.slots.item)
		return VALUE_UNSET;
	int at = find_plainly(p, (struct type *)key.o);
	if (at < 0)
		return VALUE_UNSET;
	const struct part *part = &p->stack->parts[at];
	int field = part->layer->type->version == version ? layer_field(part->layer, name) : -1;
	if (field < 0 || !part_placed(part, (unsigned)field, &word))
		return VALUE_UNSET;
	const struct field *f = part->layer->fields[field];
	value v = f->flags & (FIELD_MUTABLE | FIELD_LIST) ? VALUE_UNSET : f->kind->codec->of_word(vm, f, word);
	if (is_unset(v))
		vm_clear(vm);                   /* what is wrong is told in two steps */
	return v;
}

value packet_method_getlayer(struct vm *vm, value *a)
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

value packet_method_haslayer(struct vm *vm, value *a)
{
	bool has = packet_haslayer(vm, packet_unread(a[0]), a[1]);
	if (vm_pending(vm))
		return VALUE_UNSET;
	return has ? value_bool(true) : value_int(0);           /* as Scapy's */
}

value packet_method_layers(struct vm *vm, value *a)
{
	struct stack *s = stack_of(a[0]);
	struct list *list = list_new(vm, s->count);
	for (unsigned i = at_of(a[0]); i < s->count; i++)
		list_append(list, value_keep(value_object(s->parts[i].layer->type)));
	return value_object(list);
}

/* What the library has under that name does it: it knows what is cut up, and how. */
value packet_method_fragment(struct vm *vm, value *a)
{
	struct world *w = world_of(vm);
	value fn = w->find ? w->find(vm, str_intern(vm, "fragment")) : VALUE_UNSET;
	if (is_unset(fn))
		return vm_pending(vm) ? fn : vm_raise(vm, vm->errors.NotImplementedError, "fragment is not there");
	value got = value_call_args(vm, fn, 2, a);
	value_drop(fn);
	return got;
}

value packet_method_firstlayer(struct vm *vm, value *a)
{
	return packet_object(stack_of(a[0]), 0);
}

value packet_method_lastlayer(struct vm *vm, value *a)
{
	return packet_object(stack_of(a[0]), stack_of(a[0])->count - 1u);
}

value packet_method_iterpayloads(struct vm *vm, value *a)
{
	struct stack *s = stack_of(a[0]);
	struct list *list = list_new(vm, s->count);
	for (unsigned i = at_of(a[0]); i < s->count; i++)
		list_append(list, packet_object(s, i));
	value all = value_object(list), out = value_iterate(vm, all);
	value_drop(all);
	return out;
}
