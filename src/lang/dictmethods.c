/* The type dict. */
#include "lang/dict.h"

#include "base/buf.h"
#include "base/mem.h"
#include "lang/equal.h"
#include "lang/guard.h"
#include "lang/hash.h"
#include "lang/makers.h"
#include "lang/sequence.h"

value dict_missing_key(struct vm *vm, value key)
{
	value exception = exception_new(vm, vm->errors.KeyError, value_keep(key));
	return is_unset(exception) ? VALUE_UNSET : vm_raise_value(vm, exception);
}

/* == Methods ========================================================================================================= */

static value get(struct vm *vm, value *a)
{
	value found = dict_get(vm, as_dict(a[0]), a[1]);
	if (is_unset(found) && vm_pending(vm))
		return VALUE_UNSET;
	return value_keep(is_unset(found) ? a[2] : found);
}

static value setdefault(struct vm *vm, value *a)
{
	struct dict *d = as_dict(a[0]);
	uint64_t hash;
	if (!hash_of(vm, a[1], &hash))
		return VALUE_UNSET;
	int64_t at = dict_find(vm, d, a[1], hash);
	if (at == -2)
		return VALUE_UNSET;
	if (at >= 0)
		return value_keep(d->entries[at].item);
	if (!dict_put(vm, d, a[1], hash, value_keep(a[2])))
		return VALUE_UNSET;
	return value_keep(a[2]);
}

static value pop(struct vm *vm, value *a)
{
	struct dict *d = as_dict(a[0]);
	uint64_t hash;
	if (!hash_of(vm, a[1], &hash))
		return VALUE_UNSET;
	int64_t at = dict_find(vm, d, a[1], hash);
	if (at == -2)
		return VALUE_UNSET;
	if (at < 0)
		return is_unset(a[2]) ? dict_missing_key(vm, a[1]) : value_keep(a[2]);
	value item = value_keep(d->entries[at].item);
	dict_delete_entry(d, (uint32_t)at);
	return item;
}

static value popitem(struct vm *vm, value *a)
{
	struct dict *d = as_dict(a[0]);
	uint32_t at;
	if (!dict_last(d, &at)) {
		value text = str_value(vm, "popitem(): dictionary is empty");
		value_set(&text, dict_missing_key(vm, text));
		return VALUE_UNSET;
	}
	value pair = tuple_of(vm, 2, (value[]){ d->entries[at].key, d->entries[at].item });
	if (!is_unset(pair))
		dict_delete_entry(d, at);
	return pair;
}

static bool update_named(struct vm *vm, struct dict *d, const struct call *call)
{
	for (uint32_t i = 0; i < call->named; i++)
		if (!dict_set(vm, d, value_object(call->names[i]), value_keep(call->args[call->count + i])))
			return false;
	return true;
}

static bool update_call(struct vm *vm, const char *what, value self, const struct call *call, uint32_t first)
{
	if (call->count > first + 1)
		return vm_raise_ok(vm, vm->errors.TypeError, "%s expected at most 1 argument, got %u", what, call->count - first);
	if (call->count > first && !dict_update(vm, as_dict(self), call->args[first]))
		return false;
	return update_named(vm, as_dict(self), call);
}

static value update(struct vm *vm, const struct call *call)
{
	return update_call(vm, "update", call->args[0], call, 1) ? VALUE_NONE : VALUE_UNSET;
}

static value clear(struct vm *vm, value *a)
{
	dict_clear(as_dict(a[0]));
	return VALUE_NONE;
}

static value copy(struct vm *vm, value *a)
{
	return value_object(dict_copy(vm, as_dict(a[0])));
}

static bool fill_keys(struct vm *vm, value made, value iterable, value item)
{
	value iterator = value_iterate(vm, iterable);
	if (is_unset(iterator))
		return false;
	bool plain = made.o->type == vm->types.dict, ok = true;
	for (value key; ok && !is_unset(key = value_next(vm, iterator)); value_drop(key))
		ok = plain ? dict_set(vm, as_dict(made), key, value_keep(item)) : value_set_item(vm, made, key, item);
	value_drop(iterator);
	return ok && !vm_pending(vm);
}

static value fromkeys(struct vm *vm, value *a)
{
	value made = value_call_args(vm, a[0], 0, NULL);
	if (is_unset(made))
		return VALUE_UNSET;
	if (!is_kind(made, KIND_DICT) || !fill_keys(vm, made, a[1], a[2])) {
		value_drop(made);
		return VALUE_UNSET;
	}
	return made;
}

static value keys(struct vm *vm, value *a)     { return dict_view(vm, a[0], DICT_KEYS); }
static value values(struct vm *vm, value *a)   { return dict_view(vm, a[0], DICT_VALUES); }
static value items(struct vm *vm, value *a)    { return dict_view(vm, a[0], DICT_ITEMS); }
static value backwards(struct vm *vm, value *a){ return dict_iterator(vm, a[0], DICT_KEYS, true); }

const struct native dict_methods[] = {
	{ "get", get, "key, default=None, /", "The value for key, or default when there is none." },
	{ "setdefault", setdefault, "key, default=None, /", "The value for key; when there is none, default, which is put there." },
	{ "pop", pop, "key, default=..., /", "Takes a key out and gives its value; when there is none, default, or KeyError." },
	{ "popitem", popitem, "", "Takes out the newest key and gives (key, value)." },
	{ "keys", keys, "", "A live view of the keys." },
	{ "values", values, "", "A live view of the values." },
	{ "items", items, "", "A live view of the pairs (key, value)." },
	{ "update", .raw = update, .signature = "other=..., /, **kwargs", .doc = "Puts in what a mapping, a sequence of pairs and keywords give." },
	{ "clear", clear, "", "Takes everything out." },
	{ "copy", copy, "", "A new dict with the same keys and values." },
	{ "fromkeys", fromkeys, "iterable, value=None, /", "A dict with these keys, all with the same value.", .flags = NATIVE_CLASS },
	{ "__reversed__", backwards, "", "The keys, newest first." },
	{ 0 },
};

/* == Slots =========================================================================================================== */

static value make(struct vm *vm, struct type *cls, const struct call *call)
{
	return value_object(object_new(cls, 0));
}

static bool init(struct vm *vm, value self, const struct call *call)
{
	return update_call(vm, "dict", self, call, 0);
}

static void release(struct object *o)
{
	dict_clear((struct dict *)o);
}

static void visit(struct object *o, visit_fn visit_held, void *state)
{
	struct dict *d = (struct dict *)o;
	for (uint32_t i = 0; i < d->filled; i++) {
		if (d->entries[i].key.tag == TAG_OBJECT)
			visit_held(d->entries[i].key.o, state);
		if (d->entries[i].item.tag == TAG_OBJECT)
			visit_held(d->entries[i].item.o, state);
	}
}

static bool repr_entries(struct vm *vm, struct dict *d, struct buf *out)
{
	bool ok = true, first = true;
	for (uint32_t i = 0; ok && i < d->filled; i++) {
		if (is_unset(d->entries[i].key))
			continue;
		value key = value_keep(d->entries[i].key), item = value_keep(d->entries[i].item);
		if (!first)
			buf_text(out, ", ");
		first = false;
		ok = value_repr_to(vm, key, out);
		buf_text(out, ": ");
		ok = ok && value_repr_to(vm, item, out);
		value_drop(key);
		value_drop(item);
	}
	return ok;
}

static bool repr(struct vm *vm, value self, struct buf *out)
{
	int entered = guard_print(vm, self.o);
	if (entered <= 0) {
		buf_text(out, "{...}");
		return entered == 0;
	}
	buf_char(out, '{');
	bool ok = repr_entries(vm, as_dict(self), out);
	buf_char(out, '}');
	guard_printed(vm);
	return ok;
}

static bool hash(struct vm *vm, value self, uint64_t *out)
{
	return vm_raise_ok(vm, vm->errors.TypeError, "unhashable type: '%s'", value_type_name(vm, self));
}

static value compare(struct vm *vm, enum compare op, value a, value b)
{
	if (!is_kind(b, KIND_DICT) || (op != CMP_EQ && op != CMP_NE))
		return VALUE_UNSUPPORTED;
	bool same;
	if (!dict_equal(vm, as_dict(a), as_dict(b), &same))
		return VALUE_UNSET;
	return value_bool(same == (op == CMP_EQ));
}

static bool truth(struct vm *vm, value self, bool *out)
{
	*out = as_dict(self)->used != 0;
	return true;
}

static bool length(struct vm *vm, value self, size_t *out)
{
	*out = as_dict(self)->used;
	return true;
}

static value item(struct vm *vm, value self, value key)
{
	value found = dict_get(vm, as_dict(self), key);
	if (!is_unset(found))
		return value_keep(found);
	if (vm_pending(vm))
		return VALUE_UNSET;
	if (self.o->type != vm->types.dict && !is_unset(type_find(self.o->type, vm->names.missing_)))
		return value_call_method(vm, self, vm->names.missing_, 1, &key);
	return dict_missing_key(vm, key);
}

static bool set_item(struct vm *vm, value self, value key, value to)
{
	if (!is_unset(to))
		return dict_set(vm, as_dict(self), key, value_keep(to));
	bool was;
	if (!dict_remove(vm, as_dict(self), key, &was))
		return false;
	if (!was)
		dict_missing_key(vm, key);
	return was;
}

static bool contains(struct vm *vm, value self, value needle, bool *out)
{
	*out = !is_unset(dict_get(vm, as_dict(self), needle));
	return *out || !vm_pending(vm);
}

static value iterate(struct vm *vm, value self)
{
	return dict_iterator(vm, self, DICT_KEYS, false);
}

static value binary(struct vm *vm, enum operator op, value a, value b, bool reflected, bool reusable)
{
	if (op != OP_OR_ || !is_kind(a, KIND_DICT) || !is_kind(b, KIND_DICT))
		return VALUE_UNSUPPORTED;
	struct dict *both = dict_copy(vm, as_dict(a));
	if (dict_update(vm, both, b))
		return value_object(both);
	object_drop(both);
	return VALUE_UNSET;
}

static value inplace(struct vm *vm, enum operator op, value a, value b, bool reusable)
{
	if (op != OP_OR_)
		return VALUE_UNSUPPORTED;
	return dict_update(vm, as_dict(a), b) ? value_keep(a) : VALUE_UNSET;
}

static const struct type_spec dict_spec = {
	.name = "dict",
	.doc = "A table of keys and values, in the order in which they were put in.",
	.kind = KIND_DICT,
	.size = sizeof(struct dict),
	.flags = TYPE_CONTAINER | TYPE_SUBCLASSABLE,
	.signature = "mapping_or_iterable=..., /, **kwargs",
	.slots = {
		.make = make, .init = init, .release = release, .visit = visit, .repr = repr, .hash = hash, .compare = compare,
		.truth = truth, .length = length, .item = item, .set_item = set_item, .contains = contains, .iterate = iterate,
		.binary = binary, .inplace = inplace,
	},
	.methods = dict_methods,
};

void type_make_dict(struct vm *vm)
{
	vm->types.dict = type_new(vm, &dict_spec, NULL);
}
