#include "lang/list.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "lang/makers.h"
#include "lang/sequence.h"

/* == Room ============================================================================================================ */

struct list *list_new(struct vm *vm, size_t room)
{
	struct list *l = object_new(vm->types.list, 0);
	if (room) {
		l->items = mem_alloc(room * sizeof *l->items);
		l->room = room;
	}
	return l;
}

enum { POLL_EVERY = 1024 };     /* items taken from an iterator, which may have no end */

static size_t enough(size_t count)
{
	return count + count / 8 + (count < 9 ? 4 : 8);
}

bool list_room(struct vm *vm, struct list *l, size_t more)
{
	size_t need = l->count + more;
	if (need <= l->room)
		return true;
	value *items = need < SIZE_MAX / 64 ? mem_try_resize(l->items, enough(need) * sizeof *items) : NULL;
	if (!items)
		return vm_raise_ok(vm, vm->errors.MemoryError, "no memory for a list of %zu items", need);
	l->items = items;
	l->room = enough(need);
	return true;
}

void list_append(struct list *l, TAKES value item)
{
	if (l->count == l->room) {
		l->room = enough(l->count + 1);
		l->items = mem_resize(l->items, l->room * sizeof *l->items);
	}
	l->items[l->count++] = item;
}

bool list_insert(struct vm *vm, struct list *l, int64_t at, TAKES value item)
{
	if (!list_room(vm, l, 1)) {
		value_drop(item);
		return false;
	}
	if (at < 0)
		at = at + (int64_t)l->count < 0 ? 0 : at + (int64_t)l->count;
	size_t i = (size_t)at > l->count ? l->count : (size_t)at;
	memmove(l->items + i + 1, l->items + i, (l->count - i) * sizeof *l->items);
	l->items[i] = item;
	l->count++;
	return true;
}

static void drop_all(value *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		value_drop(items[i]);
}

void list_clear(struct list *l)
{
	value *items = l->items;
	size_t count = l->count;
	l->items = NULL;
	l->count = l->room = 0;
	drop_all(items, count);
	mem_free(items);
}

/* The items that leave are set aside first: releasing them may look at the list. */
bool list_replace(struct vm *vm, struct list *l, size_t from, size_t to, const value *items, size_t count)
{
	size_t gone = to - from, tail = l->count - to;
	value *old = gone ? mem_copy(l->items + from, gone * sizeof *old) : NULL;
	if (count > gone && !list_room(vm, l, count - gone)) {
		mem_free(old);
		return false;
	}
	if (tail)
		memmove(l->items + from + count, l->items + to, tail * sizeof *l->items);
	for (size_t i = 0; i < count; i++)
		l->items[from + i] = value_keep(items[i]);
	l->count = from + count + tail;
	drop_all(old, gone);
	mem_free(old);
	return true;
}

bool value_items(value v, const value **items, size_t *count)
{
	if (v.tag != TAG_OBJECT)
		return false;
	if (v.o->kind == KIND_LIST) {
		*items = as_list(v)->items;
		*count = as_list(v)->count;
		return true;
	}
	if (v.o->kind == KIND_TUPLE) {
		*items = as_tuple(v)->items;
		*count = as_tuple(v)->count;
		return true;
	}
	return false;
}

/* Lists and tuples are taken at once; but a class of the language may iterate in its own way. */
static bool is_plain(struct vm *vm, value v)
{
	return v.tag == TAG_OBJECT && (v.o->type == vm->types.list || v.o->type == vm->types.tuple);
}

bool list_extend(struct vm *vm, struct list *l, value iterable)
{
	const value *items;
	size_t count;
	if (is_plain(vm, iterable) && value_items(iterable, &items, &count)) {
		if (!list_room(vm, l, count))
			return false;
		value_items(iterable, &items, &count);      /* it may be l itself, moved */
		for (size_t i = 0; i < count; i++)
			l->items[l->count++] = value_keep(items[i]);
		return true;
	}
	value iterator = value_iterate(vm, iterable);
	if (is_unset(iterator))
		return false;
	bool ok = true;
	for (value item; ok && !is_unset(item = value_next(vm, iterator)); ) {
		ok = list_room(vm, l, 1) && (l->count % POLL_EVERY || vm_poll(vm));
		ok ? list_append(l, item) : value_drop(item);
	}
	value_drop(iterator);
	return ok && !vm_pending(vm);
}

value list_from(struct vm *vm, value iterable)
{
	struct list *l = list_new(vm, 0);
	if (list_extend(vm, l, iterable))
		return value_object(l);
	object_drop(l);
	return VALUE_UNSET;
}

/* == Subscripts ====================================================================================================== */

static value list_slice(struct vm *vm, struct list *l, value key)
{
	int64_t start, stop, step;
	size_t count;
	if (!slice_indices(vm, key, l->count, &start, &stop, &step, &count))
		return VALUE_UNSET;
	struct list *part = list_new(vm, count);
	for (size_t i = 0; i < count; i++, start += step)
		part->items[i] = value_keep(l->items[start]);
	part->count = count;
	return value_object(part);
}

static value list_item(struct vm *vm, value self, value key)
{
	struct list *l = as_list(self);
	if (is_kind(key, KIND_SLICE))
		return list_slice(vm, l, key);
	size_t i;
	if (!sequence_index(vm, key, l->count, "list", "list index out of range", &i))
		return VALUE_UNSET;
	return value_keep(l->items[i]);
}

static bool assign_stepping(struct vm *vm, struct list *l, int64_t start, int64_t step, size_t count, const value *items, size_t have)
{
	if (have != count)
		return vm_raise_ok(vm, vm->errors.ValueError, "attempt to assign sequence of size %zu to extended slice of size %zu", have, count);
	for (size_t i = 0; i < count; i++, start += step)
		value_set(&l->items[start], value_keep(items[i]));
	return true;
}

static bool assign_slice(struct vm *vm, struct list *l, value key, value to)
{
	if (!is_plain(vm, to) && is_unset(value_type(vm, to)->slots.iterate ? VALUE_NONE : VALUE_UNSET))
		return vm_raise_ok(vm, vm->errors.TypeError, ((struct slice *)key.o)->step.tag == TAG_NONE ? "can only assign an iterable"
		                   : "must assign iterable to extended slice");
	value fresh = list_from(vm, to);
	int64_t start, stop, step;
	size_t count;
	if (is_unset(fresh))
		return false;
	bool ok = slice_indices(vm, key, l->count, &start, &stop, &step, &count);
	struct list *f = as_list(fresh);
	if (ok && step == 1)
		ok = list_replace(vm, l, (size_t)start, (size_t)start + count, f->items, f->count);
	else if (ok)
		ok = assign_stepping(vm, l, start, step, count, f->items, f->count);
	value_drop(fresh);
	return ok;
}

static bool delete_slice(struct vm *vm, struct list *l, value key)
{
	int64_t start, stop, step;
	size_t count;
	if (!slice_indices(vm, key, l->count, &start, &stop, &step, &count))
		return false;
	if (step == 1 || !count)
		return !count || list_replace(vm, l, (size_t)start, (size_t)start + count, NULL, 0);
	if (step < 0) {
		start += step * (int64_t)(count - 1);
		step = -step;
	}
	value *gone = mem_alloc(count * sizeof *gone);
	size_t to = (size_t)start, taken = 0;
	for (size_t i = (size_t)start; i < l->count; i++) {
		if (taken < count && (i - (size_t)start) % (size_t)step == 0)
			gone[taken++] = l->items[i];
		else
			l->items[to++] = l->items[i];
	}
	l->count = to;
	drop_all(gone, taken);
	mem_free(gone);
	return true;
}

static bool list_set_item(struct vm *vm, value self, value key, value to)
{
	struct list *l = as_list(self);
	if (is_kind(key, KIND_SLICE))
		return is_unset(to) ? delete_slice(vm, l, key) : assign_slice(vm, l, key, to);
	size_t i;
	if (!sequence_index(vm, key, l->count, "list", "list assignment index out of range", &i))
		return false;
	if (is_unset(to))
		return list_replace(vm, l, i, i + 1, NULL, 0);
	value_set(&l->items[i], value_keep(to));
	return true;
}

/* == Operators ======================================================================================================= */

static value list_concat(struct vm *vm, struct list *a, struct list *b)
{
	struct list *both = list_new(vm, 0);
	if (!list_room(vm, both, a->count + b->count)) {
		object_drop(both);
		return VALUE_UNSET;
	}
	list_replace(vm, both, 0, 0, a->items, a->count);
	list_replace(vm, both, both->count, both->count, b->items, b->count);
	return value_object(both);
}

/* Makes l its own items, count times over. */
static bool repeat_in(struct vm *vm, struct list *l, size_t count)
{
	size_t once = l->count;
	if (!count) {
		list_clear(l);
		return true;
	}
	if (!list_room(vm, l, once * (count - 1)))
		return false;
	for (size_t n = 1; n < count && once; n++)
		for (size_t i = 0; i < once; i++)
			l->items[l->count++] = value_keep(l->items[i]);
	return true;
}

static value list_repeat(struct vm *vm, value self, value n, bool in_place)
{
	struct list *l = as_list(self);
	size_t count;
	switch (sequence_times(vm, n, l->count, sizeof *l->items, &count)) {
	case TIMES_RAISED: return VALUE_UNSET;
	case TIMES_UNSUPPORTED: return VALUE_UNSUPPORTED;
	case TIMES_OK: break;
	}
	if (in_place)
		return repeat_in(vm, l, count) ? value_keep(self) : VALUE_UNSET;
	struct list *out = list_new(vm, 0);
	if (count && list_replace(vm, out, 0, 0, l->items, l->count) && !repeat_in(vm, out, count)) {
		object_drop(out);
		return VALUE_UNSET;
	}
	return value_object(out);
}

static value list_binary(struct vm *vm, enum operator op, value a, value b, bool reflected, bool reusable)
{
	if (op == OP_ADD_) {
		if (is_kind(a, KIND_LIST) && is_kind(b, KIND_LIST))
			return list_concat(vm, as_list(a), as_list(b));
		return reflected ? VALUE_UNSUPPORTED : sequence_no_concat(vm, "can only concatenate list (not \"%\") to list", b);
	}
	if (op == OP_MUL_)
		return list_repeat(vm, reflected ? b : a, reflected ? a : b, false);
	return VALUE_UNSUPPORTED;
}

static value list_inplace(struct vm *vm, enum operator op, value a, value b, bool reusable)
{
	if (op == OP_ADD_)
		return list_extend(vm, as_list(a), b) ? value_keep(a) : VALUE_UNSET;
	if (op == OP_MUL_)
		return list_repeat(vm, a, b, true);
	return VALUE_UNSUPPORTED;
}

static value list_compare(struct vm *vm, enum compare op, value a, value b)
{
	return is_kind(b, KIND_LIST) ? sequence_compare(vm, op, a, b) : VALUE_UNSUPPORTED;
}

static bool list_contains(struct vm *vm, value self, value needle, bool *out)
{
	size_t at;
	if (!sequence_find(vm, self, needle, 0, SIZE_MAX, &at))
		return false;
	*out = at != SIZE_MAX;
	return true;
}

/* == Slots =========================================================================================================== */

static value list_make(struct vm *vm, struct type *cls, const struct call *call)
{
	return value_object(object_new(cls, 0));
}

static bool list_init(struct vm *vm, value self, const struct call *call)
{
	value a[1];
	if (!call_bind(vm, vm->types.list->signature, call, a))
		return false;
	list_clear(as_list(self));
	bool ok = is_unset(a[0]) || list_extend(vm, as_list(self), a[0]);
	call_unbind(vm->types.list->signature, a);
	return ok;
}

static void list_release(struct object *o)
{
	list_clear((struct list *)o);
}

static void list_visit(struct object *o, visit_fn visit, void *state)
{
	struct list *l = (struct list *)o;
	for (size_t i = 0; i < l->count; i++)
		if (l->items[i].tag == TAG_OBJECT)
			visit(l->items[i].o, state);
}

static bool list_repr(struct vm *vm, value self, struct buf *out)
{
	return sequence_repr(vm, self, "[", "]", out);
}

static bool list_hash(struct vm *vm, value self, uint64_t *out)
{
	return vm_raise_ok(vm, vm->errors.TypeError, "unhashable type: '%s'", value_type_name(vm, self));
}

static bool list_truth(struct vm *vm, value self, bool *out)
{
	*out = as_list(self)->count != 0;
	return true;
}

static bool list_length(struct vm *vm, value self, size_t *out)
{
	*out = as_list(self)->count;
	return true;
}

static value list_step(struct vm *vm, struct iterator *it)
{
	if (is_unset(it->over))
		return VALUE_UNSET;
	struct list *l = as_list(it->over);
	if (it->at < l->count)
		return value_keep(l->items[it->at++]);
	value_set(&it->over, VALUE_UNSET);
	return VALUE_UNSET;
}

static value list_iterate(struct vm *vm, value self)
{
	return iterator_new(vm, self, list_step);
}

static const struct type_spec list_spec = {
	.name = "list",
	.doc = "A sequence that can be changed.",
	.kind = KIND_LIST,
	.size = sizeof(struct list),
	.flags = TYPE_CONTAINER | TYPE_SUBCLASSABLE,
	.signature = "iterable=..., /",
	.slots = {
		.make = list_make, .init = list_init, .release = list_release, .visit = list_visit, .repr = list_repr,
		.hash = list_hash, .compare = list_compare, .truth = list_truth, .length = list_length, .item = list_item,
		.set_item = list_set_item, .contains = list_contains, .iterate = list_iterate, .binary = list_binary,
		.inplace = list_inplace,
	},
	.methods = list_methods,
};

void type_make_list(struct vm *vm)
{
	vm->types.list = type_new(vm, &list_spec, NULL);
}
