#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "lang/equal.h"
#include "lang/hash.h"
#include "lang/list.h"
#include "lang/makers.h"
#include "lang/sequence.h"

/* == Making ========================================================================================================== */

struct tuple *tuple_new(struct vm *vm, size_t count)
{
	struct tuple *t = object_new(vm->types.tuple, count * sizeof *t->items);
	t->count = count;
	return t;
}

value tuple_of(struct vm *vm, size_t count, const value *items)
{
	struct tuple *t = tuple_new(vm, count);
	for (size_t i = 0; i < count; i++)
		t->items[i] = value_keep(items[i]);
	return value_object(t);
}

value tuple_from(struct vm *vm, value iterable)
{
	if (iterable.tag == TAG_OBJECT && iterable.o->type == vm->types.tuple)
		return value_keep(iterable);
	value list = list_from(vm, iterable);
	if (is_unset(list))
		return VALUE_UNSET;
	value tuple = tuple_of(vm, as_list(list)->count, as_list(list)->items);
	value_drop(list);
	return tuple;
}

static value make(struct vm *vm, struct type *cls, const struct call *call)
{
	value a[1];
	if (!call_bind(vm, vm->types.tuple->signature, call, a))
		return VALUE_UNSET;
	value made = is_unset(a[0]) ? tuple_of(vm, 0, NULL) : tuple_from(vm, a[0]);
	call_unbind(vm->types.tuple->signature, a);
	if (is_unset(made) || cls == vm->types.tuple)
		return made;
	struct tuple *from = as_tuple(made), *copy = object_new(cls, from->count * sizeof *from->items);
	copy->count = from->count;
	for (size_t i = 0; i < from->count; i++)
		copy->items[i] = value_keep(from->items[i]);
	value_drop(made);
	return value_object(copy);
}

/* == Operators ======================================================================================================= */

static value tuple_slice(struct vm *vm, value self, value key)
{
	struct tuple *t = as_tuple(self);
	int64_t start, stop, step;
	size_t count;
	if (!slice_indices(vm, key, t->count, &start, &stop, &step, &count))
		return VALUE_UNSET;
	if (count == t->count && step == 1 && t->head.head.type == vm->types.tuple)
		return value_keep(self);
	struct tuple *part = tuple_new(vm, count);
	for (size_t i = 0; i < count; i++, start += step)
		part->items[i] = value_keep(t->items[start]);
	return value_object(part);
}

static value item(struct vm *vm, value self, value key)
{
	if (is_kind(key, KIND_SLICE))
		return tuple_slice(vm, self, key);
	size_t i;
	if (!sequence_index(vm, key, as_tuple(self)->count, "tuple", "tuple index out of range", &i))
		return VALUE_UNSET;
	return value_keep(as_tuple(self)->items[i]);
}

static value concat(struct vm *vm, struct tuple *a, struct tuple *b)
{
	struct tuple *both = tuple_new(vm, a->count + b->count);
	for (size_t i = 0; i < a->count; i++)
		both->items[i] = value_keep(a->items[i]);
	for (size_t i = 0; i < b->count; i++)
		both->items[a->count + i] = value_keep(b->items[i]);
	return value_object(both);
}

static value repeat(struct vm *vm, value self, value n)
{
	struct tuple *t = as_tuple(self);
	size_t count;
	switch (sequence_times(vm, n, t->count, sizeof *t->items, &count)) {
	case TIMES_RAISED: return VALUE_UNSET;
	case TIMES_UNSUPPORTED: return VALUE_UNSUPPORTED;
	case TIMES_OK: break;
	}
	if (t->count && count > (SIZE_MAX >> 28) / t->count)
		return vm_raise(vm, vm->errors.MemoryError, "no memory for a tuple of that size");
	struct tuple *out = tuple_new(vm, t->count * count);
	for (size_t i = 0; i < out->count; i++)
		out->items[i] = value_keep(t->items[i % t->count]);
	return value_object(out);
}

static value binary(struct vm *vm, enum operator op, value a, value b, bool reflected, bool reusable)
{
	if (op == OP_ADD_) {
		if (is_kind(a, KIND_TUPLE) && is_kind(b, KIND_TUPLE))
			return concat(vm, as_tuple(a), as_tuple(b));
		return reflected ? VALUE_UNSUPPORTED : sequence_no_concat(vm, "can only concatenate tuple (not \"%\") to tuple", b);
	}
	if (op == OP_MUL_)
		return repeat(vm, reflected ? b : a, reflected ? a : b);
	return VALUE_UNSUPPORTED;
}

static value compare(struct vm *vm, enum compare op, value a, value b)
{
	return is_kind(b, KIND_TUPLE) ? sequence_compare(vm, op, a, b) : VALUE_UNSUPPORTED;
}

static bool hash(struct vm *vm, value self, uint64_t *out)
{
	struct tuple *t = as_tuple(self);
	if (!t->hash) {
		uint64_t few[16], *hashes = t->count <= 16 ? few : mem_alloc(t->count * sizeof *hashes);
		bool ok = true;
		for (size_t i = 0; ok && i < t->count; i++)
			ok = hash_of(vm, t->items[i], &hashes[i]);
		if (ok)
			t->hash = hash_values(hashes, t->count);
		if (hashes != few)
			mem_free(hashes);
		if (!ok)
			return false;
	}
	*out = t->hash;
	return true;
}

static bool contains(struct vm *vm, value self, value needle, bool *out)
{
	size_t at;
	if (!sequence_find(vm, self, needle, 0, SIZE_MAX, &at))
		return false;
	*out = at != SIZE_MAX;
	return true;
}

static value step(struct vm *vm, struct iterator *it)
{
	struct tuple *t = as_tuple(it->over);
	return it->at < t->count ? value_keep(t->items[it->at++]) : VALUE_UNSET;
}

static value iterate(struct vm *vm, value self)
{
	return iterator_new(vm, self, step);
}

/* == Methods ========================================================================================================= */

static value find_index(struct vm *vm, value *a)
{
	size_t from, to, at;
	if (!sequence_bounds(vm, a[2], a[3], as_tuple(a[0])->count, &from, &to) || !sequence_find(vm, a[0], a[1], from, to, &at))
		return VALUE_UNSET;
	if (at == SIZE_MAX)
		return vm_raise(vm, vm->errors.ValueError, "tuple.index(x): x not in tuple");
	return value_int((int64_t)at);
}

static value count_item(struct vm *vm, value *a)
{
	size_t count;
	return sequence_count(vm, a[0], a[1], &count) ? value_int((int64_t)count) : VALUE_UNSET;
}

static const struct native methods[] = {
	{ "index", find_index, "value, start=0, stop=..., /", "The first index at which an item is equal to value; ValueError when there is none." },
	{ "count", count_item, "value, /", "How many items are equal to value." },
	{ 0 },
};

/* == Slots =========================================================================================================== */

static void release(struct object *o)
{
	struct tuple *t = (struct tuple *)o;
	for (size_t i = 0; i < t->count; i++)
		value_drop(t->items[i]);
}

static void visit(struct object *o, visit_fn visit_held, void *state)
{
	struct tuple *t = (struct tuple *)o;
	for (size_t i = 0; i < t->count; i++)
		if (t->items[i].tag == TAG_OBJECT)
			visit_held(t->items[i].o, state);
}

static bool repr(struct vm *vm, value self, struct buf *out)
{
	return sequence_repr(vm, self, "(", as_tuple(self)->count == 1 ? ",)" : ")", out);
}

static bool truth(struct vm *vm, value self, bool *out)
{
	*out = as_tuple(self)->count != 0;
	return true;
}

static bool length(struct vm *vm, value self, size_t *out)
{
	*out = as_tuple(self)->count;
	return true;
}

static const struct type_spec spec = {
	.name = "tuple",
	.doc = "A sequence that does not change.",
	.kind = KIND_TUPLE,
	.size = sizeof(struct tuple),
	.dict_offset = offsetof(struct tuple, dict),
	.flags = TYPE_CONTAINER | TYPE_SUBCLASSABLE,
	.signature = "iterable=..., /",
	.slots = {
		.make = make, .release = release, .visit = visit, .repr = repr, .hash = hash, .compare = compare, .truth = truth,
		.length = length, .item = item, .contains = contains, .iterate = iterate, .binary = binary,
	},
	.methods = methods,
};

void type_make_tuple(struct vm *vm)
{
	vm->types.tuple = type_new(vm, &spec, NULL);
}
