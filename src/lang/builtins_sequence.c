/* Built-in functions that walk over items: iter next len all any sum min max sorted. */
#include <string.h>

#include "lang/builtins.h"
#include "lang/machine.h"
#include "lang/types.h"

static value do_iter(struct vm *vm, value *a)
{
	if (is_unset(a[1]))
		return value_iterate(vm, a[0]);
	if (!value_is_callable(vm, a[0]))
		return vm_raise(vm, vm->errors.TypeError, "iter(v, w): v must be callable");
	return call_iterator_new(vm, a[0], a[1]);
}

static value do_next(struct vm *vm, value *a)
{
	struct type *type = value_type(vm, a[0]);

	if (!type->slots.next && is_unset(type_find(type, vm->names.next_)))
		return vm_raise(vm, vm->errors.TypeError, "'%s' object is not an iterator", value_type_name(vm, a[0]));
	if (is_unset(a[1]) && is_kind(a[0], KIND_GENERATOR))
		return generator_send(vm, a[0], VALUE_NONE);    /* StopIteration has its result */
	value v = value_next(vm, a[0]);
	if (!is_unset(v))
		return v;
	if (is_unset(a[1]))
		return vm_pending(vm) ? v : vm_raise_value(vm, exception_new(vm, vm->errors.StopIteration, VALUE_UNSET));
	if (vm_pending(vm)) {
		if (!vm_pending_is(vm, vm->errors.StopIteration))
			return v;
		vm_clear(vm);
	}
	return value_keep(a[1]);
}

static value do_len(struct vm *vm, value *a)
{
	size_t len;
	return value_length(vm, a[0], &len) ? value_int((int64_t)len) : VALUE_UNSET;
}

/* Whether an item's truth is `sought`; the walk ends there. */
static value any_is(struct vm *vm, value iterable, bool sought)
{
	value items = value_iterate(vm, iterable), item;
	bool truth = !sought;

	if (is_unset(items))
		return items;
	while (truth != sought && !is_unset(item = value_next(vm, items))) {
		bool ok = value_truth(vm, item, &truth);
		value_drop(item);
		if (!ok)
			break;
	}
	value_drop(items);
	return vm_pending(vm) ? VALUE_UNSET : value_bool(truth);
}

static value do_any(struct vm *vm, value *a) { return any_is(vm, a[0], true); }
static value do_all(struct vm *vm, value *a) { return any_is(vm, a[0], false); }

static value do_sum(struct vm *vm, value *a)
{
	const char *joiner = is_str(a[1]) ? "''" : is_bytes(a[1]) ? "b''" : is_kind(a[1], KIND_BYTEARRAY) ? "b''" : NULL;

	if (joiner)
		return vm_raise(vm, vm->errors.TypeError, "sum() can't sum %s [use %s.join(seq) instead]", is_str(a[1]) ? "strings" :
			value_type_name(vm, a[1]), joiner);
	value items = value_iterate(vm, a[0]), item, total = value_keep(a[1]);
	if (is_unset(items)) {
		value_drop(total);
		return items;
	}
	while (!is_unset(total) && !is_unset(item = value_next(vm, items))) {
		int64_t sum;
		if (total.tag == TAG_INT && item.tag == TAG_INT && !__builtin_add_overflow(total.i, item.i, &sum))
			total.i = sum;
		else
			value_set(&total, value_binary(vm, OP_ADD_, total, item, true));
		value_drop(item);
	}
	value_drop(items);
	if (vm_pending(vm))
		value_set(&total, VALUE_UNSET);
	return total;
}

/* ---- min and max --------------------------------------------------------------------------------------------------- */

struct best {
	value item, by;             /* the best so far and what it is compared by (the key's result) */
	value key;
	enum compare better;
};

/* 1: a is better than b; -1: raised. */
static int is_better(struct vm *vm, enum compare better, value a, value b)
{
	bool truth = false;

	if (a.tag == TAG_INT && b.tag == TAG_INT)
		return better == CMP_LT ? a.i < b.i : a.i > b.i;
	value r = value_compare(vm, better, a, b);
	bool ok = !is_unset(r) && value_truth(vm, r, &truth);
	value_drop(r);
	return ok ? truth : -1;
}

/* Looks at one more. */
static bool best_of(struct vm *vm, struct best *best, TAKES value item)
{
	value by = is_unset(best->key) || is_none(best->key) ? value_keep(item) : value_call_args(vm, best->key, 1, &item);
	int better = is_unset(by) ? -1 : is_unset(best->item) ? 1 : is_better(vm, best->better, by, best->by);

	if (better > 0) {
		value_set(&best->item, item);
		value_set(&best->by, by);
		return true;
	}
	value_drop(item);
	value_drop(by);
	return better == 0;
}

static bool best_of_iterable(struct vm *vm, struct best *best, value iterable)
{
	value items = value_iterate(vm, iterable), item;

	if (is_unset(items))
		return false;
	while (!is_unset(item = value_next(vm, items)))
		if (!best_of(vm, best, item))
			break;
	value_drop(items);
	return !vm_pending(vm);
}

static bool best_options(struct vm *vm, const struct call *call, const char *name, value *key, value *fallback)
{
	for (uint32_t i = 0; i < call->named; i++) {
		value given = call->args[call->count + i];
		if (!strcmp(call->names[i]->data, "key"))
			*key = given;
		else if (!strcmp(call->names[i]->data, "default"))
			*fallback = given;
		else {
			vm_raise(vm, vm->errors.TypeError, "%s() got an unexpected keyword argument '%s'", name, call->names[i]->data);
			vm_blame_arg(vm, call->count + i);
			return false;
		}
	}
	if (!call->count)
		return vm_raise_ok(vm, vm->errors.TypeError, "%s expected at least 1 argument, got 0", name);
	return call->count == 1 || is_unset(*fallback)
		|| vm_raise_ok(vm, vm->errors.TypeError, "Cannot specify a default for %s() with multiple positional arguments", name);
}

static value min_or_max(struct vm *vm, const struct call *call, const char *name, enum compare better)
{
	struct best best = { .better = better };
	value fallback = VALUE_UNSET;
	bool ok = best_options(vm, call, name, &best.key, &fallback);

	if (ok && call->count == 1)
		ok = best_of_iterable(vm, &best, call->args[0]);
	else
		for (uint32_t i = 0; ok && i < call->count; i++)
			ok = best_of(vm, &best, value_keep(call->args[i]));
	value_drop(best.by);
	if (!ok) {
		value_drop(best.item);
		return VALUE_UNSET;
	}
	if (!is_unset(best.item))
		return best.item;
	return is_unset(fallback) ? vm_raise(vm, vm->errors.ValueError, "%s() arg is an empty sequence", name) : value_keep(fallback);
}

static value do_min(struct vm *vm, const struct call *call) { return min_or_max(vm, call, "min", CMP_LT); }
static value do_max(struct vm *vm, const struct call *call) { return min_or_max(vm, call, "max", CMP_GT); }

static value do_sorted(struct vm *vm, value *a)
{
	value list = list_from(vm, a[0]);

	if (is_unset(list))
		return list;
	struct str *names[] = { str_intern(vm, "key"), str_intern(vm, "reverse") };
	struct call call = { .args = &a[1], .named = 2, .names = names };
	value sort = value_attr(vm, list, str_intern(vm, "sort"));
	value done = is_unset(sort) ? sort : value_call(vm, sort, &call);
	value_drop(sort);
	if (is_unset(done))
		value_set(&list, VALUE_UNSET);
	value_drop(done);
	return list;
}

const struct native builtins_sequence[] = {
	{ "iter", do_iter, "object, sentinel=..., /", "An iterator over the object, or one that calls it until it gives sentinel." },
	{ "next", do_next, "iterator, default=..., /", "The iterator's next item; at the end default, or StopIteration." },
	{ "len", do_len, "obj, /", "The number of items." },
	{ "any", do_any, "iterable, /", "Whether any item is true." },
	{ "all", do_all, "iterable, /", "Whether every item is true." },
	{ "sum", do_sum, "iterable, /, start=0", "The sum of the items and start." },
	{ .name = "min", .raw = do_min, .signature = "*args, key=None, default=...",
		.doc = "The smallest item of an iterable, or the smallest of several arguments." },
	{ .name = "max", .raw = do_max, .signature = "*args, key=None, default=...",
		.doc = "The largest item of an iterable, or the largest of several arguments." },
	{ "sorted", do_sorted, "iterable, /, *, key=None, reverse=False", "The items as a new list, in ascending order." },
	{0}
};
