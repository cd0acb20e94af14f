/* The methods of list. */
#include "lang/list.h"

#include "base/mem.h"
#include "lang/sequence.h"

static value append(struct vm *vm, value *a)
{
	list_append(as_list(a[0]), value_keep(a[1]));
	return VALUE_NONE;
}

static value extend(struct vm *vm, value *a)
{
	return list_extend(vm, as_list(a[0]), a[1]) ? VALUE_NONE : VALUE_UNSET;
}

static value insert(struct vm *vm, value *a)
{
	int64_t at;
	if (!value_to_int64(vm, a[1], &at))
		return VALUE_UNSET;
	return list_insert(vm, as_list(a[0]), at, value_keep(a[2])) ? VALUE_NONE : VALUE_UNSET;
}

static value pop(struct vm *vm, value *a)
{
	struct list *l = as_list(a[0]);
	size_t i;
	if (!l->count)
		return vm_raise(vm, vm->errors.IndexError, "pop from empty list");
	if (!sequence_index(vm, is_unset(a[1]) ? value_int(-1) : a[1], l->count, "list", "pop index out of range", &i))
		return VALUE_UNSET;
	value item = value_keep(l->items[i]);
	if (i + 1 == l->count)
		value_drop(l->items[--l->count]);
	else
		list_replace(vm, l, i, i + 1, NULL, 0);
	return item;
}

static value remove_item(struct vm *vm, value *a)
{
	struct list *l = as_list(a[0]);
	size_t at;
	if (!sequence_find(vm, a[0], a[1], 0, SIZE_MAX, &at))
		return VALUE_UNSET;
	if (at >= l->count)
		return vm_raise(vm, vm->errors.ValueError, "list.remove(x): x not in list");
	list_replace(vm, l, at, at + 1, NULL, 0);
	return VALUE_NONE;
}

static value clear(struct vm *vm, value *a)
{
	list_clear(as_list(a[0]));
	return VALUE_NONE;
}

static value find_index(struct vm *vm, value *a)
{
	size_t from, to, at;
	if (!sequence_bounds(vm, a[2], a[3], as_list(a[0])->count, &from, &to) || !sequence_find(vm, a[0], a[1], from, to, &at))
		return VALUE_UNSET;
	if (at != SIZE_MAX)
		return value_int((int64_t)at);
	value text = value_repr(vm, a[1]);
	if (is_unset(text))
		return VALUE_UNSET;
	vm_raise(vm, vm->errors.ValueError, "%s is not in list", as_str(text)->data);
	value_drop(text);
	return VALUE_UNSET;
}

static value count_item(struct vm *vm, value *a)
{
	size_t count;
	return sequence_count(vm, a[0], a[1], &count) ? value_int((int64_t)count) : VALUE_UNSET;
}

static value reverse(struct vm *vm, value *a)
{
	struct list *l = as_list(a[0]);
	for (size_t i = 0, j = l->count; i + 1 < j; ) {
		value item = l->items[i];
		l->items[i++] = l->items[--j];
		l->items[j] = item;
	}
	return VALUE_NONE;
}

static value copy(struct vm *vm, value *a)
{
	struct list *l = list_new(vm, 0);
	if (list_replace(vm, l, 0, 0, as_list(a[0])->items, as_list(a[0])->count))
		return value_object(l);
	object_drop(l);
	return VALUE_UNSET;
}

static value sort(struct vm *vm, value *a)
{
	bool reversed;
	if (!value_truth(vm, a[2], &reversed))
		return VALUE_UNSET;
	return list_sort(vm, as_list(a[0]), a[1], reversed) ? VALUE_NONE : VALUE_UNSET;
}

static value step_back(struct vm *vm, struct iterator *it)
{
	if (is_unset(it->over))
		return VALUE_UNSET;
	struct list *l = as_list(it->over);
	if (it->at && it->at <= l->count)
		return value_keep(l->items[--it->at]);
	value_set(&it->over, VALUE_UNSET);
	return VALUE_UNSET;
}

static value backwards(struct vm *vm, value *a)
{
	value v = iterator_new(vm, a[0], step_back);
	if (!is_unset(v))
		((struct iterator *)v.o)->at = as_list(a[0])->count;
	return v;
}

const struct native list_methods[] = {
	{ "append", append, "object, /", "Adds an item at the end." },
	{ "extend", extend, "iterable, /", "Adds every item of an iterable at the end." },
	{ "insert", insert, "index, object, /", "Puts an item before that index." },
	{ "pop", pop, "index=..., /", "Takes out an item, the last one unless told otherwise, and gives it." },
	{ "remove", remove_item, "value, /", "Takes out the first item that is equal to value; ValueError when there is none." },
	{ "clear", clear, "", "Takes out every item." },
	{ "index", find_index, "value, start=0, stop=..., /", "The first index at which an item is equal to value; ValueError when there is none." },
	{ "count", count_item, "value, /", "How many items are equal to value." },
	{ "reverse", reverse, "", "Turns the order round, in place." },
	{ "copy", copy, "", "A new list of the same items." },
	{ "sort", sort, "*, key=None, reverse=False", "Sorts in place; equal items keep their order." },
	{ "__reversed__", backwards, "", "An iterator from the last item to the first." },
	{ 0 },
};
