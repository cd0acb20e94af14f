/* What looks at a dict without copying it: its iterators, and the views that keys(), values() and items() give. */
#include "lang/dict.h"

#include "base/buf.h"
#include "lang/equal.h"
#include "lang/guard.h"
#include "lang/hash.h"
#include "lang/makers.h"
#include "lang/sequence.h"
#include "lang/set.h"

/* == Iterators ======================================================================================================= */

/* An iterator over a dict keeps in `at` the entry to look at next and, in the upper half, how many there were at first. */
static bool next_entry(struct vm *vm, struct iterator *it, struct dict_entry **out)
{
	if (is_unset(it->over))
		return false;
	struct dict *d = as_dict(it->over);
	uint32_t at = (uint32_t)it->at;
	if (d->used != it->at >> 32) {
		it->at |= (uint64_t)UINT32_MAX << 32;
		return vm_raise_ok(vm, vm->errors.RuntimeError, "dictionary changed size during iteration");
	}
	while (at < d->filled && is_unset(d->entries[at].key))
		at++;
	if (at >= d->filled) {
		value_set(&it->over, VALUE_UNSET);
		return false;
	}
	*out = &d->entries[at];
	it->at = (it->at >> 32 << 32) | (at + 1);
	return true;
}

/* Backwards, the lower half is one more than the entry to look at next. */
static bool entry_before(struct vm *vm, struct iterator *it, struct dict_entry **out)
{
	if (is_unset(it->over))
		return false;
	struct dict *d = as_dict(it->over);
	uint32_t at = (uint32_t)it->at;
	if (d->used != it->at >> 32) {
		it->at |= (uint64_t)UINT32_MAX << 32;
		return vm_raise_ok(vm, vm->errors.RuntimeError, "dictionary changed size during iteration");
	}
	if (at > d->filled)
		at = d->filled;
	while (at && is_unset(d->entries[at - 1].key))
		at--;
	if (!at) {
		value_set(&it->over, VALUE_UNSET);
		return false;
	}
	*out = &d->entries[at - 1];
	it->at = (it->at >> 32 << 32) | (at - 1);
	return true;
}

/* The pair given last is used again when nobody has kept it, as in `for k, v in d.items()`. */
static value pair_of(struct vm *vm, struct iterator *it, const struct dict_entry *e)
{
	if (it->extra.tag == TAG_OBJECT && it->extra.o->refs == 1) {
		struct tuple *t = as_tuple(value_keep(it->extra));
		value key = value_keep(e->key), item = value_keep(e->item);
		t->hash = 0;
		value_set(&t->items[0], key);
		value_set(&t->items[1], item);
		return value_object(t);
	}
	value pair = tuple_of(vm, 2, (value[]){ e->key, e->item });
	value_set(&it->extra, value_keep(pair));
	return pair;
}

static value next_key(struct vm *vm, struct iterator *it)
{
	struct dict_entry *e;
	return next_entry(vm, it, &e) ? value_keep(e->key) : VALUE_UNSET;
}

static value next_value(struct vm *vm, struct iterator *it)
{
	struct dict_entry *e;
	return next_entry(vm, it, &e) ? value_keep(e->item) : VALUE_UNSET;
}

static value next_item(struct vm *vm, struct iterator *it)
{
	struct dict_entry *e;
	return next_entry(vm, it, &e) ? pair_of(vm, it, e) : VALUE_UNSET;
}

static value key_before(struct vm *vm, struct iterator *it)
{
	struct dict_entry *e;
	return entry_before(vm, it, &e) ? value_keep(e->key) : VALUE_UNSET;
}

static value value_before(struct vm *vm, struct iterator *it)
{
	struct dict_entry *e;
	return entry_before(vm, it, &e) ? value_keep(e->item) : VALUE_UNSET;
}

static value item_before(struct vm *vm, struct iterator *it)
{
	struct dict_entry *e;
	return entry_before(vm, it, &e) ? tuple_of(vm, 2, (value[]){ e->key, e->item }) : VALUE_UNSET;
}

value dict_iterator(struct vm *vm, value dict, enum dict_part part, bool reversed)
{
	static value (*const steps[2][3])(struct vm *, struct iterator *) = {
		{ next_key, next_value, next_item },
		{ key_before, value_before, item_before },
	};
	value v = iterator_new(vm, dict, steps[reversed][part]);
	if (!is_unset(v))
		((struct iterator *)v.o)->at = (uint64_t)as_dict(dict)->used << 32 | (reversed ? as_dict(dict)->filled : 0);
	return v;
}

/* == Views =========================================================================================================== */

struct view_of {
	struct container head;
	struct dict *dict;
};

static struct dict *dict_of(value view)
{
	return ((struct view_of *)view.o)->dict;
}

static enum dict_part part_of(struct vm *vm, value view)
{
	struct type *type = view.o->type;
	return type == vm->types.dict_keys ? DICT_KEYS : type == vm->types.dict_values ? DICT_VALUES : DICT_ITEMS;
}

static bool is_view(struct vm *vm, value v)
{
	return v.tag == TAG_OBJECT && (v.o->type == vm->types.dict_keys || v.o->type == vm->types.dict_items);
}

value dict_view(struct vm *vm, value dict, enum dict_part part)
{
	struct type *types[] = { vm->types.dict_keys, vm->types.dict_values, vm->types.dict_items };
	struct view_of *view = object_new(types[part], 0);
	view->dict = object_keep(as_dict(dict));
	return value_object(view);
}

static void release(struct object *o)
{
	object_drop(((struct view_of *)o)->dict);
}

static void visit(struct object *o, visit_fn visit_held, void *state)
{
	visit_held(&((struct view_of *)o)->dict->head.head, state);
}

static bool length(struct vm *vm, value self, size_t *out)
{
	*out = dict_of(self)->used;
	return true;
}

static value iterate(struct vm *vm, value self)
{
	return dict_iterator(vm, value_object(dict_of(self)), part_of(vm, self), false);
}

static value backwards(struct vm *vm, value *a)
{
	return dict_iterator(vm, value_object(dict_of(a[0])), part_of(vm, a[0]), true);
}

static bool repr(struct vm *vm, value self, struct buf *out)
{
	int entered = guard_print(vm, self.o);
	if (entered <= 0) {
		buf_text(out, "...");
		return entered == 0;
	}
	value list = list_from(vm, self);
	if (is_unset(list)) {
		guard_printed(vm);
		return false;
	}
	buf_text(out, value_type_name(vm, self));
	buf_char(out, '(');
	bool ok = value_repr_to(vm, list, out);
	guard_printed(vm);
	buf_char(out, ')');
	value_drop(list);
	return ok;
}

static bool has_item(struct vm *vm, struct dict *d, value pair, bool *out)
{
	*out = false;
	if (!is_kind(pair, KIND_TUPLE) || as_tuple(pair)->count != 2)
		return true;
	value item = dict_get(vm, d, as_tuple(pair)->items[0]);
	if (is_unset(item))
		return !vm_pending(vm);
	value_keep(item);
	bool ok = equal_items(vm, item, as_tuple(pair)->items[1], out);
	value_drop(item);
	return ok;
}

static bool contains(struct vm *vm, value self, value needle, bool *out)
{
	if (part_of(vm, self) == DICT_ITEMS)
		return has_item(vm, dict_of(self), needle, out);
	*out = !is_unset(dict_get(vm, dict_of(self), needle));
	return *out || !vm_pending(vm);
}

static bool is_set_like(struct vm *vm, value v)
{
	return is_view(vm, v) || is_kind(v, KIND_SET) || is_kind(v, KIND_FROZENSET);
}

static bool all_in(struct vm *vm, value a, value b, bool *out)
{
	value iterator = value_iterate(vm, a);
	if (is_unset(iterator))
		return false;
	bool ok = true;
	*out = true;
	for (value v; ok && *out && !is_unset(v = value_next(vm, iterator)); value_drop(v))
		ok = value_contains(vm, b, v, out);
	value_drop(iterator);
	return ok && !vm_pending(vm);
}

static value compare(struct vm *vm, enum compare op, value a, value b)
{
	if (!is_set_like(vm, b))
		return VALUE_UNSUPPORTED;
	size_t x, y;
	bool result = false;
	if (!value_length(vm, a, &x) || !value_length(vm, b, &y))
		return VALUE_UNSET;
	bool sizes = op == CMP_EQ || op == CMP_NE ? x == y : op == CMP_LT ? x < y : op == CMP_LE ? x <= y : op == CMP_GT ? x > y : x >= y;
	bool turned = op == CMP_GT || op == CMP_GE;
	if (sizes && !all_in(vm, turned ? b : a, turned ? a : b, &result))
		return VALUE_UNSET;
	return value_bool(result == (op != CMP_NE));
}

static value binary(struct vm *vm, enum operator op, value a, value b, bool reflected, bool reusable)
{
	if (op != OP_AND_ && op != OP_OR_ && op != OP_XOR_ && op != OP_SUB_)
		return VALUE_UNSUPPORTED;
	return set_combine(vm, op, a, b);
}

static value isdisjoint(struct vm *vm, value *a)
{
	value common = set_combine(vm, OP_AND_, a[0], a[1]);
	if (is_unset(common))
		return VALUE_UNSET;
	bool none = ((struct set *)common.o)->used == 0;
	value_drop(common);
	return value_bool(none);
}

static const struct native view_methods[] = {
	{ "isdisjoint", isdisjoint, "other, /", "True when nothing is in both." },
	{ "__reversed__", backwards, "", "What it shows, newest first." },
	{ 0 },
};

static const struct native values_methods[] = {
	{ "__reversed__", backwards, "", "What it shows, newest first." },
	{ 0 },
};

static bool no_hash(struct vm *vm, value self, uint64_t *out)
{
	return vm_raise_ok(vm, vm->errors.TypeError, "unhashable type: '%s'", value_type_name(vm, self));
}

static const struct type_spec keys_spec = {
	.name = "dict_keys", .doc = "A live view of a dict's keys.", .size = sizeof(struct view_of), .flags = TYPE_CONTAINER,
	.slots = { .release = release, .visit = visit, .repr = repr, .length = length, .iterate = iterate, .contains = contains,
	           .compare = compare, .binary = binary, .hash = no_hash },
	.methods = view_methods,
};
static const struct type_spec items_spec = {
	.name = "dict_items", .doc = "A live view of a dict's pairs of key and value.", .size = sizeof(struct view_of), .flags = TYPE_CONTAINER,
	.slots = { .release = release, .visit = visit, .repr = repr, .length = length, .iterate = iterate, .contains = contains,
	           .compare = compare, .binary = binary, .hash = no_hash },
	.methods = view_methods,
};
static const struct type_spec values_spec = {
	.name = "dict_values", .doc = "A live view of a dict's values.", .size = sizeof(struct view_of), .flags = TYPE_CONTAINER,
	.slots = { .release = release, .visit = visit, .repr = repr, .length = length, .iterate = iterate },
	.methods = values_methods,
};

void type_make_dict_keys(struct vm *vm)   { vm->types.dict_keys = type_new(vm, &keys_spec, NULL); }
void type_make_dict_values(struct vm *vm) { vm->types.dict_values = type_new(vm, &values_spec, NULL); }
void type_make_dict_items(struct vm *vm)  { vm->types.dict_items = type_new(vm, &items_spec, NULL); }
